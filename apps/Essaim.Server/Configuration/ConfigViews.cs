using System.ComponentModel;
using System.Text.Json;

namespace Essaim.Server;

/// <summary>A published version.</summary>
internal record ConfigVersionView
{
    [Description("When it was published: Unix seconds with six digits, by the broker's clock.")]
    public required string Version { get; init; }

    [Description("What its source declared.")]
    public required long Revision { get; init; }

    [Description("SHA-256 of its content.")]
    public required string Hash { get; init; }

    [Description("Who published it.")]
    public required string Author { get; init; }

    [Description("From which machine; empty where unknown.")]
    public required string Host { get; init; }

    public required DateTimeOffset? PublishedAt { get; init; }
}

/// <summary>A configuration, whole.</summary>
internal sealed record ConfigView : ConfigVersionView
{
    [Description("published; last-good: the broker cannot be read, and a copy on the core's disk holds; built-in: nothing is published or known.")]
    public string? Origin { get; init; }

    [Description("Why what is published is not followed now.")]
    public string? Trouble { get; init; }

    [Description("Queue to its fields.")]
    public required IReadOnlyDictionary<string, JsonElement> Queues { get; init; }

    [Description("Task name or pattern to its queue.")]
    public required IReadOnlyDictionary<string, JsonElement> Routes { get; init; }

    [Description("Setting to its value.")]
    public required IReadOnlyDictionary<string, JsonElement> Base { get; init; }

    [Description("What each worker applies.")]
    public IReadOnlyList<WorkerConfigState>? Workers { get; init; }
}

/// <summary>The versions that are kept, newest first.</summary>
internal sealed record ConfigHistoryView(IReadOnlyList<ConfigVersionView> Versions);

/// <summary>One difference.</summary>
internal sealed record ConfigChangeView(
    [property: Description("added, changed or removed.")] string Change,
    [property: Description("Such as queues.scan.concurrency.")] string Path,
    [property: Description("Absent where it was not there.")] JsonElement? Before,
    [property: Description("Absent where it is gone.")] JsonElement? After);

/// <summary>What differs between two versions.</summary>
internal sealed record ConfigDiffView(string From, string To, IReadOnlyList<ConfigChangeView> Changes);

/// <summary>What was published, and what that changed.</summary>
internal sealed record ConfigPublishedView(ConfigVersionView Published, IReadOnlyList<ConfigChangeView> Changes);

/// <summary>A configuration to publish.</summary>
internal sealed record ConfigSourceBody(
    [property: Description("Must be above the published one, unless force is given.")] int? Revision,
    [property: Description("Queue to its fields.")] IReadOnlyDictionary<string, JsonElement>? Queues,
    [property: Description("Task name or pattern to its queue.")] IReadOnlyDictionary<string, JsonElement>? Routes,
    [property: Description("Setting to its value.")] IReadOnlyDictionary<string, JsonElement>? Base);

/// <summary>Which version to publish again.</summary>
internal sealed record ConfigRollbackBody([property: Description("One of the history.")] string Version);
