using System.Globalization;
using System.Text;

namespace Essaim.Sandbox;

/// <summary>A program's words for a terminal or a page: no control characters but line ends and tabs, no lone halves of characters.</summary>
internal static class PlainText
{
    public static string Of(string text)
    {
        if (!text.Any(NeedsEscape))
            return text;
        StringBuilder plain = new(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char one = text[i];
            if (char.IsHighSurrogate(one) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                plain.Append(one).Append(text[++i]);
            else if (char.IsSurrogate(one))
                plain.Append('\ufffd');
            else if (NeedsEscape(one))
                plain.Append(CultureInfo.InvariantCulture, $"\\x{(int)one:x2}");
            else
                plain.Append(one);
        }

        return plain.ToString();
    }

    private static bool NeedsEscape(char one) => (char.IsControl(one) && one is not ('\n' or '\t')) || char.IsSurrogate(one);
}
