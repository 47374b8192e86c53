using System.Globalization;

namespace Essaim.Sandbox.Tests;

/// <summary>A program of the suites, with what its first lines say about it: <c># ends:</c>, <c># limits:</c>, <c># inputs:</c>, <c># collected:</c>, <c># result:</c>.</summary>
internal sealed class ScriptFile
{
    private readonly Dictionary<string, string> _facts;

    private ScriptFile(string path)
    {
        FileName = Path.GetFileName(path);
        Source = File.ReadAllText(path);
        _facts = Source.Split('\n').TakeWhile(line => line.StartsWith('#'))
            .Select(line => line[1..].Split(':', 2, StringSplitOptions.TrimEntries)).Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1]);
    }

    public string FileName { get; }

    public string Source { get; }

    public IReadOnlyList<EndReason> Ends => [.. Words("ends").Select(word => Enum.Parse<EndReason>(word, ignoreCase: true))];

    public IReadOnlyList<string> Inputs => Words("inputs");

    /// <summary>Null where it does not matter.</summary>
    public IReadOnlyList<string>? Collected => Words("collected") is ["*"] ? null : Words("collected");

    public string Result => _facts["result"];

    public RunLimits Limits
    {
        get
        {
            RunLimits limits = new() { Time = TimeSpan.FromSeconds(60), Grace = TimeSpan.FromSeconds(1) };
            foreach (string[] pair in Words("limits").Select(word => word.Split('=')))
            {
                limits = pair[0] switch
                {
                    "time" => limits with { Time = DurationText.TryParse(pair[1])!.Value },
                    "grace" => limits with { Grace = DurationText.TryParse(pair[1])!.Value },
                    "memory" => limits with { Memory = SizeText.TryParse(pair[1])!.Value },
                    "pids" => limits with { Processes = int.Parse(pair[1], CultureInfo.InvariantCulture) },
                    "open-files" => limits with { OpenFiles = int.Parse(pair[1], CultureInfo.InvariantCulture) },
                    "output" => limits with { Output = SizeText.TryParse(pair[1])!.Value },
                    "output-files" => limits with { OutputFiles = int.Parse(pair[1], CultureInfo.InvariantCulture) },
                    "log" => limits with { Log = SizeText.TryParse(pair[1])!.Value },
                    _ => throw new FormatException($"{FileName}: no limit is called '{pair[0]}'."),
                };
            }

            return limits;
        }
    }

    public static ScriptFile Read(string suite, string name) => new(Path.Combine(AppContext.BaseDirectory, suite, name + ".py"));

    public static IEnumerable<TheoryDataRow<string>> Names(string suite) =>
        Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, suite), "*.py").Order(StringComparer.Ordinal)
            .Select(path => new TheoryDataRow<string>(Path.GetFileNameWithoutExtension(path)));

    private string[] Words(string fact) => _facts.GetValueOrDefault(fact, "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
