namespace Essaim.Sqlite;

/// <summary>Limits of queues, pauses, and recorded steps.</summary>
internal static class SchemaVersion2
{
    public const string Script = """
        -- A retry that holds its ordered queue until it is due; since when a message is in flight, and under which scope of limits it counts.
        ALTER TABLE messages ADD COLUMN keeps_place INTEGER NOT NULL DEFAULT 0 CHECK (keeps_place IN (0, 1));
        ALTER TABLE messages ADD COLUMN claimed_at INTEGER;
        ALTER TABLE messages ADD COLUMN scope TEXT;
        CREATE INDEX messages_scope ON messages (scope) WHERE place = 'InFlight' AND scope IS NOT NULL;
        CREATE INDEX messages_kept ON messages (queue_id) WHERE place = 'Delayed' AND keeps_place = 1;

        -- A bucket is one instant: when it will be full again. The interval is in ticks.
        CREATE TABLE rates (bucket TEXT PRIMARY KEY, full_at INTEGER NOT NULL, interval INTEGER NOT NULL, burst INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE rate_places (task_id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE pauses (queue TEXT PRIMARY KEY, reason TEXT NOT NULL, paused_by TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE steps (
            task_id    TEXT NOT NULL,
            step       TEXT NOT NULL,
            expires_at INTEGER NOT NULL,
            result     BLOB NOT NULL,
            PRIMARY KEY (task_id, step)
        ) WITHOUT ROWID;
        CREATE INDEX steps_expiry ON steps (expires_at);
        """;
}
