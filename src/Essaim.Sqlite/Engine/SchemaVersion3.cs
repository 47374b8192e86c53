namespace Essaim.Sqlite;

/// <summary>Published configurations: revision and host. Their version is an instant from here on: microseconds since 1970.</summary>
internal static class SchemaVersion3
{
    public const string Script = """
        ALTER TABLE configurations ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE configurations ADD COLUMN host TEXT NOT NULL DEFAULT '';
        """;
}
