using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary><c>celery.chunks</c> as the group of <c>celery.starmap</c> it stands for.</summary>
internal static class ChunkExpander
{
    public static Signature ToGroup(Signature chunks)
    {
        JsonElement kwargs = chunks.Kwargs.Deserialize<JsonElement>();
        if (!kwargs.TryGetProperty("task", out JsonElement task)
            || !kwargs.TryGetProperty("it", out JsonElement items) || items.ValueKind != JsonValueKind.Array
            || !kwargs.TryGetProperty("n", out JsonElement size) || !size.TryGetInt32(out int n) || n < 1)
        {
            throw new CanvasException($"Chunks need the keywords 'task', 'it' (a list) and 'n' (a size of 1 or more), but have {chunks.Kwargs}. Correct them.");
        }

        return Signature.GroupOf(
            [.. items.EnumerateArray().Chunk(n).Select(part => Map("celery.starmap", "xstarmap", RawJson.From(task), RawJson.From(part)))], chunks.Options);
    }

    public static Signature Map(string name, string type, RawJson task, RawJson items) => new()
    {
        Task = name,
        Kwargs = RawJson.From(new Dictionary<string, JsonElement>
        {
            ["task"] = task.Deserialize<JsonElement>(),
            ["it"] = items.Deserialize<JsonElement>(),
        }),
        SubtaskType = type,
    };
}
