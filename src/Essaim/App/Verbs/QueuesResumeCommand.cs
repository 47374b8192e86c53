using System.CommandLine;

namespace Essaim;

/// <summary><c>queues resume</c>: ends a pause.</summary>
internal sealed class QueuesResumeCommand : AppCommand
{
    private readonly Argument<string[]> _queues = new("QUEUE") { Description = "Queues", Arity = ArgumentArity.OneOrMore };

    public QueuesResumeCommand()
        : base("resume", "Ends the pause of queues.", hasFormat: false)
    {
        Add(_queues);
        Examples = ["queues resume scan"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        foreach (string queue in context.GetValue(_queues)!)
        {
            bool was = await backend.Broker.SetPauseAsync(queue, null, cancellationToken);
            context.Output.Say(was ? $"{queue} goes on" : $"{queue} was not paused");
        }

        return ExitCodes.Ok;
    }
}
