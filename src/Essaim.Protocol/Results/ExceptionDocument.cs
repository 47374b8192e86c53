using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>An error as Celery stores it: <c>{"exc_type", "exc_message", "exc_module"}</c>.</summary>
/// <param name="Type">Class name without its module.</param>
/// <param name="Message">Constructor arguments: a JSON list (a string is tolerated when reading).</param>
/// <param name="Module">Dotted name of the module or namespace; Python rebuilds the class where it knows it. Empty where none was stored.</param>
public sealed record ExceptionDocument(string Type, RawJson Message, string Module)
{
    /// <summary>An error with one text argument.</summary>
    public static ExceptionDocument Of(string type, string message, string module)
    {
        using JsonOutput json = JsonOutput.Rent();
        json.Writer.WriteStartArray();
        json.Writer.WriteStringValue(message);
        json.Writer.WriteEndArray();
        return new ExceptionDocument(type, new RawJson(json.Written.ToArray()), module);
    }

    /// <summary>Reads <c>result</c> of a document in an exception state.</summary>
    /// <exception cref="MessageFormatException">Not an exception document.</exception>
    public static ExceptionDocument Decode(RawJson json)
    {
        JsonText.RequireUtf8(json.Utf8.Span, "exception document");
        Utf8JsonReader reader = JsonText.Open(json.Utf8.Span);
        try
        {
            return Read(ref reader, json.Utf8);
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("exception document", json.Utf8.Span, error, reader.TokenStartIndex);
        }
    }

    /// <summary>Writes Celery's JSON form.</summary>
    /// <exception cref="MessageFormatException"><see cref="Message"/> is not JSON.</exception>
    public RawJson Encode()
    {
        JsonText.RequireValue(Message, "exc_message");
        using JsonOutput json = JsonOutput.Rent();
        json.Writer.WriteStartObject();
        json.Writer.WriteString("exc_type"u8, Type);
        json.Writer.WriteRaw("exc_message"u8, Message);
        // Without a module Python makes a class of its own; an empty one would be imported.
        json.Writer.WriteString("exc_module"u8, Module.Length == 0 ? null : Module);
        json.Writer.WriteEndObject();
        return new RawJson(json.Written.ToArray());
    }

    /// <summary>The arguments joined by commas, for people: text as it is, other values as JSON.</summary>
    /// <exception cref="MessageFormatException"><see cref="Message"/> is not JSON.</exception>
    public string GetText() => string.Join(", ", GetArguments().Select(Show));

    /// <summary>Python's <c>repr</c> of the error, such as <c>ValueError('no')</c>; used in ChordError texts and events.</summary>
    /// <exception cref="MessageFormatException"><see cref="Message"/> is not JSON.</exception>
    public string ToRepr() => $"{Type}({string.Join(", ", GetArguments().Select(argument => PythonRepr.Write(argument)))})";

    private static string Show(RawJson argument)
    {
        Utf8JsonReader reader = JsonText.Open(argument.Utf8.Span);
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? JsonText.Lenient(ref reader) : argument.ToString();
    }

    private List<RawJson> GetArguments()
    {
        Utf8JsonReader reader = JsonText.Open(Message.Utf8.Span);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
                return [JsonText.Slice(ref reader, Message.Utf8)];
            List<RawJson> arguments = [];
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                arguments.Add(JsonText.Slice(ref reader, Message.Utf8));
            return arguments;
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("exc_message", Message.Utf8.Span, error, reader.TokenStartIndex, "exc_message");
        }
    }

    private static ExceptionDocument Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonField.Wrong(ref reader, "exception document", "an object");
        string? type = null, module = null;
        RawJson message = RawJson.EmptyArray;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = JsonText.Name(ref reader);
            reader.Read();
            if (name.SequenceEqual("exc_type"u8))
                type = JsonField.Text(ref reader, "exc_type");
            else if (name.SequenceEqual("exc_message"u8))
                message = JsonText.Slice(ref reader, text);
            else if (name.SequenceEqual("exc_module"u8))
                module = JsonField.Text(ref reader, "exc_module");
            else
                reader.Skip();
        }

        JsonText.RequireEnd(ref reader);
        return string.IsNullOrEmpty(type)
            ? throw new MessageFormatException("The exception document has no exc_type. It must name the error's class.", "exc_type")
            : new ExceptionDocument(type, message, module ?? "");
    }
}
