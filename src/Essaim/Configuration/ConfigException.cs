namespace Essaim;

/// <summary>A configuration is wrong, or cannot be published or read.</summary>
public sealed class ConfigException : EssaimException
{
    /// <summary>One thing is wrong.</summary>
    /// <param name="code">Stable code, <c>ESS13xx</c>.</param>
    /// <param name="message">What happened, to what, and what to do.</param>
    /// <param name="inner">The lower-level error, if any.</param>
    public ConfigException(string code, string message, Exception? inner = null)
        : base(code, message, inner) => Mistakes = [];

    internal ConfigException(string code, string what, IReadOnlyList<ConfigMistake> mistakes)
        : base(code, $"{what} {(mistakes.Count == 1 ? "has a mistake" : $"has {mistakes.Count} mistakes")}:\n{string.Join('\n', mistakes)}") => Mistakes = mistakes;

    /// <summary>All mistakes that were found, in the order of the document.</summary>
    public IReadOnlyList<ConfigMistake> Mistakes { get; }
}

/// <summary>One mistake in a configuration.</summary>
/// <param name="File">The file; null where it came from the broker or from a program.</param>
/// <param name="Line">Line, from 1; 0 where there is none.</param>
/// <param name="Column">Column, from 1; 0 where there is none.</param>
/// <param name="Path">Where in the document, such as <c>queues.scan.priority</c>.</param>
/// <param name="Problem">What is wrong, a sentence.</param>
/// <param name="Fix">What to do, a sentence.</param>
public sealed record ConfigMistake(string? File, int Line, int Column, string Path, string Problem, string Fix)
{
    /// <summary>Such as <c>essaim.queues.yaml:7:15: queues.scan.priority: 'hihg' is no priority. Write 'high'.</c>.</summary>
    public override string ToString() => $"  {Place}{(Path.Length > 0 ? Path + ": " : "")}{Problem} {Fix}".TrimEnd();

    private string Place => (File, Line) switch
    {
        (null, _) => "",
        ({ } file, 0) => $"{file}: ",
        ({ } file, _) => $"{file}:{Line}:{Column}: ",
    };
}
