using System.Text;

namespace Essaim.Redis;

/// <summary>Redis patterns (PSUBSCRIBE, SCAN MATCH) made of text that is meant as it stands.</summary>
internal static class GlobText
{
    public static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char c in text)
        {
            if ("*?[]\\^".Contains(c, StringComparison.Ordinal))
                escaped.Append('\\');
            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
