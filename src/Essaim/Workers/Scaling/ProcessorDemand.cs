using System.Globalization;

namespace Essaim;

/// <summary>
/// Measures how many processors tasks want: the time their threads ran and the time they stood in line for a processor, so that tasks on a busy
/// machine are not taken for tasks that wait for something else. Programs that begin and end between two looks are missed. Not safe for several threads.
/// </summary>
internal sealed class ProcessorDemand(TimeProvider time)
{
    // An average over longer says nothing about now.
    private static readonly TimeSpan LongestBetween = TimeSpan.FromSeconds(2);
    private Dictionary<int, long> _before = [];
    private long? _lookedAt;

    /// <summary>Processors wanted by these processes together since the last look; null where that is too long ago, or the kernel does not say.</summary>
    public double? Read(IReadOnlyCollection<int> processes)
    {
        Dictionary<int, long> now = [];
        foreach (int process in processes)
            ReadThreads(process, now);
        TimeSpan? between = _lookedAt is { } at ? time.GetElapsedTime(at) : null;
        _lookedAt = time.GetTimestamp();
        Dictionary<int, long> before = _before;
        _before = now;
        // A kernel without these figures says zero.
        if (between is not { } span || span > LongestBetween || span <= TimeSpan.Zero || !now.Values.Any(sum => sum > 0))
            return null;
        // A thread that is new may be of a child that starts: what that costs is not the tasks'.
        return now.Sum(thread => before.TryGetValue(thread.Key, out long sum) ? thread.Value - sum : 0) / span.TotalNanoseconds;
    }

    private static void ReadThreads(int process, Dictionary<int, long> sums)
    {
        try
        {
            foreach (string folder in Directory.EnumerateDirectories($"/proc/{process}/task"))
            {
                string[] words = File.ReadAllText(folder + "/schedstat").Split(' ');
                sums[int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)] =
                    long.Parse(words[0], CultureInfo.InvariantCulture) + long.Parse(words[1], CultureInfo.InvariantCulture);
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException)
        {
            // It has ended.
        }
    }
}
