using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Signatures kept in the keyword arguments of <c>celery.chain</c>, <c>celery.group</c> and <c>celery.chord</c>.</summary>
internal static class CanvasJson
{
    public static Signature Tasks(string task, string type, IReadOnlyList<Signature> tasks, SignatureOptions? options)
    {
        using JsonOutput json = JsonOutput.Rent();
        json.Writer.WriteStartObject();
        SignatureWriter.WriteList(json.Writer, "tasks"u8, tasks, 0);
        json.Writer.WriteEndObject();
        return Make(task, type, json, options);
    }

    public static Signature Chord(IReadOnlyList<Signature> header, Signature body, SignatureOptions? options)
    {
        using JsonOutput json = JsonOutput.Rent();
        json.Writer.WriteStartObject();
        json.Writer.WriteRaw("kwargs"u8, RawJson.EmptyObject);
        SignatureWriter.WriteList(json.Writer, "header"u8, header, 0);
        json.Writer.WritePropertyName("body"u8);
        SignatureWriter.Write(json.Writer, body, 0);
        json.Writer.WriteEndObject();
        return Make("celery.chord", "chord", json, options);
    }

    /// <summary>The signatures under one key: none, one alone, or a list.</summary>
    public static IReadOnlyList<Signature> List(RawJson kwargs, string key)
    {
        Utf8JsonReader reader = JsonText.Open(kwargs.Utf8.Span);
        try
        {
            return Find(ref reader, key) ? SignatureReader.ReadList(ref reader, kwargs.Utf8, $"kwargs.{key}", 0) : [];
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("signature's kwargs", kwargs.Utf8.Span, error, reader.TokenStartIndex);
        }
    }

    /// <summary>True where the value under <paramref name="key"/> is an object and not a list.</summary>
    public static bool IsObject(RawJson kwargs, string key)
    {
        Utf8JsonReader reader = JsonText.Open(kwargs.Utf8.Span);
        return Find(ref reader, key) && reader.TokenType == JsonTokenType.StartObject;
    }

    private static bool Find(ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals(key);
            reader.Read();
            if (found)
                return true;
            reader.Skip();
        }

        return false;
    }

    private static Signature Make(string task, string type, JsonOutput kwargs, SignatureOptions? options) => new()
    {
        Task = task,
        Kwargs = new RawJson(kwargs.Written.ToArray()),
        Options = options ?? SignatureOptions.None,
        SubtaskType = type,
    };
}
