namespace Essaim.Sandbox;

/// <summary>The kernel's files: words in, words out, and refusals as answers.</summary>
internal static class GroupFile
{
    private static int _probes;

    public static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    public static string[] Words(string file) => Read(file).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The number in a file, or after a word in it; 0 where there is none.</summary>
    public static long Number(string file, string? word = null)
    {
        string[] words = Words(file);
        int at = word is null ? 0 : Array.IndexOf(words, word) + 1;
        return (word is null || at > 0) && at < words.Length && long.TryParse(words[at], out long number) ? number : 0;
    }

    public static bool TryWrite(string file, string text)
    {
        try
        {
            // Not created: a name the kernel does not know is no file of its.
            using FileStream stream = new(file, FileMode.Open, FileAccess.Write);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
            stream.Flush();
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static bool CanMakeGroupIn(string folder)
    {
        string probe = Path.Combine(folder, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"essaimprobe-{Environment.ProcessId}-{Interlocked.Increment(ref _probes)}"));
        try
        {
            Directory.CreateDirectory(probe);
            Directory.Delete(probe);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
