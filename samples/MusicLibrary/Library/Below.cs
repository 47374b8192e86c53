namespace MusicLibrary;

/// <summary>Finds the rows below a folder by a range of the key: '0' is the character after '/'.</summary>
internal static class Below
{
    /// <summary>A condition on <c>path</c>, to go with <see cref="From"/> and <see cref="To"/>.</summary>
    public const string Condition = "(path >= @from AND path < @to)";

    public static (string, object?) From(string root) => ("@from", root.TrimEnd('/') + "/");

    public static (string, object?) To(string root) => ("@to", root.TrimEnd('/') + "0");
}
