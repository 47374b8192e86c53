using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Essaim.Protocol;

/// <summary>Opening, walking and faulting UTF-8 JSON in one way everywhere.</summary>
internal static class JsonText
{
    /// <summary>
    /// Levels of nesting read. Above what 64 nested signatures need (three levels each), far below what would hurt: the reader keeps
    /// one bit a level, and everything recursive here is bounded by it.
    /// </summary>
    public const int MaxDepth = 256;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    public static Utf8JsonReader Open(ReadOnlySpan<byte> utf8) => new(utf8, Options);

    /// <summary>True for what a <see cref="Utf8JsonReader"/> throws about its text: bad syntax, and escapes of half a surrogate pair.</summary>
    public static bool IsFault(Exception error) => error is JsonException or InvalidOperationException;

    /// <summary>The name the reader stands on, unescaped.</summary>
    public static ReadOnlySpan<byte> Name(ref Utf8JsonReader reader) =>
        reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;

    /// <summary>
    /// The text the reader stands on, for people. Python's <c>surrogateescape</c> (file names that are not UTF-8) makes half surrogate
    /// pairs, which .NET cannot read: such text is shown with its escapes, as Python's repr shows it.
    /// </summary>
    public static string Lenient(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    /// <summary>The value the reader stands on, as it is written; the reader moves to its end.</summary>
    public static RawJson Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> text)
    {
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new RawJson(text[start..(int)reader.BytesConsumed]);
    }

    /// <summary>Refuses bytes that are not UTF-8: the JSON reader itself lets them pass inside strings.</summary>
    public static void RequireUtf8(ReadOnlySpan<byte> text, string what)
    {
        if (Utf8.IsValid(text))
            return;
        int at = 0;
        while (Rune.DecodeFromUtf8(text[at..], out _, out int length) == System.Buffers.OperationStatus.Done)
            at += length;
        throw new MessageFormatException($"The {what} is not UTF-8: byte {at} begins no character. Write JSON as UTF-8.", position: at);
    }

    /// <summary>Moves past the end of the only value; anything but white space after it is a fault.</summary>
    public static void RequireEnd(ref Utf8JsonReader reader) => reader.Read();

    /// <summary>Checks that <paramref name="json"/> is one JSON value nested no deeper than <see cref="MaxDepth"/>.</summary>
    public static void RequireValue(RawJson json, string field)
    {
        ReadOnlySpan<byte> text = json.Utf8.Span;
        RequireUtf8(text, field);
        Utf8JsonReader reader = Open(text);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (Exception error) when (IsFault(error))
        {
            throw JsonFault.Describe(field, text, error, reader.TokenStartIndex, field);
        }
    }
}
