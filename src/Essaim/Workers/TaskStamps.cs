using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Celery's stamps: marks a caller put on a task, in the header <c>stamps</c>.</summary>
internal static class TaskStamps
{
    /// <summary>The values of one stamp; none where the task does not have it.</summary>
    public static IReadOnlyList<string> Of(TaskMessage message, string name)
    {
        if (!message.Headers.TryGetValue("stamps", out RawJson stamps) || stamps.IsNull)
            return [];
        JsonElement all = stamps.Deserialize<JsonElement>();
        return all.ValueKind == JsonValueKind.Object && all.TryGetProperty(name, out JsonElement values) ? ReadValues(values) : [];
    }

    /// <summary>One value, or a list of them, as texts.</summary>
    public static IReadOnlyList<string> ReadValues(JsonElement values) => values.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => [],
        JsonValueKind.Array => [.. values.EnumerateArray().Select(value => value.ToString())],
        _ => [values.ToString()],
    };
}
