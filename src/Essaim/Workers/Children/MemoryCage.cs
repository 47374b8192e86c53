using System.Globalization;

namespace Essaim;

/// <summary>A control group around one child and all it starts. The kernel keeps its limit, and says when it had to end something in it.</summary>
/// <param name="folder">Its folder.</param>
/// <param name="second">Version 2.</param>
internal sealed class MemoryCage(string folder, bool second) : IDisposable
{
    private const int RemoveTries = 50;
    private const int BetweenTriesMicroseconds = 10_000;
    private readonly string _events = Path.Combine(folder, second ? "memory.events" : "memory.oom_control");

    /// <summary>The kernel has made it a cage: it has what limits and tells.</summary>
    public bool IsWhole => File.Exists(Path.Combine(folder, LimitFile)) && File.Exists(_events);

    /// <summary>The kernel has ended something in it for want of memory.</summary>
    public bool HasKilled => ReadKills() > 0;

    private string LimitFile => second ? "memory.max" : "memory.limit_in_bytes";

    /// <summary>Puts a process in, with all it starts from here on. False where it cannot be.</summary>
    public bool TryAdmit(int processId) => TryWrite("cgroup.procs", processId);

    /// <summary>Sets the limit. What is swapped out counts, too, where the kernel can tell.</summary>
    public bool TryLimit(long bytes)
    {
        if (!TryWrite(LimitFile, bytes))
            return false;
        if (second)
        {
            TryWrite("memory.oom.group", 1);
            TryWrite("memory.swap.max", 0);
        }
        else
        {
            TryWrite("memory.memsw.limit_in_bytes", bytes);
        }

        return true;
    }

    /// <summary>Removes it, once those in it are gone.</summary>
    public void Dispose()
    {
        for (int tries = 0; tries < RemoveTries && Directory.Exists(folder); tries++)
        {
            try
            {
                // Its files are the kernel's and go with it.
                Directory.Delete(folder);
                return;
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                Posix.Nap(BetweenTriesMicroseconds);
            }
        }
    }

    private long ReadKills()
    {
        try
        {
            return OomKills.Find(File.ReadAllText(_events));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private bool TryWrite(string file, long value)
    {
        try
        {
            File.WriteAllText(Path.Combine(folder, file), value.ToString(CultureInfo.InvariantCulture));
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
