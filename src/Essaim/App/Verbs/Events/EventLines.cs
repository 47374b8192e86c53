using System.Text.Encodings.Web;
using System.Text.Json;

namespace Essaim;

/// <summary>Shows events.</summary>
internal interface IEventView : IAsyncDisposable
{
    void Show(EventRecord record);
}

/// <summary>One event a line: for people <c>time node type name[id] what more it says</c>, for scripts its JSON.</summary>
internal sealed class EventLines(CommandOutput output) : IEventView
{
    private readonly TaskNames _names = new();

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Fields that every event has, or that the line begins with.
    private static readonly HashSet<string> Usual = new(StringComparer.Ordinal)
    {
        "type", "hostname", "timestamp", "pid", "clock", "utcoffset", "uuid", "name", "root_id", "parent_id", "local_received", "traceback",
        "sw_ident", "sw_ver", "sw_sys", "loadavg", "freq", "labels", "facts", "queues", "children",
    };

    public void Show(EventRecord record) => output.Data(output.IsJson ? JsonSerializer.Serialize(record.Body.Deserialize<JsonElement>(), OneLine) : Line(record, _names));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static string Line(EventRecord record, TaskNames names)
    {
        JsonElement body = record.Body.Deserialize<JsonElement>();
        List<string> words = [TimeText.ShowFine(record.At), JsonCell.Plain(record.Hostname), JsonCell.Plain(record.Type)];
        if (record.TaskId is { } id)
            words.Add($"{JsonCell.Plain(names.Of(id, body) ?? "")}[{JsonCell.Plain(id)}]");
        if (record.Type is "worker-scaled" or "worker-scale-refused" && ScaleWords(body) is { } scale)
        {
            words.Add(scale);
        }
        else if (body.ValueKind == JsonValueKind.Object)
        {
            words.AddRange(body.EnumerateObject()
                .Where(field => !Usual.Contains(field.Name) && field.Value.ValueKind != JsonValueKind.Null)
                .Select(field => $"{JsonCell.Plain(field.Name)}={JsonCell.Of(field.Value)}"));
        }

        return string.Join(' ', words);
    }

    private static string? ScaleWords(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty("from", out JsonElement from) && body.TryGetProperty("to", out JsonElement to)
        && body.TryGetProperty("reason", out JsonElement reason)
            ? $"{JsonCell.Of(from)} -> {JsonCell.Of(to)}: {JsonCell.Of(reason)}"
            : null;
}
