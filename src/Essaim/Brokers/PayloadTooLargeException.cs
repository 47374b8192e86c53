namespace Essaim;

/// <summary>A message or a result is larger than the backend takes.</summary>
public sealed class PayloadTooLargeException : EssaimException
{
    private PayloadTooLargeException(string taskId, long size, long limit, string message)
        : base("ESS1206", message) => (TaskId, Size, Limit) = (taskId, size, limit);

    /// <summary>The task.</summary>
    public string TaskId { get; }

    /// <summary>Size, bytes.</summary>
    public long Size { get; }

    /// <summary>Largest size the backend takes, bytes.</summary>
    public long Limit { get; }

    /// <summary>Of a message that was to be sent.</summary>
    public static PayloadTooLargeException OfMessage(string taskName, string taskId, long size, long limit) => new(
        taskId, size, limit,
        $"The message of task {taskName} ({taskId}) is {size:N0} bytes, and the broker takes at most {limit:N0}. Put the data elsewhere and send where it is, compress it, or raise max_message_bytes in the broker URL.");

    /// <summary>Of a result that was to be stored.</summary>
    public static PayloadTooLargeException OfResult(string taskId, long size, long limit) => new(
        taskId, size, limit,
        $"The result of task {taskId} is {size:N0} bytes, and the broker takes at most {limit:N0}. Put the data elsewhere and return where it is, or raise max_message_bytes in the broker URL.");
}
