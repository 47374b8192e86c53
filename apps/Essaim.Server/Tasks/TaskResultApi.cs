using System.ComponentModel;
using Essaim.Protocol;
using Essaim.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Essaim.Server;

/// <summary>How a task ended.</summary>
internal sealed record TaskResultView
{
    public required string Id { get; init; }

    [Description("SUCCESS, FAILURE or REVOKED; on 202 the state so far.")]
    public required string State { get; init; }

    [Description("What it returned, where it succeeded.")]
    public RawJson Result { get; init; }

    [Description("Its error, where it failed or was revoked.")]
    public ErrorView? Error { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    [Description("False where it ended and no result is stored: it ignores results, or its result has expired.")]
    public bool Stored { get; init; }
}

/// <summary>An error.</summary>
internal sealed record ErrorView(string? Type, string Message, string? Module, string? Traceback);

/// <summary>Results, with a long poll.</summary>
internal static class TaskResultApi
{
    private const int LongestWait = 60;

    public static void MapTaskResult(this IEndpointRouteBuilder tasks) =>
        tasks.MapGet("/{id}/result", GetAsync).WithName("get_result").WithSummary("Get a task's result, or wait for it")
            .WithDescription("202 with Retry-After while it has not ended. With ?wait=SECONDS the answer comes as soon as it ends, at the latest after that time.")
            .Produces<TaskResultView>().Produces<TaskResultView>(202).ProducesProblem(400).ProducesProblem(404);

    private static async Task<IResult> GetAsync(
        string id,
        [Description("Seconds to wait for the end, 0 to 60. Default 0.")] string? wait,
        HttpContext context,
        IMetadataStore store,
        IBackend backend,
        TaskSignals signals,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken)
    {
        QueryReader reader = new(context.Request.Query);
        int seconds = reader.Whole("wait", 0, LongestWait, 0);
        reader.Finish();
        if (await FindAsync(id, store, backend, cancellationToken) is not { } view)
            return Problem.NoTask(id);
        if (!IsEnd(view) && seconds > 0)
            view = await WaitAsync(id, TimeSpan.FromSeconds(seconds), store, backend, signals, time, lifetime.ApplicationStopping, cancellationToken) ?? view;
        if (IsEnd(view))
            return TypedResults.Ok(view);
        context.Response.Headers.RetryAfter = "1";
        return TypedResults.Accepted((string?)null, view);
    }

    private static bool IsEnd(TaskResultView view) => new TaskState(view.State).IsReady || view.State == TaskState.Rejected.Name;

    /// <summary>Waits for the result store or the history, whoever says first that it has ended.</summary>
    private static async Task<TaskResultView?> WaitAsync(
        string id, TimeSpan atMost, IMetadataStore store, IBackend backend, TaskSignals signals, TimeProvider time, CancellationToken stopping,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource late = new(atMost, time);
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token, stopping);
        Task stored = WatchResultAsync(id, backend, done.Token), recorded = WatchHistoryAsync(id, store, signals, time, done.Token);
        Task first = await Task.WhenAny(stored, recorded);
        await done.CancelAsync();
        await Task.WhenAll(stored, recorded).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        if (first.IsFaulted)
            await first;
        return await FindAsync(id, store, backend, cancellationToken);
    }

    private static async Task WatchResultAsync(string id, IBackend backend, CancellationToken cancellationToken)
    {
        await foreach (ResultDocument document in backend.Results.WatchAsync(id, cancellationToken))
        {
            if (document.State.IsReady)
                return;
        }
    }

    private static async Task WatchHistoryAsync(string id, IMetadataStore store, TaskSignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        using TaskSignals.Listener listener = signals.Listen(id);
        while (await store.Tasks.GetAsync(TaskRecord.DefaultTenant, id, cancellationToken) is not { IsEnded: true })
            await listener.WaitAsync(TimeSpan.FromSeconds(LongestWait), time, cancellationToken);
    }

    private static async ValueTask<TaskResultView?> FindAsync(string id, IMetadataStore store, IBackend backend, CancellationToken cancellationToken)
    {
        ResultDocument? document = await backend.Results.GetAsync(id, cancellationToken);
        if (document is { State.IsReady: true })
            return Describe(document);
        if (await store.Tasks.GetAsync(TaskRecord.DefaultTenant, id, cancellationToken) is { } record)
        {
            return new TaskResultView
            {
                Id = id,
                State = record.State.Name,
                Error = record is { IsEnded: true, Error: { } error } ? new ErrorView(null, error, null, null) : null,
                FinishedAt = record.FinishedAt,
            };
        }

        if (document is not null)
            return new TaskResultView { Id = id, State = document.State.Name };
        return await backend.Broker.FindAsync(id, cancellationToken) is null ? null : new TaskResultView { Id = id, State = TaskState.Pending.Name };
    }

    private static TaskResultView Describe(ResultDocument document) => new()
    {
        Id = document.TaskId,
        State = document.State.Name,
        Result = document.State.IsException ? RawJson.Null : document.Result,
        Error = document.State.IsException ? DescribeError(document) : null,
        FinishedAt = document.DateDone,
        Stored = true,
    };

    private static ErrorView DescribeError(ResultDocument document)
    {
        try
        {
            ExceptionDocument error = ExceptionDocument.Decode(document.Result);
            return new ErrorView(error.Type, error.GetText(), error.Module, document.Traceback);
        }
        catch (MessageFormatException)
        {
            return new ErrorView(null, document.Result.ToString(), null, document.Traceback);
        }
    }
}
