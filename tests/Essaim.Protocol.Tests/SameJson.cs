using System.Text.Json.Nodes;

namespace Essaim.Protocol.Tests;

/// <summary>Compares JSON by value: order of keys, spacing and escapes do not count.</summary>
internal static class SameJson
{
    public static void Assert(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual, string what)
    {
        JsonNode? left = JsonNode.Parse(expected.Span);
        JsonNode? right = JsonNode.Parse(actual.Span);
        Assert(left, right, what);
    }

    public static void Assert(JsonNode? expected, JsonNode? actual, string what) =>
        Xunit.Assert.True(JsonNode.DeepEquals(expected, actual), $"{what}: expected\n{expected?.ToJsonString()}\nand got\n{actual?.ToJsonString()}");

    /// <summary>Takes members that are null out of every object, at all depths.</summary>
    public static void DropNulls(JsonNode? node)
    {
        if (node is JsonObject map)
        {
            foreach ((string name, JsonNode? value) in map.ToArray())
            {
                if (value is null)
                    map.Remove(name);
                else
                    DropNulls(value);
            }
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? item in list)
                DropNulls(item);
        }
    }
}
