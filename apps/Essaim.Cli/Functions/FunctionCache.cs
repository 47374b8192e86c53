using System.Globalization;
using System.Text;
using System.Text.Json;
using Essaim.Sandbox;

namespace Essaim.Cli;

/// <summary>A run that was kept: whose it was, and what it gave.</summary>
/// <param name="TaskId">The task that ran.</param>
/// <param name="At">When it ended.</param>
/// <param name="Result">The blob of its result.</param>
/// <param name="Left">The blob that lists its files; null where it left none.</param>
internal sealed record CachedRun(string TaskId, DateTimeOffset At, string Result, string? Left);

/// <summary>
/// Answers of runs that ended well, by everything they depend on: the function's bytes, environment, inputs, files, and the limits that bear on what
/// it gives. Two at once may both run; the later answer is kept.
/// </summary>
internal sealed class FunctionCache(IBackend backend, TimeSpan keep, TimeProvider time)
{
    private const int MostTries = 5;

    /// <summary>The name of a run's answer.</summary>
    /// <param name="request">What is run, without its files.</param>
    /// <param name="environment">The environment's name.</param>
    /// <param name="files">Names and blobs of its files.</param>
    /// <param name="collect">What it leaves is kept, too.</param>
    public static string KeyOf(RunRequest request, string environment, IReadOnlyDictionary<string, string> files, bool collect)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter writer = new(text))
        {
            writer.WriteStartArray();
            // Another release may collect or convert in another way.
            writer.WriteStringValue(typeof(FunctionCache).Assembly.ManifestModule.ModuleVersionId);
            writer.WriteStringValue(environment);
            writer.WriteStringValue(request.FileName);
            writer.WriteStringValue(BlobContent.IdOf(request.Source.Span));
            writer.WriteBooleanValue(collect);
            WriteSorted(writer, request.Inputs.ToDictionary(input => input.Key, input => input.Value.GetRawText()));
            WriteSorted(writer, request.Texts);
            WriteSorted(writer, files);
            RunLimits limits = request.Limits;
            foreach (long limit in (long[])[limits.Memory, limits.Processes, limits.OpenFiles, limits.Scratch, limits.Output, limits.OutputFiles])
                writer.WriteNumberValue(limit);
            writer.WriteNumberValue(limits.Cpus);
            writer.WriteEndArray();
        }

        return "function-cache:" + BlobContent.IdOf(text.ToArray());
    }

    /// <summary>The answer, its contents kept for as long as a new one's would be; null where there is none, or something of it is gone.</summary>
    public async Task<(CachedRun Run, JsonElement? Result)?> FindAsync(string key, TimeSpan resultsKept, CancellationToken cancellationToken)
    {
        try
        {
            if (await backend.Logs.FindAsync(key, cancellationToken) is not { } state || JsonSerializer.Deserialize<CachedRun>(state.Mark) is not { } run)
                return null;
            if (await backend.Blobs.GetAsync(run.Result, cancellationToken) is not { } result || !await KeepFilesAsync(run, resultsKept, cancellationToken))
                return null;
            using JsonDocument document = JsonDocument.Parse(result);
            return (run, document.RootElement.ValueKind == JsonValueKind.Null ? null : document.RootElement.Clone());
        }
        catch (Exception unreadable) when (unreadable is JsonException or BlobException)
        {
            return null;
        }
    }

    /// <summary>Keeps an answer; where that cannot be done the next run just runs.</summary>
    public async Task KeepAsync(string key, string taskId, JsonElement? result, string? left, CancellationToken cancellationToken)
    {
        try
        {
            string blob = await backend.Blobs.PutAsync(Encoding.UTF8.GetBytes(result?.GetRawText() ?? "null"), keep, cancellationToken);
            CachedRun run = new(taskId, time.GetUtcNow(), blob, left);
            if (!await KeepFilesAsync(run, keep, cancellationToken))
                return;
            string mark = JsonSerializer.Serialize(run);
            string? seen = (await backend.Logs.FindAsync(key, cancellationToken))?.Mark;
            for (int tries = 0; seen != mark && tries < MostTries; tries++)
                seen = await backend.Logs.AppendAsync(new TaskLogAppend(key, seen, mark, keep), cancellationToken);
        }
        catch (EssaimException)
        {
            // No room, or the broker is away.
        }
    }

    /// <summary>The line that says where an answer is from.</summary>
    public static string Sentence(CachedRun run) => string.Create(CultureInfo.InvariantCulture, $"from cache: run of {run.TaskId}, {run.At:yyyy-MM-dd HH:mm:ss}Z");

    private async ValueTask<bool> KeepFilesAsync(CachedRun run, TimeSpan span, CancellationToken cancellationToken)
    {
        if (run.Left is null)
            return true;
        if (!await backend.Blobs.KeepAsync(run.Left, span, cancellationToken) || await TaskLeavings.ReadBlobAsync(backend.Blobs, run.Left, cancellationToken) is not { } leavings)
            return false;
        foreach (string blob in leavings.Artifacts.Select(artifact => artifact.Blob).OfType<string>())
        {
            if (!await backend.Blobs.KeepAsync(blob, span, cancellationToken))
                return false;
        }

        return true;
    }

    private static void WriteSorted(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> entries)
    {
        writer.WriteStartObject();
        foreach ((string name, string value) in entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
            writer.WriteString(name, value);
        writer.WriteEndObject();
    }
}
