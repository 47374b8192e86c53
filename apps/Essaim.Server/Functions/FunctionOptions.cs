namespace Essaim.Server;

/// <summary>What the core does with functions that are pushed. Its checks are advice: the sandbox is the wall.</summary>
public sealed class FunctionOptions
{
    /// <summary>
    /// True: refuse functions that import what is missing or not allowed, and those in which Bandit finds something of high severity. False (default):
    /// keep them, with what was found.
    /// </summary>
    public bool RefuseFindings { get; set; }

    /// <summary>Packages functions may import, beside Python's own and <c>essaim</c>. Null (default): all there are.</summary>
    public IReadOnlyCollection<string>? AllowedImports { get; set; }

    /// <summary>
    /// The most versions and runs may have, such as <c>memory=2G,time=8h,cpus=4</c>: limits by the names of the API, with units. Null (default): nothing is
    /// bound. A version that was pushed before keeps its limits; runs of it must have less.
    /// </summary>
    public string? Plan { get; set; }

    /// <summary>Folder for the sandbox in which functions are looked at. Null (default): <c>/var/lib/essaim/sandbox</c> for root, else <c>~/.local/state/essaim/sandbox</c>.</summary>
    public string? SandboxFolder { get; set; }
}
