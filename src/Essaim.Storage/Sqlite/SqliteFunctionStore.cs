using Microsoft.Data.Sqlite;

namespace Essaim.Storage.Sqlite;

internal sealed class SqliteFunctionStore(GroupWriter writer, ReaderPool readers) : IFunctionStore
{
    private const string Columns = "tenant, name, id, source_hash, size, entry, environment, limits, inputs, description, findings, scan, author, created_at, sequence";

    public ValueTask<FunctionAddition> AddAsync(FunctionVersion version, ReadOnlyMemory<byte> source, CancellationToken cancellationToken) => writer.WriteAsync(
        session =>
        {
            (string, object?)[] key = [("$tenant", version.Tenant), ("$name", version.Name), ("$id", version.Id)];
            FunctionVersion? kept = session.One(
                $"""
                UPDATE function_version SET sequence = (SELECT max(sequence) + 1 FROM function_version)
                WHERE tenant = $tenant AND name = $name AND id = $id AND removed_at IS NULL RETURNING {Columns}
                """,
                Read, key);
            if (kept is not null)
                return new FunctionAddition(kept, IsNew: false);
            session.Execute("INSERT INTO function_source VALUES ($hash, $content) ON CONFLICT DO NOTHING", ("$hash", version.SourceHash), ("$content", source.ToArray()));
            FunctionVersion added = Insert(session, version);
            SqliteEdgeStore.Audit(session, version.CreatedAt, version.Author, "function.push", $"{version.Name}@{version.ShortId}", null);
            return new FunctionAddition(added, IsNew: true);
        },
        durable: true, cancellationToken);

    public ValueTask<IReadOnlyList<FunctionSummary>> ListAsync(string tenant, CancellationToken cancellationToken) => readers.ReadAsync<IReadOnlyList<FunctionSummary>>(
        session => session.Many(
            // SQLite takes the other columns from the row of the maximum.
            $"SELECT {Columns}, max(sequence), count(*), group_concat(id, ',' ORDER BY sequence DESC) FROM function_version WHERE tenant = $tenant AND removed_at IS NULL GROUP BY name ORDER BY name",
            row => new FunctionSummary(Read(row), row.GetInt32(16), row.GetString(17)), ("$tenant", tenant)),
        cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListRemovedAsync(string tenant, CancellationToken cancellationToken) => readers.ReadAsync<IReadOnlyList<string>>(
        session => session.Many(
            "SELECT name FROM function_version WHERE tenant = $tenant GROUP BY name HAVING max(removed_at IS NULL) = 0 ORDER BY name", row => row.GetString(0), ("$tenant", tenant)),
        cancellationToken);

    public ValueTask<IReadOnlyList<FunctionVersion>> ListVersionsAsync(string tenant, string name, CancellationToken cancellationToken) =>
        readers.ReadAsync<IReadOnlyList<FunctionVersion>>(
            session => session.Many(
                $"SELECT {Columns} FROM function_version WHERE tenant = $tenant AND name = $name AND removed_at IS NULL ORDER BY sequence DESC",
                Read, ("$tenant", tenant), ("$name", name)),
            cancellationToken);

    public ValueTask<IReadOnlyList<FunctionVersion>> FindAsync(string tenant, string name, string? version, CancellationToken cancellationToken) =>
        readers.ReadAsync<IReadOnlyList<FunctionVersion>>(
            session => session.Many(
                $"""
                SELECT {Columns} FROM function_version WHERE tenant = $tenant AND name = $name AND removed_at IS NULL AND substr(id, 1, length($start)) = $start
                ORDER BY sequence DESC LIMIT $limit
                """,
                Read, ("$tenant", tenant), ("$name", name), ("$start", version ?? ""), ("$limit", version is null ? 1 : 2)),
            cancellationToken);

    public ValueTask<byte[]?> ReadSourceAsync(string tenant, string name, string id, CancellationToken cancellationToken) => readers.ReadAsync(
        session => (byte[]?)session.Scalar(
            """
            SELECT content FROM function_source JOIN function_version ON hash = source_hash
            WHERE tenant = $tenant AND name = $name AND id = $id AND removed_at IS NULL
            """,
            ("$tenant", tenant), ("$name", name), ("$id", id)),
        cancellationToken);

    public ValueTask<IReadOnlyList<FunctionVersion>> RemoveAsync(
        string tenant, string name, string? id, string by, DateTimeOffset now, CancellationToken cancellationToken) => writer.WriteAsync<IReadOnlyList<FunctionVersion>>(
        session =>
        {
            List<FunctionVersion> removed = session.Many(
                $"""
                UPDATE function_version SET removed_at = $now
                WHERE tenant = $tenant AND name = $name AND ($id IS NULL OR id = $id) AND removed_at IS NULL RETURNING {Columns}
                """,
                Read, ("$tenant", tenant), ("$name", name), ("$id", id), ("$now", SqliteText.ToMicros(now)));
            foreach (FunctionVersion version in removed)
            {
                session.Execute(
                    "DELETE FROM function_source WHERE hash = $hash AND NOT EXISTS (SELECT 1 FROM function_version WHERE source_hash = $hash AND removed_at IS NULL)",
                    ("$hash", version.SourceHash));
                SqliteEdgeStore.Audit(session, now, by, "function.remove", $"{name}@{version.ShortId}", null);
            }

            return removed;
        },
        durable: true, cancellationToken);

    public ValueTask<bool> IsSourceUsedAsync(string sourceHash, CancellationToken cancellationToken) => readers.ReadAsync(
        session => session.Scalar("SELECT 1 FROM function_version WHERE source_hash = $hash AND removed_at IS NULL LIMIT 1", ("$hash", sourceHash)) is not null, cancellationToken);

    private static FunctionVersion Insert(SqliteSession session, FunctionVersion version) => session.One(
        $"""
        INSERT OR REPLACE INTO function_version
          (sequence, tenant, name, id, source_hash, size, entry, environment, limits, inputs, description, findings, scan, author, created_at)
        VALUES ((SELECT coalesce(max(sequence), 0) + 1 FROM function_version), $tenant, $name, $id, $source, $size, $entry, $environment, $limits, $inputs,
          $description, $findings, $scan, $author, $created)
        RETURNING {Columns}
        """,
        Read,
        ("$tenant", version.Tenant),
        ("$name", version.Name),
        ("$id", version.Id),
        ("$source", version.SourceHash),
        ("$size", version.Size),
        ("$entry", version.Entry),
        ("$environment", version.Environment),
        ("$limits", version.Limits),
        ("$inputs", version.Inputs),
        ("$description", version.Description),
        ("$findings", version.Findings),
        ("$scan", version.Scan),
        ("$author", version.Author),
        ("$created", SqliteText.ToMicros(version.CreatedAt)))!;

    private static FunctionVersion Read(SqliteDataReader row) => new()
    {
        Tenant = row.GetString(0),
        Name = row.GetString(1),
        Id = row.GetString(2),
        SourceHash = row.GetString(3),
        Size = row.GetInt64(4),
        Entry = row.GetString(5),
        Environment = row.GetString(6),
        Limits = row.GetString(7),
        Inputs = row.GetString(8),
        Description = row.Text(9),
        Findings = row.GetString(10),
        Scan = row.GetString(11),
        Author = row.GetString(12),
        CreatedAt = row.Instant(13),
        Sequence = row.GetInt64(14),
    };
}
