using System.Globalization;

namespace Essaim;

/// <summary>Reads how hard the machine works, from <c>/proc</c>.</summary>
internal static class MachineReader
{
    public static MachineLoad Read() => new()
    {
        Processors = Environment.ProcessorCount,
        Load = LoadAverage.Read()[0],
        CpuPressure = ReadPressure("cpu"),
        MemoryPressure = ReadPressure("memory"),
        IoPressure = ReadPressure("io"),
    };

    /// <summary>The number after <c>some avg10=</c>; null where there is none.</summary>
    public static double? FindPressure(string text)
    {
        const string Before = "some avg10=";
        int at = text.IndexOf(Before, StringComparison.Ordinal);
        if (at < 0)
            return null;
        string rest = text[(at + Before.Length)..];
        return double.TryParse(rest.Split(' ', '\n')[0], CultureInfo.InvariantCulture, out double share) ? share : null;
    }

    private static double? ReadPressure(string what)
    {
        try
        {
            return FindPressure(File.ReadAllText($"/proc/pressure/{what}"));
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            // Kernels may be built or started without.
            return null;
        }
    }
}
