using System.Text.Json;
using System.Text.Json.Serialization;

namespace Essaim;

/// <summary>The mark of a function's log: whose it is, and how far its run's own log has been read.</summary>
internal sealed record RunMark
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };

    /// <summary>The run: another for each time it was started.</summary>
    public string Run { get; init; } = "";

    /// <summary>The machine it runs on.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Up to where the run's own log has been read.</summary>
    public long At { get; init; }

    /// <summary>How many of its lines with a level, and of its findings.</summary>
    public int Said { get; init; }

    /// <summary>Its last lines are in, too.</summary>
    public bool Whole { get; init; }

    /// <summary>Bytes of it that were kept.</summary>
    public long Kept { get; init; }

    /// <summary>Makes each mark another.</summary>
    public long Number { get; init; }

    /// <summary>The blob that lists what it has left.</summary>
    public string? Left { get; init; }

    public string Encode() => JsonSerializer.Serialize(this, Json);

    /// <summary>Null where it is none.</summary>
    public static RunMark? Parse(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize<RunMark>(text, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
