using System.CommandLine;

namespace Essaim;

/// <summary><c>queues pause</c>: a queue takes messages and gives none.</summary>
internal sealed class QueuesPauseCommand : AppCommand
{
    private readonly Argument<string[]> _queues = new("QUEUE") { Description = "Queues", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _reason = new("--reason") { HelpName = "TEXT", Description = "Why; shown to everyone who asks" };

    public QueuesPauseCommand()
        : base("pause", "Pauses queues: they take messages and give none, until they are resumed. What runs goes on.", hasFormat: false)
    {
        Add(_queues);
        Add(_reason);
        Examples = ["queues pause scan --reason 'The disk is being changed.'", "queues pause scan extract"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        QueuePause pause = new(context.GetValue(_reason) ?? "", $"{Environment.UserName}@{Environment.MachineName}", backend.Clock.GetUtcNow());
        foreach (string queue in context.GetValue(_queues)!)
        {
            bool before = await backend.Broker.SetPauseAsync(queue, pause, cancellationToken);
            context.Output.Say($"{queue} is paused{(before ? "; it was before, and says this reason now" : "")}. 'queues resume {queue}' lets it go on.");
        }

        return ExitCodes.Ok;
    }
}
