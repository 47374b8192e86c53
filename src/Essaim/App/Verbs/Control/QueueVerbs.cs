using System.CommandLine;

namespace Essaim;

/// <summary><c>control add-consumer</c>.</summary>
internal sealed class AddConsumerVerb : ControlVerb
{
    private readonly Argument<string> _queue = new("QUEUE") { Description = "Name of the queue" };

    public AddConsumerVerb()
        : base("add-consumer", "Makes workers serve one more queue.")
    {
        Add(_queue);
        Examples = ["control add-consumer mail", "control add-consumer mail -d celery@host1"];
    }

    protected override Dictionary<string, object?> ArgumentsOf(CommandContext context) => new()
    {
        ["queue"] = context.GetValue(_queue),
        ["exchange"] = null,
        ["exchange_type"] = "direct",
        ["routing_key"] = null,
    };
}

/// <summary><c>control cancel-consumer</c>.</summary>
internal sealed class CancelConsumerVerb : ControlVerb
{
    private readonly Argument<string> _queue = new("QUEUE") { Description = "Name of the queue" };

    public CancelConsumerVerb()
        : base("cancel-consumer", "Makes workers serve a queue no longer.")
    {
        Add(_queue);
        Examples = ["control cancel-consumer mail", "control cancel-consumer mail -d celery@host1"];
    }

    protected override Dictionary<string, object?> ArgumentsOf(CommandContext context) => new() { ["queue"] = context.GetValue(_queue) };
}
