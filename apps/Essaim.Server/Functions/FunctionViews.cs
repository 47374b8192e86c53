using System.ComponentModel;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Essaim.Protocol;
using Essaim.Sandbox;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>Something worth knowing of a function.</summary>
internal sealed record FunctionFinding
{
    [Description("import or scan.")]
    public required string Kind { get; init; }

    [Description("low, medium or high.")]
    public required string Severity { get; init; }

    [Description("How sure the scan is: low, medium or high.")]
    public string? Confidence { get; init; }

    [Description("The scan's rule, such as B602.")]
    public string? Rule { get; init; }

    [Description("The file of a zip.")]
    public string? File { get; init; }

    public int? Line { get; init; }

    public int? Column { get; init; }

    public required string Message { get; init; }

    /// <summary>The policy refuses the function for it.</summary>
    [JsonIgnore]
    public bool Refused { get; init; }

    /// <summary>Where and what, without the file's name.</summary>
    public string ToSentence() => Rule is null ? Message : $"{Rule} ({Severity}): {Message}";
}

/// <summary>Whether a function was scanned.</summary>
internal sealed record FunctionScan(
    [property: Description("scanned or not scanned.")] string Status, [property: Description("What looked, with its version.")] string? With, [property: Description("Why nothing did.")] string? Reason)
{
    public static FunctionScan Of(SourceScan scan) => new(scan.With is null ? "not scanned" : "scanned", scan.With, scan.Reason);
}

/// <summary>A version of a function.</summary>
internal sealed record FunctionVersionView
{
    public required string Name { get; init; }

    [Description("The first 12 digits of its id: enough to name it. A beginning of 4 is, where no other version begins so.")]
    public required string Version { get; init; }

    [Description("SHA-256 of source, environment, limits and file name.")]
    public required string Id { get; init; }

    [Description("What a call without a version runs.")]
    public required bool Latest { get; init; }

    [Description("False where this very content was there before.")]
    public bool? Created { get; init; }

    public required string Environment { get; init; }

    [Description("The file's name, as tracebacks have it.")]
    public required string File { get; init; }

    [Description("Of the source, in bytes.")]
    public required long Size { get; init; }

    [Description("Times in seconds, sizes in bytes.")]
    public required RawJson Limits { get; init; }

    [Description("Inputs as JSON Schema.")]
    public required RawJson Inputs { get; init; }

    [Description("What main says of itself.")]
    public required string? Description { get; init; }

    public required IReadOnlyList<FunctionFinding> Findings { get; init; }

    public required FunctionScan Scan { get; init; }

    public required string Author { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public static FunctionVersionView Of(FunctionVersion version, bool latest, bool? created = null) => new()
    {
        Name = version.Name,
        Version = version.ShortId,
        Id = version.Id,
        Latest = latest,
        Created = created,
        Environment = version.Environment,
        File = version.Entry,
        Size = version.Size,
        Limits = Raw(version.Limits),
        Inputs = Raw(version.Inputs),
        Description = version.Description,
        Findings = JsonSerializer.Deserialize<FunctionFinding[]>(version.Findings, ApiJson.Options)!,
        Scan = JsonSerializer.Deserialize<FunctionScan>(version.Scan, ApiJson.Options)!,
        Author = version.Author,
        CreatedAt = version.CreatedAt,
    };

    private static RawJson Raw(string json) => new(Encoding.UTF8.GetBytes(json));
}

/// <summary>A function in the list.</summary>
internal sealed record FunctionView(string Name, string? Description, [property: Description("How many it has.")] int Versions, FunctionVersionView Latest);

/// <summary>All functions, by name.</summary>
internal sealed record FunctionListView(IReadOnlyList<FunctionView> Functions);

/// <summary>The versions of a function, the latest first.</summary>
internal sealed record FunctionVersionListView(IReadOnlyList<FunctionVersionView> Versions);

/// <summary>What was removed.</summary>
internal sealed record FunctionRemovalView(string Name, IReadOnlyList<string> Removed);
