using System.Globalization;
using System.Text.RegularExpressions;

namespace MusicLibrary;

/// <summary>What a file's name says of a track: "03 - Artist - Title", "03. Title", "Artist - Title", "Title".</summary>
/// <param name="Title">Title; never empty.</param>
/// <param name="Artist">Artist, or empty.</param>
/// <param name="TrackNumber">Track, or null.</param>
internal sealed partial record NameGuess(string Title, string Artist, int? TrackNumber)
{
    public static NameGuess From(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path).Replace('_', ' ').Trim();
        Match match = Pattern().Match(name);
        int? number = match.Groups["number"].Success ? int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture) : null;
        string title = match.Groups["title"].Value.Trim();
        return new NameGuess(title.Length > 0 ? title : name, match.Groups["artist"].Value.Trim(), number);
    }

    [GeneratedRegex(@"\A(?:(?<number>[0-9]{1,3})(?:\s*[.)]\s*|\s+-\s+|\s+))?(?:(?<artist>.+?)\s+-\s+)?(?<title>.*)\z", RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
