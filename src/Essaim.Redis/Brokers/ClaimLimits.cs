using System.Globalization;

namespace Essaim.Redis;

/// <summary>Limits of a queue as <c>claim.lua</c> reads them.</summary>
internal static class ClaimLimits
{
    /// <summary>Empty where there are none.</summary>
    public static string Write(QueueClaim claim) => claim.Limits is not { } limits
        ? ""
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{limits.Concurrency ?? -1} {(limits.Rate is { } rate ? Interval(rate) : "0")} {limits.Rate?.Burst ?? 1} {(limits.Ordered ? 1 : 0)} {limits.Scope ?? claim.Queue}");

    /// <summary>Time from one token to the next, ms.</summary>
    public static string Interval(QueueRate rate) => rate.Interval.TotalMilliseconds.ToString("0.######", CultureInfo.InvariantCulture);
}
