using System.Text.Json;

namespace Essaim.Sandbox;

/// <summary>
/// Reads what a run's program tells, a JSON object a line. The program may write anything there: what does not read is passed over. Where
/// the shim began the file anew, so do we.
/// </summary>
internal sealed class EventReader(string file)
{
    private const int LongestLine = 64 << 10;
    private long _offset;
    private byte[] _rest = [];

    public IEnumerable<JsonElement> Read()
    {
        byte[] text = [.. _rest, .. ReadNew()];
        int at = 0;
        for (int end; (end = Array.IndexOf(text, (byte)'\n', at)) >= 0; at = end + 1)
        {
            if (Parse(text.AsMemory(at, end - at)) is { } message)
                yield return message;
        }

        _rest = text.Length - at <= LongestLine ? text[at..] : [];
    }

    private static JsonElement? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private byte[] ReadNew()
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            // Asked once: the shim may begin it anew at any moment.
            long length = stream.Length;
            if (length < _offset)
                (_offset, _rest) = (0, []);
            stream.Position = _offset;
            byte[] part = new byte[length - _offset];
            int got = stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false);
            _offset += got;
            return part[..got];
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
    }
}
