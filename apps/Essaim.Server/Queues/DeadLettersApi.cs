using System.ComponentModel;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Essaim.Server;

/// <summary>A message nobody could process.</summary>
internal sealed record DeadLetterView(
    [property: Description("The broker's name of the message, for replay.")] string Id,
    string TaskId,
    string Name,
    string Queue,
    [property: Description("Why it was given up.")] string Reason,
    int DeliveryCount,
    DateTimeOffset DiedAt);

/// <summary>Dead letters, newest first.</summary>
internal sealed record DeadLetterListView(IReadOnlyList<DeadLetterView> DeadLetters);

/// <summary>What a replay did.</summary>
internal sealed record ReplayReceipt(string Id, [property: Description("The task that waits again; null where the letter was too old to be listed.")] string? TaskId);

/// <summary>Dead letters.</summary>
internal static class DeadLettersApi
{
    private const int MostLetters = 1000;

    public static void MapDeadLetters(this IEndpointRouteBuilder v1)
    {
        RouteGroupBuilder letters = v1.MapGroup("/dead-letters").WithTags("Dead letters");
        letters.MapGet("/", ListAsync).WithName("list_dead_letters").WithSummary("List messages nobody could process, newest first")
            .Produces<DeadLetterListView>().ProducesProblem(400);
        letters.MapPost("/{id}/replay", ReplayAsync).WithName("replay_dead_letter").WithSummary("Put a dead letter back into its queue, with a fresh count")
            .Produces<ReplayReceipt>().ProducesProblem(404);
    }

    private static async Task<Ok<DeadLetterListView>> ListAsync(
        [Description("At most this many, 1 to 1,000. Default 100.")] string? limit, HttpContext context, IBackend backend, CancellationToken cancellationToken)
    {
        QueryReader reader = new(context.Request.Query);
        int max = reader.Whole("limit", 1, MostLetters, 100);
        reader.Finish();
        IReadOnlyList<DeadLetter> letters = await backend.Broker.GetDeadLettersAsync(max, cancellationToken);
        return TypedResults.Ok(new DeadLetterListView([.. letters.Select(Describe)]));
    }

    private static async Task<IResult> ReplayAsync(
        string id, IBackend backend, IMetadataStore store, TaskSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeadLetter> letters = await backend.Broker.GetDeadLettersAsync(MostLetters, cancellationToken);
        DeadLetter? letter = letters.FirstOrDefault(letter => letter.MessageId == id);

        // Before the message is back: what the worker then says about it comes later than this.
        DateTimeOffset now = time.GetUtcNow();
        if (!await backend.Broker.ReplayAsync(id, cancellationToken))
            return Problem.Of(404, "ESS5021", "No such dead letter", $"The broker has no dead letter '{id}'. It may have been replayed already; GET /v1/dead-letters lists those it has.");
        if (letter is { TaskId.Length: > 0 })
        {
            TaskChange restart = new() { TaskId = letter.TaskId, At = now, Restart = true, Name = letter.TaskName, Queue = letter.Queue };
            signals.Announce(await store.Tasks.RecordAsync(new HistoryBatch([restart], []), CancellationToken.None));
        }

        return TypedResults.Ok(new ReplayReceipt(id, letter?.TaskId));
    }

    private static DeadLetterView Describe(DeadLetter letter) =>
        new(letter.MessageId, letter.TaskId, letter.TaskName, letter.Queue, letter.Reason, letter.DeliveryCount, letter.DiedAt);
}
