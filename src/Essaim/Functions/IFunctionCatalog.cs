using Essaim.Protocol;

namespace Essaim;

/// <summary>
/// How a worker finds a function by name and version. It is a copy: the truth lies with the core, which puts anew what is missing or differs. Safe on
/// all threads and processes.
/// </summary>
public interface IFunctionCatalog
{
    /// <summary>A version of a function; null where there is no such function or version.</summary>
    /// <param name="name">The function.</param>
    /// <param name="version">How its id begins; null: the latest.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="FunctionException"><c>ESS6023</c> several versions begin so.</exception>
    ValueTask<FunctionEntry?> FindAsync(string name, string? version, CancellationToken cancellationToken);

    /// <summary>Sets all that is known of a function, in one step: versions that are not listed are gone.</summary>
    ValueTask PutAsync(FunctionListing listing, CancellationToken cancellationToken);

    /// <summary>Removes a function. False where there is none.</summary>
    ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken);

    /// <summary>The stamp of each function that is here, whole, by name.</summary>
    ValueTask<IReadOnlyDictionary<string, string>> GetStampsAsync(CancellationToken cancellationToken);
}

/// <summary>A function as the catalog has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Stamp">Changes with any of the rest, so that a copy can be compared without being read.</param>
/// <param name="Latest">Id of its latest version.</param>
/// <param name="Versions">What each version is, by id.</param>
public sealed record FunctionListing(string Name, string Stamp, string Latest, IReadOnlyDictionary<string, RawJson> Versions);

/// <summary>A version that was found.</summary>
/// <param name="Name">Its function.</param>
/// <param name="Version">Its whole id.</param>
/// <param name="Document">What it is: <c>environment</c>, <c>limits</c>, <c>inputs</c>, <c>entry</c>, <c>source</c>.</param>
public sealed record FunctionEntry(string Name, string Version, RawJson Document);
