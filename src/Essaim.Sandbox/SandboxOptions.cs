namespace Essaim.Sandbox;

/// <summary>Where sandboxes live on this machine.</summary>
internal sealed record SandboxOptions
{
    // As many as fit below 2^31, each with a user for every run there may be at once.
    private const long LowestUser = 1_900_000_000, Range = 65_536, Ranges = 3_700;

    /// <summary>
    /// Folder for running runs and what they need. Default: <c>/var/lib/essaim/sandbox</c> for root, else <c>~/.local/state/essaim/sandbox</c>.
    /// For root, every user must be able to pass through it: each run has a user of its own.
    /// </summary>
    public string Folder { get; init; } = DefaultFolder();

    /// <summary>The interpreter, as it is called in the sandbox. Below <c>/usr</c>, for that is what the sandbox sees of the machine.</summary>
    public string Python { get; init; } = "/usr/bin/python3";

    /// <summary>The folder whose <c>usr</c> the sandbox sees; its libraries' cache and alternatives are taken from its <c>etc</c>. Default <c>/</c>: this machine's.</summary>
    public string Root { get; init; } = "/";

    /// <summary>
    /// First of the users runs get where the worker is root. Above the ranges of Debian, <c>subuid</c> and systemd, so that they are nobody's.
    /// Which of them are taken is noted in the folder, so two folders on one machine need two ranges. Null (default): 1,900,000,000 for the
    /// default folder, and for another one a range that follows from its path.
    /// </summary>
    public long? FirstUser { get; init; }

    /// <summary>How many runs there may be at once on this machine. 1 to 65,536.</summary>
    public int MostRuns { get; init; } = 4096;

    /// <summary>
    /// Output folders are disk images of the limit's size: it is held by the kernel. For root only; each start takes some 30 ms more. Default: as
    /// <c>ESSAIM_SANDBOX_DISK=image</c> says, else off, and folders are looked at four times a second.
    /// </summary>
    public bool DiskImages { get; init; } = Environment.GetEnvironmentVariable("ESSAIM_SANDBOX_DISK") == "image";

    /// <summary>The first user, whoever chose it.</summary>
    internal long Users => FirstUser ?? (Folder == DefaultFolder() ? LowestUser : LowestUser + Range * (1 + Hash(Folder) % Ranges));

    private static uint Hash(string text) => text.Aggregate(2166136261u, (hash, letter) => unchecked((hash ^ letter) * 16777619));

    private static string DefaultFolder()
    {
        if (Environment.IsPrivilegedProcess)
            return "/var/lib/essaim/sandbox";
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        return Path.Combine(string.IsNullOrEmpty(state) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state") : state, "essaim", "sandbox");
    }
}
