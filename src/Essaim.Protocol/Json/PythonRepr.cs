using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>JSON as Python's <c>repr</c> shows it, for <c>argsrepr</c>, <c>kwargsrepr</c> and the texts of errors.</summary>
public static class PythonRepr
{
    /// <summary>
    /// Writes one value; text past <paramref name="maxChars"/> characters is cut off and ends in <c>...</c>.
    /// </summary>
    /// <param name="json">The value.</param>
    /// <param name="maxChars">Longest text made, characters; at least 3. Default 1,024, as Celery's.</param>
    /// <exception cref="MessageFormatException"><paramref name="json"/> is not JSON.</exception>
    public static string Write(RawJson json, int maxChars = 1024) => Write(json, maxChars, tuple: false);

    /// <summary>As <see cref="Write(RawJson, int)"/>, with the outermost list as a tuple: <c>(2, 3)</c>, <c>('a',)</c>, <c>()</c>.</summary>
    /// <param name="args">Positional arguments: a JSON list.</param>
    /// <param name="maxChars">Longest text made, characters; at least 3. Default 1,024, as Celery's.</param>
    /// <exception cref="MessageFormatException"><paramref name="args"/> is not JSON.</exception>
    public static string WriteArgs(RawJson args, int maxChars = 1024) => Write(args, maxChars, tuple: true);

    private static string Write(RawJson json, int maxChars, bool tuple)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxChars, 3);
        ReadOnlySpan<byte> text = json.Utf8.Span;
        switch (text.Length)
        {
            case 2 when tuple && text.SequenceEqual("[]"u8):
                return "()";
            case 2 when text.SequenceEqual("{}"u8):
                return "{}";
        }

        Utf8JsonReader reader = JsonText.Open(text);
        StringBuilder output = new();
        try
        {
            reader.Read();
            Value(ref reader, output, maxChars, tuple);
        }
        catch (Exception error) when (JsonText.IsFault(error))
        {
            throw JsonFault.Describe("value to be shown", text, error, reader.TokenStartIndex);
        }

        if (output.Length > maxChars)
        {
            output.Length = maxChars - 3;
            if (char.IsHighSurrogate(output[^1]))
                output.Length--;
            output.Append("...");
        }

        return output.ToString();
    }

    private static void Value(ref Utf8JsonReader reader, StringBuilder output, int maxChars, bool tuple = false)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                Items(ref reader, output, maxChars, tuple);
                break;
            case JsonTokenType.StartObject:
                Members(ref reader, output, maxChars);
                break;
            case JsonTokenType.String:
                PythonString.Append(output, ref reader, maxChars);
                break;
            case JsonTokenType.Number:
                output.Append(Number(reader.ValueSpan));
                break;
            default:
                output.Append(reader.TokenType switch { JsonTokenType.True => "True", JsonTokenType.False => "False", _ => "None" });
                break;
        }
    }

    private static void Items(ref Utf8JsonReader reader, StringBuilder output, int maxChars, bool tuple)
    {
        output.Append(tuple ? '(' : '[');
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            output.Append(count++ == 0 ? "" : ", ");
            Value(ref reader, output, maxChars);
            // What follows will be cut off.
            if (output.Length > maxChars)
                return;
        }

        output.Append(!tuple ? "]" : count == 1 ? ",)" : ")");
    }

    private static void Members(ref Utf8JsonReader reader, StringBuilder output, int maxChars)
    {
        output.Append('{');
        bool first = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            output.Append(first ? "" : ", ");
            first = false;
            PythonString.Append(output, ref reader, maxChars);
            output.Append(": ");
            reader.Read();
            Value(ref reader, output, maxChars);
            if (output.Length > maxChars)
                return;
        }

        output.Append('}');
    }

    private static string Number(ReadOnlySpan<byte> text)
    {
        if (text.IndexOfAny(".eE"u8) < 0)
            return text.SequenceEqual("-0"u8) ? "0" : Encoding.ASCII.GetString(text);
        return PythonFloat.Repr(double.Parse(text, CultureInfo.InvariantCulture));
    }
}
