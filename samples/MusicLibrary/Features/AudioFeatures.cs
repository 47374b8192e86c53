using System.Globalization;
using System.Runtime.InteropServices;

namespace MusicLibrary;

/// <summary>Decodes the middle of a track with ffmpeg, through a pipe, and describes how it sounds.</summary>
internal static class AudioFeatures
{
    public const string Tool = "ffmpeg";
    private const double LongestSeconds = 90;
    private const double LeastDecoded = 0.75;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <exception cref="UnusableFileException">It cannot be decoded, or much less of it than its header says.</exception>
    public static async Task<float[]> ComputeAsync(string path, long durationMs, CancellationToken stop)
    {
        double duration = durationMs / 1000.0;
        double wanted = Math.Min(duration, LongestSeconds);
        string start = ((duration - wanted) / 2).ToString("0.###", CultureInfo.InvariantCulture);
        string length = wanted.ToString("0.###", CultureInfo.InvariantCulture);
        string[] arguments =
        [
            "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-threads", "1", "-ss", start, "-t", length, "-i", $"file:{path}",
            "-map", "0:a:0", "-ac", "1", "-ar", FeatureExtractor.SampleRate.ToString(CultureInfo.InvariantCulture), "-f", "f32le", "pipe:1",
        ];
        FeatureExtractor extractor = new();
        ToolResult<long> result = await ExternalTool.RunAsync(Tool, arguments, Limit, (stream, token) => ReadAsync(stream, extractor, token), stop);
        double decoded = (double)result.Output / FeatureExtractor.SampleRate;
        if (result.Output == 0)
            throw new UnusableFileException($"ffmpeg cannot decode it: {result.Complaint(path)}");
        if (decoded < LeastDecoded * wanted)
        {
            throw new UnusableFileException(string.Create(
                CultureInfo.InvariantCulture, $"it is damaged or cut off: only {decoded:0.0} s of {wanted:0.0} s could be decoded"));
        }

        return extractor.Finish();
    }

    private static async Task<long> ReadAsync(Stream stream, FeatureExtractor extractor, CancellationToken stop)
    {
        byte[] buffer = new byte[64 * 1024];
        int kept = 0;
        for (int read; (read = await stream.ReadAsync(buffer.AsMemory(kept), stop)) > 0;)
        {
            int filled = kept + read;
            int whole = filled - filled % sizeof(float);
            extractor.Add(MemoryMarshal.Cast<byte, float>(buffer.AsSpan(0, whole)));
            kept = filled - whole;
            buffer.AsSpan(whole, kept).CopyTo(buffer);
        }

        return extractor.Samples;
    }
}
