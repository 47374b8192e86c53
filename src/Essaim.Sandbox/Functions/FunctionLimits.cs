namespace Essaim.Sandbox;

/// <summary>Limits of a function in a message; what is left out is as usual. Times in seconds, sizes in bytes.</summary>
internal sealed record FunctionLimits
{
    public double? Time { get; init; }

    public double? Grace { get; init; }

    public long? Memory { get; init; }

    public double? Cpus { get; init; }

    public int? Pids { get; init; }

    public int? OpenFiles { get; init; }

    public long? Scratch { get; init; }

    public long? Output { get; init; }

    public int? OutputFiles { get; init; }

    public long? Log { get; init; }

    /// <summary>Of all its files, and of all it leaves: they pass through the broker's memory. A limit of a call, not of a version.</summary>
    [System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
    public long? Files { get; init; }

    /// <summary>As given, or 256 MiB.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public long FilesOrUsual => Files ?? 256L << 20;

    public static FunctionLimits Of(RunLimits limits) => new()
    {
        Time = limits.Time.TotalSeconds,
        Grace = limits.Grace.TotalSeconds,
        Memory = limits.Memory,
        Cpus = limits.Cpus,
        Pids = limits.Processes,
        OpenFiles = limits.OpenFiles,
        Scratch = limits.Scratch,
        Output = limits.Output,
        OutputFiles = limits.OutputFiles,
        Log = limits.Log,
    };

    public RunLimits ToLimits() => On(new RunLimits());

    /// <summary>These limits, and what is left out as in others.</summary>
    public RunLimits On(RunLimits usual)
    {
        return new RunLimits
        {
            Time = Seconds(Time) ?? usual.Time,
            Grace = Seconds(Grace) ?? usual.Grace,
            Memory = Memory ?? usual.Memory,
            Cpus = Cpus ?? usual.Cpus,
            Processes = Pids ?? usual.Processes,
            OpenFiles = OpenFiles ?? usual.OpenFiles,
            Scratch = Scratch ?? usual.Scratch,
            Output = Output ?? usual.Output,
            OutputFiles = OutputFiles ?? usual.OutputFiles,
            Log = Log ?? usual.Log,
        };
    }

    /// <summary>Which of them are more than others, with those: a call may take less than its function has, not more.</summary>
    public IEnumerable<(string Name, object Most)> Over(RunLimits most) => Over(Of(most));

    /// <summary>The same; what the others do not name is not bound.</summary>
    public IEnumerable<(string Name, object Most)> Over(FunctionLimits most)
    {
        (string, IComparable?, IComparable?)[] pairs =
        [
            ("time", Time, most.Time), ("grace", Grace, most.Grace), ("memory", Memory, most.Memory), ("cpus", Cpus, most.Cpus), ("pids", Pids, most.Pids), ("open_files", OpenFiles, most.OpenFiles),
            ("scratch", Scratch, most.Scratch), ("output", Output, most.Output), ("output_files", OutputFiles, most.OutputFiles), ("log", Log, most.Log), ("files", Files, most.Files),
        ];
        return pairs.Where(pair => pair.Item3 is not null && pair.Item2?.CompareTo(pair.Item3) > 0).Select(pair => (pair.Item1, (object)pair.Item3!));
    }

    /// <summary>What no time is becomes one that is refused with the others.</summary>
    private static TimeSpan? Seconds(double? seconds) => seconds switch
    {
        null => null,
        >= 0 and < 1e9 => TimeSpan.FromSeconds(seconds.Value),
        _ => TimeSpan.FromSeconds(-1),
    };
}
