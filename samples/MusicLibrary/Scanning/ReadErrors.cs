namespace MusicLibrary;

/// <summary>Says in a few words, without the path, why something could not be read.</summary>
internal static class ReadErrors
{
    public static string Explain(Exception error) => error switch
    {
        UnauthorizedAccessException => "no permission to read it",
        PathTooLongException => "its path is too long for this system",
        FileNotFoundException or DirectoryNotFoundException => "it is gone",
        _ => $"the system says: {error.Message}",
    };
}
