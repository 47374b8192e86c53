namespace Essaim.Sandbox;

/// <summary>Where sandboxes live on this machine.</summary>
internal sealed record SandboxOptions
{
    /// <summary>
    /// Folder for running runs and what they need. Default: <c>/var/lib/essaim/sandbox</c> for root, else <c>~/.local/state/essaim/sandbox</c>.
    /// For root, every user must be able to pass through it: each run has a user of its own.
    /// </summary>
    public string Folder { get; init; } = DefaultFolder();

    /// <summary>The interpreter, as it is called in the sandbox. Below <c>/usr</c>, for that is what the sandbox sees of the machine.</summary>
    public string Python { get; init; } = "/usr/bin/python3";

    /// <summary>
    /// First of the users runs get where the worker is root. Above the ranges of Debian, <c>subuid</c> and systemd, so that they are nobody's.
    /// </summary>
    public long FirstUser { get; init; } = 1_900_000_000;

    /// <summary>How many runs there may be at once on this machine. 1 to 65,536.</summary>
    public int MostRuns { get; init; } = 4096;

    private static string DefaultFolder()
    {
        if (Environment.IsPrivilegedProcess)
            return "/var/lib/essaim/sandbox";
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        return Path.Combine(string.IsNullOrEmpty(state) ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state") : state, "essaim", "sandbox");
    }
}
