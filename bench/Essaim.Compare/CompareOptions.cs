using System.Globalization;

namespace Essaim.Compare;

/// <summary>What to measure, of whom, and how long.</summary>
internal sealed record CompareOptions
{
    public required string Measurement { get; init; }

    public IReadOnlyList<IProduct> Products { get; init; } = Contenders.All;

    /// <summary>Tasks of one measurement; null: as many as each contender does in <see cref="Seconds"/>.</summary>
    public int? Tasks { get; init; }

    public double Seconds { get; init; } = 6;

    public int Rounds { get; init; } = 2;

    public int Slots { get; init; } = 2;

    public double RoundTrip { get; init; }

    public bool? Keep { get; init; }

    public int Samples { get; init; } = 600;

    public int Deep { get; init; } = 5_000_000;

    public bool Json { get; init; }

    public string Folder { get; init; } = Path.Combine(Path.GetTempPath(), $"essaim-compare-{Environment.ProcessId}");

    public static CompareOptions Parse(IReadOnlyList<string> args)
    {
        CompareOptions options = new() { Measurement = args[0] };
        if (!Suite.Measurements.ContainsKey(options.Measurement))
            throw new UsageException($"No measurement is called {options.Measurement}. There are: {string.Join(", ", Suite.Measurements.Keys)}.");
        if (args.Contains("--quick"))
            options = options with { Seconds = 2, Rounds = 1, Samples = 150, Deep = 500_000 };
        for (int i = 1; i < args.Count; i++)
        {
            string name = args[i];
            string Value() => i + 1 < args.Count ? args[++i] : throw new UsageException($"{name} needs a value.");
            double Number() => double.TryParse(Value(), CultureInfo.InvariantCulture, out double number) && number >= 0
                ? number
                : throw new UsageException($"{name} needs a number, not {args[i]}.");
            options = name switch
            {
                "--quick" => options,
                "--products" => options with { Products = Contenders.Find(Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)) },
                "--tasks" => options with { Tasks = (int)Number() },
                "--seconds" => options with { Seconds = Number() },
                "--rounds" => options with { Rounds = Math.Max(1, (int)Number()) },
                "--concurrency" or "-c" => options with { Slots = (int)Number() },
                "--rtt" => options with { RoundTrip = Number() },
                "--samples" => options with { Samples = (int)Number() },
                "--deep" => options with { Deep = (int)Number() },
                "--folder" => options with { Folder = Path.GetFullPath(Value()) },
                "--results" => options with
                {
                    Keep = Value() switch
                    {
                        "keep" => true,
                        "forget" => false,
                        "both" => null,
                        string other => throw new UsageException($"--results is keep, forget or both, not {other}."),
                    },
                },
                "--format" => options with
                {
                    Json = Value() switch
                    {
                        "json" => true,
                        "text" => false,
                        string other => throw new UsageException($"--format is text or json, not {other}."),
                    },
                },
                _ => throw new UsageException($"{name} is not known here. bench/compare --help shows what is."),
            };
        }

        return options;
    }
}
