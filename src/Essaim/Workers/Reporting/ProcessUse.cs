using System.Globalization;

namespace Essaim;

/// <summary>What processes use, as the kernel counts it.</summary>
/// <param name="Memory">Resident bytes.</param>
/// <param name="Processor">Time of processors since their start, that of their ended children included.</param>
internal readonly record struct ProcessUse(long Memory, TimeSpan Processor)
{
    // In /proc on every Linux: clock ticks of 10 ms; the fields behind the name in parentheses.
    private const double TicksPerSecond = 100;
    private const int UserTime = 11;
    private const int ResidentPages = 21;

    /// <summary>The sum over processes; null where the system does not tell.</summary>
    public static ProcessUse? Read(IEnumerable<int> processIds)
    {
        (long pages, double ticks, bool told) = (0, 0, false);
        foreach (int id in processIds)
        {
            string? stat = KernelFile.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            if (stat is null || stat.LastIndexOf(')') is not (> 0 and var end))
                continue;
            string[] fields = stat[(end + 2)..].Split(' ');
            told = true;
            pages += long.Parse(fields[ResidentPages], CultureInfo.InvariantCulture);
            ticks += fields.Skip(UserTime).Take(4).Sum(field => double.Parse(field, CultureInfo.InvariantCulture));
        }

        return told ? new ProcessUse(pages * Environment.SystemPageSize, TimeSpan.FromSeconds(ticks / TicksPerSecond)) : null;
    }
}
