using System.Buffers;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>A schedule's stored form. The same definition always gives the same bytes: stores compare them.</summary>
internal static class ScheduleJson
{
    public static RawJson Write(ScheduleDefinition definition)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            if (definition.Recurrence is IntervalRecurrence interval)
                json.WriteNumber("every", interval.Interval.TotalSeconds);
            if (definition.Recurrence is CronRecurrence cron)
            {
                json.WriteString("cron", cron.Text);
                json.WriteString("timezone", cron.TimeZone);
            }

            json.WriteString("task", definition.Task);
            WriteRaw(json, "args", definition.Args);
            WriteRaw(json, "kwargs", definition.Kwargs);
            if (definition.Queue is { } queue)
                json.WriteString("queue", queue);
            if (definition.Priority is { } priority)
                json.WriteNumber("priority", priority);
            if (definition.Expires is { } expires)
                json.WriteNumber("expires", expires.TotalSeconds);
            if (definition.StartsAt is { } start)
                json.WriteString("starts_at", start.ToUniversalTime());
            json.WriteString("catch_up", WordOf(definition.CatchUp));
            json.WriteString("overlap", WordOf(definition.Overlap));
            json.WriteEndObject();
        }

        return new RawJson(buffer.WrittenMemory.ToArray());
    }

    public static ScheduleDefinition Read(string name, RawJson stored)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(stored.Utf8);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException or ArgumentException)
        {
            throw new ScheduleException("ESS4104", $"The stored schedule '{name}' cannot be read: {error.Message} Remove it and add it again.", error);
        }
    }

    /// <summary>The policy's word in JSON and on the command line.</summary>
    public static string WordOf(CatchUpPolicy policy) => policy switch
    {
        CatchUpPolicy.Last => "last",
        CatchUpPolicy.All => "all",
        _ => "none",
    };

    /// <summary>The policy's word in JSON and on the command line.</summary>
    public static string WordOf(OverlapPolicy policy) => policy == OverlapPolicy.Skip ? "skip" : "allow";

    private static ScheduleDefinition Read(JsonElement json) => new()
    {
        Recurrence = json.TryGetProperty("cron", out JsonElement cron)
            ? Recurrence.Cron(cron.GetString()!, TextOf(json, "timezone") ?? "UTC")
            : Recurrence.Every(TimeSpan.FromSeconds(json.GetProperty("every").GetDouble())),
        Task = json.GetProperty("task").GetString() ?? throw new FormatException("Its task has no name."),
        Args = RawOf(json, "args") ?? RawJson.EmptyArray,
        Kwargs = RawOf(json, "kwargs") ?? RawJson.EmptyObject,
        Queue = TextOf(json, "queue"),
        Priority = json.TryGetProperty("priority", out JsonElement priority) ? priority.GetInt32() : null,
        Expires = json.TryGetProperty("expires", out JsonElement expires) ? TimeSpan.FromSeconds(expires.GetDouble()) : null,
        StartsAt = json.TryGetProperty("starts_at", out JsonElement start) ? start.GetDateTimeOffset() : null,
        CatchUp = Enum.Parse<CatchUpPolicy>(TextOf(json, "catch_up") ?? "none", ignoreCase: true),
        Overlap = Enum.Parse<OverlapPolicy>(TextOf(json, "overlap") ?? "allow", ignoreCase: true),
    };

    private static void WriteRaw(Utf8JsonWriter json, string name, RawJson value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(value.Utf8.Span);
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    private static RawJson? RawOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out JsonElement value) ? new RawJson(Encoding.UTF8.GetBytes(value.GetRawText())) : null;
}
