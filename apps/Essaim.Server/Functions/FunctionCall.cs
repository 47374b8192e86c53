using System.Text.Json;
using System.Text.Json.Serialization;
using Essaim.Sandbox;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>What is special about a run among tasks: its inputs, which must fit before anything is queued.</summary>
internal static class FunctionCall
{
    private static readonly JsonSerializerOptions WithoutNulls = new(EssaimJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Reads the keywords of the task, noting every mistake.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="version">What is to run.</param>
    /// <param name="misfits">Where inputs are noted that do not fit.</param>
    public static JsonElement Read(ObjectReader reader, FunctionVersion version, List<Mistake> misfits)
    {
        Dictionary<string, JsonElement> inputs = Fields(reader, "inputs");
        Dictionary<string, string> texts = [];
        foreach ((string name, JsonElement value) in Fields(reader, "texts"))
        {
            if (value.ValueKind == JsonValueKind.String)
                texts[name] = value.GetString()!;
            else
                reader.Fail($"$.texts.{name}", "must be a text; what has its type belongs into inputs");
        }

        foreach (string both in inputs.Keys.Intersect(texts.Keys))
            reader.Fail($"$.texts.{both}", "is given in inputs, too");
        JsonElement schema = JsonSerializer.Deserialize<JsonElement>(version.Inputs);
        foreach (InputMistake mistake in new InputCheck(schema, []).Find(inputs, texts))
            misfits.Add(new Mistake($"$.{(texts.ContainsKey(mistake.Input) ? "texts" : "inputs")}.{mistake.Input}", mistake.Message));
        RunLimits most = JsonSerializer.Deserialize<FunctionLimits>(version.Limits, EssaimJson.Options)!.ToLimits();
        FunctionLimits? limits = CallLimits.ReadWithin(reader.Object("limits"), most, "$.limits", reader.Mistakes);
        Dictionary<string, object> keywords = new() { ["function"] = $"{version.Name}@{version.Id}" };
        // By which the task finds a machine that has it.
        if (version.Environment != FunctionUpload.DefaultEnvironment)
            keywords["environment"] = version.Environment;
        if (inputs.Count > 0)
            keywords["inputs"] = inputs;
        if (texts.Count > 0)
            keywords["texts"] = texts;
        if (limits is not null)
            keywords["limits"] = limits;
        return JsonSerializer.SerializeToElement(keywords, WithoutNulls);
    }

    private static Dictionary<string, JsonElement> Fields(ObjectReader reader, string name)
    {
        if (reader.Object(name) is not { } fields)
            return [];
        try
        {
            // Half characters are found by writing them only.
            _ = JsonSerializer.SerializeToUtf8Bytes(fields);
            return fields.EnumerateObject().ToDictionary(field => field.Name, field => field.Value, StringComparer.Ordinal);
        }
        catch (JsonException)
        {
            reader.Fail(reader.Path(name), "has a text with half a character in it (a lone surrogate)");
            return [];
        }
    }
}
