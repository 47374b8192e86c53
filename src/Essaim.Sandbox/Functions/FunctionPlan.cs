using System.Globalization;

namespace Essaim.Sandbox;

/// <summary>
/// The most functions may have, whatever they ask for: of a core, for versions that are pushed and runs that are submitted to it; of a worker, for
/// whatever it takes. Written as <c>memory=2G,time=8h</c>; what it does not name is not bound.
/// </summary>
/// <param name="most">What it names.</param>
internal sealed class FunctionPlan(FunctionLimits most)
{
    /// <summary>Where a worker's children, and programs without the option, read it.</summary>
    public const string Variable = "ESSAIM_FUNCTION_PLAN";

    /// <summary>What can be said, for messages.</summary>
    public const string Advice =
        "Name limits and the most they may be, such as memory=2G,time=8h,cpus=4; there are time, grace, memory, cpus, pids, open_files, scratch, output, output_files, log, files.";

    /// <summary>Nothing is bound.</summary>
    public static FunctionPlan None { get; } = new(new FunctionLimits());

    /// <summary>Limits of a function that names none: as usual, within the plan.</summary>
    public RunLimits Usual
    {
        get
        {
            FunctionLimits usual = FunctionLimits.Of(new RunLimits());
            return new FunctionLimits
            {
                Time = Least(most.Time, usual.Time),
                Grace = Least(most.Grace, usual.Grace),
                Memory = Least(most.Memory, usual.Memory),
                Cpus = Least(most.Cpus, usual.Cpus),
                Pids = Least(most.Pids, usual.Pids),
                OpenFiles = Least(most.OpenFiles, usual.OpenFiles),
                Scratch = Least(most.Scratch, usual.Scratch),
                Output = Least(most.Output, usual.Output),
                OutputFiles = Least(most.OutputFiles, usual.OutputFiles),
                Log = Least(most.Log, usual.Log),
            }.ToLimits();
        }
    }

    /// <summary>Bytes of the files of a run that names no limit of them.</summary>
    public long UsualFiles => Math.Min(most.Files ?? long.MaxValue, new FunctionLimits().FilesOrUsual);

    /// <summary>Null where the text is none.</summary>
    public static FunctionPlan? Read(string text)
    {
        FunctionLimits most = new();
        HashSet<string> named = [];
        foreach (string[] pair in text.Split(',').Select(part => part.Split('=')))
        {
            if (pair.Length != 2 || !named.Add(pair[0]) || With(most, pair[0], pair[1]) is not { } more)
                return null;
            most = more;
        }

        // A bound below what a run needs at least would refuse all.
        return most.ToLimits().Problems().Any() || most.Files <= 0 ? null : new FunctionPlan(most);
    }

    /// <summary>As the environment variable says; none where it says nothing that reads.</summary>
    public static FunctionPlan FromEnvironment() => Read(Environment.GetEnvironmentVariable(Variable) ?? "") ?? None;

    /// <summary>Which limits are above it, with its own.</summary>
    /// <param name="limits">All limits of a run, or of a version.</param>
    /// <param name="files">Bytes of its files; null where it names none.</param>
    public IEnumerable<(string Name, object Most)> Over(RunLimits limits, long? files = null)
    {
        FunctionLimits wanted = FunctionLimits.Of(limits) with { Files = files };
        return wanted.Over(most);
    }

    private static FunctionLimits? With(FunctionLimits most, string name, string text) => name switch
    {
        "time" when DurationText.TryParse(text) is { } time => most with { Time = time.TotalSeconds },
        "grace" when DurationText.TryParse(text) is { } grace => most with { Grace = grace.TotalSeconds },
        "memory" when SizeText.TryParse(text) is { } memory => most with { Memory = memory },
        "cpus" when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double cpus) => most with { Cpus = cpus },
        "pids" when Number(text) is { } pids => most with { Pids = pids },
        "open_files" when Number(text) is { } openFiles => most with { OpenFiles = openFiles },
        "scratch" when SizeText.TryParse(text) is { } scratch => most with { Scratch = scratch },
        "output" when SizeText.TryParse(text) is { } output => most with { Output = output },
        "output_files" when Number(text) is { } outputFiles => most with { OutputFiles = outputFiles },
        "log" when SizeText.TryParse(text) is { } log => most with { Log = log },
        "files" when SizeText.TryParse(text) is { } files => most with { Files = files },
        _ => null,
    };

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static T? Least<T>(T? bound, T? usual)
        where T : struct, IComparable<T> => bound is { } most && most.CompareTo(usual!.Value) < 0 ? bound : usual;
}
