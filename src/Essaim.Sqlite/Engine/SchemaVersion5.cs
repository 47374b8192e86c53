namespace Essaim.Sqlite;

/// <summary>The catalog of functions.</summary>
internal static class SchemaVersion5
{
    public const string Script = """
        CREATE TABLE functions (name TEXT PRIMARY KEY, stamp TEXT NOT NULL, latest TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE function_versions (name TEXT NOT NULL, version TEXT NOT NULL, document BLOB NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID;
        """;
}
