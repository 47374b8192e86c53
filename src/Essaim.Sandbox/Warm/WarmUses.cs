using System.Globalization;

namespace Essaim.Sandbox;

/// <summary>When runs came lately that a warm sandbox would have helped: a file of the pool, a line each, of all processes of the machine.</summary>
internal sealed class WarmUses(string file, TimeProvider time)
{
    private const int MostRead = 16 << 10;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(15);

    // What comes within the time a slot takes to load comes at once.
    private static readonly TimeSpan Together = TimeSpan.FromSeconds(2);

    public void Note()
    {
        try
        {
            using FileStream stream = new(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            // Old lines go at once; what is lost with them makes a guess worse.
            if (stream.Position > MostRead * 4)
                stream.SetLength(0);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().ToUnixTimeMilliseconds()}\n")));
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            // A guess needs no more than most of them.
        }
    }

    /// <summary>The most that came at once in the last quarter of an hour; 0 where none came.</summary>
    public int MostTogether()
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        long[] recent = [.. Read().Where(at => at <= now && now - at < Remembered.TotalMilliseconds).Order()];
        return recent.Select((at, index) => index - Array.FindIndex(recent, first => at - first < Together.TotalMilliseconds) + 1).DefaultIfEmpty().Max();
    }

    private IEnumerable<long> Read()
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Position = Math.Max(0, stream.Length - MostRead);
            using StreamReader reader = new(stream);
            return [.. reader.ReadToEnd().Split('\n').Select(line => long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out long at) ? at : -1).Where(at => at > 0)];
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
