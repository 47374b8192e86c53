using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>A client's settings.</summary>
public sealed class TaskClientOptions
{
    /// <summary>Queues by task name; stronger than a task's own <see cref="TaskOptions.Queue"/>.</summary>
    public TaskRoutes Routes { get; set; } = new();

    /// <summary>The queue of tasks nothing else routes. Default <c>celery</c>.</summary>
    public string DefaultQueue { get; set; } = "celery";

    /// <summary>Definitions to take options from. Null (default): only attributes and what the call says count.</summary>
    public TaskRegistry? Registry { get; set; }

    /// <summary>How arguments are written and results read. Null (default): <see cref="EssaimJson.Options"/>.</summary>
    public JsonSerializerOptions? Json { get; set; }

    /// <summary>How long results this client writes itself (of revoked tasks) are kept. Default one day; null: for ever.</summary>
    public TimeSpan? ResultExpires { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Compress messages (zlib, which Celery calls gzip) whose arguments are larger than this, bytes. Null (default): none.</summary>
    public int? CompressAbove { get; set; }

    /// <summary>Clock. Null (default): the broker's, so that a machine whose clock is wrong sends right times.</summary>
    public TimeProvider? Time { get; set; }

    /// <summary>Logger factory for the backend the client opens. Null (default): none.</summary>
    public ILoggerFactory? Logging { get; set; }

    internal TimeProvider ClockOf(IBackend backend) => Time ?? backend.Clock;
}
