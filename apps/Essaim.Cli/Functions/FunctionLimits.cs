using Essaim.Sandbox;

namespace Essaim.Cli;

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

    /// <summary>Of all its files, and of all it leaves: they pass through the broker's memory.</summary>
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

    public RunLimits ToLimits()
    {
        RunLimits usual = new();
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

    /// <summary>What no time is becomes one that is refused with the others.</summary>
    private static TimeSpan? Seconds(double? seconds) => seconds switch
    {
        null => null,
        >= 0 and < 1e9 => TimeSpan.FromSeconds(seconds.Value),
        _ => TimeSpan.FromSeconds(-1),
    };
}
