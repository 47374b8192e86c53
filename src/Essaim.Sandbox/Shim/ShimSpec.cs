using System.Globalization;
using System.Text;

namespace Essaim.Sandbox;

/// <summary>The run's description for the shim: keys and values, each ended by a NUL.</summary>
internal sealed class ShimSpec
{
    // Numbers of resources, the same on x86-64 and arm64.
    public const int FileSize = 1;
    public const int Stack = 3;
    public const int Core = 4;
    public const int Processes = 6;
    public const int OpenFiles = 7;
    public const int LockedMemory = 8;
    public const int AddressSpace = 9;
    public const int PendingSignals = 11;
    public const int MessageQueues = 12;

    private readonly List<(string Key, string Value)> _entries = [];

    /// <summary>What holds of a run whatever it runs in.</summary>
    public static ShimSpec Of(RunRequest request)
    {
        RunLimits limits = request.Limits;
        ShimSpec spec = new ShimSpec()
            .Add("time-limit", (long)limits.Time.TotalMilliseconds).Add("grace", (long)limits.Grace.TotalMilliseconds)
            .Add("log-limit", limits.Log).Add("log-tail", Math.Min(limits.Log, 256 << 10))
            .Add("out-limit", limits.Output).Add("out-files", limits.OutputFiles);
        return request.Patience is { } patience ? spec.Add("patience", (long)patience.TotalMilliseconds) : spec;
    }

    public ShimSpec Add(string key, string value)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"A value of '{key}' holds a NUL.", nameof(value));
        _entries.Add((key, value));
        return this;
    }

    public ShimSpec Add(string key, long value) => Add(key, value.ToString(CultureInfo.InvariantCulture));

    public ShimSpec Limit(int resource, long soft, long hard) => Add("limit", string.Create(CultureInfo.InvariantCulture, $"{resource} {soft} {hard}"));

    public ShimSpec Limit(int resource, long both) => Limit(resource, both, both);

    public byte[] Encode()
    {
        StringBuilder text = new();
        foreach ((string key, string value) in _entries)
            text.Append(key).Append('\0').Append(value).Append('\0');
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
