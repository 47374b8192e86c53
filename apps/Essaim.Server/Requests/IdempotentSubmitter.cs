using System.Security.Cryptography;
using System.Text;
using Essaim.Storage;
using Microsoft.AspNetCore.Http;

namespace Essaim.Server;

/// <summary>
/// Submits tasks once for each <c>Idempotency-Key</c>. The ids are reserved with the key before anything is sent, so even where the
/// core died in between, the same request sent again finds out whether its tasks exist.
/// </summary>
internal sealed class IdempotentSubmitter(TaskSubmitter submitter, IMetadataStore store, ServerOptions options, TimeProvider time)
{
    private const int LongestKey = 255;

    private readonly KeyedGate _gate = new();

    /// <param name="context">The request.</param>
    /// <param name="body">Its body.</param>
    /// <param name="tasks">What it submits.</param>
    /// <param name="respond">Makes the response from the receipts.</param>
    /// <param name="cancellationToken">The client has gone.</param>
    public async ValueTask<IResult> SubmitAsync(
        HttpContext context, byte[] body, IReadOnlyList<PreparedTask> tasks, Func<IReadOnlyList<TaskReceipt>, RequestResponse> respond, CancellationToken cancellationToken)
    {
        string tenant = TaskRecord.DefaultTenant;
        if (!context.Request.Headers.TryGetValue("Idempotency-Key", out Microsoft.Extensions.Primitives.StringValues values))
        {
            await submitter.CheckIdsAsync(tenant, tasks, cancellationToken);
            return new StoredResponse(respond(await submitter.SubmitAsync(tenant, tasks, cancellationToken)), replayed: false);
        }

        string key = Check(values.ToString());
        using IDisposable pass = await _gate.EnterAsync($"{tenant}\n{key}", cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        string hash = Hash(context.Request, body);
        RequestReservation wanted = new(tenant, key, hash, [.. tasks.Select(task => task.Options.TaskId!)], now, now + options.IdempotencyWindow);
        RequestRecord record = await store.Requests.ReserveAsync(wanted, cancellationToken);
        if (record.RequestHash != hash)
            throw new ProblemException(Reused(key));
        if (record.Response is { } earlier)
            return new StoredResponse(earlier, replayed: true);

        IReadOnlyList<TaskReceipt> receipts = record.IsNew
            ? await SubmitNewAsync(tenant, key, tasks, cancellationToken)
            : await ResumeAsync(tenant, tasks, record.TaskIds, cancellationToken);
        RequestResponse response = respond(receipts);
        await store.Requests.CompleteAsync(tenant, key, response, CancellationToken.None);
        return new StoredResponse(response, replayed: false);
    }

    private async ValueTask<IReadOnlyList<TaskReceipt>> SubmitNewAsync(string tenant, string key, IReadOnlyList<PreparedTask> tasks, CancellationToken cancellationToken)
    {
        try
        {
            await submitter.CheckIdsAsync(tenant, tasks, cancellationToken);
        }
        catch
        {
            await store.Requests.ReleaseAsync(tenant, key, CancellationToken.None);
            throw;
        }

        return await submitter.SubmitAsync(tenant, tasks, cancellationToken);
    }

    /// <summary>
    /// A request that reserved its key and did not end. Its tasks were sent all or none, but one that lost its unique key to another was
    /// never made: so what nobody knows is sent, again or for the first time.
    /// </summary>
    private async ValueTask<IReadOnlyList<TaskReceipt>> ResumeAsync(
        string tenant, IReadOnlyList<PreparedTask> tasks, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        PreparedTask[] same = [.. tasks.Select((task, i) => task with { Call = task.Call with { Options = task.Options with { TaskId = ids[i] } } })];
        TaskReceipt[] receipts = [.. same.Select(task => new TaskReceipt(task.Options.TaskId!, task.Call.Name, task.Options.Queue!, Created: true))];
        List<int> unknown = [];
        for (int i = 0; i < same.Length; i++)
        {
            if (!await submitter.IsKnownAsync(tenant, ids[i], cancellationToken))
                unknown.Add(i);
        }

        IReadOnlyList<TaskReceipt> sent = await submitter.SubmitAsync(tenant, [.. unknown.Select(i => same[i])], cancellationToken);
        for (int i = 0; i < unknown.Count; i++)
            receipts[unknown[i]] = sent[i];
        return receipts;
    }

    private static string Check(string key)
    {
        if (key.Length is > 0 and <= LongestKey && key.All(character => character is > ' ' and <= '~'))
            return key;
        throw new ProblemException(Problem.Of(
            400, "ESS5030", "Invalid idempotency key", "The Idempotency-Key must be 1 to 255 printable ASCII characters without spaces, such as a UUID."));
    }

    private static string Hash(HttpRequest request, byte[] body) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes($"{request.Method} {request.Path}\n"), .. body]));

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Reused(string key) => Problem.Of(
        422,
        "ESS5031",
        "Idempotency key reused",
        $"The Idempotency-Key '{key}' was used with another request. Use a new key for each request, and the same key only to repeat the very same one.");
}
