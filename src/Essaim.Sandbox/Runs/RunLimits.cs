namespace Essaim.Sandbox;

/// <summary>What one run may use. <see cref="Problems"/> tells what cannot be kept.</summary>
internal sealed record RunLimits
{
    private const long Mebibyte = 1 << 20;

    /// <summary>From start to SIGTERM. Default 1 h; 100 ms to 30 days.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromHours(1);

    /// <summary>From SIGTERM to SIGKILL. Default 10 s; 0 to 10 min.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Memory of all its processes, files in <c>/tmp</c> and <c>/dev/shm</c> included, in bytes. Default 512 MiB; at least 128 MiB.</summary>
    public long Memory { get; init; } = 512 * Mebibyte;

    /// <summary>Processors. Default 1; 0.05 to 1,024.</summary>
    public double Cpus { get; init; } = 1;

    /// <summary>Processes and threads. Default 64; 1 to 32,768.</summary>
    public int Processes { get; init; } = 64;

    /// <summary>Open files of one process. Default 1,024; 16 to 1,048,576.</summary>
    public int OpenFiles { get; init; } = 1024;

    /// <summary>Size of <c>/tmp</c>, in bytes. Default 64 MiB; at least 64 KiB.</summary>
    public long Scratch { get; init; } = 64 * Mebibyte;

    /// <summary>Size of what it leaves in its output folder, in bytes. Default 256 MiB; at least 64 KiB.</summary>
    public long Output { get; init; } = 256 * Mebibyte;

    /// <summary>Files and folders in the output folder. Default 10,000; 1 to 1,000,000.</summary>
    public int OutputFiles { get; init; } = 10_000;

    /// <summary>Bytes of its log that are kept from the beginning; 256 KiB of its end are kept, too. A run that writes 16 times as much is ended. Default 4 MiB; at least 4 KiB.</summary>
    public long Log { get; init; } = 4 * Mebibyte;

    /// <summary>What about these limits cannot be kept, a sentence each.</summary>
    public IEnumerable<string> Problems()
    {
        if (Time < TimeSpan.FromMilliseconds(100) || Time > TimeSpan.FromDays(30))
            yield return "The time limit must be 100 ms to 30 days.";
        if (Grace < TimeSpan.Zero || Grace > TimeSpan.FromMinutes(10))
            yield return "The grace must be 0 to 10 min.";
        if (Memory < 128 * Mebibyte)
            yield return "The memory must be 128M or more: with less, Python thrashes instead of ending.";
        if (Cpus is not (>= 0.05 and <= 1024))
            yield return "The processors must be 0.05 to 1024.";
        if (Processes is < 1 or > 32_768)
            yield return "The processes must be 1 to 32768.";
        if (OpenFiles is < 16 or > 1_048_576)
            yield return "The open files must be 16 to 1048576.";
        if (Scratch < 65_536)
            yield return "The scratch size must be 64k or more.";
        if (Output < 65_536)
            yield return "The output limit must be 64k or more.";
        if (OutputFiles is < 1 or > 1_000_000)
            yield return "The output files must be 1 to 1000000.";
        if (Log < 4096)
            yield return "The log limit must be 4k or more.";
    }
}
