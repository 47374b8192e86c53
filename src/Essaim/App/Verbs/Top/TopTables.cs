using System.Globalization;

namespace Essaim;

/// <summary>What <c>top</c> shows as rows of text.</summary>
internal static class TopTables
{
    public static readonly IReadOnlyList<string> WorkerHeaders = ["WORKER", "STATE", "SLOTS", "BUSY", "WAIT", "CHILDREN", "CPU", "MEMORY", "TEMP", "TASKS/S", "DONE", "LABELS"];
    public static readonly IReadOnlyList<string> QueueHeaders = ["QUEUE", "READY", "OLDEST", "DELAYED", "IN FLIGHT", "DEAD", "PAUSED"];

    public static string Title(string broker, TopSnapshot snapshot)
    {
        TopWorker[] online = [.. snapshot.Workers.Where(worker => worker.Online)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{broker}  {online.Length} workers, {online.Sum(worker => worker.Slots ?? 0)} slots ({online.Sum(worker => worker.Busy ?? 0)} busy), {snapshot.Queues.Sum(queue => queue.Ready)} waiting, {snapshot.TasksPerSecond:0.0} tasks/s");
    }

    public static IReadOnlyList<IReadOnlyList<string>> Workers(TopSnapshot snapshot) => [.. snapshot.Workers.Select(worker => (IReadOnlyList<string>)[
        JsonCell.Plain(worker.Name),
        worker.Online ? "online" : "offline",
        worker.SlotText,
        Text(worker.Busy),
        Text(worker.Waiting),
        Text(worker.Children),
        worker.Cpu is { } cpu ? string.Create(CultureInfo.InvariantCulture, $"{cpu * 100:0}%") : "-",
        worker.Memory is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB") : "-",
        worker.Temperature is { } heat ? string.Create(CultureInfo.InvariantCulture, $"{heat:0} °C{(worker.Throttled == true ? " throttled" : "")}") : "-",
        worker.PerSecond is { } rate ? string.Create(CultureInfo.InvariantCulture, $"{rate:0.0}") : "-",
        Text(worker.Processed),
        JsonCell.Plain(string.Join(' ', worker.Labels)),
    ])];

    public static IReadOnlyList<IReadOnlyList<string>> Queues(TopSnapshot snapshot) => [.. snapshot.Queues.Select(queue => (IReadOnlyList<string>)[
        JsonCell.Plain(queue.Name),
        Text(queue.Ready),
        queue.OldestReady is { } oldest ? AgeText.Rough(snapshot.At > oldest ? snapshot.At - oldest : TimeSpan.Zero) : "-",
        Text(queue.Delayed),
        Text(queue.InFlight),
        Text(queue.Dead),
        queue.Paused is { } pause ? JsonCell.Plain($"by {pause.By}{(pause.Reason.Length > 0 ? $": {pause.Reason}" : "")}") : "-",
    ])];

    public static IReadOnlyList<string> Scalings(TopSnapshot snapshot) => [.. snapshot.Scalings.Select(scaling =>
        $"{TimeText.Show(scaling.At)}  {JsonCell.Plain(scaling.Worker)}  slots {scaling.From} -> {scaling.To}: {JsonCell.Plain(scaling.Reason)}")];

    private static string Text(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
