using Essaim.Protocol;

namespace Essaim;

/// <summary>Decides whether a task that failed is tried again.</summary>
internal static class RetryJudge
{
    /// <summary>Celery's defaults for a task that asks for a retry without a policy.</summary>
    private static readonly RetryPolicy Asked = new() { MaxRetries = 3, Delay = TimeSpan.FromSeconds(180), BackOff = BackOff.Constant, Jitter = false };

    /// <summary>The call's own policy, else the task's, else the queue's.</summary>
    public static RetryPolicy? PolicyOf(TaskMessage message, TaskDefinition definition, RetryPolicy? ofQueue) =>
        (message.Headers.TryGetValue(EssaimHeaders.Retry, out RawJson header) ? RetryPolicyJson.Read(header) : null)
        ?? definition.Options.RetryPolicy ?? ofQueue;

    public static TaskOutcome Judge(Exception error, ExceptionDocument document, TaskMessage message, RetryPolicy? policy, Random random)
    {
        if (error is TaskRetryException asked)
            return JudgeAsked(asked, message, policy ?? Asked, random);
        bool again = policy is not null && error is not TaskArgumentException && message.Retries < policy.MaxRetries && policy.Covers(error);
        return again
            ? Retry(document, error, policy!.GetDelay(message.Retries, random))
            : new TaskOutcome { Kind = OutcomeKind.Failure, Error = document, Traceback = error.ToString() };
    }

    private static TaskOutcome JudgeAsked(TaskRetryException asked, TaskMessage message, RetryPolicy policy, Random random)
    {
        Exception? cause = asked.InnerException;
        if (message.Retries < policy.MaxRetries)
        {
            return Retry(
                cause is null ? TaskErrorDocuments.RetryAsked() : TaskErrorDocuments.Of(cause), asked, asked.Delay ?? policy.GetDelay(message.Retries, random));
        }

        return new TaskOutcome
        {
            Kind = OutcomeKind.Failure,
            Error = cause is null ? TaskErrorDocuments.RetriesExhausted(message) : TaskErrorDocuments.Of(cause),
            Traceback = asked.ToString(),
        };
    }

    private static TaskOutcome Retry(ExceptionDocument document, Exception error, TimeSpan delay) => new()
    {
        Kind = OutcomeKind.Retry,
        Error = document,
        Traceback = error.ToString(),
        RetryAfter = delay < TimeSpan.Zero ? TimeSpan.Zero : delay,
    };
}
