using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>What a run used.</summary>
/// <param name="Wall">From start to end.</param>
/// <param name="Cpu">Of all its processes.</param>
/// <param name="PeakMemory">In bytes: of all its processes together where the kernel counts it, else of the largest.</param>
/// <param name="LogBytes">Written to stdout and stderr.</param>
/// <param name="OutputBytes">On disk in its output folder at the end.</param>
/// <param name="ProcessesRefused">How often it was refused a process or thread.</param>
internal sealed record RunUsage(TimeSpan Wall, TimeSpan Cpu, long PeakMemory, long LogBytes, long OutputBytes, long ProcessesRefused);

/// <summary>A file that was collected.</summary>
/// <param name="Path">Below the output folder, with <c>/</c>.</param>
/// <param name="Size">In bytes.</param>
/// <param name="Title">As the program gave it with <c>essaim.artifact</c>; null without.</param>
internal sealed record Artifact(string Path, long Size, string? Title);

/// <summary>Something in the output folder that was not collected.</summary>
internal sealed record SkippedEntry(string Path, string Reason);

/// <summary>The exception a program ended with, as it told it itself.</summary>
/// <param name="Type">Its class.</param>
/// <param name="Message">Its text.</param>
/// <param name="Line">The last line of the user's file on the way to it; null where there is none.</param>
/// <param name="Traceback">Its last 16,000 characters, from the user's first line on.</param>
internal sealed record RunError(string Type, string Message, int? Line, string Traceback);

/// <summary>Something wrong, or worth knowing, about a file or its inputs before it runs.</summary>
/// <param name="Kind"><c>syntax</c>, <c>import</c> or <c>input</c>.</param>
/// <param name="Message">What about it.</param>
internal sealed record Finding(string Kind, string Message)
{
    /// <summary>Line, from 1.</summary>
    public int? Line { get; init; }

    /// <summary>Column, from 1.</summary>
    public int? Column { get; init; }

    /// <summary>The input's name.</summary>
    public string? Input { get; init; }

    /// <summary>The line itself.</summary>
    public string? Text { get; init; }

    /// <summary>As a sentence.</summary>
    /// <param name="file">The file's name.</param>
    public string ToSentence(string file) => Kind == "input" && Input is not null
        ? $"input '{Input}': {Message}"
        : (Line is null ? file : Column is null ? $"{file}:{Line}" : $"{file}:{Line}:{Column}") + $": {Message}";
}

/// <summary>A package a file imports.</summary>
/// <param name="Package">Its name, without what follows a dot.</param>
/// <param name="Origin"><c>standard</c>, <c>installed</c>, <c>own</c> (essaim, or the archive's) or <c>missing</c>.</param>
/// <param name="Sure">At the top of the file: it cannot do without.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
internal sealed record ImportedPackage(string Package, string Origin, bool Sure, int? Line, int? Column);

/// <summary>How a run ended.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Message">One sentence for people; what to do where something can be done.</param>
/// <param name="Usage">What it used.</param>
internal sealed record RunEnd(EndReason Reason, string Message, RunUsage Usage)
{
    /// <summary>Its exit code; null where it had none.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What it returned or left in <c>result.json</c>.</summary>
    public JsonElement? Result { get; init; }

    /// <summary>The exception it ended with.</summary>
    public RunError? Error { get; init; }

    /// <summary>Why it was not run at all.</summary>
    public IReadOnlyList<Finding> Refused { get; init; } = [];

    /// <summary>What it imports, where it was only looked at.</summary>
    public IReadOnlyList<ImportedPackage> Imports { get; init; } = [];

    /// <summary>What was collected.</summary>
    public IReadOnlyList<Artifact> Artifacts { get; init; } = [];

    /// <summary>What was not.</summary>
    public IReadOnlyList<SkippedEntry> Skipped { get; init; } = [];

    /// <summary>Where the collected files lie until the run is removed.</summary>
    public string? CollectedFolder { get; init; }
}
