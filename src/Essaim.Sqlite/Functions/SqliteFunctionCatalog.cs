using Essaim.Protocol;

namespace Essaim.Sqlite;

/// <summary>The catalog of functions in the file.</summary>
internal sealed class SqliteFunctionCatalog(SqliteEngine engine) : IFunctionCatalog
{
    public ValueTask<FunctionEntry?> FindAsync(string name, string? version, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        List<FunctionEntry> found = engine.Read(database => Find(database, name, version));
        return found.Count > 1 ? throw new FunctionReference(name, version).Ambiguous() : new(found.Count == 0 ? null : found[0]);
    }

    public async ValueTask PutAsync(FunctionListing listing, CancellationToken cancellationToken) =>
        await engine.WriteAsync(step => Put(step, listing), durable: true, cancellationToken);

    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancellationToken) => engine.WriteAsync(step => Remove(step, name), durable: true, cancellationToken);

    public ValueTask<IReadOnlyDictionary<string, string>> GetStampsAsync(CancellationToken cancellationToken) => new(engine.Read<IReadOnlyDictionary<string, string>>(database =>
    {
        Dictionary<string, string> stamps = new(StringComparer.Ordinal);
        Statement select = database.Use("SELECT name, stamp FROM functions");
        while (select.Step())
            stamps[select.GetText(0)] = select.GetText(1);
        return stamps;
    }));

    private static List<FunctionEntry> Find(Database database, string name, string? version)
    {
        Statement select = version is null
            ? database.Use("SELECT version, document FROM functions JOIN function_versions USING (name) WHERE name = ?1 AND version = latest").Add(name)
            : database.Use("SELECT version, document FROM function_versions WHERE name = ?1 AND substr(version, 1, length(?2)) = ?2 LIMIT 2").Add(name).Add(version);
        List<FunctionEntry> found = [];
        while (select.Step())
            found.Add(new FunctionEntry(name, select.GetText(0), new RawJson(select.GetBytes(1))));
        return found;
    }

    private static bool Put(WriteStep step, FunctionListing listing)
    {
        Remove(step, listing.Name);
        step.Db.Use("INSERT INTO functions (name, stamp, latest) VALUES (?1, ?2, ?3)").Add(listing.Name).Add(listing.Stamp).Add(listing.Latest).Run();
        foreach ((string version, RawJson document) in listing.Versions)
            step.Db.Use("INSERT INTO function_versions (name, version, document) VALUES (?1, ?2, ?3)").Add(listing.Name).Add(version).Add(document.Utf8.Span).Run();
        return true;
    }

    private static bool Remove(WriteStep step, string name)
    {
        step.Db.Use("DELETE FROM function_versions WHERE name = ?1").Add(name).Run();
        return step.Db.Use("DELETE FROM functions WHERE name = ?1").Add(name).RunCounting() > 0;
    }
}
