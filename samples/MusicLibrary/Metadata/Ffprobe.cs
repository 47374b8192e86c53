namespace MusicLibrary;

/// <summary>Asks ffprobe what a file is.</summary>
internal static class Ffprobe
{
    public const string Tool = "ffprobe";
    private const int LargestAnswer = 16 * 1024 * 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <exception cref="UnusableFileException">It is not music, or cannot be read; the message says why.</exception>
    public static async Task<TrackFacts> ProbeAsync(FileRef file, CancellationToken stop)
    {
        if (file.Size == 0)
            throw new UnusableFileException("the file is empty (0 bytes)");
        string content = Open(file);
        // Only files: a playlist in a music file's clothes must not make us fetch from the network.
        string[] arguments =
            ["-v", "error", "-protocol_whitelist", "file", "-of", "json", "-show_format", "-show_streams", $"file:{file.Path}"];
        ToolResult<byte[]> result = await ExternalTool.RunAsync(
            Tool, arguments, Limit, (stream, token) => BoundedRead.AllAsync(stream, LargestAnswer, "what ffprobe says of it", token), stop);
        if (FileRef.Look(file.Path) != file)
            throw new UnusableFileException("it changed while it was being read", isTransient: true);
        if (result.ExitCode != 0)
            throw new UnusableFileException($"ffprobe cannot read it: {result.Complaint(file.Path)}");
        return ProbeReader.Read(result.Output, file, content);
    }

    private static string Open(FileRef file)
    {
        try
        {
            return ContentKey.Of(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UnusableFileException(ReadErrors.Explain(error), isTransient: true);
        }
    }
}
