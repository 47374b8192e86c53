using System.Globalization;

namespace Essaim;

/// <summary>Versions of a configuration: microseconds since 1970, shown as seconds with six digits.</summary>
internal static class ConfigVersion
{
    private const long MicrosecondsPerSecond = 1_000_000;

    /// <summary>The one after <paramref name="last"/>, whatever the clock says.</summary>
    public static long Next(long last, DateTimeOffset now) => Math.Max(last + 1, (now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);

    public static string Show(long version) => string.Create(CultureInfo.InvariantCulture, $"{version / MicrosecondsPerSecond}.{version % MicrosecondsPerSecond:000000}");

    /// <summary>The instant a version is; the epoch where a stranger's version is none.</summary>
    public static DateTimeOffset InstantOf(string version) =>
        decimal.TryParse(version, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds < 253_402_300_799m
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond))
            : DateTimeOffset.UnixEpoch;
}
