using Microsoft.Extensions.Logging;

namespace Essaim.Server;

/// <summary>The core's settings.</summary>
public sealed class ServerOptions
{
    /// <summary>Where it listens: <c>http://ADDRESS:PORT</c>; port 0 takes a free one. Only loopback addresses are allowed. Default <c>http://127.0.0.1:8000</c>.</summary>
    public string Url { get; set; } = "http://127.0.0.1:8000";

    /// <summary>Folder of its files; made (for this user only) where it does not exist. Default <c>.essaim</c>.</summary>
    public string DataFolder { get; set; } = ".essaim";

    /// <summary>An open backend, which stays the caller's to dispose. Null (default): <see cref="BackendUrl"/> is opened.</summary>
    public IBackend? Backend { get; set; }

    /// <summary>Broker URL. Null (default): <c>sqlite:</c> and <c>broker.db</c> in <see cref="DataFolder"/>.</summary>
    public string? BackendUrl { get; set; }

    /// <summary>File of the admin key; made at the first start. Null (default): <c>admin.key</c> in <see cref="DataFolder"/>.</summary>
    public string? AdminKeyFile { get; set; }

    /// <summary>Let everybody on this machine read <c>/metrics</c>, without the admin key. Default false.</summary>
    public bool OpenMetrics { get; set; }

    /// <summary>Largest request body, bytes. Default 1 MiB.</summary>
    public long MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>Largest body of a batch, bytes. Default 16 MiB.</summary>
    public long MaxBatchBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>Most tasks in one batch. Default 10,000.</summary>
    public int MaxBatchTasks { get; set; } = 10_000;

    /// <summary>How long an <c>Idempotency-Key</c> is remembered. Default 24 h.</summary>
    public TimeSpan IdempotencyWindow { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long tasks stay in the history after their last change. Default 30 days.</summary>
    public TimeSpan HistoryMaxAge { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Most tasks in the history; beyond it the oldest ended ones go. Default 1,000,000.</summary>
    public long HistoryMaxTasks { get; set; } = 1_000_000;

    /// <summary>Ask workers to send task events, so that the history has progress and log lines too. Default true.</summary>
    public bool EnableTaskEvents { get; set; } = true;

    /// <summary>Queues by task name, for tasks whose request names none.</summary>
    public TaskRoutes Routes { get; set; } = new();

    /// <summary>The queue of tasks nothing else routes. Default <c>celery</c>.</summary>
    public string DefaultQueue { get; set; } = "celery";

    /// <summary>The broker of devices. Null (default): the core keeps devices and rounds, and hears nobody.</summary>
    public EdgeOptions? Edge { get; set; }

    /// <summary>What is done with functions that are pushed.</summary>
    public FunctionOptions Functions { get; set; } = new();

    /// <summary>A second address it listens on, where the operator's page used to be: <c>http://127.0.0.1:3000</c>. Null (default): none.</summary>
    public string? EdgePageUrl { get; set; }

    /// <summary>Clock. Default the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Logger factory. Null (default): nothing is logged.</summary>
    public ILoggerFactory? Logging { get; set; }
}
