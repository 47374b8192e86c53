using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>
/// What the shim wrote at the end: <c>exit.json</c>. The cause is <c>exit</c>, <c>timeout</c>, <c>cancel</c>, <c>stop</c>, <c>unwanted</c>, <c>memory</c>,
/// <c>disk</c>, <c>files</c>, <c>output</c>, <c>start</c> or <c>gone</c> (a container somebody else ended); the code is bubblewrap's, -1 where a signal ended it; the user is -1 where the run
/// had the worker's; the fault is what went wrong with the sandbox itself, empty where nothing did.
/// </summary>
internal sealed record ShimExit(
    string Cause,
    int Code,
    int Signal,
    long Uid,
    long WallMs,
    long UserMs,
    long SystemMs,
    long MaxRssKb,
    long LogBytes,
    long LogKept,
    long EventsBytes,
    long EventsWrapped,
    long OutBytes,
    long OutEntries,
    string Fault)
{
    /// <summary>What a container's first process told of its group: processes killed for want of memory.</summary>
    public long Oom { get; init; }

    /// <summary>The most memory it had, in bytes.</summary>
    public long Peak { get; init; }

    /// <summary>Bytes left at the end in an output folder that is a disk of its own, 0 where no file could be made; -1 where it is none.</summary>
    public long DiskLeft { get; init; } = -1;

    /// <summary>Processes it was refused.</summary>
    public long Refused { get; init; }

    /// <summary>Its processor time, in microseconds.</summary>
    public long CpuUs { get; init; }

    private static readonly JsonSerializerOptions Names = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads it; null where the run has not ended, or never will.</summary>
    public static ShimExit? TryRead(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<ShimExit>(File.ReadAllBytes(file), Names);
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
