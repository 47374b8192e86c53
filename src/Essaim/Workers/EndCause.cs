using System.Globalization;

namespace Essaim;

/// <summary>What kind of end a process that ran tasks, or the task in it, came to.</summary>
internal enum EndKind
{
    /// <summary>By itself, unbidden.</summary>
    Crash,

    /// <summary>It took more memory than it may, or than there is.</summary>
    Memory,

    /// <summary>Its task ran longer than its hard limit.</summary>
    Time,

    /// <summary>Its task was revoked with <c>terminate</c>.</summary>
    Revoked,

    /// <summary>Its task's lease was lost: another worker has it.</summary>
    LeaseLost,

    /// <summary>Somebody stops the worker at once.</summary>
    Operator,

    /// <summary>Nothing is wrong: the worker needs it no longer.</summary>
    Closed,
}

/// <summary>Why a process that ran tasks has ended.</summary>
/// <param name="Kind">For rules.</param>
/// <param name="Word">For events, metrics and filters: <c>memory</c>, <c>time</c>, <c>crash(SIGSEGV)</c>, <c>crash(exit 3)</c>…</param>
/// <param name="Sentence">For people: the end of a sentence that begins with what ran the task, such as "was killed by SIGSEGV".</param>
internal sealed record EndCause(EndKind Kind, string Word, string Sentence)
{
    private const int SignalBase = 128;

    public static EndCause Revoked { get; } = new(EndKind.Revoked, "revoked", "was ended because its task was revoked");

    public static EndCause LeaseLost { get; } = new(EndKind.LeaseLost, "lease-lost", "was ended because its task's lease was lost");

    public static EndCause Operator { get; } = new(EndKind.Operator, "operator", "was ended because the worker was told to stop at once");

    public static EndCause Closed { get; } = new(EndKind.Closed, "closed", "was closed");

    /// <summary>The kernel ended it for want of memory, and does not say how much it had.</summary>
    public static EndCause OutOfMemory { get; } = new(EndKind.Memory, "memory", "ran out of memory: the machine had none left, and the kernel ended it");

    public static EndCause Memory(long used, long most) => new(EndKind.Memory, "memory", $"ran out of memory, {Megabytes(used)} of at most {Megabytes(most)}");

    /// <summary>The limit the kernel keeps was reached.</summary>
    public static EndCause MemoryLimit(long most) => new(EndKind.Memory, "memory", $"ran out of memory, at most {Megabytes(most)}");

    public static EndCause Time(TimeSpan limit) =>
        new(EndKind.Time, "time", string.Create(CultureInfo.InvariantCulture, $"ran longer than its hard limit of {limit.TotalSeconds:0.###} s"));

    /// <summary>An end that nobody has asked for.</summary>
    public static EndCause Crash(string what, string sentence) => new(EndKind.Crash, $"crash({what})", sentence);

    /// <summary>What an exit code says; above 128 it is a signal's number.</summary>
    public static EndCause OfExit(int code)
    {
        if (code <= SignalBase)
            return Crash($"exit {code}", $"exited with code {code}");
        string signal = SignalName(code - SignalBase);
        return Crash(signal, $"was killed by {signal}");
    }

    /// <summary>A size for people: whole megabytes (of 1,048,576 bytes), rounded up.</summary>
    public static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{(bytes + (1 << 20) - 1) >> 20} MB");

    private static string SignalName(int number) => number switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => OperatingSystem.IsMacOS() ? "SIGEMT" : "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => OperatingSystem.IsMacOS() ? "SIGBUS" : "SIGUSR1",
        11 => "SIGSEGV",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => $"signal {number}",
    };
}
