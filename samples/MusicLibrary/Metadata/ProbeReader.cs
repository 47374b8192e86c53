using System.Globalization;
using System.Text.Json;

namespace MusicLibrary;

/// <summary>Reads ffprobe's JSON. Tags stand on the container (mp3, flac, m4a) or on the stream (ogg), in any case.</summary>
internal static class ProbeReader
{
    private const int LongestText = 1000;

    /// <exception cref="UnusableFileException">No audio in it, or nothing to go by.</exception>
    public static TrackFacts Read(ReadOnlyMemory<byte> json, FileRef file, string content)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("format", out JsonElement format) || !document.RootElement.TryGetProperty("streams", out JsonElement streams))
            throw new UnusableFileException("ffprobe found no format in it");
        JsonElement audio = streams.EnumerateArray().FirstOrDefault(stream => Text(stream, "codec_type") == "audio");
        if (audio.ValueKind != JsonValueKind.Object)
            throw new UnusableFileException($"there is no audio in it (ffprobe says: {Text(format, "format_name")})");
        double seconds = Number(format, "duration") ?? Number(audio, "duration") ?? 0;
        if (seconds <= 0)
            throw new UnusableFileException("its audio has no length");

        Dictionary<string, string> tags = Tags(audio, format);
        return new TrackFacts
        {
            File = file,
            Content = content,
            Title = tags.GetValueOrDefault("title", ""),
            Artist = tags.GetValueOrDefault("artist", ""),
            Album = tags.GetValueOrDefault("album", ""),
            AlbumArtist = tags.GetValueOrDefault("album_artist", tags.GetValueOrDefault("albumartist", "")),
            Genre = tags.GetValueOrDefault("genre", ""),
            TrackNumber = Leading(tags.GetValueOrDefault("track", tags.GetValueOrDefault("tracknumber", ""))),
            DiscNumber = Leading(tags.GetValueOrDefault("disc", tags.GetValueOrDefault("discnumber", ""))),
            Year = Leading(tags.GetValueOrDefault("date", tags.GetValueOrDefault("year", ""))),
            Format = Text(format, "format_name"),
            Codec = Text(audio, "codec_name"),
            DurationMs = (long)Math.Round(seconds * 1000),
            SampleRate = (int)(Number(audio, "sample_rate") ?? 0),
            Channels = (int)(Number(audio, "channels") ?? 0),
            ArtStream = Art(streams),
        };
    }

    private static int? Art(JsonElement streams)
    {
        int? first = null;
        foreach (JsonElement stream in streams.EnumerateArray())
        {
            if (!stream.TryGetProperty("disposition", out JsonElement disposition) || Number(disposition, "attached_pic") != 1)
                continue;
            int index = (int)(Number(stream, "index") ?? 0);
            first ??= index;
            if (stream.TryGetProperty("tags", out JsonElement tags) && Text(tags, "comment").Contains("front", StringComparison.OrdinalIgnoreCase))
                return index;
        }

        return first;
    }

    private static Dictionary<string, string> Tags(params ReadOnlySpan<JsonElement> places)
    {
        Dictionary<string, string> found = new(StringComparer.OrdinalIgnoreCase);
        foreach (JsonElement place in places)
        {
            if (!place.TryGetProperty("tags", out JsonElement tags))
                continue;
            foreach (JsonProperty tag in tags.EnumerateObject())
            {
                if (tag.Value.GetString() is { } value && value.Trim() is { Length: > 0 } text)
                    found[tag.Name] = text.Length > LongestText ? text[..LongestText] : text;
            }
        }

        return found;
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    /// <summary>ffprobe writes some numbers as text.</summary>
    private static double? Number(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out JsonElement value))
            return null;
        if (value.ValueKind == JsonValueKind.Number)
            return value.GetDouble();
        return double.TryParse(value.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
    }

    /// <summary>The number a text begins with: "3/12" is 3, "1984-05-01" is 1984.</summary>
    private static int? Leading(string text)
    {
        int digits = 0;
        while (digits < text.Length && digits < 9 && char.IsAsciiDigit(text[digits]))
            digits++;
        return digits == 0 ? null : int.Parse(text.AsSpan(0, digits), CultureInfo.InvariantCulture);
    }
}
