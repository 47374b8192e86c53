using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>What a program tells, as it is understood here. Only what came before <c>started</c> is from our own code.</summary>
internal static class RunEvent
{
    private const int MostFindings = 100;

    public static RunOutput? ToOutput(JsonElement message)
    {
        if (message.TryGetProperty("progress", out JsonElement fraction) && fraction.ValueKind == JsonValueKind.Number && fraction.TryGetDouble(out double value))
            return new RunProgress(Math.Clamp(value, 0, 1), Text(message, "text"));
        if (message.TryGetProperty("log", out JsonElement line) && line.ValueKind == JsonValueKind.String)
            return new RunLogLine(Text(message, "level"), Text(message, "log"));
        return message.TryGetProperty("advice", out JsonElement advice) ? new RunAdvice(ReadFindings(advice)) : null;
    }

    public static IReadOnlyList<Finding> ReadFindings(JsonElement list) => list.ValueKind != JsonValueKind.Array ? [] :
    [
        .. list.EnumerateArray().Take(MostFindings).Where(one => one.ValueKind == JsonValueKind.Object).Select(one => new Finding(Text(one, "kind"), Text(one, "message"))
        {
            Line = Number(one, "line"),
            Column = Number(one, "column"),
            Input = Text(one, "input") is { Length: > 0 } input ? input : null,
            Text = Text(one, "text") is { Length: > 0 } text ? text : null,
        }),
    ];

    public static IReadOnlyList<ImportedPackage> ReadImports(JsonElement list) => list.ValueKind != JsonValueKind.Array ? [] :
    [
        .. list.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object).Select(one => new ImportedPackage(
            Text(one, "package"), Text(one, "origin"), one.TryGetProperty("sure", out JsonElement sure) && sure.ValueKind == JsonValueKind.True, Number(one, "line"), Number(one, "column"))),
    ];

    public static RunError? ReadError(JsonElement error) => error.ValueKind != JsonValueKind.Object
        ? null
        : new RunError(Text(error, "type"), Text(error, "message"), Number(error, "line"), Text(error, "traceback"));

    /// <summary>A text of an object, without what a terminal would obey; empty where it is none.</summary>
    public static string Text(JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? PlainText.Of(value.GetString()!) : "";

    private static int? Number(JsonElement from, string name) =>
        from.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
}
