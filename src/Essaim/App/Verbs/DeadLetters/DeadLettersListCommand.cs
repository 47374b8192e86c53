using System.CommandLine;
using System.Globalization;

namespace Essaim;

/// <summary><c>dead-letters list</c>.</summary>
internal sealed class DeadLettersListCommand : AppCommand
{
    private static readonly string[] Headers = ["ID", "TASK", "NAME", "QUEUE", "DIED", "DELIVERIES", "REASON"];

    private readonly Option<string?> _queue = new("--queue", "-q") { HelpName = "NAME", Description = "Only of this queue" };
    private readonly Option<int> _limit = new("--limit") { HelpName = "N", Description = "The newest so many", DefaultValueFactory = _ => 100 };

    public DeadLettersListCommand()
        : base("list", "Lists dead letters, newest first.")
    {
        Add(_queue);
        Add(_limit);
        Examples = ["dead-letters list", "dead-letters list --queue mail --format json"];
    }

    /// <summary>What JSON says of a dead letter.</summary>
    public static object Describe(DeadLetter letter) => new
    {
        message_id = letter.MessageId,
        task_id = letter.TaskId,
        task_name = letter.TaskName,
        queue = letter.Queue,
        reason = letter.Reason,
        deliveries = letter.DeliveryCount,
        died_at = letter.DiedAt,
    };

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        string? queue = context.GetValue(_queue);
        IEnumerable<DeadLetter> all = await backend.Broker.GetDeadLettersAsync(queue is null ? context.GetValue(_limit) : DeadLettersCommand.Most, cancellationToken);
        IReadOnlyList<DeadLetter> letters = [.. all.Where(letter => queue is null || letter.Queue == queue).Take(context.GetValue(_limit))];
        if (context.Output.IsJson)
            context.Output.Json(letters.Select(Describe));
        else
            context.Output.Table(Headers, [.. letters.Select(Row)]);
        return ExitCodes.Ok;
    }

    private static IReadOnlyList<string> Row(DeadLetter letter) =>
    [
        letter.MessageId, letter.TaskId, letter.TaskName, letter.Queue, TimeText.Show(letter.DiedAt),
        letter.DeliveryCount.ToString(CultureInfo.InvariantCulture), JsonCell.Plain(letter.Reason),
    ];
}
