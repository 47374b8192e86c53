using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>A function as it is called: <c>name</c>, <c>name@latest</c>, or <c>name@version</c> with the beginning of a version's id.</summary>
/// <param name="Name">The function.</param>
/// <param name="Version">How its id begins; null: the latest.</param>
internal sealed partial record FunctionReference(string Name, string? Version)
{
    public const int FewestDigits = 4, MostDigits = 64;

    private const string Latest = "latest";

    /// <summary>What is wrong with a name; null where nothing is.</summary>
    public static string? ProblemOfName(string name) => NameForm().IsMatch(name)
        ? null
        : $"'{Shown(name)}' is not a name of a function: 1 to 63 of a-z, 0-9 and -, with a letter or digit first and last, such as beam-deflection.";

    /// <summary>What is wrong with a version; null where nothing is.</summary>
    public static string? ProblemOfVersion(string version) => version == Latest || VersionForm().IsMatch(version)
        ? null
        : $"'{Shown(version)}' is not a version: at least {FewestDigits} of the hexadecimal digits its id begins with, or latest.";

    /// <summary>Reads a version.</summary>
    /// <exception cref="FunctionException"><c>ESS6021</c>.</exception>
    public static string? ParseVersion(string version) => ProblemOfVersion(version) is { } wrong ? throw new FunctionException("ESS6021", wrong) : version == Latest ? null : version;

    /// <summary>Reads a reference.</summary>
    /// <exception cref="FunctionException"><c>ESS6021</c>.</exception>
    public static FunctionReference Parse(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string name = at < 0 ? text : text[..at];
        if (ProblemOfName(name) is { } wrong)
            throw new FunctionException("ESS6021", wrong);
        return new FunctionReference(name, at < 0 ? null : ParseVersion(text[(at + 1)..]));
    }

    /// <summary>Nothing is there that is called so.</summary>
    public FunctionException NotFound() => new(
        "ESS6022", Version is null ? $"There is no function '{Name}'. 'essaim functions list' shows those there are." : $"There is no version '{Version}' of the function '{Name}'. 'essaim functions versions {Name}' lists those there are.");

    /// <summary>More than one version begins so.</summary>
    public FunctionException Ambiguous() => new("ESS6023", $"Several versions of '{Name}' begin with '{Version}'. Give more digits; 'essaim functions versions {Name}' lists them.");

    public override string ToString() => Version is null ? Name : $"{Name}@{Version}";

    private static string Shown(string text) => text.Length <= 80 ? text : text[..77] + "...";

    [GeneratedRegex(@"\A[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\z")]
    private static partial Regex NameForm();

    [GeneratedRegex(@"\A[0-9a-f]{4,64}\z")]
    private static partial Regex VersionForm();
}
