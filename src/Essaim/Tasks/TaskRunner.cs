using System.Diagnostics.CodeAnalysis;
using Essaim.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>Runs tasks of the registry in this process.</summary>
internal sealed class TaskRunner(
    TaskRegistry registry, IServiceScopeFactory scopes, TimeProvider time, ILoggerFactory logging, Random random, TaskClient? client) : ITaskRunner
{
    static TaskRunner() => BZip2Compressor.Register();

    public async ValueTask<TaskOutcome> RunAsync(
        TaskMessage message, int deliveryCount, TimeSpan? softTimeLimit, RetryPolicy? queuePolicy, IExecutionObserver observer,
        Func<CancelReason> stopReason, CancellationToken workerStopping, CancellationToken stop)
    {
        if (!registry.TryGet(message.Task, out TaskDefinition? definition))
            return NotRegistered(message.Task);
        if (!TryReadBody(message, out TaskBody? body, out TaskOutcome? refused))
            return refused;

        RetryPolicy? policy = RetryJudge.PolicyOf(message, definition, queuePolicy);
        TaskContext context = new(message, observer, logging.CreateLogger(message.Task), client)
        {
            MaxRetries = policy?.MaxRetries ?? 0,
            DeliveryCount = deliveryCount,
            Deadline = softTimeLimit is { } limit ? time.GetUtcNow() + limit : null,
            WorkerStopping = workerStopping,
            StopReason = stopReason,
            Stop = stop,
            Json = definition.Options.Json ?? EssaimJson.Options,
        };
        TaskScope scope = new(message.Id, context.RootId);
        TaskScope.Current = scope;
        long started = time.GetTimestamp();
        TaskOutcome outcome;
        try
        {
            outcome = new TaskOutcome { Kind = OutcomeKind.Success, Result = await InvokeAsync(definition, context, body, stop) };
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            outcome = Judge(TaskErrorDocuments.Unwrap(error), message, policy, stopReason, workerStopping, stop);
        }

        return outcome with { Children = scope.Children, Runtime = time.GetElapsedTime(started), UsedSteps = context.UsedSteps };
    }

    private async ValueTask<RawJson> InvokeAsync(TaskDefinition definition, TaskContext context, TaskBody body, CancellationToken stop)
    {
        await using AsyncServiceScope services = scopes.CreateAsyncScope();
        return await definition.Invoker.InvokeAsync(new TaskCallScope(services.ServiceProvider, context, registry), body.Args, body.Kwargs, stop);
    }

    private TaskOutcome Judge(
        Exception error, TaskMessage message, RetryPolicy? policy, Func<CancelReason> stopReason, CancellationToken workerStopping, CancellationToken stop)
    {
        switch (error)
        {
            case TaskIgnoredException:
                return new TaskOutcome { Kind = OutcomeKind.Ignored, Reason = error.Message };
            case TaskRejectedException rejected:
                return new TaskOutcome { Kind = OutcomeKind.Rejected, Reason = error.Message, Requeue = rejected.Requeue };
            case OperationCanceledException when stop.IsCancellationRequested:
                return stopReason() switch
                {
                    CancelReason.SoftTimeLimit => RetryJudge.Judge(error, TaskErrorDocuments.SoftTimeLimit, message, policy, random),
                    CancelReason.Revoked => new TaskOutcome { Kind = OutcomeKind.Revoked, Error = TaskErrorDocuments.Revoked("terminated"), Reason = "terminated" },
                    // Settling with a lost lease is refused anyway; should the broker still think it ours, another may run it.
                    _ => new TaskOutcome { Kind = OutcomeKind.GivenBack, Reason = "the lease was lost" },
                };
            case OperationCanceledException when workerStopping.IsCancellationRequested:
                return new TaskOutcome { Kind = OutcomeKind.GivenBack, Reason = "the worker is stopping" };
            default:
                return RetryJudge.Judge(error, TaskErrorDocuments.Of(error), message, policy, random);
        }
    }

    private static TaskOutcome NotRegistered(string task) => new()
    {
        Kind = OutcomeKind.Rejected,
        Reason = $"This worker knows no task '{task}'. Register it here, or send it to a queue whose workers do.",
        Error = TaskErrorDocuments.NotRegistered(task),
    };

    private static bool TryReadBody(TaskMessage message, [NotNullWhen(true)] out TaskBody? body, [NotNullWhen(false)] out TaskOutcome? refused)
    {
        try
        {
            body = MessageCodec.ReadBody(message);
            refused = null;
            return true;
        }
        catch (MessageFormatException error)
        {
            body = null;
            refused = new TaskOutcome { Kind = OutcomeKind.Rejected, Reason = error.Message, Error = TaskErrorDocuments.Of(error) };
            return false;
        }
    }
}
