using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Essaim.Tests.Canvas;

/// <summary>One message with ids numbered in order of appearance, and without what may differ between two correct senders.</summary>
internal static partial class CanvasNormalForm
{
    private static readonly string[] Headers = ["task", "id", "group", "group_index", "root_id", "parent_id", "retries", "eta", "expires", "timelimit", "argsrepr", "kwargsrepr"];

    public static string Of(JsonObject message)
    {
        JsonObject headers = message["headers"]!.AsObject();
        JsonArray body = message["body"]!.AsArray();
        JsonObject embed = body[2]!.AsObject();
        bool isChordPart = embed["chord"] is not null;
        JsonObject normal = [];
        foreach (string name in Headers)
        {
            // Celery 5.2 writes no index for members of a plain group; later versions and Essaim do.
            if (name != "group_index" || isChordPart)
                normal[name] = headers[name]?.DeepClone();
        }

        normal["queue"] = message["queue"]!.DeepClone();
        normal["args"] = body[0]!.DeepClone();
        normal["kwargs"] = body[1]!.DeepClone();
        foreach (string name in (string[])["callbacks", "errbacks", "chain"])
            normal[name] = new JsonArray([.. (embed[name] as JsonArray ?? []).Select(signature => Signature(signature!.AsObject(), inHeader: false))]);
        normal["chord"] = embed["chord"] is JsonObject chord ? Signature(chord, inHeader: false) : null;
        return NumberIds(normal.ToJsonString());
    }

    private static JsonObject Signature(JsonObject signature, bool inHeader)
    {
        JsonObject options = [];
        foreach ((string name, JsonNode? value) in signature["options"]!.AsObject().OrderBy(option => option.Key, StringComparer.Ordinal))
        {
            // reply_to is per client. A part inside a chord that has not begun is told its place when the chord begins.
            bool skip = name is "reply_to" or "root_id" or "parent_id" || (inHeader && name is "chord" or "group_index" or "group_id");
            if (!skip)
                options[name] = Value(value, inHeader: false);
        }

        JsonObject kwargs = [];
        bool isChord = signature["subtask_type"]?.GetValue<string>() == "chord";
        foreach ((string name, JsonNode? value) in signature["kwargs"]!.AsObject().OrderBy(argument => argument.Key, StringComparer.Ordinal))
            kwargs[name] = Value(value, inHeader || (isChord && name == "header"));
        return new JsonObject
        {
            ["task"] = signature["task"]!.DeepClone(),
            ["args"] = signature["args"]!.DeepClone(),
            ["kwargs"] = kwargs,
            ["options"] = options,
            ["subtask_type"] = signature["subtask_type"]?.DeepClone(),
            ["immutable"] = signature["immutable"]!.DeepClone(),
        };
    }

    private static JsonNode? Value(JsonNode? value, bool inHeader) => value switch
    {
        JsonObject nested when nested.ContainsKey("task") && nested.ContainsKey("options") => Signature(nested, inHeader),
        JsonArray list => new JsonArray([.. list.Select(item => Value(item, inHeader))]),
        _ => value?.DeepClone(),
    };

    private static string NumberIds(string text)
    {
        Dictionary<string, string> numbers = [];
        return Id().Replace(text, match =>
        {
            numbers.TryAdd(match.Value, $"id{numbers.Count}");
            return numbers[match.Value];
        });
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Id();
}
