using System.CommandLine;

namespace Essaim;

/// <summary><c>dead-letters</c>: messages nobody could process.</summary>
internal sealed class DeadLettersCommand : Command
{
    public const int Most = 10_000;

    public DeadLettersCommand()
        : base("dead-letters", "Lists, shows and replays messages nobody could process.")
    {
        Add(new DeadLettersListCommand());
        Add(new DeadLettersShowCommand());
        Add(new DeadLettersReplayCommand());
    }

    public static Argument<string> IdArgument() => new("ID") { Description = "Id of the message or of its task" };

    /// <summary>A dead letter by its own id or its task's; the newest where a task has several.</summary>
    /// <exception cref="AppException"><c>ESS4021</c> there is none.</exception>
    public static async ValueTask<DeadLetter> FindAsync(CommandContext context, IBackend backend, string id, CancellationToken cancellationToken)
    {
        IReadOnlyList<DeadLetter> letters = await backend.Broker.GetDeadLettersAsync(Most, cancellationToken);
        return letters.FirstOrDefault(letter => letter.MessageId == id) ?? letters.FirstOrDefault(letter => letter.TaskId == id)
            ?? throw Missing(context, backend, id);
    }

    public static AppException Missing(CommandContext context, IBackend backend, string id) => new(
        "ESS4021",
        $"The broker {backend.DisplayUrl} has no dead letter {id}: it was replayed, or its id is another. '{context.Definition.Name} dead-letters list' shows them.",
        ExitCodes.NotFound);
}
