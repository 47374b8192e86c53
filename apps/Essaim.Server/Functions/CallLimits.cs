using System.Globalization;
using System.Text.Json;
using Essaim.Sandbox;

namespace Essaim.Server;

/// <summary>Reads limits from requests, and notes every mistake.</summary>
internal static class CallLimits
{
    private static readonly string[] OfVersions = ["time", "grace", "memory", "cpus", "pids", "open_files", "scratch", "output", "output_files", "log"];
    private static readonly string[] OfCalls = [.. OfVersions, "files"];

    /// <summary>Limits of a version: what is left out is as usual.</summary>
    public static RunLimits Read(JsonElement? limits, string path, List<Mistake> mistakes)
    {
        RunLimits read = Parse(limits, OfVersions, path, mistakes).ToLimits();
        mistakes.AddRange(read.Problems().Select(problem => new Mistake(path, problem)));
        return read;
    }

    /// <summary>Limits of one call, none above its version's.</summary>
    public static FunctionLimits? ReadWithin(JsonElement? limits, RunLimits most, string path, List<Mistake> mistakes)
    {
        if (limits is null)
            return null;
        FunctionLimits read = Parse(limits, OfCalls, path, mistakes);
        mistakes.AddRange(read.On(most).Problems().Select(problem => new Mistake(path, problem)));
        foreach ((string name, object allowed) in read.Over(most))
            mistakes.Add(new Mistake($"{path}.{name}", string.Create(CultureInfo.InvariantCulture, $"must be at most {allowed}, as the version has it; push a version with more")));
        return read;
    }

    private static FunctionLimits Parse(JsonElement? limits, string[] names, string path, List<Mistake> mistakes)
    {
        if (limits is not { } given)
            return new FunctionLimits();
        int before = mistakes.Count;
        if (given.ValueKind != JsonValueKind.Object)
        {
            mistakes.Add(new Mistake(path, "must be an object"));
            return new FunctionLimits();
        }

        foreach (JsonProperty field in given.EnumerateObject())
        {
            if (!names.Contains(field.Name))
                mistakes.Add(new Mistake($"{path}.{field.Name}", $"is not known here; known are {string.Join(", ", names)}"));
            else if (field.Value.ValueKind is not (JsonValueKind.Number or JsonValueKind.Null))
                mistakes.Add(new Mistake($"{path}.{field.Name}", "must be a number"));
            else if (field.Name is not ("time" or "grace" or "cpus") && field.Value.ValueKind == JsonValueKind.Number && !field.Value.TryGetInt64(out _))
                mistakes.Add(new Mistake($"{path}.{field.Name}", $"must be a whole number, not {field.Value.GetRawText()}"));
        }

        try
        {
            return mistakes.Count > before ? new FunctionLimits() : given.Deserialize<FunctionLimits>(EssaimJson.Options)!;
        }
        catch (JsonException)
        {
            mistakes.Add(new Mistake(path, "has a number that is too large"));
            return new FunctionLimits();
        }
    }
}
