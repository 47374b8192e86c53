using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>What a running task reported last.</summary>
/// <param name="Fraction">0 to 1, or null where unknown.</param>
/// <param name="Text">What it is doing, or null.</param>
/// <param name="Data">Facts of its own; <c>null</c> where none.</param>
public sealed record TaskProgress(double? Fraction, string? Text, RawJson Data)
{
    /// <summary>
    /// Reads the result of a PROGRESS document. Celery's habit of <c>{"current", "total"}</c> becomes a fraction, and an object
    /// without any known key becomes <see cref="Data"/>. Never throws: what it cannot read is null.
    /// </summary>
    public static TaskProgress Decode(RawJson json)
    {
        JsonElement root;
        try
        {
            root = json.Deserialize<JsonElement>();
        }
        catch (JsonException)
        {
            return new TaskProgress(null, null, RawJson.Null);
        }

        if (root.ValueKind != JsonValueKind.Object)
            return new TaskProgress(null, root.ValueKind == JsonValueKind.String ? root.GetString() : null, json);
        double? fraction = Number(root, "fraction") ?? (Number(root, "total") is > 0 and var total ? Number(root, "current") / total : null);
        string? text = root.TryGetProperty("text", out JsonElement found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;
        RawJson data = root.TryGetProperty("data", out JsonElement own) ? RawJson.From(own) : fraction is null && text is null ? json : RawJson.Null;
        return new TaskProgress(fraction, text, data);
    }

    /// <summary>Writes <c>{"fraction", "current", "total", "text", "data"}</c>; <c>current</c> of <c>total</c> 100 is for Celery's own tools.</summary>
    public RawJson Encode()
    {
        using MemoryStream buffer = new(96);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            if (Fraction is { } fraction)
            {
                writer.WriteNumber("fraction"u8, fraction);
                writer.WriteNumber("current"u8, Math.Round(fraction * 100, 1));
                writer.WriteNumber("total"u8, 100);
            }

            if (Text is not null)
                writer.WriteString("text"u8, Text);
            if (!Data.IsNull)
            {
                writer.WritePropertyName("data"u8);
                writer.WriteRawValue(Data.Utf8.Span);
            }

            writer.WriteEndObject();
        }

        return new RawJson(buffer.ToArray());
    }

    private static double? Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
