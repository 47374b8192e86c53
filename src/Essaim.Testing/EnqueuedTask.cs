using Essaim.Protocol;

namespace Essaim.Testing;

/// <summary>A message that was sent during a test.</summary>
public sealed record EnqueuedTask
{
    internal EnqueuedTask(OutgoingMessage outgoing)
    {
        Message = MessageCodec.Decode(outgoing.Envelope);
        Body = MessageCodec.ReadBody(Message);
        NotBefore = outgoing.NotBefore;
        UniqueKey = outgoing.UniqueKey;
    }

    /// <summary>Task id.</summary>
    public string Id => Message.Id;

    /// <summary>Task name.</summary>
    public string Name => Message.Task;

    /// <summary>Queue.</summary>
    public string Queue => Message.RoutingKey;

    /// <summary>0 (highest) to 9.</summary>
    public int Priority => Message.Priority;

    /// <summary>Not before this instant; null: at once.</summary>
    public DateTimeOffset? NotBefore { get; }

    /// <summary>Its unique key, or null.</summary>
    public string? UniqueKey { get; }

    /// <summary>The whole message.</summary>
    public TaskMessage Message { get; }

    /// <summary>Its arguments and what follows it.</summary>
    public TaskBody Body { get; }

    /// <summary>For messages of failed assertions: name, arguments, queue.</summary>
    public override string ToString() => $"{Name} {Body.Args} {Body.Kwargs} to {Queue}";
}
