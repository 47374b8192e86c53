using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>One difference between two configurations.</summary>
/// <param name="Path">Where: <c>queues.scan.concurrency</c>, <c>routes.scan.*</c>.</param>
/// <param name="Before">JSON; null: it was not there.</param>
/// <param name="After">JSON; null: it is gone.</param>
internal sealed record ConfigChange(string Path, string? Before, string? After)
{
    public string Word => Before is null ? "added" : After is null ? "removed" : "changed";

    public override string ToString() => (Before, After) switch
    {
        (null, _) => $"+ {Path}: {After}",
        (_, null) => $"- {Path}: {Before}",
        _ => $"~ {Path}: {Before} -> {After}",
    };
}

/// <summary>Says what differs between two configurations, field by field.</summary>
internal static class ConfigDiff
{
    public static IReadOnlyList<ConfigChange> Between(ConfigDocument before, ConfigDocument after) =>
    [
        .. Part("queues", before.Queues, after.Queues),
        .. Part("routes", before.Routes, after.Routes),
        .. Part("base", before.Base, after.Base),
    ];

    private static IEnumerable<ConfigChange> Part(string part, IReadOnlyDictionary<string, RawJson> before, IReadOnlyDictionary<string, RawJson> after)
    {
        foreach (string name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            JsonElement? old = before.TryGetValue(name, out RawJson oldJson) ? Parse(oldJson) : null;
            JsonElement? now = after.TryGetValue(name, out RawJson newJson) ? Parse(newJson) : null;
            foreach (ConfigChange change in Value($"{part}.{name}", old, now))
                yield return change;
        }
    }

    private static IEnumerable<ConfigChange> Value(string path, JsonElement? before, JsonElement? after)
    {
        if (before is { ValueKind: JsonValueKind.Object } old && after is { ValueKind: JsonValueKind.Object } now)
        {
            foreach (string name in old.EnumerateObject().Concat(now.EnumerateObject()).Select(field => field.Name).Distinct(StringComparer.Ordinal))
            {
                JsonElement? inOld = old.TryGetProperty(name, out JsonElement one) ? one : null;
                JsonElement? inNew = now.TryGetProperty(name, out JsonElement other) ? other : null;
                foreach (ConfigChange change in Value($"{path}.{name}", inOld, inNew))
                    yield return change;
            }
        }
        else if (before is null || after is null || !JsonElement.DeepEquals(before.Value, after.Value))
            yield return new ConfigChange(path, before?.GetRawText(), after?.GetRawText());
    }

    private static JsonElement Parse(RawJson json)
    {
        try
        {
            return json.Deserialize<JsonElement>();
        }
        catch (JsonException)
        {
            // Something wrote by hand: shown as the text it is.
            return JsonSerializer.SerializeToElement(json.ToString());
        }
    }
}
