using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// What a message requires of the node that runs it: <c>gpu</c>, <c>arch=arm64</c>. In normal form, sorted and joined by commas, it is a header and
/// the end of the queue's name: <c>scan@arch=arm64,gpu</c> is derived from <c>scan</c>, and who cannot meet it does not consume it.
/// </summary>
internal static class Requirements
{
    private const char Comma = ',';

    /// <summary>The normal form; empty where nothing is required.</summary>
    /// <exception cref="ArgumentException">One of them is no label.</exception>
    public static string Normal(IEnumerable<string> requirements)
    {
        string[] sorted = [.. requirements.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return sorted.Select(NodeLabels.Mistake).FirstOrDefault(mistake => mistake is not null) is { } first
            ? throw new ArgumentException(first, nameof(requirements))
            : string.Join(Comma, sorted);
    }

    /// <summary>The normal form of a header, which a stranger may have written as text with commas or as a list; null where it says nothing.</summary>
    public static string? Of(IReadOnlyDictionary<string, RawJson>? headers)
    {
        if (headers is null || !headers.TryGetValue(EssaimHeaders.Requires, out RawJson raw))
            return null;
        JsonElement value = raw.Deserialize<JsonElement>();
        IEnumerable<string> words = value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!.Split(Comma, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            JsonValueKind.Array => value.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!),
            _ => [],
        };
        string normal = string.Join(Comma, words.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        return normal.Length > 0 ? normal : null;
    }

    /// <summary>What a message requires by its headers and by what its task reads in its arguments; null where nothing.</summary>
    public static string? Of(TaskMessage message, TaskDefinition? definition)
    {
        string? stated = Of(message.Headers);
        if (definition?.Options.RequiresOf is not { } read)
            return stated;
        try
        {
            IReadOnlyList<string> found = read(MessageCodec.ReadBody(message).Kwargs.Deserialize<JsonElement>());
            return found.Count == 0 ? stated : Normal([.. stated is null ? [] : Split(stated), .. found]);
        }
        catch (MessageFormatException)
        {
            // Who runs it will say so.
            return stated;
        }
    }

    /// <summary>The headers with what is required.</summary>
    public static IReadOnlyDictionary<string, RawJson>? AddTo(IReadOnlyDictionary<string, RawJson>? headers, string? normal) => normal is null
        ? headers
        : new Dictionary<string, RawJson>(headers ?? MessageHeaders.None) { [EssaimHeaders.Requires] = RawJson.From(normal) };

    /// <summary>The queue of <paramref name="queue"/>'s messages that require this.</summary>
    public static string QueueFor(string queue, string? normal) => normal is null ? queue : $"{QueueNames.BaseOf(queue)}{QueueNames.Mark}{normal}";

    /// <summary>What a queue's messages require; empty where it is derived from none.</summary>
    public static IReadOnlyList<string> OfQueue(string queue) => QueueNames.BaseOf(queue) is var name && name.Length < queue.Length ? queue[(name.Length + 1)..].Split(Comma) : [];

    /// <summary>The parts of a normal form.</summary>
    public static IReadOnlyList<string> Split(string normal) => normal.Split(Comma);
}
