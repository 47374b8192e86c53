using System.Text.Json;
using System.Text.Json.Serialization;
using Essaim.Protocol;
using Essaim.Sandbox;
using Essaim.Storage;

namespace Essaim.Server;

/// <summary>What is special about a run among tasks: its inputs, which must fit before anything is queued.</summary>
internal static class FunctionCall
{
    // As a task's other times: ten years.
    private const double MostCacheSeconds = 3.2e8;
    private static readonly JsonSerializerOptions WithoutNulls = new(EssaimJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Keeps the files of a run until it has begun; names those the broker does not have.</summary>
    public static async Task<IReadOnlyList<Mistake>> KeepFilesAsync(RawJson keywords, FunctionVersion version, IBlobStore blobs, CancellationToken cancellationToken)
    {
        List<Mistake> missing = [];
        if (!keywords.Deserialize<JsonElement>().TryGetProperty("files", out JsonElement files))
            return missing;
        TimeSpan keep = MostOf(version).Time + FilesApi.Kept;
        foreach (JsonProperty file in files.EnumerateObject())
        {
            if (!await blobs.KeepAsync(file.Value.GetString()!, keep, cancellationToken))
                missing.Add(new Mistake($"$.files.{file.Name}", "is not in the broker, or not any more: POST it to /v1/files and send this again"));
        }

        return missing;
    }

    /// <summary>Reads the keywords of the task, noting every mistake.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="version">What is to run.</param>
    /// <param name="plan">The most it may have here.</param>
    /// <param name="misfits">Where inputs are noted that do not fit.</param>
    public static JsonElement Read(ObjectReader reader, FunctionVersion version, FunctionPlan plan, List<Mistake> misfits)
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
        Dictionary<string, string> files = Files(reader);
        foreach (InputMistake mistake in new InputCheck(schema, files.Keys).Find(inputs, texts))
            misfits.Add(new Mistake($"$.{(texts.ContainsKey(mistake.Input) ? "texts" : "inputs")}.{mistake.Input}", mistake.Message));
        FunctionLimits? limits = CallLimits.ReadWithin(reader.Object("limits"), MostOf(version), plan, "$.limits", reader.Mistakes);
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
        if (files.Count > 0)
            keywords["files"] = files;
        // What is not asked for is not said: a worker of an older version may take it.
        foreach (string wish in (string[])["collect", "cache"])
        {
            if (reader.Flag(wish) == true)
                keywords[wish] = true;
        }

        if (reader.Seconds("cache_for", 1, MostCacheSeconds) is { } span)
            keywords["cache_for"] = span.TotalSeconds;
        return JsonSerializer.SerializeToElement(keywords, WithoutNulls);
    }

    private static RunLimits MostOf(FunctionVersion version) => JsonSerializer.Deserialize<FunctionLimits>(version.Limits, EssaimJson.Options)!.ToLimits();

    /// <summary>Names and contents of the run's files.</summary>
    private static Dictionary<string, string> Files(ObjectReader reader)
    {
        Dictionary<string, string> files = new(StringComparer.Ordinal);
        foreach ((string name, JsonElement value) in Fields(reader, "files"))
        {
            if (!InputFile.IsName(name))
                reader.Fail("$.files", $"'{name}' is not a name of a file: 1 to 200 characters, no /, and not params.json");
            else if (value.ValueKind != JsonValueKind.String || !BlobContent.IsId(value.GetString()!))
                reader.Fail($"$.files.{name}", "must be the sha256 that POST /v1/files answered: 64 lower-case hexadecimal digits");
            else
                files[name] = value.GetString()!;
        }

        return files;
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
