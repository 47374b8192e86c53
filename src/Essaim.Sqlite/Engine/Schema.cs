namespace Essaim.Sqlite;

/// <summary>The tables, and how a file of an older version becomes one of this.</summary>
internal static class Schema
{
    /// <summary>Marks the file as Essaim's: "ESSM".</summary>
    private const int ApplicationId = 0x4553534D;

    // A file of this size is looked through in some 10 ms; a larger one would make every start slow.
    private const long CheckedUpTo = 4 << 20;

    /// <summary>One script a version, in order; a published one never changes.</summary>
    public static readonly IReadOnlyList<string> Migrations = [SchemaVersion1.Script, SchemaVersion2.Script, SchemaVersion3.Script, SchemaVersion4.Script];

    /// <summary>Brings the file to this program's version, in one transaction.</summary>
    /// <exception cref="BackendException">Another program's file, a damaged one, or a newer one.</exception>
    public static void Migrate(Database database, IReadOnlyList<string> migrations)
    {
        database.Execute("PRAGMA journal_mode = WAL");
        database.Use("BEGIN IMMEDIATE").Run();
        try
        {
            long version = GetVersion(database);
            if (version > migrations.Count)
            {
                throw new BackendException(
                    SqliteFault.Newer,
                    $"{database.Path} was written by a newer Essaim (schema {version}; this program knows {migrations.Count}). Update Essaim or use another file.");
            }

            for (; version < migrations.Count; version++)
                database.Execute(migrations[(int)version]);
            database.Use("UPDATE meta SET value = ?1 WHERE key = 'schema_version'").Add(version).Run();
            database.Execute($"PRAGMA application_id = {ApplicationId}");
            database.Use("COMMIT").Run();
        }
        catch
        {
            if (database.IsInTransaction)
                database.Execute("ROLLBACK");
            throw;
        }
    }

    /// <summary>Reads the first pages, before anything is written or made beside the file.</summary>
    /// <exception cref="BackendException">Another program's file, or a damaged one.</exception>
    public static void CheckReadable(Database database)
    {
        if (database.IsReadOnly)
            throw SqliteFault.NotWritable(database.Path);

        // In one transaction: another process may be making the tables just now.
        database.Use("BEGIN").Run();
        long tables = database.Use("SELECT count(*) FROM sqlite_schema").ReadNumber() ?? 0;
        long owner = database.Use("PRAGMA application_id").ReadNumber() ?? 0;
        database.Use("COMMIT").Run();
        if (owner != ApplicationId && (owner != 0 || tables != 0))
        {
            throw new BackendException(
                SqliteFault.NotOurs, $"{database.Path} is a SQLite database of another program. Essaim left it as it is; name another file.");
        }

        if (new FileInfo(database.Path).Length <= CheckedUpTo)
            CheckWhole(database);
    }

    private static void CheckWhole(Database database)
    {
        Statement check = database.Use("PRAGMA quick_check(1)");
        check.Step();
        string said = check.GetText(0);
        check.Restart();
        if (said != "ok")
            throw SqliteFault.Corrupt(database.Path, said);
    }

    private static long GetVersion(Database database) =>
        database.Use("SELECT count(*) FROM sqlite_schema WHERE name = 'meta'").ReadNumber() == 0
            ? 0
            : database.Use("SELECT value FROM meta WHERE key = 'schema_version'").ReadNumber() ?? 0;
}
