using System.Text.Json;
using Essaim.Protocol;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>Finds what needs a function: runs that have not ended, and schedules.</summary>
internal sealed class FunctionUse(IMetadataStore store, IBackend backend)
{
    private const int MostNamed = 5;

    /// <summary>A sentence each; none where nothing does.</summary>
    /// <param name="name">The function.</param>
    /// <param name="version">One of its versions; null: all.</param>
    /// <param name="isLatest">It is what a call without a version runs.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<string>> FindAsync(string name, string? version, bool isLatest, CancellationToken cancellationToken)
    {
        List<string> users = [];
        IEnumerable<TaskRecord> runs = (await ListAsync(version is null ? name : $"{name}@{version}", cancellationToken)).Tasks;
        if (version is not null && isLatest)
            runs = runs.Concat((await ListAsync(name, cancellationToken)).Tasks.Where(task => task.Function == name));
        List<string> ids = [.. runs.Select(task => task.Id)];
        if (ids.Count > 0)
            users.Add($"{(ids.Count > MostNamed ? $"more than {MostNamed} runs have" : ids.Count == 1 ? "a run has" : $"{ids.Count} runs have")} not ended: {string.Join(", ", ids.Take(MostNamed))}");
        string[] schedules = [.. (await backend.Schedules.ListAsync(cancellationToken)).Where(schedule => Names(schedule.Definition, name, version, isLatest)).Select(schedule => schedule.Name)];
        if (schedules.Length > 0)
            users.Add($"{(schedules.Length == 1 ? "a schedule calls" : $"{schedules.Length} schedules call")} it: {string.Join(", ", schedules)}");
        return users;
    }

    private ValueTask<TaskPage> ListAsync(string function, CancellationToken cancellationToken) =>
        store.Tasks.ListAsync(new TaskQuery { Function = function, Open = true, Limit = MostNamed + 1 }, cancellationToken);

    private static bool Names(RawJson definition, string name, string? version, bool isLatest)
    {
        using JsonDocument document = JsonDocument.Parse(definition.Utf8);
        if (!document.RootElement.TryGetProperty("kwargs", out JsonElement kwargs) || kwargs.ValueKind != JsonValueKind.Object
            || !kwargs.TryGetProperty("function", out JsonElement function) || function.ValueKind != JsonValueKind.String)
            return false;
        string[] parts = function.GetString()!.Split('@', 2);
        string? called = parts.Length == 2 && parts[1] != "latest" ? parts[1] : null;
        return parts[0] == name && (version is null || (called is null ? isLatest : version.StartsWith(called, StringComparison.Ordinal)));
    }
}
