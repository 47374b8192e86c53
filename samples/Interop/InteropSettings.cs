using System.Globalization;
using Essaim;

namespace Interop;

/// <summary>Settings from the environment, beside which the command line's own options stand: they are stronger.</summary>
internal sealed record InteropSettings(string? Url, IReadOnlyList<string> Queues, string? Node, int? Concurrency, double? VisibilitySeconds)
{
    public static InteropSettings FromEnvironment() => new(
        Read("INTEROP_URL"),
        Read("INTEROP_QUEUE")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? ["celery"],
        Read("INTEROP_NODE"),
        Read("INTEROP_CONCURRENCY") is { } slots ? int.Parse(slots, NumberStyles.None, CultureInfo.InvariantCulture) : null,
        Read("INTEROP_VISIBILITY") is { } seconds ? double.Parse(seconds, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : null);

    public void ApplyTo(EssaimAppBuilder app)
    {
        if (Url is not null)
            app.UseBroker(WithVisibility(Url));
        app.Services.AddEssaim(configure: client => client.DefaultQueue = Queues[0]);
        app.Worker.Queues = Queues;
        app.Worker.NodeName = Node ?? app.Worker.NodeName;
        app.Worker.MaxConcurrency = Concurrency ?? app.Worker.MaxConcurrency;
    }

    /// <summary>Every party of a fleet puts back what others hold too long, by its own time-out: all must have the same.</summary>
    private string WithVisibility(string url) => VisibilitySeconds is { } seconds && url.StartsWith("redis", StringComparison.Ordinal)
        ? string.Create(CultureInfo.InvariantCulture, $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}visibility_timeout={seconds}")
        : url;

    private static string? Read(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
