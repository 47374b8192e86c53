using System.Reflection;
using Essaim.Protocol;

namespace Essaim;

/// <summary>.NET exceptions, and the ends Celery has names for, as exception documents.</summary>
internal static class TaskErrorDocuments
{
    private const string Celery = "celery.exceptions";

    public static ExceptionDocument SoftTimeLimit { get; } = new("SoftTimeLimitExceeded", RawJson.EmptyArray, "billiard.exceptions");

    public static ExceptionDocument NotRegistered(string task) => ExceptionDocument.Of("NotRegistered", task, Celery);

    public static ExceptionDocument Revoked(string reason) => ExceptionDocument.Of("TaskRevokedError", reason, Celery);

    public static ExceptionDocument RetryAsked() => ExceptionDocument.Of("Retry", "The task asked to be tried again.", Celery);

    public static ExceptionDocument RetriesExhausted(TaskMessage message) => ExceptionDocument.Of(
        "MaxRetriesExceededError", $"Can't retry {message.Task}[{message.Id}] args:{message.ArgsRepr} kwargs:{message.KwargsRepr}", Celery);

    public static ExceptionDocument Rejected(string reason) => ExceptionDocument.Of("Reject", reason, Celery);

    /// <summary>The error under the name <see cref="PythonErrorNames"/> has for it, with its message as the only argument.</summary>
    public static ExceptionDocument Of(Exception error)
    {
        error = Unwrap(error);
        (string name, string module) = PythonErrorNames.Of(error.GetType());
        return ExceptionDocument.Of(name, error.Message, module);
    }

    /// <summary>The error itself, out of the wrappers reflection and parallel waits put around it.</summary>
    public static Exception Unwrap(Exception error)
    {
        while (error is TargetInvocationException or AggregateException { InnerExceptions.Count: 1 } && error.InnerException is { } inner)
            error = inner;
        return error;
    }
}
