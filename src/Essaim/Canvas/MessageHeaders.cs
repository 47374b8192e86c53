using System.Globalization;
using System.Text;
using System.Text.Json;
using Essaim.Protocol;

namespace Essaim;

/// <summary>Reads Essaim's headers; one of a wrong type counts as absent, since strangers write headers, too.</summary>
internal static class MessageHeaders
{
    public static readonly IReadOnlyDictionary<string, RawJson> None = new Dictionary<string, RawJson>();

    public static string? Text(TaskMessage message, string name) =>
        Find(message, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static TimeSpan? Seconds(TaskMessage message, string name) =>
        Find(message, name) is { ValueKind: JsonValueKind.Number } value && value.GetDouble() is >= 0 and < 1e9 and double seconds
            ? TimeSpan.FromSeconds(seconds)
            : null;

    /// <summary>The headers with <see cref="EssaimHeaders.Sent"/>.</summary>
    public static IReadOnlyDictionary<string, RawJson> WithSent(IReadOnlyDictionary<string, RawJson>? headers, DateTimeOffset readyAt) =>
        new Dictionary<string, RawJson>(headers ?? None)
        {
            [EssaimHeaders.Sent] = new RawJson(Encoding.UTF8.GetBytes(readyAt.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture))),
        };

    private static JsonElement? Find(TaskMessage message, string name) =>
        message.Headers.Count > 0 && message.Headers.TryGetValue(name, out RawJson raw) ? raw.Deserialize<JsonElement>() : null;
}
