using System.Globalization;

namespace Essaim;

/// <summary>How many processes the kernel has ended for want of memory.</summary>
internal static class OomKills
{
    private static long _seen = Read();

    /// <summary>Takes note of those so far.</summary>
    public static void Note() => Volatile.Write(ref _seen, Read());

    /// <summary>True where there were more on this machine since the last look.</summary>
    public static bool IsOneMore()
    {
        long now = Read();
        return now > Interlocked.Exchange(ref _seen, now);
    }

    /// <summary>The number after the word <c>oom_kill</c> at the beginning of a line; 0 where there is none.</summary>
    public static long Find(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith("oom_kill ", StringComparison.Ordinal)
                && long.TryParse(line.AsSpan("oom_kill ".Length), NumberStyles.None, CultureInfo.InvariantCulture, out long count))
            {
                return count;
            }
        }

        return 0;
    }

    private static long Read()
    {
        try
        {
            return Find(File.ReadAllText("/proc/vmstat"));
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
