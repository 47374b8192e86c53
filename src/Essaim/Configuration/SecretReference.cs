using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>Secrets of a configuration: <c>${env:NAME}</c>, <c>${file:PATH}</c>. They are published as they stand and resolved where they are used.</summary>
internal static partial class SecretReference
{
    /// <summary>True where a text is nothing but a reference.</summary>
    public static bool IsOne(string text) => Whole().IsMatch(text);

    /// <summary>The text with all its references resolved on this machine; the last end of line of a file is left out.</summary>
    /// <exception cref="ConfigException"><c>ESS1306</c>: one cannot be.</exception>
    public static string Resolve(string text, string setting) => Any().Replace(text, match => Find(match, setting));

    private static string Find(Match match, string setting)
    {
        string name = match.Groups[2].Value;
        if (match.Groups[1].Value == "env")
        {
            return Environment.GetEnvironmentVariable(name)
                ?? throw new ConfigException("ESS1306", $"The setting '{setting}' refers to the environment variable {name}, which is not set here. Set it for this program.");
        }

        try
        {
            return File.ReadAllText(name).TrimEnd('\n', '\r');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConfigException("ESS1306", $"The setting '{setting}' refers to the file {name}, which cannot be read here ({error.Message}). Put it there, readable for this program.", error);
        }
    }

    [GeneratedRegex(@"^\$\{(env|file):([^}]+)\}$", RegexOptions.CultureInvariant)]
    private static partial Regex Whole();

    [GeneratedRegex(@"\$\{(env|file):([^}]+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Any();
}
