namespace Essaim.Cli;

/// <summary>A file of <c>NAME=VALUE</c> lines, as <c>.env</c> files are: # begins a comment, quotes around a value are taken off.</summary>
internal static class EnvironmentFile
{
    /// <exception cref="AppException"><c>ESS4040</c>: a line that is neither.</exception>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        Dictionary<string, string> values = [];
        int number = 0;
        foreach (string line in File.ReadLines(path).Select(line => line.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                throw new AppException("ESS4040", $"Line {number} of '{path}' is not NAME=VALUE. Correct it, or begin it with #.");
            string name = line[..equals].Trim();
            string value = line[(equals + 1)..].Trim();
            if (value.Length >= 2 && value[0] == value[^1] && value[0] is '"' or '\'')
                value = value[1..^1];
            values[name.StartsWith("export ", StringComparison.Ordinal) ? name["export ".Length..].Trim() : name] = value;
        }

        return values;
    }
}
