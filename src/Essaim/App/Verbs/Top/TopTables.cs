using System.Globalization;

namespace Essaim;

/// <summary>What <c>top</c> shows as rows of text.</summary>
internal static class TopTables
{
    public static readonly IReadOnlyList<string> WorkerHeaders = ["WORKER", "STATE", "SLOTS", "BUSY", "WAIT", "CHILDREN", "CPU", "MEMORY", "TEMP", "TASKS/S", "DONE", "LABELS"];
    public static readonly IReadOnlyList<string> QueueHeaders = ["QUEUE", "READY", "OLDEST", "DELAYED", "IN FLIGHT", "DEAD", "PAUSED"];

    /// <summary>What is left out first where a terminal is too narrow; what tells nothing of anybody goes before that.</summary>
    private static readonly IReadOnlyList<string> LeastWanted = ["LABELS", "CHILDREN", "DONE", "WAIT", "STATE", "TEMP", "PAUSED", "DELAYED"];

    private const int Gap = 2;
    private const int ShortestName = 8;

    /// <summary>The whole fleet in one line.</summary>
    public static string Sum(TopSnapshot snapshot)
    {
        TopWorker[] online = [.. snapshot.Workers.Where(worker => worker.Online)];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(online.Length, "worker")}, {Count(online.Sum(worker => worker.Slots ?? 0), "slot")} ({online.Sum(worker => worker.Busy ?? 0)} busy), {snapshot.Queues.Sum(queue => queue.Ready)} waiting, {snapshot.TasksPerSecond:0.0} tasks/s");
    }

    public static IReadOnlyList<IReadOnlyList<string>> Workers(TopSnapshot snapshot) => [.. snapshot.Workers.Select(worker => (IReadOnlyList<string>)[
        JsonCell.Plain(worker.Name),
        worker.Online ? "online" + ConfigMark(worker, snapshot) : "offline",
        worker.SlotText,
        Text(worker.Busy),
        Text(worker.Waiting),
        Text(worker.Children),
        worker.Cpu is { } cpu ? string.Create(CultureInfo.InvariantCulture, $"{cpu * 100:0}%") : "-",
        worker.Memory is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0} MiB") : "-",
        worker.Temperature is { } heat ? string.Create(CultureInfo.InvariantCulture, $"{heat:0} °C{(worker.Throttled is { Count: > 0 } ? "!" : "")}") : "-",
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
        $"{scaling.At.ToUniversalTime().ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture)}  {JsonCell.Plain(scaling.Worker)}  slots {scaling.From} -> {scaling.To}{(scaling.Refused ? " refused" : "")}: {JsonCell.Plain(scaling.Reason)}")];

    /// <summary>The columns that fit beside each other, the first one cut short if need be.</summary>
    public static (IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows) Fit(
        IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows, int width)
    {
        List<int> columns = [.. Enumerable.Range(0, headers.Count)];
        int[] widths = [.. columns.Select(column => rows.Select(row => row[column].Length).Append(headers[column].Length).Max())];
        IEnumerable<int> mute = columns.Where(column => rows.All(row => row[column] is "-" or "")).ToArray();
        IEnumerable<int> least = LeastWanted.Select(name => headers.ToList().IndexOf(name)).Where(column => column > 0);
        foreach (int column in mute.Concat(least).Where(column => column > 0))
        {
            if (Width() <= width)
                break;
            columns.Remove(column);
        }

        int name = Math.Max(ShortestName, widths[0] - Math.Max(0, Width() - width));
        return ([.. columns.Select(column => headers[column])], [.. rows.Select(row => (IReadOnlyList<string>)[.. columns.Select(column => column == 0 ? Cut(row[0], name) : row[column])])]);

        int Width() => columns.Sum(column => widths[column] + Gap) - Gap;
    }

    /// <summary>Says where a worker does not run what the others do, or started with something else.</summary>
    private static string ConfigMark(TopWorker worker, TopSnapshot snapshot)
    {
        if (worker.ConfigSource is "behind" or "conflict")
            return $", config {worker.ConfigSource}";
        string? newest = snapshot.Workers.Where(other => other.Online).Max(other => other.ConfigVersion);
        return worker.ConfigVersion is { } version && version != newest ? ", config differs" : "";
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : string.Concat(text.AsSpan(0, width - 1), "…");

    private static string Count(int count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");

    private static string Text(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
