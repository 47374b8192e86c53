using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>
/// Brings the fleet's configuration into force in a worker, at once when it changes: the queues it serves, the placement, base settings. What runs
/// goes on; definitions of queues are looked up where they are needed.
/// </summary>
internal sealed class ConfigApplier
{
    private readonly LiveConfiguration _live;
    private readonly ConfigSource? _source;
    private readonly WorkerOptions _options;
    private readonly NodeLabels _labels;
    private readonly string _node;
    private readonly ILogger _logger;
    private IReadOnlyList<string> _served;
    private (FleetConfiguration? Of, SourceStanding Standing) _judged;

    /// <param name="live">What is in force.</param>
    /// <param name="source">What this worker has published, or would; null: it only follows.</param>
    /// <param name="options">Their <see cref="WorkerOptions.InForce"/> is kept up to date.</param>
    /// <param name="labels">Of this node.</param>
    /// <param name="node">Its name.</param>
    /// <param name="logger">Logger.</param>
    public ConfigApplier(LiveConfiguration live, ConfigSource? source, WorkerOptions options, NodeLabels labels, string node, ILogger logger)
    {
        (_live, _source, _options, _labels, _node, _logger) = (live, source, options, labels, node, logger);
        options.InForce = SettingsInForce.Of(options, live.Current.Base);
        _served = FindServed();
    }

    /// <summary>The queues to serve at first.</summary>
    public IReadOnlyList<string> Served => _served;

    /// <summary>The queues it serves where the placement is that everyone serves.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            FleetConfiguration current = _live.Current;
            if (!_options.ServesAll || current.Queues.Count == 0)
                return _options.Queues;
            IEnumerable<string> own = ReferenceEquals(_options.Queues, WorkerOptions.CelerysQueue) ? [] : _options.Queues;
            string[] unrouted = current.Base.DefaultQueue is { } name ? [name] : [];
            return [.. own.Concat(current.Queues.Select(queue => queue.Name)).Concat(unrouted).Distinct(StringComparer.Ordinal)];
        }
    }

    /// <summary>How this worker's source stands to what is in force.</summary>
    public SourceStanding Standing
    {
        get
        {
            FleetConfiguration current = _live.Current;
            if (_source is null || _live.Origin != ConfigurationOrigin.Published)
                return SourceStanding.None;
            if (!ReferenceEquals(_judged.Of, current))
                _judged = (current, ConfigPublisher.Judge(ConfigPublisher.Fill(_source, current.Document), current.Document));
            return _judged.Standing;
        }
    }

    /// <summary>What it applies, as heartbeats and <c>stats</c> tell it.</summary>
    public ConfigState State => new(_live.Current.Version, _live.Current.Revision, _live.Origin, _live.Trouble, Standing);

    /// <summary>Takes changes over from now on.</summary>
    public void Start(ConsumedQueues queues, Action beat) => _live.Changed += (before, now) =>
    {
        _options.InForce = SettingsInForce.Of(_options, now.Base);
        // Whoever watches for workers that lag behind is to see that this one does not, however rare its heartbeats are.
        beat();
        ReportAtStartOnly(before.Base, now.Base);
        IReadOnlyList<string> served = FindServed();
        bool requires = before.Queues.Concat(now.Queues).Any(queue => queue.Requires.Count > 0);
        // What remote control has added or taken away stays as long as this does.
        if (!requires && served.SequenceEqual(_served))
        {
            queues.Changed();
            return;
        }

        _served = served;
        queues.Replace(served);
        WorkerLog.Placed(_logger, now.Placement.IsSpecialised ? "specialised" : "everyone", served.Count == 0 ? "none" : string.Join(", ", served));
    };

    private IReadOnlyList<string> FindServed() => _live.Current.Placement.QueuesOf(_node, label => _labels.Meet([label]), All);

    private void ReportAtStartOnly(BaseSettings before, BaseSettings now)
    {
        if (now.Pool != before.Pool && now.Pool is { } pool && pool != _options.Pool && !_options.OnCommandLine.Contains(nameof(WorkerOptions.Pool)))
            WorkerLog.NeedsRestart(_logger, "worker_pool", pool.ToString(), _options.Pool.ToString());
        if (now.Concurrency != before.Concurrency && now.Concurrency is { } slots && slots != _options.MaxConcurrency && !_options.OnCommandLine.Contains(nameof(WorkerOptions.MaxConcurrency)))
            WorkerLog.NeedsRestart(_logger, "worker_concurrency", $"{slots}", $"{_options.MaxConcurrency}");
        if (now.MaxMemoryPerChild != before.MaxMemoryPerChild && now.MaxMemoryPerChild is { } memory && memory != _options.MaxMemoryPerChild && !_options.OnCommandLine.Contains(nameof(WorkerOptions.MaxMemoryPerChild)))
            WorkerLog.NeedsRestart(_logger, "worker_max_memory_per_child", EndCause.Megabytes(memory), _options.MaxMemoryPerChild is { } used ? EndCause.Megabytes(used) : "no limit");
    }
}
