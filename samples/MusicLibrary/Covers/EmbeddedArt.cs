using System.Globalization;

namespace MusicLibrary;

/// <summary>Takes pictures out of music files, as they are.</summary>
internal static class EmbeddedArt
{
    private const int Largest = 32 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Takes out many at once: starting ffmpeg costs ten times what a picture does. One bad file ends the whole run, so that what
    /// is missing from the answer is to be asked for by itself.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>> ReadManyAsync(IReadOnlyList<ArtPlace> places, CancellationToken stop)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("music-library-");
        try
        {
            string Target(int number) => Path.Combine(folder.FullName, number.ToString(CultureInfo.InvariantCulture));
            IEnumerable<string> inputs = places.SelectMany(Input);
            IEnumerable<string> outputs = places.SelectMany(
                (place, number) => (string[])[.. Output(number, place.Stream), "-update", "1", "-f", "image2", $"file:{Target(number)}"]);
            await ExternalTool.RunAsync(AudioFeatures.Tool, ["-v", "error", "-nostdin", .. inputs, .. outputs], Limit, NothingAsync, stop);
            Dictionary<string, byte[]> pictures = new(StringComparer.Ordinal);
            for (int number = 0; number < places.Count; number++)
            {
                if (new FileInfo(Target(number)) is { Exists: true, Length: > 0 and < Largest } file)
                    pictures[places[number].Path] = await File.ReadAllBytesAsync(file.FullName, stop);
            }

            return pictures;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <exception cref="UnusableFileException">It cannot be taken out.</exception>
    public static async Task<byte[]> ReadAsync(ArtPlace place, CancellationToken stop)
    {
        string[] arguments = ["-v", "error", "-nostdin", .. Input(place), .. Output(0, place.Stream), "-f", "image2pipe", "pipe:1"];
        ToolResult<byte[]> result = await ExternalTool.RunAsync(
            AudioFeatures.Tool, arguments, Limit, (output, token) => BoundedRead.AllAsync(output, Largest, "its picture", token), stop);
        if (result.Output.Length == 0)
            throw new UnusableFileException($"its picture cannot be read: {result.Complaint(place.Path)}");
        return result.Output;
    }

    private static string[] Input(ArtPlace place) => ["-protocol_whitelist", "file,pipe", "-i", $"file:{place.Path}"];

    private static string[] Output(int input, int stream) =>
        ["-map", string.Create(CultureInfo.InvariantCulture, $"{input}:{stream}"), "-frames:v", "1", "-c", "copy"];

    private static async Task<bool> NothingAsync(Stream output, CancellationToken stop)
    {
        await output.CopyToAsync(Stream.Null, stop);
        return true;
    }
}

/// <summary>Where a picture is.</summary>
/// <param name="Path">The music file.</param>
/// <param name="Stream">The stream within it.</param>
internal sealed record ArtPlace(string Path, int Stream);
