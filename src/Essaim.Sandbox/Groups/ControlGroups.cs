using System.Security.Cryptography;
using System.Text;

namespace Essaim.Sandbox;

/// <summary>
/// Where this machine's kernel lets us make control groups, and which of their controllers there are. Both versions, as root or in a part
/// of the tree that was given to us.
/// </summary>
internal sealed class ControlGroups
{
    // Not "essaim-": those are a worker's cages around its children.
    private const string Start = "essaimrun-";
    private static readonly string[] Wanted = ["memory", "pids", "cpu"];

    private ControlGroups(bool second, IReadOnlyDictionary<string, string> parents, string? advice)
    {
        Second = second;
        Parents = parents;
        Advice = advice;
    }

    /// <summary>What the names of our groups begin with; another folder's runs have another.</summary>
    public string Prefix { get; init; } = Start;

    /// <summary>Version 2.</summary>
    public bool Second { get; }

    /// <summary>The folder to make groups in, by controller. Empty where there is none. In version 2 they are all the same.</summary>
    public IReadOnlyDictionary<string, string> Parents { get; }

    /// <summary>What to do so that all controllers can be used; null where they can.</summary>
    public string? Advice { get; }

    /// <summary>Memory of a whole run is limited by the kernel.</summary>
    public bool HoldsMemory => Parents.ContainsKey("memory");

    /// <summary>The number of processes is.</summary>
    public bool HoldsProcesses => Parents.ContainsKey("pids");

    /// <summary>The share of the processors is.</summary>
    public bool HoldsCpu => Parents.ContainsKey("cpu");

    /// <summary>Looks at this machine.</summary>
    /// <param name="mounts">The text of <c>/proc/self/mountinfo</c>.</param>
    /// <param name="membership">The text of <c>/proc/self/cgroup</c>.</param>
    /// <param name="root">Put before every path, for tests.</param>
    /// <param name="given">Version 2: a folder to make groups in before any other, such as of a unit of systemd that stays; <c>ESSAIM_CGROUP</c>.</param>
    public static ControlGroups Find(string? mounts = null, string? membership = null, string root = "", string? given = null)
    {
        given ??= Environment.GetEnvironmentVariable("ESSAIM_CGROUP");
        IReadOnlyList<GroupMount> found = GroupMount.Read(mounts ?? GroupFile.Read("/proc/self/mountinfo"), membership ?? GroupFile.Read("/proc/self/cgroup"), root);
        bool first = found.Any(mount => !mount.Second && mount.Controllers.Intersect(Wanted).Any());
        return first ? FindFirst(found) : FindSecond(found, string.IsNullOrEmpty(given) ? null : given.TrimEnd('/'));
    }

    /// <summary>The same, for the runs of one folder.</summary>
    public ControlGroups For(string folder) => new(Second, Parents, Advice)
    {
        Prefix = Start + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))[..8] + "-",
    };

    /// <summary>Makes the groups of one run and sets their limits.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public RunGroup Create(string id, RunLimits limits)
    {
        RunGroup group = Reopen(id);
        try
        {
            group.Make(this, limits);
            return group;
        }
        catch
        {
            group.TryRemove();
            throw;
        }
    }

    /// <summary>The groups of a run that somebody made.</summary>
    public RunGroup Reopen(string id) => new([.. Parents.Values.Distinct().Select(parent => Path.Combine(parent, Prefix + id))], Second);

    /// <summary>Ids of the runs whose groups are there, of this process or another.</summary>
    public IEnumerable<string> Ids() => Parents.Values.Distinct()
        .SelectMany(parent => Directory.EnumerateDirectories(parent, Prefix + "*")).Select(folder => Path.GetFileName(folder)[Prefix.Length..]).Distinct();

    private static ControlGroups FindFirst(IReadOnlyList<GroupMount> mounts)
    {
        Dictionary<string, string> parents = [];
        foreach (string controller in Wanted.Append("cpuacct"))
        {
            if (mounts.FirstOrDefault(mount => !mount.Second && mount.Controllers.Contains(controller)) is { } mount && GroupFile.CanMakeGroupIn(mount.OwnFolder))
                parents[controller] = mount.OwnFolder;
        }

        string[] missing = [.. Wanted.Except(parents.Keys)];
        return new ControlGroups(second: false, parents, missing.Length == 0 ? null : AdviceFor(missing, isRoot: Environment.IsPrivilegedProcess));
    }

    private static ControlGroups FindSecond(IReadOnlyList<GroupMount> mounts, string? given)
    {
        if (mounts.FirstOrDefault(mount => mount.Second) is not { } mount)
            return new ControlGroups(second: true, new Dictionary<string, string>(), "There are no control groups on this machine; mount them at /sys/fs/cgroup.");
        // What we were given; a unit we sit in a leaf of; where we are, if that part of the tree is ours; beside us; the top, for root.
        string above = Path.GetDirectoryName(mount.OwnFolder) ?? mount.OwnFolder;
        string[] places = [.. given is not null && Delegation.CanBeEntered(given, mount.OwnFolder) ? [given] : Array.Empty<string>(), .. Delegation.IsUnit(above) ? [above] : Array.Empty<string>(), mount.OwnFolder, above, .. Environment.IsPrivilegedProcess ? [mount.Point] : Array.Empty<string>()];
        Dictionary<string, string> best = [];
        foreach (string place in places.Where(place => place.StartsWith(mount.Point, StringComparison.Ordinal)).Distinct())
        {
            string[] usable = [.. Delegation.Enable(place, mount.Point, Wanted)];
            if (usable.Length > best.Count)
                best = usable.ToDictionary(controller => controller, _ => place);
            if (best.Count == Wanted.Length)
                break;
        }

        string[] missing = [.. Wanted.Except(best.Keys)];
        bool kernelLacksMemory = missing.Contains("memory") && !GroupFile.Words(Path.Combine(mount.Point, "cgroup.controllers")).Contains("memory");
        string? advice = given is not null && !best.ContainsValue(given) ? $"No control groups can be made in {given} (ESSAIM_CGROUP): start the unit that keeps it, and see that both units have the same Slice=."
            : missing.Length == 0 ? null
            : kernelLacksMemory ? "The kernel's memory controller is off (as on a Raspberry Pi as shipped): add cgroup_enable=memory to /boot/firmware/cmdline.txt and restart."
            : AdviceFor(missing, Environment.IsPrivilegedProcess);
        return new ControlGroups(second: true, best, advice);
    }

    private static string AdviceFor(string[] missing, bool isRoot) =>
        $"Control groups for {string.Join(", ", missing)} cannot be made here; " + (isRoot
            ? "let this container write to /sys/fs/cgroup."
            : $"have systemd give the worker its own part of the tree: Delegate={string.Join(' ', Wanted)} in its unit.");
}
