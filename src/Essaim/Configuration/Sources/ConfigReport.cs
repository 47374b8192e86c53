namespace Essaim;

/// <summary>Gathers all mistakes of one document.</summary>
/// <param name="file">Where it came from; null: no file.</param>
/// <param name="allowUnknown">Fields nobody knows are let be: a newer program may have published them.</param>
internal sealed class ConfigReport(string? file, bool allowUnknown = false)
{
    private const int Most = 200;
    private readonly List<ConfigMistake> _mistakes = [];

    public bool AllowUnknown { get; } = allowUnknown;

    /// <summary>In the order of the document, each once.</summary>
    public IReadOnlyList<ConfigMistake> Mistakes => [.. _mistakes.Distinct().OrderBy(mistake => mistake.Line).ThenBy(mistake => mistake.Column)];

    public void Add(ConfigNode at, string path, string problem, string fix)
    {
        if (_mistakes.Count < Most)
            _mistakes.Add(new ConfigMistake(file, at.Line, at.Column, path, problem, fix));
    }

    /// <summary>Names what is in a map twice.</summary>
    public void FindDoubles(ConfigNode map, string path, string what)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach ((ConfigNode name, _) in map.Entries)
        {
            if (!seen.Add(name.Text))
                Add(name, Join(path, name.Text), $"The {what} '{name.Text}' is there twice.", "Keep one.");
        }
    }

    /// <summary>Says that a name is not known, and which was perhaps meant.</summary>
    public void AddUnknown(ConfigNode name, string path, string what, IReadOnlyList<string> known)
    {
        string fix = Suggestion.For(name.Text, known) is { } near ? $"Did you mean '{near}'?" : $"Known are {string.Join(", ", known)}.";
        Add(name, path, $"'{name.Text}' is no {what}.", fix);
    }

    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
