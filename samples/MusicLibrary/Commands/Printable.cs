using System.Text;

namespace MusicLibrary;

/// <summary>Names as they may be shown: a new line or an escape sequence in a file's name must not play with the terminal.</summary>
internal static class Printable
{
    public static string Of(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        StringBuilder shown = new(text.Length + 8);
        foreach (char character in text)
        {
            _ = character switch
            {
                '\n' => shown.Append("\\n"),
                '\r' => shown.Append("\\r"),
                '\t' => shown.Append("\\t"),
                _ when char.IsControl(character) => shown.Append($"\\x{(int)character:x2}"),
                _ => shown.Append(character),
            };
        }

        return shown.ToString();
    }
}
