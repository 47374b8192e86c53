using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// A whole document as one JSON object: <c>revision, author, host, queues, routes, base</c>. What the three parts hold is kept byte for byte, so
/// that its hash stays.
/// </summary>
internal static class ConfigDocumentJson
{
    public static RawJson Write(ConfigDocument document)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            WriteTo(writer, document);
            writer.WriteEndObject();
        }

        return new RawJson(stream.ToArray());
    }

    /// <summary>Writes the fields into an object that has begun.</summary>
    public static void WriteTo(Utf8JsonWriter writer, ConfigDocument document)
    {
        writer.WriteNumber("revision"u8, document.Revision);
        writer.WriteString("author"u8, document.Author);
        writer.WriteString("host"u8, document.Host);
        writer.WritePropertyName("queues"u8);
        WritePart(writer, document.Queues);
        writer.WritePropertyName("routes"u8);
        WritePart(writer, document.Routes);
        writer.WritePropertyName("base"u8);
        WritePart(writer, document.Base);
    }

    public static void WritePart(Utf8JsonWriter writer, IReadOnlyDictionary<string, RawJson> part)
    {
        writer.WriteStartObject();
        foreach ((string name, RawJson value) in part)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }

    /// <param name="json">The object. Its memory is kept.</param>
    /// <param name="what">What it is, to begin an error with.</param>
    /// <exception cref="ConfigException"><c>ESS1302</c>: it is no such object.</exception>
    public static ConfigDocument Read(ReadOnlyMemory<byte> json, string what)
    {
        try
        {
            ConfigDocument document = ConfigDocument.Empty;
            Utf8JsonReader reader = new(json.Span);
            reader.Read();
            Require(reader.TokenType == JsonTokenType.StartObject);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                switch (name)
                {
                    case "revision":
                        document = document with { Revision = reader.GetInt64() };
                        break;
                    case "author":
                        document = document with { Author = reader.GetString() ?? "" };
                        break;
                    case "host":
                        document = document with { Host = reader.GetString() ?? "" };
                        break;
                    case "queues":
                        document = document with { Queues = ReadPart(ref reader, json) };
                        break;
                    case "routes":
                        document = document with { Routes = ReadPart(ref reader, json) };
                        break;
                    case "base":
                        document = document with { Base = ReadPart(ref reader, json) };
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            return document;
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException or FormatException)
        {
            throw new ConfigException("ESS1302", $"{what} is damaged: {damaged.Message} Publish the configuration again.", damaged);
        }
    }

    /// <summary>The fields of the object the reader stands at; values are slices of <paramref name="json"/>.</summary>
    public static Dictionary<string, RawJson> ReadPart(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        Require(reader.TokenType == JsonTokenType.StartObject);
        Dictionary<string, RawJson> part = new(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            part[name] = new RawJson(json[start..(int)reader.BytesConsumed]);
        }

        return part;
    }

    private static void Require(bool isObject)
    {
        if (!isObject)
            throw new FormatException("it is not an object.");
    }
}
