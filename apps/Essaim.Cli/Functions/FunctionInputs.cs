using System.Text.Json;

namespace Essaim.Cli;

/// <summary>Inputs of a function in a chain: what the task before it gave, beside those of its own.</summary>
internal static class FunctionInputs
{
    /// <param name="previous">What the task before gave; null where there was none, or it gave nothing.</param>
    /// <param name="own">Inputs of the call.</param>
    /// <param name="texts">Inputs of the call as words.</param>
    /// <exception cref="FunctionFailedException"><c>ESS6003</c>: what it gave has no names.</exception>
    public static Dictionary<string, JsonElement> Join(JsonElement? previous, Dictionary<string, JsonElement>? own, Dictionary<string, string>? texts)
    {
        Dictionary<string, JsonElement> inputs = new(own ?? [], StringComparer.Ordinal);
        if (previous is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } given)
            return inputs;
        if (given.ValueKind != JsonValueKind.Object)
        {
            throw new FunctionFailedException(
                "ESS6003",
                "The task before this one gave no object, whose fields could be inputs. Have it return {\"name\": value}, or call the function by an immutable signature (si), which takes nothing over.");
        }

        foreach (JsonProperty field in given.EnumerateObject().Where(field => texts?.ContainsKey(field.Name) != true))
            inputs.TryAdd(field.Name, field.Value.Clone());
        return inputs;
    }
}
