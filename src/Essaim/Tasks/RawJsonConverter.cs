using System.Text.Json;
using System.Text.Json.Serialization;
using Essaim.Protocol;

namespace Essaim;

/// <summary>JSON kept as text inside larger values: properties of records, values of dictionaries.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override bool HandleNull => true;

    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        return RawJson.From(document.RootElement);
    }

    // Checked when it was made; checking again would refuse what is nested deeper than the writer's own 64.
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
