namespace Essaim;

/// <summary>Something found out about a node.</summary>
/// <param name="Label">A label it has from then on; null where it is none.</param>
/// <param name="Environment">What it was tried for; null where it is about something else.</param>
internal sealed record NodeFinding(string? Label, NodeEnvironment? Environment = null);

/// <summary>Something functions run in, as it was tried on a node: told with its heartbeats, so that everybody sees who offers what, and why not.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Executor">What locks a function in there.</param>
internal sealed record NodeEnvironment(string Name, string Executor)
{
    /// <summary>Limits the kernel does not hold there.</summary>
    public IReadOnlyList<string> Soft { get; init; } = [];

    /// <summary>What is missing, so that it is not offered; null where it is.</summary>
    public string? Missing { get; init; }

    /// <summary>What to do about soft limits; null where nothing.</summary>
    public string? Advice { get; init; }

    /// <summary>As heartbeats and statistics tell it; what there is not is left out.</summary>
    public Dictionary<string, object> ToJson()
    {
        Dictionary<string, object> json = new() { ["executor"] = Executor, ["offered"] = Missing is null };
        if (Missing is not null)
            json["missing"] = Missing;
        if (Soft.Count > 0)
            json["soft"] = Soft;
        if (Advice is not null)
            json["advice"] = Advice;
        return json;
    }
}
