using System.Globalization;
using System.Text.Json;
using Essaim.Sandbox;

namespace Essaim.Server;

/// <summary>Reads limits from requests, and notes every mistake.</summary>
internal static class CallLimits
{
    private static readonly string[] OfVersions = ["time", "grace", "memory", "cpus", "pids", "open_files", "scratch", "output", "output_files", "log"];
    private static readonly string[] OfCalls = [.. OfVersions, "files"];

    /// <summary>Limits of a version, within the plan: what is left out is as usual.</summary>
    public static RunLimits Read(JsonElement? limits, FunctionPlan plan, string path, List<Mistake> mistakes)
    {
        RunLimits read = Parse(limits, OfVersions, path, mistakes).On(plan.Usual);
        mistakes.AddRange(read.Problems().Select(problem => new Mistake(path, problem)));
        mistakes.AddRange(plan.Over(read).Select(one => Above(path, one, "which is the most this core allows")));
        return read;
    }

    /// <summary>Limits of one call, none above its version's, all within the plan.</summary>
    public static FunctionLimits? ReadWithin(JsonElement? limits, RunLimits most, FunctionPlan plan, string path, List<Mistake> mistakes)
    {
        FunctionLimits read = Parse(limits, OfCalls, path, mistakes);
        mistakes.AddRange(read.On(most).Problems().Select(problem => new Mistake(path, problem)));
        (string Name, object Most)[] above = [.. read.Over(most)];
        mistakes.AddRange(above.Select(one => Above(path, one, "as the version has it; push a version with more")));
        // The version may be of a time when more was allowed.
        mistakes.AddRange(plan.Over(read.On(most), read.Files).ExceptBy(above.Select(one => one.Name), one => one.Name).Select(one => Above(path, one, "which is the most this core allows")));
        return limits is null ? null : read;
    }

    private static Mistake Above(string path, (string Name, object Most) limit, string why) =>
        new($"{path}.{limit.Name}", string.Create(CultureInfo.InvariantCulture, $"must be at most {limit.Most}, {why}"));

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
