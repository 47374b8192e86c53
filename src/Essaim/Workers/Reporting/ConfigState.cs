using System.Text.Json;

namespace Essaim;

/// <summary>Which configuration a worker applies, and how its own source stands to that.</summary>
internal readonly record struct ConfigState(string Version, long Revision, ConfigurationOrigin Origin, string? Trouble, SourceStanding Source)
{
    /// <summary>Writes it as the field <c>config</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("config"u8);
        foreach ((string name, object value) in ToJson())
        {
            if (value is long number)
                json.WriteNumber(name, number);
            else
                json.WriteString(name, (string)value);
        }

        json.WriteEndObject();
    }

    public Dictionary<string, object> ToJson()
    {
        Dictionary<string, object> facts = new()
        {
            ["version"] = Version,
            ["revision"] = Revision,
            ["origin"] = Origin switch { ConfigurationOrigin.Published => "published", ConfigurationOrigin.LastGood => "last-good", _ => "built-in" },
        };
        if (Trouble is not null)
            facts["trouble"] = Trouble;
        if (Source != SourceStanding.None)
            facts["source"] = Source switch { SourceStanding.Published => "published", SourceStanding.Behind => "behind", _ => "conflict" };
        return facts;
    }
}
