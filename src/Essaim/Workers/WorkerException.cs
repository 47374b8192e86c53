namespace Essaim;

/// <summary>A worker cannot start or go on: wrong settings (<c>ESS3002</c>), child processes that do not come up (<c>ESS3001</c>), or that are larger than they may be (<c>ESS3003</c>).</summary>
public sealed class WorkerException : EssaimException
{
    private WorkerException(string code, string message, Exception? inner = null)
        : base(code, message, inner)
    {
    }

    internal static WorkerException ChildrenDoNotStart(int times, Exception last) => new(
        "ESS3001",
        $"The worker stops because child processes did not start {times} times in a row. The last time: {last.Message} "
        + "Run the same program with --pool threads to see whether it starts at all, and look for what it does before its tasks run.",
        last);

    internal static WorkerException CapBelowStartUp(string option, long cap, long startUp) => new(
        "ESS3003",
        $"The worker stops because a child process takes {EndCause.Megabytes(startUp)} before its first task, and {option} allows {EndCause.Megabytes(cap)}. "
        + $"Give more, such as {option} {EndCause.Megabytes(2 * startUp).Replace(" MB", "M", StringComparison.Ordinal)}, or leave it out.");

    internal static WorkerException WrongOptions(IReadOnlyList<string> mistakes) => new(
        "ESS3002", "The worker's settings are wrong:\n" + string.Join('\n', mistakes.Select(mistake => "  " + mistake)));
}
