using System.Collections.Concurrent;

namespace Essaim;

/// <summary>The catalog in memory.</summary>
internal sealed class InMemoryFunctionCatalog : IFunctionCatalog
{
    private readonly ConcurrentDictionary<string, FunctionListing> _functions = new(StringComparer.Ordinal);

    public ValueTask<FunctionEntry?> FindAsync(string name, string? version, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_functions.TryGetValue(name, out FunctionListing? listing))
            return new((FunctionEntry?)null);
        string[] found = [.. listing.Versions.Keys.Where(id => version is null ? id == listing.Latest : id.StartsWith(version, StringComparison.Ordinal))];
        if (found.Length > 1)
            throw new FunctionReference(name, version).Ambiguous();
        return new(found.Length == 0 ? null : new FunctionEntry(name, found[0], listing.Versions[found[0]]));
    }

    public ValueTask PutAsync(FunctionListing listing, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _functions[listing.Name] = listing;
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return new(_functions.TryRemove(name, out _));
    }

    public ValueTask<IReadOnlyDictionary<string, string>> GetStampsAsync(CancellationToken cancellationToken) =>
        new(_functions.Values.ToDictionary(listing => listing.Name, listing => listing.Stamp, StringComparer.Ordinal));
}
