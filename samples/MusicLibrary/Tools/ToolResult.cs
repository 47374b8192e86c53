using System.Text.RegularExpressions;

namespace MusicLibrary;

/// <summary>What a run of a tool gave.</summary>
/// <param name="Output">What was read from it.</param>
/// <param name="ExitCode">0: it worked.</param>
/// <param name="Errors">The last of its error output.</param>
internal sealed partial record ToolResult<T>(T Output, int ExitCode, string Errors)
{
    /// <summary>The last line it wrote, without the path and the memory addresses that differ from run to run.</summary>
    public string Complaint(string path)
    {
        string last = Errors.Replace($"file:{path}: ", "", StringComparison.Ordinal).TrimEnd().Split('\n')[^1].Trim();
        return last.Length == 0 ? $"exit code {ExitCode}" : Address().Replace(last, "");
    }

    [GeneratedRegex(@"^\[.* @ 0x[0-9a-f]+\] ")]
    private static partial Regex Address();
}
