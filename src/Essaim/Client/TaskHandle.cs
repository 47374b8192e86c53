using System.Runtime.CompilerServices;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A task that was sent: its state, result and progress. Safe on all threads.</summary>
public class TaskHandle : CanvasHandle
{
    internal TaskHandle(TaskClient client, string id, CanvasHandle? parent = null)
        : base(client, id, parent)
    {
    }

    /// <summary>True where another task with the same unique key was already there: this is its handle.</summary>
    public bool WasDuplicate { get; internal init; }

    /// <summary>Its state; PENDING where nothing is stored (waiting, unknown, forgotten or expired).</summary>
    public async Task<TaskState> GetStateAsync(CancellationToken cancellationToken = default) =>
        (await GetDocumentAsync(cancellationToken))?.State ?? TaskState.Pending;

    /// <summary>The stored document, or null.</summary>
    public async Task<ResultDocument?> GetDocumentAsync(CancellationToken cancellationToken = default)
    {
        IBackend backend = await Client.GetBackendAsync(cancellationToken);
        return await backend.Results.GetAsync(Id, cancellationToken);
    }

    /// <summary>Its progress, or null where it reports none now.</summary>
    public async Task<TaskProgress?> GetProgressAsync(CancellationToken cancellationToken = default) =>
        await GetDocumentAsync(cancellationToken) is { } document && document.State == TaskState.Progress ? TaskProgress.Decode(document.Result) : null;

    /// <summary>The state now (if any is stored), then each change with its progress, ending with a ready state.</summary>
    public async IAsyncEnumerable<TaskUpdate> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        IBackend backend = await Client.GetBackendAsync(cancellationToken);
        await foreach (ResultDocument document in backend.Results.WatchAsync(Id, cancellationToken))
        {
            TaskProgress? progress = document.State == TaskState.Progress ? TaskProgress.Decode(document.Result) : null;
            yield return new TaskUpdate(document.State, progress, document);
        }
    }

    /// <summary>Waits for the end, whatever it is, and returns the document.</summary>
    /// <param name="timeout">Longest wait; null: for ever.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TaskResultTimeoutException"><c>ESS1203</c>: it has not ended in time; it goes on.</exception>
    public async Task<ResultDocument> WaitAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        await WaitAsync(Deadline.In(timeout, Client.Time), cancellationToken);

    /// <summary>Removes the stored result.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken = default)
    {
        IBackend backend = await Client.GetBackendAsync(cancellationToken);
        await backend.Results.ForgetAsync([Id], cancellationToken);
    }

    /// <summary>Revokes it; see <see cref="TaskClient.RevokeAsync"/>.</summary>
    /// <param name="terminate">True: it is ended, should it run.</param>
    /// <param name="cancellationToken">Stops waiting for the broker.</param>
    public Task RevokeAsync(bool terminate = false, CancellationToken cancellationToken = default) =>
        Client.RevokeAsync([Id], terminate, cancellationToken);

    private protected override async ValueTask<RawJson> GetRawResultAsync(Deadline deadline, CancellationToken cancellationToken) =>
        TaskResultErrors.Require(await WaitAsync(deadline, cancellationToken));

    private async Task<ResultDocument> WaitAsync(Deadline deadline, CancellationToken cancellationToken)
    {
        TaskState last = TaskState.Pending;
        using DeadlineToken source = deadline.Link(cancellationToken);
        try
        {
            IBackend backend = await Client.GetBackendAsync(source.Token);
            await foreach (ResultDocument document in backend.Results.WatchAsync(Id, source.Token))
            {
                last = document.State;
                if (last.IsReady)
                    return document;
            }
        }
        catch (OperationCanceledException) when (source.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw TaskResultErrors.TimedOut(Id, deadline.Given, last);
        }

        // A watch that ends without a ready state was cut off by the deadline or the caller.
        cancellationToken.ThrowIfCancellationRequested();
        throw TaskResultErrors.TimedOut(Id, deadline.Given, last);
    }
}

/// <summary>A task that was sent and returns <typeparamref name="T"/>.</summary>
/// <typeparam name="T">Result type.</typeparam>
public sealed class TaskHandle<T> : TaskHandle
{
    internal TaskHandle(TaskClient client, string id, CanvasHandle? parent = null)
        : base(client, id, parent)
    {
    }

    /// <summary>Waits for the end and reads the result; see <see cref="CanvasHandle.GetResultAsync{T}"/>.</summary>
    /// <param name="timeout">Longest wait; null: for ever.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<T> GetResultAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) => GetResultAsync<T>(timeout, cancellationToken);
}

/// <summary>One change of a task.</summary>
/// <param name="State">Its state.</param>
/// <param name="Progress">Its progress, in state PROGRESS; else null.</param>
/// <param name="Document">The stored document.</param>
public sealed record TaskUpdate(TaskState State, TaskProgress? Progress, ResultDocument Document);
