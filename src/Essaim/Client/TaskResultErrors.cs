using Essaim.Protocol;

namespace Essaim;

/// <summary>Turns how a task ended into what its awaiter gets.</summary>
internal static class TaskResultErrors
{
    public static RawJson Require(ResultDocument document)
    {
        if (document.State == TaskState.Success)
            return document.Result;
        ExceptionDocument error = Decode(document.Result);
        string task = document.Name is { } name ? $"Task '{name}' ({document.TaskId})" : $"Task {document.TaskId}";
        if (document.State == TaskState.Revoked)
        {
            string reason = error.GetText() is { Length: > 0 } text ? text : "revoked";
            throw new TaskRevokedException(document.TaskId, reason, $"{task} was {reason} before it could end. Send it again if it is still wanted.");
        }

        string type = error.Module.Length == 0 ? error.Type : $"{error.Module}.{error.Type}";
        throw new TaskFailedException(
            document.TaskId, error, document.Traceback, $"{task} failed with {type}: {error.GetText()} Its stack trace is in Traceback.");
    }

    public static TaskResultTimeoutException TimedOut(string taskId, TimeSpan? given, TaskState last) => new(
        taskId, last, $"Task {taskId} has not ended within {given?.TotalSeconds ?? 0:0.###} s; its state is {last}. It goes on: wait longer, or revoke it.");

    private static ExceptionDocument Decode(RawJson result)
    {
        try
        {
            return ExceptionDocument.Decode(result);
        }
        catch (MessageFormatException)
        {
            return ExceptionDocument.Of("UnreadableError", result.ToString(), "");
        }
    }
}
