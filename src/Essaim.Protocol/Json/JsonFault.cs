using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>Says where and why a text is not JSON, and what to do when Python's own additions to JSON are the cause.</summary>
internal static class JsonFault
{
    public static MessageFormatException Describe(string what, ReadOnlySpan<byte> text, Exception error, long tokenStart, string? field = null)
    {
        long at = error is JsonException json ? Offset(text, json) : tokenStart;
        // The framework stops at the letter after a minus sign; the token begins with the sign.
        if (at > 0 && at < text.Length && text[(int)at] == 'I' && text[(int)at - 1] == '-')
            at--;
        // The framework's error is not kept as the inner one: it may quote the whole of a hostile text, which would then be logged.
        return new MessageFormatException($"The {what} is not JSON that can be read: {Reason(text, at, error)}", field, at);
    }

    private static string Reason(ReadOnlySpan<byte> text, long at, Exception error)
    {
        if (text.IsEmpty)
            return "it is empty.";
        if (error is InvalidOperationException)
            return $"the text at byte {at} escapes half a surrogate pair, which is no character.";
        if (at >= text.Length)
            return $"it ends at byte {text.Length}, before it is complete.";

        ReadOnlySpan<byte> rest = text[(int)at..];
        if (rest[0] is (byte)'[' or (byte)'{' && DepthAt(text[..(int)at]) >= JsonText.MaxDepth)
            return $"byte {at} opens level {JsonText.MaxDepth + 1} of nesting, and {JsonText.MaxDepth} levels are allowed.";
        if (rest.StartsWith("N"u8) || rest.StartsWith("I"u8) || rest.StartsWith("-I"u8))
            return $"byte {at} begins {Word(rest)}, which Python's json writes but JSON does not have. Send null, a string or a finite number instead.";
        return $"byte {at} ({Show(rest[0])}) cannot stand there.";
    }

    private static string Word(ReadOnlySpan<byte> rest) =>
        rest[0] == 'N' ? "NaN" : rest[0] == '-' ? "-Infinity" : "Infinity";

    private static string Show(byte value) => value is > 0x20 and < 0x7F ? $"'{(char)value}'" : $"0x{value:X2}";

    /// <summary>The framework counts by line; a position in the whole text is what a person can look up.</summary>
    private static long Offset(ReadOnlySpan<byte> text, JsonException error)
    {
        long start = 0;
        for (long line = error.LineNumber ?? 0; line > 0; line--)
            start += text[(int)start..].IndexOf((byte)'\n') + 1;
        return Math.Min(start + (error.BytePositionInLine ?? 0), text.Length);
    }

    private static int DepthAt(ReadOnlySpan<byte> before)
    {
        int depth = 0;
        bool quoted = false;
        for (int at = 0; at < before.Length; at++)
        {
            byte value = before[at];
            if (quoted && value == '\\')
                at++;
            else if (value == '"')
                quoted = !quoted;
            else if (!quoted && value is (byte)'[' or (byte)'{')
                depth++;
            else if (!quoted && value is (byte)']' or (byte)'}')
                depth--;
        }

        return depth;
    }
}
