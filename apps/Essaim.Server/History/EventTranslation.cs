using System.Text.Json;
using Essaim.Protocol;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>What Celery's events, and Essaim's own, say about tasks and workers.</summary>
internal static class EventTranslation
{
    private const int MaxLine = 4096;
    private const int MaxData = 8192;

    /// <summary>The change a <c>task-*</c> event tells of, or null where it tells nothing that is kept.</summary>
    public static TaskChange? ToChange(EventRecord record)
    {
        if (record.TaskId is not { Length: > 0 } id)
            return null;
        using JsonDocument document = JsonDocument.Parse(record.Body.Utf8);
        JsonElement body = document.RootElement;
        if (body.ValueKind != JsonValueKind.Object)
            return null;
        TaskChange change = new() { TaskId = id, At = record.At, Worker = record.Hostname.Length > 0 ? record.Hostname : null };
        return record.Type switch
        {
            "task-sent" => Facts(change, body) with { State = TaskState.Pending, SubmittedAt = record.At, Worker = null },
            "task-received" => Facts(change, body) with { State = TaskState.Received },
            "task-started" => Facts(change, body) with { State = TaskState.Started },
            "task-succeeded" => change with { State = TaskState.Success, Runtime = Seconds(body, "runtime") },
            "task-failed" => change with { State = TaskState.Failure, Error = Text(body, "exception"), Runtime = Seconds(body, "runtime") },
            "task-retried" => change with { State = TaskState.Retry, Error = Text(body, "exception") },
            "task-revoked" => change with { State = TaskState.Revoked },
            "task-rejected" => Requeued(body) ? null : change with { State = TaskState.Rejected },
            "task-progress" => Progress(change, body),
            "task-log" => change with { Entry = (TaskEntryKind.Log, Line(body)) },
            _ => null,
        };
    }

    /// <summary>The sign of life in a <c>worker-*</c> event; a clock that is ahead is set right.</summary>
    public static WorkerSighting? ToSighting(EventRecord record, DateTimeOffset now)
    {
        if (record.Type is not ("worker-online" or "worker-heartbeat" or "worker-offline") || record.Hostname.Length == 0 || record.Body.Utf8.Length > MaxData)
            return null;
        using JsonDocument body = JsonDocument.Parse(record.Body.Utf8);
        if (body.RootElement.ValueKind != JsonValueKind.Object)
            return null;
        return new WorkerSighting(record.Hostname, record.At < now ? record.At : now, record.Type == "worker-offline", record.Body);
    }

    private static TaskChange Facts(TaskChange change, JsonElement body) => change with
    {
        Name = Text(body, "name"),
        Queue = Text(body, "queue"),
        Args = Text(body, "args"),
        Kwargs = Text(body, "kwargs"),
        Function = FunctionMention.Find(Text(body, "name"), Text(body, "kwargs")),
        RootId = Text(body, "root_id"),
        ParentId = Text(body, "parent_id"),
        GroupId = Text(body, "group_id"),
        Retries = Number(body, "retries") is { } retries ? (int)Math.Clamp(retries, 0, int.MaxValue) : null,
        Eta = Text(body, "eta") is { } eta && Instants.TryParse(eta, out DateTimeOffset instant) ? instant : null,
    };

    private static TaskChange Progress(TaskChange change, JsonElement body)
    {
        double? fraction = Number(body, "fraction") is { } number && double.IsFinite(number) ? Math.Clamp(number, 0, 1) : null;
        string? text = Text(body, "text");
        bool hasData = body.TryGetProperty("data", out JsonElement data) && data.ValueKind != JsonValueKind.Null && data.GetRawText().Length <= MaxData;
        RawJson entry = RawJson.From(new { fraction, text, data = hasData ? data : (JsonElement?)null }, ApiJson.Options);
        return change with { State = TaskState.Progress, Progress = fraction, ProgressText = text, Entry = (TaskEntryKind.Progress, entry) };
    }

    private static RawJson Line(JsonElement body)
    {
        string line = Text(body, "line") ?? "";
        return RawJson.From(new { level = Text(body, "level") ?? "info", line = line.Length <= MaxLine ? line : string.Concat(line.AsSpan(0, MaxLine - 1), "…") }, ApiJson.Options);
    }

    private static bool Requeued(JsonElement body) => body.TryGetProperty("requeue", out JsonElement requeue) && requeue.ValueKind == JsonValueKind.True;

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : null;

    private static TimeSpan? Seconds(JsonElement body, string name) =>
        Number(body, name) is { } seconds && seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
}
