using Essaim;
using Essaim.Sqlite;

[assembly: BackendFactory(typeof(SqliteBackendFactory), "sqlite")]

namespace Essaim.Sqlite;

/// <summary>Opens <c>sqlite:PATH</c>.</summary>
internal sealed class SqliteBackendFactory : IBackendFactory
{
    private const string Scheme = "sqlite:";

    public ValueTask<IBackend> OpenAsync(string url, BackendContext context, CancellationToken cancellationToken)
    {
        string path = url[Scheme.Length..];
        if (path.Length == 0)
        {
            throw new BackendException(
                SqliteFault.NoPath, "The broker URL 'sqlite:' names no file. Write sqlite:FILE, such as sqlite:essaim.db.");
        }

        return new(SqliteBackend.Open(path, context.Time));
    }
}
