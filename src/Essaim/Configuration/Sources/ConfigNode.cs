using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Essaim;

/// <summary>What a place in a document holds.</summary>
internal enum ConfigNodeKind
{
    Null,
    Text,
    Number,
    Flag,
    List,
    Map,
}

/// <summary>A place in a document, wherever that came from: YAML, JSON, the broker. Immutable.</summary>
internal sealed partial record ConfigNode(ConfigNodeKind Kind, string Text, int Line = 0, int Column = 0)
{
    public static readonly ConfigNode Null = new(ConfigNodeKind.Null, "null");

    /// <summary>Of a map, in order; a name may be there twice.</summary>
    public IReadOnlyList<(ConfigNode Name, ConfigNode Value)> Entries { get; init; } = [];

    /// <summary>Of a list.</summary>
    public IReadOnlyList<ConfigNode> Items { get; init; } = [];

    /// <summary>What it is, for an error.</summary>
    public string Shown => Kind switch
    {
        ConfigNodeKind.Null => "nothing",
        ConfigNodeKind.List => "a list",
        ConfigNodeKind.Map => "a mapping",
        ConfigNodeKind.Text => $"'{(Text.Length <= 60 ? Text : Text[..60] + "…")}'",
        _ => Text,
    };

    /// <summary>A scalar without quotes, by the rules of JSON: what is no number, flag or null is a text.</summary>
    public static ConfigNode OfPlain(string text, int line, int column) => text switch
    {
        "" or "~" or "null" => new ConfigNode(ConfigNodeKind.Null, "null", line, column),
        "true" or "false" => new ConfigNode(ConfigNodeKind.Flag, text, line, column),
        _ => new ConfigNode(JsonNumber().IsMatch(text) ? ConfigNodeKind.Number : ConfigNodeKind.Text, text, line, column),
    };

    public ConfigNode? Find(string name) => Entries.LastOrDefault(entry => entry.Name.Text == name).Value;

    /// <summary>This document with another laid over it: maps are merged by name, null takes away, all else replaces.</summary>
    public ConfigNode Under(ConfigNode over)
    {
        if (Kind != ConfigNodeKind.Map || over.Kind != ConfigNodeKind.Map)
            return over;
        List<(ConfigNode Name, ConfigNode Value)> merged = [.. Entries];
        foreach ((ConfigNode name, ConfigNode value) in over.Entries)
        {
            int at = merged.FindIndex(entry => entry.Name.Text == name.Text);
            if (value.Kind == ConfigNodeKind.Null)
                merged.RemoveAll(entry => entry.Name.Text == name.Text);
            else if (at < 0)
                merged.Add((name, value));
            else
                merged[at] = (merged[at].Name, merged[at].Value.Under(value));
        }

        return this with { Entries = merged };
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        switch (Kind)
        {
            case ConfigNodeKind.Null:
                json.WriteNullValue();
                break;
            case ConfigNodeKind.Text:
                json.WriteStringValue(Text);
                break;
            case ConfigNodeKind.List:
                json.WriteStartArray();
                foreach (ConfigNode item in Items)
                    item.WriteTo(json);
                json.WriteEndArray();
                break;
            case ConfigNodeKind.Map:
                json.WriteStartObject();
                foreach ((ConfigNode name, ConfigNode value) in Entries)
                {
                    json.WritePropertyName(name.Text);
                    value.WriteTo(json);
                }

                json.WriteEndObject();
                break;
            default:
                json.WriteRawValue(Text);
                break;
        }
    }

    public double AsNumber() => double.Parse(Text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$", RegexOptions.CultureInvariant)]
    private static partial Regex JsonNumber();
}
