using System.Text.Json;

namespace Essaim;

/// <summary>The nodes that may be placed, from what they answer to <c>stats</c>. Python's tell no labels and follow no placement.</summary>
internal static class PlacementFleet
{
    public static IReadOnlyList<PlacementNode> Read(IReadOnlyList<ControlReply> replies) =>
        [.. replies.Select(Read).OfType<PlacementNode>().OrderBy(node => node.Name, StringComparer.Ordinal)];

    private static PlacementNode? Read(ControlReply reply)
    {
        JsonElement stats = reply.Value.Deserialize<JsonElement>();
        if (JsonCell.Get(stats, "started_with") is not { ValueKind: JsonValueKind.Array } queues
            || JsonCell.Get(stats, "pool", "max-concurrency") is not { ValueKind: JsonValueKind.Number } slots)
        {
            return null;
        }

        List<string> labels = [];
        if (JsonCell.Get(stats, "labels") is { ValueKind: JsonValueKind.Object } own)
            labels.AddRange(own.EnumerateObject().Select(label => label.Value.ValueKind == JsonValueKind.String ? $"{label.Name}={label.Value.GetString()}" : label.Name));
        JsonElement? facts = JsonCell.Get(stats, "facts");
        MachineFacts machine = new(
            JsonCell.Of(JsonCell.Get(facts, "arch")), JsonCell.Get(facts, "cores") is { ValueKind: JsonValueKind.Number } cores ? cores.GetInt32() : 0, 0, null);
        NodeLabels known = new(labels, machine);
        return new PlacementNode(
            reply.Node, slots.GetInt32(),
            [.. queues.EnumerateArray().Where(queue => queue.ValueKind == JsonValueKind.String).Select(queue => queue.GetString()!)], label => known.Meet([label]));
    }
}
