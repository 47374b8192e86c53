using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A task in hand as Celery's monitors expect it.</summary>
internal static class TaskInfo
{
    /// <param name="node">This worker.</param>
    /// <param name="task">The task.</param>
    /// <param name="safe">Arguments as texts for people's eyes instead of as they are.</param>
    public static Dictionary<string, object?> Of(WorkerNode node, ReservedTask task, bool safe)
    {
        (object? args, object? kwargs) = safe ? Shown(task.Message) : Read(task.Message);
        return new Dictionary<string, object?>
        {
            ["id"] = task.Message.Id,
            ["name"] = task.ShownName,
            ["args"] = args,
            ["kwargs"] = kwargs,
            ["type"] = task.Message.Task,
            ["hostname"] = node.Name,
            ["time_start"] = task.StartedTime is { } at ? (at - DateTimeOffset.UnixEpoch).TotalSeconds : null,
            // The message is the broker's until the task has ended, as with Celery's acks_late.
            ["acknowledged"] = false,
            ["delivery_info"] = new Dictionary<string, object?>
            {
                ["exchange"] = task.Message.Exchange,
                ["routing_key"] = task.Message.RoutingKey,
                ["priority"] = task.Message.Priority,
                ["redelivered"] = task.Delivery.DeliveryCount > 1 || task.Message.Redelivered ? true : null,
            },
            ["worker_pid"] = task.StartedTime is null ? null : task.ProcessId,
        };
    }

    private static (object?, object?) Shown(TaskMessage message)
    {
        if (message is { ArgsRepr: { } args, KwargsRepr: { } kwargs })
            return (args, kwargs);
        (object? readArgs, object? readKwargs) = Read(message);
        return (
            message.ArgsRepr ?? (readArgs is JsonElement list ? PythonRepr.WriteArgs(RawJson.From(list)) : ""),
            message.KwargsRepr ?? (readKwargs is JsonElement map ? PythonRepr.Write(RawJson.From(map)) : ""));
    }

    private static (object?, object?) Read(TaskMessage message)
    {
        try
        {
            TaskBody body = MessageCodec.ReadBody(message);
            return (body.Args.Deserialize<JsonElement>(), body.Kwargs.Deserialize<JsonElement>());
        }
        catch (MessageFormatException)
        {
            // Where the body cannot be read, its texts must do.
            return (message.ArgsRepr ?? "", message.KwargsRepr ?? "");
        }
    }
}
