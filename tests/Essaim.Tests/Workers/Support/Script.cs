using Essaim.Protocol;

namespace Essaim.Tests.Workers;

/// <summary>Task messages for <see cref="ScriptedRunner"/>: the task's name says what it does, its one argument how.</summary>
internal static class Script
{
    public static TaskMessage Message(string task, string argument = "", string? id = null) => MessageCodec.WithBody(
        new TaskMessage { Id = id ?? Guid.NewGuid().ToString(), Task = task, RoutingKey = "celery", DeliveryTag = Guid.NewGuid().ToString() },
        new TaskBody(RawJson.From(new[] { argument }), RawJson.EmptyObject, TaskEmbed.Empty));

    public static ExecutionRequest Request(string task, string argument = "", TimeSpan? hard = null)
    {
        TaskMessage message = Message(task, argument);
        return new ExecutionRequest(MessageCodec.Encode(message), message, 1, null, hard);
    }

    public static OutgoingMessage Outgoing(TaskMessage message) =>
        new() { Envelope = MessageCodec.Encode(message), TaskId = message.Id, TaskName = message.Task, Queue = message.RoutingKey, NotBefore = message.Eta };
}
