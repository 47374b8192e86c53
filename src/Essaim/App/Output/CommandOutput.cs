using System.Text.Encodings.Web;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Data goes to stdout, talk to stderr.</summary>
public sealed class CommandOutput
{
    private static readonly JsonSerializerOptions Indented = new(EssaimJson.Options)
    {
        WriteIndented = true,
        // Nothing here ends up in HTML, and é should read as é.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions OneLineSnake = new(Indented) { WriteIndented = false };

    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly TextWriter _data;
    private readonly TextWriter _talk;

    internal CommandOutput(bool json, TextWriter data, TextWriter talk)
    {
        IsJson = json;
        _data = data;
        _talk = talk;
    }

    /// <summary>True where data is wanted as JSON.</summary>
    public bool IsJson { get; }

    /// <summary>True where somebody watches stderr live.</summary>
    public bool IsWatched { get; } = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>Writes a line of data.</summary>
    public void Data(string line) => _data.WriteLine(line);

    /// <summary>Writes a line of talk.</summary>
    public void Say(string line) => _talk.WriteLine(line);

    /// <summary>Writes a value as indented JSON, names in snake_case.</summary>
    public void Json<T>(T value) => _data.WriteLine(JsonSerializer.Serialize(value, Indented));

    /// <summary>Writes a value as JSON on one line, for what goes on for ever; names in snake_case.</summary>
    internal void JsonLine<T>(T value) => _data.WriteLine(JsonSerializer.Serialize(value, OneLineSnake));

    /// <summary>Writes JSON that is already text, indented.</summary>
    internal void Json(RawJson value)
    {
        using JsonDocument document = JsonDocument.Parse(value.Utf8);
        Json(document.RootElement);
    }

    /// <summary>Writes a value for people: text as it stands, anything else as JSON on one line.</summary>
    internal void Value(RawJson value)
    {
        using JsonDocument document = JsonDocument.Parse(value.Utf8);
        JsonElement root = document.RootElement;
        Data(root.ValueKind == JsonValueKind.String ? root.GetString()! : JsonSerializer.Serialize(root, OneLine));
    }

    /// <summary>Writes rows as plain columns, on a terminal too: an id broken by a border cannot be copied.</summary>
    public void Table(IReadOnlyList<string> headers, IReadOnlyList<IReadOnlyList<string>> rows) => PlainTable.Write(_data, headers, rows);
}
