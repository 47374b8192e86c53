using System.CommandLine;

namespace Essaim;

/// <summary><c>queues bind</c>: binds a queue to an exchange, or takes the binding back.</summary>
internal sealed class QueuesBindCommand : AppCommand
{
    private readonly Argument<string> _queue = new("QUEUE") { Description = "Queue" };
    private readonly Option<string> _exchange = new("--exchange") { HelpName = "NAME", Description = "Exchange, as senders name it", Required = true };
    private readonly Option<string?> _key = new("--key")
    {
        HelpName = "KEY",
        Description = "Routing key; of a topic words between dots, * one of them, # any number [default: the queue's name]",
    };

    private readonly Option<bool> _topic = new("--topic") { Description = "The exchange is a topic [default: direct]" };
    private readonly Option<bool> _remove = new("--remove") { Description = "Take the binding back" };

    public QueuesBindCommand()
        : base("bind", "Binds a queue to an exchange of Celery's, so that what is sent there reaches it (Redis).", hasFormat: false)
    {
        Add(_queue);
        foreach (Option option in (Option[])[_exchange, _key, _topic, _remove])
            Add(option);
        Examples = ["queues bind encoders --exchange media --key 'media.*.encode' --topic", "queues bind mail --exchange post", "queues bind mail --exchange post --remove"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        if (backend is not IQueueBinder binder)
            throw new AppException("ESS4001", $"The broker {backend.DisplayUrl} has no exchanges: tasks are sent to queues by name. Use --queue NAME, or a broker on Redis.");
        string queue = context.GetValue(_queue)!;
        string exchange = context.GetValue(_exchange)!;
        string key = context.GetValue(_key) ?? queue;
        bool topic = context.GetValue(_topic);
        if (!context.GetValue(_remove))
        {
            await binder.BindAsync(queue, exchange, key, topic, cancellationToken);
            context.Output.Say($"{queue} gets what is sent to {exchange} with {key}");
            return ExitCodes.Ok;
        }

        if (!await binder.UnbindAsync(queue, exchange, key, topic, cancellationToken))
        {
            throw new AppException(
                "ESS4006", $"{queue} is not bound to the {(topic ? "topic" : "direct")} exchange {exchange} with {key}. Give --key and --topic as it was bound.", ExitCodes.NotFound);
        }

        context.Output.Say($"{queue} gets nothing more from {exchange} with {key}");
        return ExitCodes.Ok;
    }
}
