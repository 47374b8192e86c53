using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim;

/// <summary>The JSON schema of a source (draft 2020-12), made from the same table that checks it. Editors complete and explain by it.</summary>
internal static class ConfigSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write()
    {
        JsonObject parts = Parts();
        parts["$schema"] = new JsonObject { ["type"] = "string" };
        parts["revision"] = Describe(new WholeType(0, int.MaxValue).Schema(), "Raise it with each change: of two sources the one with the higher revision is published.");
        parts["environments"] = new JsonObject
        {
            ["description"] = "By name: what differs there. Mappings are merged, null takes away.",
            ["type"] = new JsonArray("object", "null"),
            ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("object", "null"), ["properties"] = Parts(), ["additionalProperties"] = false },
        };
        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Essaim: queues, routes and base settings of a fleet",
            ["type"] = "object",
            ["properties"] = parts,
            ["additionalProperties"] = false,
        };
        return schema.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Parts() => new()
    {
        ["queues"] = Mapping("Queue name to its fields.", QueueFields.All.Schema()),
        ["routes"] = Mapping("Task name, or pattern with * and ?, to a queue.", new JsonObject
        {
            ["anyOf"] = new JsonArray(
                new JsonObject { ["type"] = new JsonArray("string", "null") },
                new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject { ["queue"] = new JsonObject { ["type"] = "string" } },
                    ["required"] = new JsonArray("queue"),
                    ["additionalProperties"] = false,
                }),
        }),
        ["base"] = Describe(BaseFields.All.Schema(allowOthers: true), "Base settings, by Celery's names. ${env:NAME} and ${file:PATH} are resolved where they are used."),
    };

    private static JsonObject Mapping(string description, JsonObject values) => new()
    {
        ["description"] = description,
        ["type"] = new JsonArray("object", "null"),
        ["additionalProperties"] = values,
    };

    private static JsonObject Describe(JsonObject schema, string description)
    {
        schema["description"] = description;
        return schema;
    }
}
