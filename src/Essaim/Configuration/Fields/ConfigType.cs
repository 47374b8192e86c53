using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Essaim;

/// <summary>What a field may hold: how it is read, published, and described in the schema.</summary>
internal abstract class ConfigType
{
    /// <summary>The value, as <see cref="Write"/> takes it; null where it is none, which is then reported.</summary>
    public abstract object? Read(ConfigNode node, string path, ConfigReport report);

    /// <summary>Writes what <see cref="Read"/> gave as it is published.</summary>
    public abstract void Write(Utf8JsonWriter json, object value);

    /// <summary>Its part of the JSON schema.</summary>
    public abstract JsonObject Schema();

    protected static object? Refuse(ConfigNode node, string path, ConfigReport report, string what, string fix)
    {
        report.Add(node, path, $"{char.ToUpperInvariant(node.Shown[0])}{node.Shown[1..]} is no {what}.", fix);
        return null;
    }
}

/// <summary>A text.</summary>
internal sealed class TextType(int most = 200) : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report)
    {
        if (node.Kind is ConfigNodeKind.List or ConfigNodeKind.Map or ConfigNodeKind.Null || node.Text.Length == 0)
            return Refuse(node, path, report, "text", "Write a text.");
        if (node.Text.Length > most || node.Text.Any(char.IsControl))
            return Refuse(node, path, report, "text that fits here", $"Write at most {most} characters, without control characters.");
        return node.Text;
    }

    public override void Write(Utf8JsonWriter json, object value) => json.WriteStringValue((string)value);

    public override JsonObject Schema() => new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = most };
}

/// <summary>True or false.</summary>
internal sealed class FlagType : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report) =>
        node.Kind == ConfigNodeKind.Flag ? node.Text == "true" : Refuse(node, path, report, "true or false", "Write true or false.");

    public override void Write(Utf8JsonWriter json, object value) => json.WriteBooleanValue((bool)value);

    public override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>A whole number within bounds.</summary>
internal sealed class WholeType(int least, int most) : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report)
    {
        if (node.Kind == ConfigNodeKind.Number && int.TryParse(node.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most)
            return number;
        string range = most == int.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"of at least {least}") : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");
        return Refuse(node, path, report, $"whole number {range}", $"Write one {range}.");
    }

    public override void Write(Utf8JsonWriter json, object value) => json.WriteNumberValue((int)value);

    public override JsonObject Schema()
    {
        JsonObject schema = new() { ["type"] = "integer", ["minimum"] = least };
        if (most != int.MaxValue)
            schema["maximum"] = most;
        return schema;
    }
}

/// <summary>A time: seconds, or a text such as <c>90s</c>, <c>5m</c>. Published as seconds, as Celery has them.</summary>
internal sealed class DurationType(TimeSpan least, TimeSpan most) : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report)
    {
        TimeSpan? span = node.Kind is ConfigNodeKind.Number or ConfigNodeKind.Text ? DurationText.TryParse(node.Text) : null;
        if (span >= least && span <= most)
            return span;
        return Refuse(node, path, report, $"time from {DurationText.Show(least)} to {DurationText.Show(most)}", "Write seconds (90), or 500ms, 30s, 5m, 2h, 1h30m.");
    }

    public override void Write(Utf8JsonWriter json, object value) => json.WriteNumberValue(((TimeSpan)value).TotalSeconds);

    public override JsonObject Schema() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "number", ["minimum"] = least.TotalSeconds, ["maximum"] = most.TotalSeconds },
            new JsonObject { ["type"] = "string", ["pattern"] = "^([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+$" }),
    };
}

/// <summary>A size: bytes, or a text such as <c>8k</c>, <c>512M</c>. Published in a unit of bytes.</summary>
internal sealed class SizeType(long unit = 1) : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report)
    {
        long? size = node.Kind switch
        {
            ConfigNodeKind.Number => SizeText.TryParse(node.Text) * unit,
            ConfigNodeKind.Text => SizeText.TryParse(node.Text),
            _ => null,
        };
        return size is > 0 ? size : Refuse(node, path, report, "size", $"Write {(unit == 1 ? "bytes (8192)" : "KiB (200000), as Celery has it")}, or 8k, 512M, 2G.");
    }

    public override void Write(Utf8JsonWriter json, object value) => json.WriteNumberValue((long)value / unit);

    public override JsonObject Schema() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0 },
            new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9]+(\\.[0-9]+)?([kKmMgG](i?[bB])?|[bB]?)$" }),
    };
}

/// <summary>One of some words.</summary>
internal sealed class WordType(string what, params string[] words) : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report)
    {
        if (node.Kind == ConfigNodeKind.Text && words.Contains(node.Text, StringComparer.Ordinal))
            return node.Text;
        string fix = node.Kind == ConfigNodeKind.Text && Suggestion.For(node.Text, words) is { } near ? $"Did you mean '{near}'?" : $"Write {string.Join(", ", words[..^1])} or {words[^1]}.";
        return Refuse(node, path, report, what, words.Length == 1 ? $"Write {words[0]}." : fix);
    }

    public override void Write(Utf8JsonWriter json, object value) => json.WriteStringValue((string)value);

    public override JsonObject Schema() => new() { ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) };
}

/// <summary>Words of an enumeration, in small letters.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed class EnumType<T>(string what) : ConfigType
    where T : struct, Enum
{
    private static readonly string[] Words = [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())];
    private readonly WordType _words = new(what, Words);

    public override object? Read(ConfigNode node, string path, ConfigReport report) =>
        _words.Read(node, path, report) is string word ? Enum.GetValues<T>()[Array.IndexOf(Words, word)] : null;

    public override void Write(Utf8JsonWriter json, object value) => json.WriteStringValue(value.ToString()!.ToLowerInvariant());

    public override JsonObject Schema() => _words.Schema();
}

/// <summary>A rate, such as <c>100/m</c>.</summary>
internal sealed class RateType : ConfigType
{
    public override object? Read(ConfigNode node, string path, ConfigReport report) =>
        node.Kind is ConfigNodeKind.Text or ConfigNodeKind.Number && RateLimit.TryParse(node.Text, out double perSecond, out _) && perSecond > 0 && double.IsFinite(perSecond)
            ? node.Text
            : Refuse(node, path, report, "rate", "Write 10/s, 100/m, 5/h, or a number a second.");

    public override void Write(Utf8JsonWriter json, object value) => json.WriteStringValue((string)value);

    public override JsonObject Schema() => new()
    {
        ["anyOf"] = new JsonArray(
            new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0 },
            new JsonObject { ["type"] = "string", ["pattern"] = "^[0-9]+(\\.[0-9]+)?(/[smh])?$" }),
    };
}

/// <summary>A list of texts, each of which must pass a test.</summary>
internal sealed class TextListType(string what, Func<string, string?> mistake) : ConfigType
{
    private const int Most = 100;

    public override object? Read(ConfigNode node, string path, ConfigReport report)
    {
        if (node.Kind != ConfigNodeKind.List || node.Items.Count > Most)
            return Refuse(node, path, report, $"list of {what}s", $"Write a list of at most {Most}, such as [a, b].");
        bool right = true;
        foreach (ConfigNode item in node.Items)
        {
            string? wrong = item.Kind is ConfigNodeKind.List or ConfigNodeKind.Map or ConfigNodeKind.Null ? "is no text." : mistake(item.Text);
            if (wrong is null)
                continue;
            report.Add(item, path, $"The {what} {item.Shown} {wrong}", "Correct it.");
            right = false;
        }

        return right ? node.Items.Select(item => item.Text).ToArray() : null;
    }

    public override void Write(Utf8JsonWriter json, object value)
    {
        json.WriteStartArray();
        foreach (string text in (string[])value)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    public override JsonObject Schema() => new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" }, ["maxItems"] = Most };
}

/// <summary>Anything, published as it stands.</summary>
internal sealed class AnyType : ConfigType
{
    public override object Read(ConfigNode node, string path, ConfigReport report) => node;

    public override void Write(Utf8JsonWriter json, object value) => ((ConfigNode)value).WriteTo(json);

    public override JsonObject Schema() => [];
}
