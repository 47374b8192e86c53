using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Essaim;

/// <summary>A client's settings.</summary>
public sealed class TaskClientOptions
{
    /// <summary>Queues by task name; stronger than a task's own <see cref="TaskOptions.Queue"/>.</summary>
    public TaskRoutes Routes { get; set; } = new();

    /// <summary>The fleet's configuration in force; its routes and settings are stronger than those here. Null (default): the client makes its own.</summary>
    public LiveConfiguration? Configuration { get; set; }

    /// <summary>
    /// Read what is published before the first call, and follow it from then on. Default true; only for a client that opens its broker itself
    /// (of one that was given an open one, <see cref="Configuration"/> is somebody else's to keep).
    /// </summary>
    public bool FollowConfiguration { get; set; } = true;

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

    private BaseSettings? Published => Configuration?.Current.Base;

    /// <summary>The queue a route gives; the fleet's go before the program's own.</summary>
    internal string? FindRoute(string task) => Configuration?.Current.Routes.Find(task) ?? Routes.Find(task);

    internal string FindDefaultQueue() => Published?.DefaultQueue ?? DefaultQueue;

    internal TimeSpan? FindResultExpires() => Published?.ResultExpires ?? ResultExpires;

    /// <summary>How a message with arguments of so many bytes is compressed; null: not.</summary>
    internal string? FindCompression(int bytes)
    {
        BaseSettings? published = Published;
        int? above = published?.CompressAbove ?? (published?.Compression is null ? CompressAbove : 0);
        return bytes > above ? published?.Compression ?? "gzip" : null;
    }

    internal TimeProvider ClockOf(IBackend backend) => Time ?? backend.Clock;
}
