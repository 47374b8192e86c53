using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>The base settings Essaim knows, by Celery's names where Celery has one. Others are published as they stand.</summary>
internal static partial class BaseFields
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1), Year = TimeSpan.FromDays(365);

    // Those of Celery 5 that a fleet shares and Essaim does not use, so that a slip of the pen near one is found.
    private static readonly string[] CelerysOwn =
    [
        "broker_connection_max_retries", "broker_connection_retry", "broker_connection_retry_on_startup", "broker_connection_timeout", "broker_heartbeat",
        "broker_pool_limit", "broker_transport_options", "beat_max_loop_interval", "beat_schedule", "event_queue_expires", "event_queue_ttl",
        "result_chord_join_timeout", "result_extended", "task_acks_late", "task_acks_on_failure_or_timeout", "task_always_eager",
        "task_annotations", "task_create_missing_queues", "task_default_delivery_mode", "task_default_exchange", "task_default_exchange_type",
        "task_default_priority", "task_default_rate_limit", "task_default_routing_key", "task_ignore_result", "task_inherit_parent_priority",
        "task_publish_retry", "task_publish_retry_policy", "task_queue_max_priority", "task_reject_on_worker_lost", "task_remote_tracebacks",
        "task_send_sent_event", "task_store_errors_even_if_ignored", "task_track_started", "worker_cancel_long_running_tasks_on_connection_loss",
        "worker_disable_rate_limits", "worker_enable_remote_control", "worker_hijack_root_logger", "worker_log_format", "worker_lost_wait",
        "worker_proc_alive_timeout", "worker_redirect_stdouts", "worker_send_task_events", "worker_state_db", "worker_task_log_format",
    ];

    // Queues and routes have parts of their own, and where the broker is no reader can learn from the broker.
    private static readonly Dictionary<string, string> Elsewhere = new(StringComparer.Ordinal)
    {
        ["task_queues"] = "Define queues under queues:.",
        ["task_routes"] = "Define routes under routes:.",
        ["broker_url"] = "Who reads this knows the broker already: give its URL to each program (ESSAIM_BROKER, --broker).",
        ["result_backend"] = "Give it to each program, as the broker's URL.",
    };

    public static readonly ConfigFields All = new(
        "base setting",
        new("task_default_queue", new TextType(), "The queue of tasks nothing else routes; celery by default."),
        new("task_serializer", new WordType("serialiser Essaim's workers read", "json"), "How messages are written: json."),
        new("result_serializer", new WordType("serialiser Essaim's workers read", "json"), "How results are written: json."),
        new("accept_content", new TextListType("content type", content => content is "json" or "application/json" ? null : "is not read by Essaim's workers, which take json only."), "What workers accept: [json]."),
        new("task_compression", new WordType("compression", "gzip", "zlib", "bzip2", "brotli"), "How messages are compressed; not, by default."),
        new("task_compress_above", new SizeType(), "Messages with larger arguments only are compressed (Essaim's own setting)."),
        new("task_time_limit", new DurationType(TimeSpan.FromMilliseconds(1), Year), "Tasks that run longer are ended, where neither call, task nor queue say otherwise."),
        new("task_soft_time_limit", new DurationType(TimeSpan.FromMilliseconds(1), Year), "Tasks that run longer are asked to stop."),
        new("task_max_deliveries", new WholeType(1, 1000), "Deliveries without settling after which a message is a dead letter; 5 by default (Essaim's own setting)."),
        new("result_expires", new DurationType(Second, Year * 100), "How long results are kept; one day by default."),
        new("worker_heartbeat", new DurationType(Second, TimeSpan.FromDays(1)), "Time between heartbeats; 2s by default (Essaim's own setting)."),
        new("worker_max_tasks_per_child", new WholeType(0, int.MaxValue), "Tasks a child runs before it is replaced; 0: never."),
        new("worker_max_memory_per_child", new SizeType(1024), "Memory above which a child is replaced; a bare number is KiB, as in Celery."),
        new("worker_pool", new WordType("pool", "prefork", "processes", "threads", "solo", "gevent", "eventlet"), "What runs tasks. Essaim takes prefork and processes, or threads, and only when it starts."),
        new("worker_concurrency", new WholeType(1, 10_000), "Slots of a worker whose command line does not say; taken when it starts."),
        new("worker_prefetch_multiplier", new WholeType(0, 10_000), "Celery's workers only: Essaim's claim no more than they can begin."),
        new("timezone", new TimeZoneType(), "IANA name, such as Europe/Paris."),
        new("enable_utc", new FlagType(), "True by default."),
        new(Placement.Setting, new AnyType(), "Which nodes serve which queues; see essaim placement."));

    /// <summary>Base settings only a start takes.</summary>
    public static readonly IReadOnlyList<string> AtStartOnly = ["worker_pool", "worker_concurrency"];

    /// <summary>Reads one setting; null where it is wrong, or not there.</summary>
    public static (ConfigType Type, object Value)? Read(ConfigNode name, ConfigNode value, string path, ConfigReport report)
    {
        if (Elsewhere.TryGetValue(name.Text, out string? advice))
        {
            report.Add(name, path, $"'{name.Text}' is not published.", advice);
            return null;
        }

        if (FindSecret(name.Text, value) is { } secret)
        {
            report.Add(value, path, secret, "Write ${env:NAME} or ${file:PATH}: that is published, and resolved where it is used.");
            return null;
        }

        if (value.Kind == ConfigNodeKind.Null)
            return null;
        if (All.Find(name.Text) is { } known)
            return known.Type.Read(value, path, report) is { } read ? (known.Type, read) : null;
        if (!report.AllowUnknown && !CelerysOwn.Contains(name.Text) && Suggestion.For(name.Text, [.. All.Names, .. CelerysOwn]) is { } near)
        {
            report.Add(name, path, $"'{name.Text}' is no base setting.", $"Did you mean '{near}'? A setting of your own must not look like one of Celery's.");
            return null;
        }

        return (new AnyType(), value);
    }

    /// <summary>Why a value must not be published; null: it may.</summary>
    private static string? FindSecret(string name, ConfigNode value)
    {
        if (SecretName().IsMatch(name) && value.Kind is ConfigNodeKind.Text or ConfigNodeKind.Number && SecretName().IsMatch(name) && !SecretReference.IsOne(value.Text))
            return $"'{name}' looks like a secret, and everybody who reaches the broker could read it.";
        return HoldsPassword(value) ? "It holds a URL with a password, which everybody who reaches the broker could read." : null;
    }

    private static bool HoldsPassword(ConfigNode node) =>
        (node.Kind == ConfigNodeKind.Text && UrlPassword().IsMatch(node.Text)) || node.Items.Any(HoldsPassword)
        || node.Entries.Any(entry => HoldsPassword(entry.Value) || (SecretName().IsMatch(entry.Name.Text) && entry.Value.Kind is ConfigNodeKind.Text && !SecretReference.IsOne(entry.Value.Text)));

    [GeneratedRegex("(^|_)(password|passwd|secret|token|credentials?|api_?key|private_?key|access_?key)($|_)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s:@]*:(?!\$\{)[^/?#\s@]+@", RegexOptions.CultureInvariant)]
    private static partial Regex UrlPassword();
}

/// <summary>A time zone by its IANA name.</summary>
internal sealed class TimeZoneType : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report) =>
        node.Kind == ConfigNodeKind.Text && TimeZoneInfo.TryFindSystemTimeZoneById(node.Text, out _)
            ? node.Text
            : Refuse(node, path, report, "time zone this machine knows", "Write an IANA name, such as Europe/Paris or UTC.");

    public override void Write(System.Text.Json.Utf8JsonWriter json, object value) => json.WriteStringValue((string)value);

    public override System.Text.Json.Nodes.JsonObject Schema() => new() { ["type"] = "string" };
}
