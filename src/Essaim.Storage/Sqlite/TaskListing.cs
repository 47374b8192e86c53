using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Storage.Sqlite;

/// <summary>Lists tasks, newest submission first, by key and not by offset: page 1,000 costs what page 1 costs.</summary>
internal static class TaskListing
{
    private static readonly string Ended = JsonSerializer.Serialize(
        (string[])[TaskState.Success.Name, TaskState.Failure.Name, TaskState.Revoked.Name, TaskState.Rejected.Name]);

    public static TaskPage Read(SqliteSession session, TaskQuery query)
    {
        StringBuilder where = new("tenant = $tenant");
        List<(string, object?)> values = [("$tenant", query.Tenant)];
        void Add(string condition, string name, object? value)
        {
            if (value is null)
                return;
            where.Append(" AND ").Append(condition);
            values.Add((name, value));
        }

        Add("state IN (SELECT value FROM json_each($states))", "$states", query.States.Count == 0 ? null : JsonSerializer.Serialize(query.States));
        bool pattern = query.Name?.AsSpan().ContainsAny('*', '?') ?? false;
        Add(pattern ? "name GLOB $name" : "name = $name", "$name", pattern ? query.Name!.Replace("[", "[[]", StringComparison.Ordinal) : query.Name);
        Add("queue = $queue", "$queue", query.Queue);
        Add("worker = $worker", "$worker", query.Worker);
        Add("root_id = $root", "$root", query.RootId);
        if (query.Function is { } function)
        {
            // By range, so that the index serves: a name is followed by nothing or by @. Of two beginnings of an id one is the other's.
            string name = function.Split('@')[0];
            bool whole = name == function;
            where.Append(whole
                ? " AND (function = $function OR (function >= $from AND function < $to))"
                : " AND function >= $from AND function < $to AND (substr(function, 1, length($function)) = $function OR substr($function, 1, length(function)) = function)");
            values.AddRange([("$from", name + "@"), ("$to", name + "A"), ("$function", function)]);
        }

        Add("state NOT IN (SELECT value FROM json_each($ended))", "$ended", query.Open ? Ended : null);
        Add("submitted_at >= $since", "$since", SqliteText.Micros(query.Since));
        Add("submitted_at < $until", "$until", SqliteText.Micros(query.Until));
        if (query.After is { } after)
        {
            Add("(submitted_at, number) < ($afterAt, $afterNumber)", "$afterAt", after.SubmittedAt);
            values.Add(("$afterNumber", after.Number));
        }

        values.Add(("$limit", query.Limit + 1));
        List<TaskRecord> found = session.Many(
            $"SELECT {TaskRows.Columns} FROM task WHERE {where} ORDER BY submitted_at DESC, number DESC LIMIT $limit", TaskRows.Read, [.. values]);
        if (found.Count <= query.Limit)
            return new TaskPage(found, null);
        found.RemoveAt(query.Limit);
        TaskRecord last = found[^1];
        return new TaskPage(found, new TaskCursor(SqliteText.ToMicros(last.SubmittedAt), last.Number));
    }
}
