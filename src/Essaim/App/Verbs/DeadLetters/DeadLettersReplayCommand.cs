using System.CommandLine;

namespace Essaim;

/// <summary><c>dead-letters replay</c>.</summary>
internal sealed class DeadLettersReplayCommand : AppCommand
{
    private readonly Argument<string> _id = DeadLettersCommand.IdArgument();

    public DeadLettersReplayCommand()
        : base("replay", "Puts a dead letter back into its queue, as if it had never been tried.")
    {
        Add(_id);
        Examples = ["dead-letters replay 3f2c…", "dead-letters replay 3f2c… --format json"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        string id = context.GetValue(_id)!;
        DeadLetter letter = await DeadLettersCommand.FindAsync(context, backend, id, cancellationToken);
        if (!await backend.Broker.ReplayAsync(letter.MessageId, cancellationToken))
            throw DeadLettersCommand.Missing(context, backend, id);
        if (context.Output.IsJson)
            context.Output.Json(new { message_id = letter.MessageId, task_id = letter.TaskId, queue = letter.Queue });
        else
            context.Output.Data($"{letter.TaskId} {letter.TaskName} is back in queue {letter.Queue}");
        return ExitCodes.Ok;
    }
}
