using System.Text.Json;

namespace Essaim.Edge;

/// <summary>What a slot is to be like, and what it says of it. Versions only grow; an older one is no order. Not safe on several threads.</summary>
/// <param name="applied">Version applied so far; 0 where there was none.</param>
/// <param name="apply">Puts a configuration into force and keeps it, or says what is wrong with it; null is nothing.</param>
internal sealed class ConfigurationState(int applied, Func<int, JsonElement, string?> apply)
{
    private ReportedConfiguration? _report;

    /// <summary>The version in force.</summary>
    public int Applied { get; private set; } = applied;

    /// <summary>Takes what the core wants.</summary>
    /// <returns>What to report; null for a version that is older than the last.</returns>
    public ReportedConfiguration? Consider(DesiredConfiguration desired)
    {
        if (desired.Number < Math.Max(Applied, _report?.Number ?? 0))
            return null;
        if (_report?.Number == desired.Number)
            return _report;
        string? error = desired.Number == Applied ? null : apply(desired.Number, desired.Config);
        if (error is null)
            Applied = desired.Number;
        return _report = new ReportedConfiguration
        {
            Number = desired.Number,
            Status = error is null ? ReportedConfiguration.Applied : ReportedConfiguration.Rejected,
            Error = error,
        };
    }
}
