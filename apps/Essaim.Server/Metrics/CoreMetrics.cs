using System.Reflection;
using Prometheus;

namespace Essaim.Server;

/// <summary>
/// What the core itself counts, and the registry all its metrics are in: a core's own, so that several in one process do not mix.
/// <c>docs/metrics.md</c> has the names. Safe on all threads.
/// </summary>
internal sealed class CoreMetrics
{
    private static readonly double[] Seconds = [0.005, 0.02, 0.1, 0.5, 2, 10, 60];

    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly BoundedNames _names = new();
    private readonly Histogram _requests;
    private readonly Counter _completed;

    public CoreMetrics()
        : this(withProcess: true)
    {
    }

    /// <param name="withProcess">False leaves out what the runtime tells of the process.</param>
    internal CoreMetrics(bool withProcess)
    {
        Factory = Prometheus.Metrics.WithCustomRegistry(_registry);
        Factory.CreateGauge("essaim_build_info", "Always 1; the label has the version of the core.", ["version"]).WithLabels(Version()).Set(1);
        _completed = Factory.CreateCounter(
            "essaim_tasks_completed_total", "Tasks that ended since the core started, as the broker's feed of completions tells.", ["task", "state"]);
        _requests = Factory.CreateHistogram(
            "essaim_http_request_seconds", "Duration of HTTP requests; streams count until they end.", ["method", "route", "status"],
            new HistogramConfiguration { Buckets = Seconds });
        if (withProcess)
            DotNetStats.Register(_registry);
    }

    /// <summary>Makes metrics in the registry.</summary>
    public IMetricFactory Factory { get; }

    /// <summary>A task has ended.</summary>
    public void Completed(string task, string state) => _completed.WithLabels(_names.Of(task), state).Inc();

    /// <summary>A request was answered.</summary>
    public void Answered(string method, string route, string status, TimeSpan duration) =>
        _requests.WithLabels(method, route, status).Observe(duration.TotalSeconds);

    /// <summary>Writes all metrics as Prometheus text.</summary>
    public Task WriteAsync(Stream stream, CancellationToken cancellationToken) => _registry.CollectAndExportAsTextAsync(stream, cancellationToken);

    private static string Version() =>
        typeof(CoreMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
