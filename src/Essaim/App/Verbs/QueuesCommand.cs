using System.Globalization;

namespace Essaim;

/// <summary><c>queues</c>: depth and age of every queue.</summary>
internal sealed class QueuesCommand : AppCommand
{
    private static readonly string[] Headers = ["QUEUE", "READY", "DELAYED", "IN FLIGHT", "DEAD", "OLDEST", "PAUSED"];

    public QueuesCommand()
        : base("queues", "Shows depth and age of every queue.")
    {
        Add(new QueuesBindCommand());
        Add(new QueuesPauseCommand());
        Add(new QueuesResumeCommand());
        Examples = ["queues", "queues --format json", "queues --broker redis://localhost:6379/0"];
    }

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        IBackend backend = await context.OpenBackendAsync(cancellationToken);
        IReadOnlyList<QueueStatus> queues = [.. (await backend.Broker.GetQueuesAsync(cancellationToken)).OrderBy(queue => queue.Name, StringComparer.Ordinal)];
        if (context.Output.IsJson)
            context.Output.Json(queues);
        else
            context.Output.Table(Headers, [.. queues.Select(queue => Row(queue, backend.Clock.GetUtcNow()))]);
        return ExitCodes.Ok;
    }

    private static IReadOnlyList<string> Row(QueueStatus queue, DateTimeOffset now) =>
        [queue.Name, Text(queue.Ready), Text(queue.Delayed), Text(queue.InFlight), Text(queue.Dead), Age(queue.OldestReady, now), Pause(queue.Paused, now)];

    private static string Pause(QueuePause? pause, DateTimeOffset now) => pause is null
        ? "-"
        : $"by {pause.By} for {Age(pause.At, now)}{(pause.Reason.Length > 0 ? $": {pause.Reason}" : "")}";

    private static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);

    private static string Age(DateTimeOffset? since, DateTimeOffset now) => since is { } start ? AgeText.Of(now - start) : "-";
}
