namespace Essaim.Storage;

/// <summary>
/// Functions and their versions, with their source: the truth, of which the broker's catalog is a copy. A version never changes. What is removed
/// loses its source and is found no more; that it was there stays, so that runs can still say what they ran. Every change stands in the audit
/// log of the same transaction.
/// </summary>
internal interface IFunctionStore
{
    /// <summary>
    /// Adds a version, which is the latest from then on, and its function where there is none of the name. The same content again is the same
    /// version, whatever else is said of it now; one that was removed comes back.
    /// </summary>
    ValueTask<FunctionAddition> AddAsync(FunctionVersion version, ReadOnlyMemory<byte> source, CancellationToken cancellationToken);

    /// <summary>Functions that have a version, by name, each with its latest.</summary>
    ValueTask<IReadOnlyList<FunctionSummary>> ListAsync(string tenant, CancellationToken cancellationToken);

    /// <summary>Names of functions whose versions were all removed.</summary>
    ValueTask<IReadOnlyList<string>> ListRemovedAsync(string tenant, CancellationToken cancellationToken);

    /// <summary>A function's versions, the latest first; none where there is no such function.</summary>
    ValueTask<IReadOnlyList<FunctionVersion>> ListVersionsAsync(string tenant, string name, CancellationToken cancellationToken);

    /// <summary>Versions whose id begins with a text, at most two of them: more than one means that it does not name one.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="name">The function.</param>
    /// <param name="version">How the id begins; null: the latest.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<FunctionVersion>> FindAsync(string tenant, string name, string? version, CancellationToken cancellationToken);

    /// <summary>The source of a version that was not removed; null where there is none.</summary>
    ValueTask<byte[]?> ReadSourceAsync(string tenant, string name, string id, CancellationToken cancellationToken);

    /// <summary>Removes a version, or all of them. Returns those that were there.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="name">The function.</param>
    /// <param name="id">The version's whole id; null: all.</param>
    /// <param name="by">Who removes it.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<FunctionVersion>> RemoveAsync(string tenant, string name, string? id, string by, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Whether any version that was not removed, of any tenant, has this source.</summary>
    ValueTask<bool> IsSourceUsedAsync(string sourceHash, CancellationToken cancellationToken);
}

/// <summary>What became of a push.</summary>
/// <param name="Version">The version as it is kept.</param>
/// <param name="IsNew">False where it was there before.</param>
internal sealed record FunctionAddition(FunctionVersion Version, bool IsNew);

/// <summary>A function in a list.</summary>
/// <param name="Latest">Its latest version.</param>
/// <param name="Versions">How many it has.</param>
/// <param name="Ids">Ids of all of them, the latest first, with commas.</param>
internal sealed record FunctionSummary(FunctionVersion Latest, int Versions, string Ids);

/// <summary>A version of a function.</summary>
internal sealed record FunctionVersion
{
    /// <summary>How many digits of an id people see.</summary>
    public const int ShownDigits = 12;

    public string Tenant { get; init; } = TaskRecord.DefaultTenant;

    public required string Name { get; init; }

    /// <summary>SHA-256 of what makes it what it is: source, environment, limits, file name. 64 hexadecimal digits, lower case.</summary>
    public required string Id { get; init; }

    /// <summary>SHA-256 of the source alone.</summary>
    public required string SourceHash { get; init; }

    /// <summary>Size of the source, in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The file's name, as tracebacks have it.</summary>
    public required string Entry { get; init; }

    public required string Environment { get; init; }

    /// <summary>Limits, all of them, as JSON.</summary>
    public required string Limits { get; init; }

    /// <summary>Inputs as JSON Schema.</summary>
    public required string Inputs { get; init; }

    public string? Description { get; init; }

    /// <summary>What was found when it was pushed, as a JSON list.</summary>
    public required string Findings { get; init; }

    /// <summary>Whether it was looked through for what is unsafe, as JSON.</summary>
    public required string Scan { get; init; }

    public required string Author { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Grows with each push: the highest of a function is its latest.</summary>
    public long Sequence { get; init; }

    public string ShortId => Id[..ShownDigits];
}
