using System.Globalization;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim.Redis;

/// <summary>
/// A schedule as it is stored: <c>{"definition": "…", "enabled": true, "next_run": "…", "last_run": "…", "last_task_id": "…"}</c>.
/// The definition is JSON inside a string, so that scripts keep and compare it byte for byte; times always have seven digits, so
/// that they compare as text. What is null is left out.
/// </summary>
internal static class StoredSchedule
{
    public static byte[] Write(ScheduleRecord schedule)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            json.WriteString("definition"u8, schedule.Definition.Utf8.Span);
            json.WriteBoolean("enabled"u8, schedule.Enabled);
            if (schedule.NextRun is { } next)
                json.WriteString("next_run"u8, TimeText(next));
            if (schedule.LastRun is { } last)
                json.WriteString("last_run"u8, TimeText(last));
            if (schedule.LastTaskId is { } task)
                json.WriteString("last_task_id"u8, task);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> or a script stored.</summary>
    /// <exception cref="ScheduleException"><c>ESS4104</c> it cannot be read.</exception>
    public static ScheduleRecord Read(string name, ReadOnlyMemory<byte> stored)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(stored);
            JsonElement json = document.RootElement;
            string definition = json.GetProperty("definition").GetString() ?? throw new FormatException("It has no definition.");
            return new ScheduleRecord(
                name, new RawJson(Encoding.UTF8.GetBytes(definition)), json.GetProperty("enabled").GetBoolean(), TimeOf(json, "next_run"),
                TimeOf(json, "last_run"), json.TryGetProperty("last_task_id", out JsonElement task) ? task.GetString() : null);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new ScheduleException("ESS4104", $"The stored schedule '{name}' cannot be read: {error.Message} Remove it and add it again.", error);
        }
    }

    public static string TimeText(DateTimeOffset? time) => time?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? "";

    private static DateTimeOffset? TimeOf(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement time)
        ? DateTimeOffset.Parse(time.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
        : null;
}
