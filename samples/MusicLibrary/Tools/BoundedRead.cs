namespace MusicLibrary;

/// <summary>Reads a stream into memory up to a bound.</summary>
internal static class BoundedRead
{
    /// <exception cref="UnusableFileException">More than <paramref name="max"/> bytes came.</exception>
    public static async Task<byte[]> AllAsync(Stream stream, int max, string what, CancellationToken stop)
    {
        using MemoryStream kept = new();
        byte[] buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, stop)) > 0;)
        {
            if (kept.Length + read > max)
                throw new UnusableFileException($"{what} is larger than {max / (1024 * 1024)} MiB");
            kept.Write(buffer, 0, read);
        }

        return kept.ToArray();
    }
}
