using System.Text;
using System.Text.Json;

namespace Essaim.Protocol.Tests;

/// <summary>What real Celery put into a real Redis: MONITOR logs of 5.2.6 and 5.6.3, cut down to the commands that carry a message or a result.</summary>
public static class CaptureFiles
{
    /// <summary>Every task envelope of protocol 2 with the capture it comes from; serializers other than JSON left out.</summary>
    public static IReadOnlyList<(string Capture, byte[] Text)> Envelopes { get; } =
        [.. Texts().Where(text => text.Text.StartsWith("{\"body\"", StringComparison.Ordinal) && IsJsonTask(text.Text)).Select(Bytes)];

    public static IReadOnlyList<(string Capture, byte[] Text)> Results { get; } =
        [.. Texts().Where(text => text.Text.StartsWith("{\"status\"", StringComparison.Ordinal)).Select(Bytes)];

    /// <summary>The envelopes of one capture, whatever they are.</summary>
    public static IReadOnlyList<byte[]> EnvelopesOf(string capture) =>
        [.. Texts().Where(text => text.Capture == capture && text.Text.StartsWith("{\"body\"", StringComparison.Ordinal)).Select(text => Bytes(text).Text)];

    private static (string Capture, byte[] Text) Bytes((string Capture, string Text) text) => (text.Capture, Encoding.UTF8.GetBytes(text.Text));

    private static bool IsJsonTask(string envelope)
    {
        using JsonDocument document = JsonDocument.Parse(envelope);
        return document.RootElement.GetProperty("content-type").GetString() == "application/json"
            && document.RootElement.GetProperty("headers").TryGetProperty("task", out _);
    }

    private static IEnumerable<(string Capture, string Text)> Texts()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Captures");
        foreach (string file in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string capture = Path.ChangeExtension(Path.GetRelativePath(folder, file), null).Replace('\\', '/');
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement command in document.RootElement.GetProperty("redis_commands_seen").EnumerateArray())
            {
                foreach (JsonElement argument in command.GetProperty("argv").EnumerateArray())
                {
                    string text = argument.GetString()!;
                    // A delivered message stands in the unacked hash as [envelope, exchange, routing_key].
                    yield return (capture, text.StartsWith("[{\"body\"", StringComparison.Ordinal) ? FirstOf(text) : text);
                }
            }
        }
    }

    private static string FirstOf(string list)
    {
        using JsonDocument document = JsonDocument.Parse(list);
        return document.RootElement[0].GetRawText();
    }
}
