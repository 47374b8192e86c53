namespace Essaim;

/// <summary>
/// Bytes too large or too shared for a message: named by what they are, kept in the broker until their time is over. They pass through the
/// memory of whoever puts or gets them, and stay in the broker's (Redis) or its file (SQLite). Safe on all threads and processes.
/// </summary>
public interface IBlobStore
{
    /// <summary>Largest content: 64 MiB.</summary>
    const int MostBytes = 64 * 1024 * 1024;

    /// <summary>Keeps content. Where it is there already nothing is sent, and the longer of both times holds. What is half written is never seen.</summary>
    /// <param name="content">At most <see cref="MostBytes"/>; may be empty.</param>
    /// <param name="keep">How long from now on, by the broker's clock; more than zero.</param>
    /// <param name="cancellationToken">Stops; nothing is kept then, or all of it.</param>
    /// <returns>Its id: SHA-256 of the content, 64 lower-case hexadecimal digits.</returns>
    /// <exception cref="BlobException"><c>ESS6041</c> larger than that; <c>ESS6043</c> the broker has no room.</exception>
    ValueTask<string> PutAsync(ReadOnlyMemory<byte> content, TimeSpan keep, CancellationToken cancellationToken);

    /// <summary>The content; null where there is none of this id, or none any more.</summary>
    /// <exception cref="BlobException"><c>ESS6042</c>: it is not what its id says. It is removed.</exception>
    ValueTask<ReadOnlyMemory<byte>?> GetAsync(string id, CancellationToken cancellationToken);

    /// <summary>Says whether it is there, and keeps it for at least this long from now on; never shorter than before.</summary>
    ValueTask<bool> KeepAsync(string id, TimeSpan keep, CancellationToken cancellationToken);

    /// <summary>Removes it; whoever else put the same content loses it, too.</summary>
    ValueTask RemoveAsync(string id, CancellationToken cancellationToken);
}
