namespace Essaim.Storage;

/// <summary>The metadata store cannot be opened or used: damaged or newer, not writable, no space, not ours.</summary>
public sealed class MetadataException : EssaimException
{
    internal MetadataException(string code, string path, string message, Exception? inner = null)
        : base(code, message, inner) => Path = path;

    /// <summary>The file (or, for a server, its display URL) at fault.</summary>
    public string Path { get; }
}
