using System.Globalization;

namespace Essaim.Sandbox;

/// <summary>The control groups of one run: limits, what was used, and who is left.</summary>
/// <param name="folders">One in version 2, one a hierarchy in version 1.</param>
/// <param name="second">Version 2.</param>
internal sealed class RunGroup(IReadOnlyList<string> folders, bool second)
{
    // bwrap and the first process of its namespace.
    private const int OwnProcesses = 2;
    private const int Period = 100_000;

    /// <summary>Their folders; a process that joins all of them is in the run.</summary>
    public IReadOnlyList<string> Folders => folders;

    /// <summary>Version 2.</summary>
    public bool Second => second;

    /// <summary>How often the kernel ended a process for want of memory.</summary>
    public long OutOfMemory => second
        ? Sum("memory.events", "oom_kill")
        : Sum("memory.oom_control", "oom_kill");

    /// <summary>How often a process or thread was refused.</summary>
    public long ProcessesRefused => Sum("pids.events", "max");

    /// <summary>The most memory it had at once, in bytes; 0 where that is not known.</summary>
    public long PeakMemory => Sum(second ? "memory.peak" : "memory.max_usage_in_bytes");

    /// <summary>The most of what its memory limit counts, which is swap, too, where version 1 can tell; 0 where that is not known.</summary>
    public long PeakOfLimit => second ? PeakMemory : Math.Max(PeakMemory, Sum("memory.memsw.max_usage_in_bytes"));

    /// <summary>Processor time of all its processes; null where that is not known.</summary>
    public TimeSpan? Cpu => second
        ? Sum("cpu.stat", "usage_usec") is > 0 and var micros ? TimeSpan.FromMicroseconds(micros) : null
        : Sum("cpuacct.usage") is > 0 and var nanos ? TimeSpan.FromMicroseconds(nanos / 1000) : null;

    /// <summary>Makes the folders and sets the limits.</summary>
    public void Make(ControlGroups groups, RunLimits limits)
    {
        foreach (string folder in folders)
            Directory.CreateDirectory(folder);
        if (groups.HoldsMemory)
        {
            Must(second ? "memory.max" : "memory.limit_in_bytes", Text(limits.Memory));
            // Swap counts, too, where the kernel can tell; one process out of memory ends the run.
            May(second ? "memory.swap.max" : "memory.memsw.limit_in_bytes", second ? "0" : Text(limits.Memory));
            if (second)
                May("memory.oom.group", "1");
        }

        if (groups.HoldsProcesses)
            Must("pids.max", Text(limits.Processes + OwnProcesses));
        if (groups.HoldsCpu)
            SetProcessors(limits);
    }

    /// <summary>Makes the limits those of another run; what its processes did so far is not that run's.</summary>
    /// <exception cref="IOException">The kernel refuses: more memory is in use than is allowed.</exception>
    public void Change(ControlGroups groups, RunLimits limits)
    {
        if (groups.HoldsMemory && !second)
        {
            // Neither may pass the other: which goes first depends on where they come from.
            May("memory.memsw.limit_in_bytes", Text(limits.Memory));
            Must("memory.limit_in_bytes", Text(limits.Memory));
            May("memory.memsw.limit_in_bytes", Text(limits.Memory));
            May("memory.max_usage_in_bytes", "0");
        }
        else if (groups.HoldsMemory)
            Must("memory.max", Text(limits.Memory));

        if (groups.HoldsProcesses)
            Must("pids.max", Text(limits.Processes + OwnProcesses));
        if (groups.HoldsCpu)
            SetProcessors(limits);
        Favour();
    }

    /// <summary>Gives it an eighth of what others get where processors are short.</summary>
    public void Disfavour() => May(second ? "cpu.weight" : "cpu.shares", second ? "12" : "128");

    private void Favour() => May(second ? "cpu.weight" : "cpu.shares", second ? "100" : "1024");

    private void SetProcessors(RunLimits limits)
    {
        long quota = Math.Max(1000, (long)(limits.Cpus * Period));
        if (second)
            Must("cpu.max", string.Create(CultureInfo.InvariantCulture, $"{quota} {Period}"));
        else
            Must("cpu.cfs_quota_us", limits.Cpus < Environment.ProcessorCount ? Text(quota) : "-1");
    }

    /// <summary>Kills whoever is in it.</summary>
    public void Kill()
    {
        foreach (string folder in folders)
        {
            if (second && GroupFile.TryWrite(Path.Combine(folder, "cgroup.kill"), "1"))
                continue;
            foreach (string member in GroupFile.Words(Path.Combine(folder, "cgroup.procs")))
                Posix.Kill(int.Parse(member, CultureInfo.InvariantCulture), Posix.SigKill);
        }
    }

    /// <summary>Removes it. False while somebody is in it.</summary>
    public bool TryRemove()
    {
        bool gone = true;
        foreach (string folder in folders.Where(Directory.Exists))
        {
            try
            {
                // Its files are the kernel's and go with it.
                Directory.Delete(folder);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                gone = false;
            }
        }

        return gone;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private long Sum(string file, string? word = null) => folders.Select(folder => GroupFile.Number(Path.Combine(folder, file), word)).DefaultIfEmpty().Max();

    private bool May(string file, string text) => folders.Any(folder => GroupFile.TryWrite(Path.Combine(folder, file), text));

    private void Must(string file, string text)
    {
        if (!May(file, text))
            throw new IOException($"The kernel refuses {text} for {file} in {string.Join(", ", folders)}.");
    }
}
