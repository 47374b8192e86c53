using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim;

/// <summary>A named field.</summary>
/// <param name="Name">As it is written and published.</param>
/// <param name="Type">What it may hold.</param>
/// <param name="Description">For the schema, which editors show.</param>
internal sealed record ConfigField(string Name, ConfigType Type, string Description);

/// <summary>The fields of one kind of mapping.</summary>
internal sealed class ConfigFields(string what, params ConfigField[] fields)
{
    private readonly Dictionary<string, ConfigField> _fields = fields.ToDictionary(field => field.Name, StringComparer.Ordinal);

    public IReadOnlyList<ConfigField> All => fields;

    public IReadOnlyList<string> Names { get; } = [.. fields.Select(field => field.Name)];

    public ConfigField? Find(string name) => _fields.GetValueOrDefault(name);

    /// <summary>The values that are given and right, in the order of the fields.</summary>
    public IReadOnlyDictionary<string, object> Read(ConfigNode node, string path, ConfigReport report)
    {
        SortedList<int, (string Name, object Value)> values = [];
        if (node.Kind == ConfigNodeKind.Null)
            return new Dictionary<string, object>();
        if (node.Kind != ConfigNodeKind.Map)
        {
            report.Add(node, path, $"{char.ToUpperInvariant(node.Shown[0])}{node.Shown[1..]} is no mapping.", "Write fields, such as priority: high.");
            return new Dictionary<string, object>();
        }

        report.FindDoubles(node, path, "field");
        foreach ((ConfigNode name, ConfigNode value) in node.Entries)
        {
            if (Find(name.Text) is not { } field)
            {
                if (!report.AllowUnknown)
                    report.AddUnknown(name, ConfigReport.Join(path, name.Text), what, Names);
            }
            else if (value.Kind != ConfigNodeKind.Null && field.Type.Read(value, ConfigReport.Join(path, name.Text), report) is { } read)
                values[Array.IndexOf(fields, field)] = (name.Text, read);
        }

        return values.Values.ToDictionary(one => one.Name, one => one.Value, StringComparer.Ordinal);
    }

    /// <summary>Writes values <see cref="Read"/> gave into an object that has begun.</summary>
    public void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, object> values)
    {
        foreach (ConfigField field in fields)
        {
            if (!values.TryGetValue(field.Name, out object? value))
                continue;
            json.WritePropertyName(field.Name);
            field.Type.Write(json, value);
        }
    }

    public JsonObject Schema(bool allowOthers = false)
    {
        JsonObject properties = [];
        foreach (ConfigField field in fields)
        {
            JsonObject schema = field.Type.Schema();
            schema["description"] = field.Description;
            properties[field.Name] = schema;
        }

        JsonObject whole = new() { ["type"] = new JsonArray("object", "null"), ["properties"] = properties };
        if (!allowOthers)
            whole["additionalProperties"] = false;
        return whole;
    }
}

/// <summary>A mapping with fields of its own.</summary>
internal sealed class FieldsType(ConfigFields fields) : ConfigType
{
    public override object Read(ConfigNode node, string path, ConfigReport report) => fields.Read(node, path, report);

    public override void Write(Utf8JsonWriter json, object value)
    {
        json.WriteStartObject();
        fields.Write(json, (IReadOnlyDictionary<string, object>)value);
        json.WriteEndObject();
    }

    public override JsonObject Schema() => fields.Schema();
}
