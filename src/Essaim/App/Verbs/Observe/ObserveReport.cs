using System.Globalization;

namespace Essaim;

/// <summary>What <c>observe</c> found, as tables or for JSON.</summary>
/// <param name="Broker">URL without password.</param>
/// <param name="Length">How long it listened.</param>
/// <param name="Window">What events told.</param>
/// <param name="Fleet">What the server holds; null where the broker cannot tell.</param>
/// <param name="Queues">Queues and how much is ready in them.</param>
internal sealed record ObserveReport(
    string Broker, TimeSpan Length, FleetWindow Window, FleetReading? Fleet, IReadOnlyList<(string Name, long Ready)> Queues)
{
    public object ToJson() => new
    {
        broker = Broker,
        seconds = Math.Round(Length.TotalSeconds, 3),
        workers = Window.Workers.Select(worker => new
        {
            name = worker.Name,
            state = worker.State,
            active = worker.Active,
            processed = worker.Processed,
            software = worker.Software,
            heard_at = worker.HeardAt,
        }),
        queues = Queues.Select(queue => new { name = queue.Name, ready = queue.Ready }),
        queues_left_out = Fleet?.QueuesLeftOut ?? false,
        unacknowledged = Fleet?.Unacknowledged,
        oldest_unacknowledged_seconds = Fleet?.OldestUnacknowledged?.TotalSeconds,
        held = Fleet?.Held,
        delayed = Fleet?.Delayed,
        dead_letters = Fleet?.DeadLetters,
        server = Fleet?.Server,
        task_events = Window.SawTasks,
        per_second = new { started = Rate(task => task.Started), succeeded = Rate(task => task.Succeeded), failed = Rate(task => task.Failed) },
        tasks = Window.Tasks.Select(task => new
        {
            name = task.Name,
            started = task.Started,
            succeeded = task.Succeeded,
            failed = task.Failed,
            retried = task.Retried,
            runtime_p50 = task.Percentile(0.5),
            runtime_p95 = task.Percentile(0.95),
            last_exception = task.LastException,
        }),
    };

    public void WriteTables(CommandOutput output)
    {
        output.Data($"{Broker}, watched for {Text(Length.TotalSeconds, "0.#")} s");
        output.Data("");
        output.Table(
            ["WORKER", "STATE", "ACTIVE", "PROCESSED", "SOFTWARE"],
            [.. Window.Workers.Select(worker => new[] { JsonCell.Plain(worker.Name), worker.State, Text(worker.Active), Text(worker.Processed), worker.Software })]);
        output.Data("");
        output.Table(["QUEUE", "READY"], [.. Queues.Select(queue => new[] { JsonCell.Plain(queue.Name), Text(queue.Ready) })]);
        if (Fleet is { } fleet)
            WriteServer(output, fleet);
        if (!Window.SawTasks)
            return;
        output.Data("");
        output.Data($"tasks a second: {Text(Rate(task => task.Started), "0.##")} started, {Text(Rate(task => task.Succeeded), "0.##")} succeeded, {Text(Rate(task => task.Failed), "0.##")} failed");
        output.Data("");
        output.Table(
            ["TASK", "STARTED", "SUCCEEDED", "FAILED", "RETRIED", "P50", "P95", "LAST EXCEPTION"],
            [.. Window.Tasks.Select(task => new[]
            {
                JsonCell.Plain(task.Name), Text(task.Started), Text(task.Succeeded), Text(task.Failed), Text(task.Retried), Seconds(task.Percentile(0.5)),
                Seconds(task.Percentile(0.95)), task.LastException ?? "-",
            })]);
    }

    private static void WriteServer(CommandOutput output, FleetReading fleet)
    {
        output.Data("");
        string oldest = fleet.OldestUnacknowledged is { } age ? $" (the oldest for {Text(age.TotalSeconds, "0")} s)" : "";
        output.Data($"held by Celery workers: {fleet.Unacknowledged}{oldest}; claims of Essaim workers: {fleet.Held}; delayed: {fleet.Delayed}; dead letters: {fleet.DeadLetters}");
        string most = fleet.Server.MaxMemory > 0 ? $" of {Text(fleet.Server.MaxMemory / 1048576.0, "0.#")}" : "";
        output.Data(
            $"server {fleet.Server.Version}: {Text(fleet.Server.UsedMemory / 1048576.0, "0.#")}{most} MiB, {fleet.Server.OperationsPerSecond} commands a second, {fleet.Server.ConnectedClients} connections");
        if (fleet.QueuesLeftOut)
            output.Data("There are more keys than were looked through; queues may be missing above.");
    }

    private double Rate(Func<SeenTask, long> count) => Length > TimeSpan.Zero ? Math.Round(Window.Tasks.Sum(count) / Length.TotalSeconds, 3) : 0;

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private static string Seconds(double? value) => value is { } seconds ? $"{Text(seconds, "0.000")} s" : "-";
}
