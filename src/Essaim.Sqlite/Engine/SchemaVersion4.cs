namespace Essaim.Sqlite;

/// <summary>Blobs in pieces, and the logs of tasks.</summary>
internal static class SchemaVersion4
{
    public const string Script = """
        -- Without an id it is still being written.
        CREATE TABLE blobs (number INTEGER PRIMARY KEY, id TEXT UNIQUE, size INTEGER NOT NULL, expires_at INTEGER NOT NULL);
        CREATE INDEX blobs_expiry ON blobs (expires_at);

        -- The place is the blob's number times 1024, and which piece it is.
        CREATE TABLE blob_pieces (place INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

        -- How far a task's log goes, and what its writer has noted about where it comes from.
        CREATE TABLE task_logs (task_id TEXT PRIMARY KEY, length INTEGER NOT NULL, mark TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX task_logs_expiry ON task_logs (expires_at);
        CREATE TABLE task_log_pieces (
            task_id TEXT NOT NULL,
            ends_at INTEGER NOT NULL,
            source  INTEGER NOT NULL,
            at      INTEGER NOT NULL,
            bytes   BLOB NOT NULL,
            PRIMARY KEY (task_id, ends_at)
        );
        """;
}
