using System.Text.Json;
using System.Text.RegularExpressions;
using Essaim.Protocol;

namespace Essaim.Server;

/// <summary>Which function a task names that others have sent.</summary>
internal static partial class FunctionMention
{
    private const string TaskName = "essaim.function";

    /// <summary>From its keywords as JSON.</summary>
    public static string? Find(string task, RawJson kwargs)
    {
        if (task != TaskName)
            return null;
        using JsonDocument document = JsonDocument.Parse(kwargs.Utf8);
        return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("function", out JsonElement function)
            && function.ValueKind == JsonValueKind.String && Reference().IsMatch(function.GetString()!)
                ? function.GetString()
                : null;
    }

    /// <summary>From its keywords as events show them, in Python's notation: where it stands first, so that no input can pretend to be it.</summary>
    public static string? Find(string? task, string? kwargs) =>
        task == TaskName && kwargs is not null && First().Match(kwargs) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"\A[a-z0-9-]{1,63}(?:@[0-9a-f]{4,64})?\z")]
    private static partial Regex Reference();

    [GeneratedRegex(@"\A\{'function': '([a-z0-9-]{1,63}(?:@[0-9a-f]{4,64})?)'")]
    private static partial Regex First();
}
