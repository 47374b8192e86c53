using System.Text;
using System.Text.RegularExpressions;

namespace Essaim.Redis;

/// <summary>Whether a request is for a node: by name, by pattern, or for everyone.</summary>
internal static class NodePattern
{
    // The pattern comes from whoever can publish; one that never ends must not stop the node.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    public static bool IsFor(ControlMessage message, string node)
    {
        if (message.Request.Destination?.Contains(node) == true)
            return true;
        if (message is { Pattern: { Length: > 0 } pattern, Matcher: { Length: > 0 } matcher })
            return Matches(pattern, matcher, node);
        return message.Request.Destination is null or { Count: 0 };
    }

    private static bool Matches(string pattern, string matcher, string node)
    {
        try
        {
            return matcher switch
            {
                "glob" => Regex.IsMatch(node, FromGlob(pattern), RegexOptions.Singleline | RegexOptions.CultureInvariant, Patience),
                "pcre" => Regex.IsMatch(node, @"\A(?:" + pattern + ")", RegexOptions.CultureInvariant, Patience),
                _ => false,
            };
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            return false;
        }
    }

    // Python's fnmatch: *, ?, [abc], [!abc]; no escapes.
    private static string FromGlob(string glob)
    {
        StringBuilder regex = new(@"\A");
        for (int i = 0; i < glob.Length; i++)
        {
            int close = glob[i] == '[' ? CloseOf(glob, i) : -1;
            if (close > 0)
            {
                string set = glob[(i + 1)..close].Replace(@"\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal);
                regex.Append('[').Append(set[0] == '!' ? "^" + set[1..] : set[0] == '^' ? @"\" + set : set).Append(']');
                i = close;
            }
            else
            {
                regex.Append(glob[i] switch { '*' => ".*", '?' => ".", _ => Regex.Escape(glob[i].ToString()) });
            }
        }

        return regex.Append(@"\z").ToString();
    }

    // A bracket that stands first in the set belongs to it.
    private static int CloseOf(string glob, int open)
    {
        int from = open + 1;
        if (from < glob.Length && glob[from] == '!')
            from++;
        return from + 1 < glob.Length ? glob.IndexOf(']', from + 1) : -1;
    }
}
