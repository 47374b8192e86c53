using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Essaim.Protocol;

/// <summary>A string as Python shows it: single quotes unless only double ones save escaping, what does not print as an escape.</summary>
internal static class PythonString
{
    /// <summary>Appends the text the reader stands on, stopping soon after the output is past <paramref name="maxChars"/>.</summary>
    public static void Append(StringBuilder output, ref Utf8JsonReader reader, int maxChars)
    {
        try
        {
            Append(output, reader.GetString()!, maxChars);
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: JSON's escape for it is also Python's.
            output.Append('\'').Append(Encoding.UTF8.GetString(reader.ValueSpan)).Append('\'');
        }
    }

    private static void Append(StringBuilder output, string text, int maxChars)
    {
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        output.Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Append(output, rune, quote);
            if (output.Length > maxChars)
                return;
        }

        output.Append(quote);
    }

    private static void Append(StringBuilder output, Rune rune, char quote)
    {
        switch (rune.Value)
        {
            case '\\':
                output.Append(@"\\");
                break;
            case '\n':
                output.Append(@"\n");
                break;
            case '\r':
                output.Append(@"\r");
                break;
            case '\t':
                output.Append(@"\t");
                break;
            case int value when value == quote:
                output.Append('\\').Append(quote);
                break;
            case ' ':
                output.Append(' ');
                break;
            case int value when Prints(rune):
                output.Append(rune.ToString());
                break;
            case int value:
                string form = value < 0x100 ? $@"\x{value:x2}" : value < 0x10000 ? $@"\u{value:x4}" : $@"\U{value:x8}";
                output.Append(form);
                break;
        }
    }

    private static bool Prints(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
