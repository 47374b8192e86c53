using System.Text.Json;
using System.Text.Json.Nodes;
using Essaim.Protocol;
using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

/// <summary>The tasks one transaction touches: each read once, changed in memory, written once.</summary>
internal sealed class TaskRows(SqliteSession session)
{
    public const string Columns =
        "number, id, tenant, name, queue, state, state_at, changed_at, certain, priority, args, kwargs, submitted_at, eta_at, started_at, finished_at, "
        + "worker, runtime, retries, root_id, parent_id, group_id, error, progress, progress_text, last_sequence, function";

    /// <summary>Progress reports and log lines kept of one task; of state changes ten times as many.</summary>
    private const int MaxEntries = 1000;

    private readonly Dictionary<(string Tenant, string Id), TaskRecord> _rows = [];
    private readonly HashSet<string> _touched = [];

    /// <summary>Ids of tasks that got new entries.</summary>
    public IReadOnlyList<string> Touched => [.. _touched];

    public static TaskRecord? Load(SqliteSession session, string tenant, string id) =>
        session.One($"SELECT {Columns} FROM task WHERE tenant = $tenant AND id = $id", Read, ("$tenant", tenant), ("$id", id));

    public void Apply(TaskChange change)
    {
        (string, string) key = (change.Tenant, change.TaskId);
        TaskRecord? old = _rows.TryGetValue(key, out TaskRecord? known) ? known : Load(session, change.Tenant, change.TaskId);
        TaskRecord record = TaskRecord.Apply(old, change);
        if (record.Number == 0)
            record = record with { Number = Insert(record) };
        if (record.IsNewState(old, change))
            record = Append(record, TaskEntryKind.State, change.At, DescribeState(record));
        if (change.Entry is { } entry)
            record = Append(record, entry.Kind, change.At, entry.Data);
        _rows[key] = record;
    }

    public void Save()
    {
        foreach (TaskRecord record in _rows.Values)
        {
            session.Execute(
                """
                UPDATE task SET name = $name, queue = $queue, state = $state, state_at = $stateAt, changed_at = $changedAt, certain = $certain,
                  priority = $priority, args = $args, kwargs = $kwargs, submitted_at = $submittedAt, eta_at = $eta, started_at = $startedAt,
                  finished_at = $finishedAt, worker = $worker, runtime = $runtime, retries = $retries, root_id = $root, parent_id = $parent,
                  group_id = $group, error = $error, progress = $progress, progress_text = $progressText, last_sequence = $last,
                  function = $function
                WHERE number = $number
                """,
                ("$number", record.Number),
                ("$name", record.Name),
                ("$queue", record.Queue),
                ("$state", record.State.Name),
                ("$stateAt", SqliteText.ToMicros(record.StateAt)),
                ("$changedAt", SqliteText.ToMicros(record.ChangedAt)),
                ("$certain", record.Certain ? 1 : 0),
                ("$priority", record.Priority),
                ("$args", record.Args),
                ("$kwargs", record.Kwargs),
                ("$submittedAt", SqliteText.ToMicros(record.SubmittedAt)),
                ("$eta", SqliteText.Micros(record.Eta)),
                ("$startedAt", SqliteText.Micros(record.StartedAt)),
                ("$finishedAt", SqliteText.Micros(record.FinishedAt)),
                ("$worker", record.Worker),
                ("$runtime", record.Runtime is { } runtime ? (long)runtime.TotalMicroseconds : null),
                ("$retries", record.Retries),
                ("$root", record.RootId),
                ("$parent", record.ParentId),
                ("$group", record.GroupId),
                ("$error", record.Error),
                ("$progress", record.Progress),
                ("$progressText", record.ProgressText),
                ("$last", record.LastSequence),
                ("$function", record.Function));
        }
    }

    public static TaskRecord Read(SqliteDataReader row) => new()
    {
        Number = row.GetInt64(0),
        Id = row.GetString(1),
        Tenant = row.GetString(2),
        Name = row.Text(3),
        Queue = row.Text(4),
        State = new TaskState(row.GetString(5)),
        StateAt = row.Instant(6),
        ChangedAt = row.Instant(7),
        Certain = row.GetBoolean(8),
        Priority = (int?)row.Number(9),
        Args = row.Text(10),
        Kwargs = row.Text(11),
        SubmittedAt = row.Instant(12),
        Eta = row.OptionalInstant(13),
        StartedAt = row.OptionalInstant(14),
        FinishedAt = row.OptionalInstant(15),
        Worker = row.Text(16),
        Runtime = row.Number(17) is { } micros ? TimeSpan.FromMicroseconds(micros) : null,
        Retries = row.GetInt32(18),
        RootId = row.Text(19),
        ParentId = row.Text(20),
        GroupId = row.Text(21),
        Error = row.Text(22),
        Progress = row.IsDBNull(23) ? null : row.GetDouble(23),
        ProgressText = row.Text(24),
        LastSequence = row.GetInt64(25),
        Function = row.Text(26),
    };

    private static RawJson DescribeState(TaskRecord record)
    {
        JsonObject data = new() { ["state"] = record.State.Name };
        if (record.Worker is not null)
            data["worker"] = record.Worker;
        if (record.Retries > 0)
            data["retries"] = record.Retries;
        if (record.IsEnded && record.Runtime is { } runtime)
            data["runtime"] = runtime.TotalSeconds;
        if (record.Error is not null)
            data["error"] = record.Error;
        return new RawJson(JsonSerializer.SerializeToUtf8Bytes(data));
    }

    private long Insert(TaskRecord record) => (long)session.Scalar(
        """
        INSERT INTO task (id, tenant, state, state_at, changed_at, certain, submitted_at, retries, last_sequence)
        VALUES ($id, $tenant, $state, 0, 0, 0, $submittedAt, 0, 0) RETURNING number
        """,
        ("$id", record.Id),
        ("$tenant", record.Tenant),
        ("$state", record.State.Name),
        ("$submittedAt", SqliteText.ToMicros(record.SubmittedAt)))!;

    private TaskRecord Append(TaskRecord record, TaskEntryKind kind, DateTimeOffset at, RawJson data)
    {
        long sequence = record.LastSequence + 1;
        session.Execute(
            "INSERT INTO task_entry VALUES ($task, $sequence, $kind, $at, $data)",
            ("$task", record.Number),
            ("$sequence", sequence),
            ("$kind", (int)kind),
            ("$at", SqliteText.ToMicros(at)),
            ("$data", data.ToString()));
        if (sequence > MaxEntries && sequence % 100 == 0)
        {
            session.Execute(
                "DELETE FROM task_entry WHERE task = $task AND ((kind <> 0 AND sequence <= $old) OR sequence <= $older)",
                ("$task", record.Number),
                ("$old", sequence - MaxEntries),
                ("$older", sequence - (10 * MaxEntries)));
        }

        _touched.Add(record.Id);
        return record with { LastSequence = sequence };
    }
}
