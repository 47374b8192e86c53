using System.Globalization;

namespace Essaim.Storage.Sqlite;

/// <summary>Brings a file to the newest schema, one transaction for all steps. The version is the file's <c>user_version</c>.</summary>
internal static class SchemaMigrator
{
    /// <summary>Marks the file as ours (<c>application_id</c>): "ESSM".</summary>
    private const long ApplicationId = 0x4553534D;

    public static void Migrate(SqliteSession session, string path, IReadOnlyList<string> steps)
    {
        session.Script("BEGIN IMMEDIATE");
        try
        {
            long version = Read(session, "PRAGMA user_version");
            Check(session, path, version, steps.Count);
            for (int step = (int)version; step < steps.Count; step++)
                session.Script(steps[step]);
            if (version < steps.Count)
            {
                session.Script(string.Create(
                    CultureInfo.InvariantCulture, $"PRAGMA user_version = {steps.Count}; PRAGMA application_id = {ApplicationId}"));
            }

            session.Script("COMMIT");
        }
        catch
        {
            session.Script("ROLLBACK");
            throw;
        }
    }

    private static void Check(SqliteSession session, string path, long version, int known)
    {
        if (version > known)
        {
            throw new MetadataException(
                "ESS5102",
                path,
                $"The task history '{path}' was written by a newer Essaim (schema {version}; this one knows {known}). Update Essaim, or choose another data folder.");
        }

        long owner = Read(session, "PRAGMA application_id");
        bool empty = Read(session, "SELECT count(*) FROM sqlite_master") == 0;
        if (owner != ApplicationId && !(empty && owner == 0 && version == 0))
        {
            throw new MetadataException(
                "ESS5108", path, $"The file '{path}' is another program's database, not a task history of Essaim. Choose another data folder; the file was not changed.");
        }
    }

    private static long Read(SqliteSession session, string sql) => (long)session.Scalar(sql)!;
}
