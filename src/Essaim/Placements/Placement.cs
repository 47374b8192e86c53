using System.IO.Enumeration;
using System.Text.Json;
using System.Text.Json.Serialization;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Nodes that serve certain queues.</summary>
/// <param name="Match">A label (<c>gpu</c>, <c>site=attic</c>), or a pattern of node names, which has an at sign, an asterisk or a question mark.</param>
/// <param name="Queues">What they serve.</param>
internal sealed record PlacementGroup(string Match, IReadOnlyList<string> Queues)
{
    /// <summary>True for a node of the group.</summary>
    public bool Holds(string node, Func<string, bool> meets) =>
        Match.AsSpan().IndexOfAny('@', '*', '?') >= 0 ? FileSystemName.MatchesSimpleExpression(Match, node, ignoreCase: false) : meets(Match);

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public string? Mistake()
    {
        if (Queues.Count == 0 || Queues.Any(string.IsNullOrWhiteSpace))
            return "names no queue, or one without a name.";
        return Match.AsSpan().IndexOfAny('@', '*', '?') >= 0 ? null : NodeLabels.Mistake(Match);
    }
}

/// <summary>Who serves which queues. Without groups every node serves what it was started with.</summary>
internal sealed record Placement(IReadOnlyList<PlacementGroup> Groups)
{
    /// <summary>Its name among the base settings of the configuration.</summary>
    public const string Setting = "placement";

    public static Placement Everyone { get; } = new([]);

    public bool IsSpecialised => Groups.Count > 0;

    /// <summary>What a node serves: the queues of all groups that hold it; where none does, those it was started with that no group has.</summary>
    /// <param name="node"><c>name@host</c>.</param>
    /// <param name="meets">Whether the node meets a label.</param>
    /// <param name="startedWith">In their order.</param>
    public IReadOnlyList<string> QueuesOf(string node, Func<string, bool> meets, IReadOnlyList<string> startedWith)
    {
        string[] given = [.. Groups.Where(group => group.Holds(node, meets)).SelectMany(group => group.Queues).Distinct(StringComparer.Ordinal)];
        return given.Length > 0 ? given : [.. startedWith.Where(queue => !Groups.Any(group => group.Queues.Contains(queue)))];
    }

    /// <summary>A group as people write it: <c>site=attic:scan,extract</c>.</summary>
    /// <exception cref="FormatException">What is wrong with it.</exception>
    public static PlacementGroup ReadGroup(string text)
    {
        int colon = text.LastIndexOf(':');
        string match = colon < 0 ? "" : text[..colon].Trim();
        string[] queues = text[(colon + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        PlacementGroup group = new(match, queues);
        return group.Mistake() is { } mistake ? throw new FormatException($"'{text}' is no group of nodes: {mistake} Write MATCH:QUEUE,QUEUE, such as site=attic:scan,extract or 'pi*@*:scan'.") : group;
    }

    /// <summary>A placement from the configuration; everyone where there is none.</summary>
    /// <exception cref="FormatException">What is wrong with it.</exception>
    public static Placement Read(ConfigDocument? document)
    {
        if (document is null || !document.Base.TryGetValue(Setting, out RawJson json))
            return Everyone;
        try
        {
            Placement read = json.Deserialize<Stored>() is { Groups: { } groups } ? new Placement([.. groups.Select(group => new PlacementGroup(group.Match, group.Queues))]) : Everyone;
            return read.Groups.Select(group => group.Mistake()).FirstOrDefault(mistake => mistake is not null) is { } first ? throw new FormatException($"The placement is wrong: {first}") : read;
        }
        catch (Exception wrong) when (wrong is JsonException or NotSupportedException)
        {
            throw new FormatException($"The placement is wrong: {wrong.Message}", wrong);
        }
    }

    public RawJson Write() => RawJson.From(ToJson());

    /// <summary>As it is stored and shown.</summary>
    public object ToJson() => new { mode = IsSpecialised ? "specialised" : "everyone", groups = Groups.Select(group => new { match = group.Match, queues = group.Queues }) };

    private sealed record Stored([property: JsonPropertyName("groups")] IReadOnlyList<StoredGroup>? Groups);

    private sealed record StoredGroup(
        [property: JsonPropertyName("match"), JsonRequired] string Match,
        [property: JsonPropertyName("queues"), JsonRequired] IReadOnlyList<string> Queues);
}
