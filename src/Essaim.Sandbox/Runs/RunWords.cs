using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>All that a run's program has told, read at its end.</summary>
/// <param name="Greeted">Our own code in the sandbox was reached.</param>
/// <param name="Started">The user's code was.</param>
/// <param name="Refused">Why it was not.</param>
/// <param name="Error">The exception it ended with.</param>
/// <param name="Titles">Titles of files by their path.</param>
internal sealed record RunWords(bool Greeted, bool Started, IReadOnlyList<Finding> Refused, RunError? Error, IReadOnlyDictionary<string, string> Titles)
{
    private const int MostTitles = 1000;

    /// <summary>Its inputs as JSON Schema, where it was only to be looked at.</summary>
    public JsonElement? Schema { get; init; }

    /// <summary>What it imports, where it was only to be looked at.</summary>
    public IReadOnlyList<ImportedPackage> Imports { get; init; } = [];

    /// <summary>The last line on stderr, where the sandbox itself failed.</summary>
    public string? LastErrorLine { get; init; }

    public static RunWords Read(string file)
    {
        (bool greeted, bool started) = (false, false);
        IReadOnlyList<Finding> refused = [];
        RunError? error = null;
        JsonElement? schema = null;
        IReadOnlyList<ImportedPackage> imports = [];
        Dictionary<string, string> titles = [];
        foreach (JsonElement message in new EventReader(file).Read())
        {
            greeted |= message.TryGetProperty("hello", out _);
            // From here on the program can write what it likes.
            started |= message.TryGetProperty("started", out _);
            if (!started && message.TryGetProperty("refused", out JsonElement problems))
                refused = RunEvent.ReadFindings(problems);
            if (!started && message.TryGetProperty("schema", out JsonElement inputs))
            {
                schema = inputs;
                imports = message.TryGetProperty("imports", out JsonElement packages) ? RunEvent.ReadImports(packages) : [];
            }

            if (message.TryGetProperty("error", out JsonElement last))
                error = RunEvent.ReadError(last);
            if (message.TryGetProperty("artifact", out JsonElement path) && path.ValueKind == JsonValueKind.String && titles.Count < MostTitles
                && RunEvent.Text(message, "title") is { Length: > 0 } title)
                titles[path.GetString()!] = title;
        }

        return new RunWords(greeted, started, refused, error, titles) { Schema = schema, Imports = imports };
    }
}
