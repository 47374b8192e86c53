using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Essaim.Protocol;

namespace Essaim.Server;

/// <summary>How the API writes JSON: names in <c>snake_case</c>, instants in ISO 8601 with offset, spans in seconds.</summary>
internal static class ApiJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict;

        // Safe: everything is sent as application/json with nosniff, never inside HTML.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new RawJsonConverter());
        options.Converters.Add(new SecondsConverter());
    }

    private static JsonSerializerOptions Create()
    {
        JsonSerializerOptions options = new(JsonSerializerDefaults.Web);
        Apply(options);
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class RawJsonConverter : JsonConverter<RawJson>
    {
        public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return RawJson.Parse(document.RootElement.GetRawText());
        }

        public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options)
        {
            // Python writes NaN and Infinity, which JSON does not have: then the text itself is what can be passed on.
            if (IsStrict(value))
                writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
            else
                writer.WriteStringValue(value.Utf8.Span);
        }

        private static bool IsStrict(RawJson value)
        {
            Utf8JsonReader reader = new(value.Utf8.Span, new JsonReaderOptions { MaxDepth = 1000 });
            try
            {
                while (reader.Read())
                {
                }

                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }

    private sealed class SecondsConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => TimeSpan.FromSeconds(reader.GetDouble());

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteNumberValue(value.TotalSeconds);
    }
}
