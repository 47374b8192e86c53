using Prometheus;

namespace Essaim.Server;

/// <summary>The configuration the core applies as series.</summary>
internal sealed class ConfigMetrics(IMetricFactory factory)
{
    private readonly Gauge _published = factory.CreateGauge("essaim_config_published_timestamp_seconds", "When the configuration the core applies was published; 0: none was.");
    private readonly Gauge _revision = factory.CreateGauge("essaim_config_revision", "Revision of the configuration the core applies.");
    private readonly Gauge _followed = factory.CreateGauge("essaim_config_followed", "1 while the core follows what is published; 0: it cannot be read or is refused, and the last good one holds.");

    public void Show(LiveConfiguration live)
    {
        _published.Set(live.Current.PublishedAt is { } at ? at.ToUnixTimeMilliseconds() / 1000.0 : 0);
        _revision.Set(live.Current.Revision);
        _followed.Set(live.Trouble is null ? 1 : 0);
    }
}
