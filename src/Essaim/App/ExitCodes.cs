namespace Essaim;

/// <summary>What a program's exit code says.</summary>
public static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The task failed or was revoked, a worker answered with an error, or <c>doctor</c> found something that does not work.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage, or something here is missing or broken: the message says what to do.</summary>
    public const int Unusable = 2;

    /// <summary>No such task, queue, schedule or dead letter, or no worker answered.</summary>
    public const int NotFound = 3;

    /// <summary>The time given was over, or the result is not there yet.</summary>
    public const int Timeout = 4;

    /// <summary>A run reached one of its limits: time, memory, disk, log.</summary>
    public const int Limit = 5;

    /// <summary>A mistake in the program itself, or a sandbox that failed.</summary>
    public const int Internal = 70;

    /// <summary>Ended by Ctrl-C or SIGTERM.</summary>
    public const int Interrupted = 130;
}
