using System.Globalization;

namespace Essaim;

/// <summary>The machine's load over 1, 5 and 15 minutes; zeros where it does not say.</summary>
internal static class LoadAverage
{
    public static double[] Read()
    {
        try
        {
            string[] words = File.ReadAllText("/proc/loadavg").Split(' ');
            return [.. words.Take(3).Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException or FormatException)
        {
            return [0, 0, 0];
        }
    }
}
