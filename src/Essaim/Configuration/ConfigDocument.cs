using Essaim.Protocol;

namespace Essaim;

/// <summary>A configuration as it is stored. Immutable; safe on all threads.</summary>
/// <param name="Queues">Queue name to its JSON definition (<c>{"name", "routing_key", …}</c>).</param>
/// <param name="Routes">Task name or pattern to <c>{"queue": …}</c>.</param>
/// <param name="Base">Setting to JSON value.</param>
/// <param name="Author">Who published it: a node's or a person's name.</param>
public sealed record ConfigDocument(
    IReadOnlyDictionary<string, RawJson> Queues, IReadOnlyDictionary<string, RawJson> Routes, IReadOnlyDictionary<string, RawJson> Base, string Author)
{
    private static readonly Dictionary<string, RawJson> Nothing = [];
    private string? _hash;

    // A copy may get another content, so it does not take the hash along.
    private ConfigDocument(ConfigDocument other) => (Queues, Routes, Base, Author, Revision, Host) = (other.Queues, other.Routes, other.Base, other.Author, other.Revision, other.Host);

    /// <summary>Without a queue, a route or a setting.</summary>
    public static ConfigDocument Empty { get; } = new(Nothing, Nothing, Nothing, "");

    /// <summary>What its source declares; of two sources the higher one is published. Default 0.</summary>
    public long Revision { get; init; }

    /// <summary>The machine it was published from. Default empty: unknown.</summary>
    public string Host { get; init; } = "";

    /// <summary>SHA-256 of the content (not of revision, author and host), in hexadecimal; see <see cref="ConfigHash"/>.</summary>
    public string Hash => _hash ??= ConfigHash.Of(this);
}

/// <summary>A published configuration.</summary>
/// <param name="Version">When it was published, by the broker's clock: Unix seconds with six digits; each greater than the one before.</param>
/// <param name="PublishedAt">The same instant.</param>
/// <param name="Document">What.</param>
public sealed record ConfigSnapshot(string Version, DateTimeOffset PublishedAt, ConfigDocument Document)
{
    /// <summary>The hash its publisher stored beside it; null where it stored none.</summary>
    public string? DeclaredHash { get; init; }
}
