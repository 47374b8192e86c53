using Essaim.Protocol;

namespace Essaim;

/// <summary>Which queues are served: <c>active_queues</c>, <c>add_consumer</c>, <c>cancel_consumer</c>.</summary>
internal sealed class QueueCommands(ControlledWorker worker)
{
    public void AddTo(ControlCommands commands)
    {
        commands.Add(_ => RawJson.From(worker.Queues.Names.Select(name => Describe(name, worker.Definitions.Find(name))).ToArray()), "active_queues");
        commands.Add(AddConsumer, "add_consumer");
        commands.Add(CancelConsumer, "cancel_consumer");
    }

    private RawJson? AddConsumer(ControlArguments arguments)
    {
        string queue = arguments.RequireText("queue");
        worker.Queues.Add(queue);
        return ControlCommands.Ok($"add consumer {queue}");
    }

    private RawJson? CancelConsumer(ControlArguments arguments)
    {
        string queue = arguments.RequireText("queue");
        worker.Queues.Remove(queue);
        return ControlCommands.Ok($"no longer consuming from {queue}");
    }

    private static Dictionary<string, object?> Describe(string queue, QueueDefinition? definition)
    {
        Dictionary<string, object?> description = CelerysOf(queue);
        if (definition is not null)
            description["essaim"] = Describe(definition);
        return description;
    }

    private static Dictionary<string, object?> CelerysOf(string queue) => new()
    {
        ["name"] = queue,
        ["exchange"] = new Dictionary<string, object?>
        {
            ["name"] = queue,
            ["type"] = "direct",
            ["arguments"] = null,
            ["durable"] = true,
            ["passive"] = false,
            ["auto_delete"] = false,
            ["delivery_mode"] = null,
            ["no_declare"] = false,
        },
        ["routing_key"] = queue,
        ["queue_arguments"] = null,
        ["binding_arguments"] = null,
        ["consumer_arguments"] = null,
        ["durable"] = true,
        ["exclusive"] = false,
        ["auto_delete"] = false,
        ["no_ack"] = false,
        ["alias"] = null,
        ["bindings"] = Array.Empty<object>(),
        ["no_declare"] = null,
        ["expires"] = null,
        ["message_ttl"] = null,
        ["max_length"] = null,
        ["max_length_bytes"] = null,
        ["max_priority"] = null,
    };

    private static Dictionary<string, object?> Describe(QueueDefinition definition) => new()
    {
        ["class"] = Word(definition.Class),
        ["priority"] = Word(definition.Priority),
        ["duration"] = Word(definition.Duration),
        ["concurrency"] = definition.Concurrency,
        ["worker_concurrency"] = definition.WorkerConcurrency,
        ["rate"] = definition.Rate,
        ["rate_key"] = definition.RateKey,
        ["fifo"] = definition.Fifo,
        ["requires"] = definition.Requires,
        ["target_wait"] = definition.WishedWait.TotalSeconds,
    };

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}
