using System.Globalization;

namespace Essaim;

/// <summary>
/// Resident memory of process groups: a child leads one, and what its task starts belongs to it. Pages that several processes share count
/// for each of them, so a group's sum errs on the large side. Linux only; elsewhere nothing is found. Not safe for several threads.
/// </summary>
internal sealed class GroupMemory
{
    // The group and the resident pages, counted after the name, which may hold anything.
    private const int GroupField = 2;
    private const int ResidentField = 21;
    private const int LooksUntilForgotten = 10;
    private readonly HashSet<int> _foreign = [];
    private int _looks;

    /// <summary>The processes the last look found in the groups.</summary>
    public IReadOnlyList<int> Members { get; private set; } = [];

    /// <summary>Bytes by group; a group of which no process is left is missing.</summary>
    /// <param name="groups">Process ids of their leaders.</param>
    public Dictionary<int, long> Read(IReadOnlyCollection<int> groups)
    {
        Dictionary<int, long> sizes = [];
        List<int> members = [];
        Members = members;
        if (groups.Count == 0)
            return sizes;
        // A machine has many processes that are none of ours: each is looked at once in a while only, for its number may be another's later.
        if (++_looks % LooksUntilForgotten == 0)
            _foreign.Clear();
        try
        {
            foreach (string folder in Directory.EnumerateDirectories("/proc"))
            {
                if (!int.TryParse(folder.AsSpan("/proc/".Length), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || _foreign.Contains(id))
                    continue;
                if (ReadOne(id) is not var (group, bytes))
                    continue;
                if (!groups.Contains(group))
                {
                    _foreign.Add(id);
                    continue;
                }

                members.Add(id);
                sizes[group] = sizes.GetValueOrDefault(group) + bytes;
            }
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            // No /proc here.
        }

        return sizes;
    }

    private static (int Group, long Bytes)? ReadOne(int id)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[GroupField], CultureInfo.InvariantCulture),
                long.Parse(fields[ResidentField], CultureInfo.InvariantCulture) * Environment.SystemPageSize);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or ArgumentException or FormatException)
        {
            return null;
        }
    }
}
