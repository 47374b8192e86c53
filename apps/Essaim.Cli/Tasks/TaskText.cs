using System.Globalization;
using System.Text.Json;

namespace Essaim.Cli;

/// <summary>Fields of a task as the core sent it, for people.</summary>
internal static class TaskText
{
    public static string Of(JsonElement task, string field) =>
        task.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.ToString() : "-";

    public static string TimeOf(JsonElement task, string field) =>
        task.TryGetProperty(field, out JsonElement value) && value.TryGetDateTimeOffset(out DateTimeOffset at) ? TimeText.Show(at) : "-";

    public static string SecondsOf(JsonElement task, string field) =>
        task.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? string.Create(CultureInfo.InvariantCulture, $"{value.GetDouble():0.000} s")
            : "-";
}
