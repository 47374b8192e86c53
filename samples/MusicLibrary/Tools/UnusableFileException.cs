namespace MusicLibrary;

/// <summary>A file cannot be used. The message is the reason a person reads.</summary>
/// <param name="reason">Why.</param>
/// <param name="isTransient">It may work the next time: the file changed, was locked, took too long.</param>
internal sealed class UnusableFileException(string reason, bool isTransient = false) : Exception(reason)
{
    public bool IsTransient { get; } = isTransient;
}
