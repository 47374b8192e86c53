using System.CommandLine;

namespace Essaim;

/// <summary><c>purge</c>: removes what waits in a queue.</summary>
internal sealed class PurgeCommand : AppCommand
{
    private readonly Argument<string> _queue = new("QUEUE") { Description = "Name of the queue" };
    private readonly Option<bool> _yes = new("--yes", "-y") { Description = "Do not ask" };

    public PurgeCommand()
        : base("purge", "Removes all messages that wait in a queue; what runs is not touched.")
    {
        Add(_queue);
        Add(_yes);
        Examples = ["purge celery", "purge celery --yes"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        string name = context.GetValue(_queue)!;
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        QueueStatus? queue = (await backend.Broker.GetQueuesAsync(cancellationToken)).FirstOrDefault(queue => queue.Name == name)
            ?? throw new AppException(
                "ESS4006", $"The broker {backend.DisplayUrl} has no queue '{name}'. '{context.Definition.Name} queues' lists them.", ExitCodes.NotFound);
        if (!context.GetValue(_yes) && !Question.Ask(context, "purge asks before it removes anything", $"Remove {queue.Ready + queue.Delayed} waiting messages of queue {name} for good? [y/N] ", "Nothing removed."))
            return ExitCodes.Unusable;
        int removed = await backend.Broker.PurgeAsync(name, cancellationToken);
        if (context.Output.IsJson)
            context.Output.Json(new { queue = name, removed });
        else
            context.Output.Data($"{removed} messages removed from {name}");
        return ExitCodes.Ok;
    }
}
