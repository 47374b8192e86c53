namespace Essaim.Sqlite;

/// <summary>
/// Times are .NET ticks in UTC. Numbers (ids, positions, lease tokens, versions of results) come from <c>meta.sequence</c> and are never
/// given twice. Places are the names of <see cref="MessagePlace"/>; see docs/state-machine.md.
/// </summary>
internal static class SchemaVersion1
{
    public const string Script = """
        CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
        INSERT INTO meta VALUES ('schema_version', 0), ('sequence', 0), ('probe', 0);

        -- Counts are kept beside the names, so that a million messages need not be counted.
        CREATE TABLE queues (
            id        INTEGER PRIMARY KEY,
            name      TEXT NOT NULL UNIQUE,
            ready     INTEGER NOT NULL DEFAULT 0 CHECK (ready >= 0),
            delayed   INTEGER NOT NULL DEFAULT 0 CHECK (delayed >= 0),
            in_flight INTEGER NOT NULL DEFAULT 0 CHECK (in_flight >= 0),
            dead      INTEGER NOT NULL DEFAULT 0 CHECK (dead >= 0)
        );

        CREATE TABLE messages (
            id             INTEGER PRIMARY KEY,
            queue_id       INTEGER NOT NULL,
            place          TEXT NOT NULL CHECK (place IN ('Ready', 'Delayed', 'InFlight', 'Dead')),
            priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
            position       INTEGER NOT NULL,
            ready_since    INTEGER NOT NULL,
            not_before     INTEGER NOT NULL,
            delivery_count INTEGER NOT NULL CHECK (delivery_count >= 0),
            lease_token    INTEGER,
            lease_deadline INTEGER,
            worker         TEXT,
            died_at        INTEGER,
            reason         TEXT,
            unique_key     TEXT,
            task_id        TEXT NOT NULL,
            task_name      TEXT NOT NULL,
            envelope       BLOB NOT NULL,
            CHECK ((place = 'InFlight') = (lease_token IS NOT NULL)),
            CHECK ((place = 'Dead') = (died_at IS NOT NULL))
        );
        CREATE INDEX messages_ready ON messages (queue_id, priority, position) WHERE place = 'Ready';
        CREATE INDEX messages_delayed ON messages (not_before, id) WHERE place = 'Delayed';
        CREATE INDEX messages_in_flight ON messages (lease_deadline, id) WHERE place = 'InFlight';
        CREATE INDEX messages_dead ON messages (position) WHERE place = 'Dead';
        CREATE INDEX messages_task ON messages (task_id);

        CREATE TABLE unique_keys (key TEXT PRIMARY KEY, task_id TEXT NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX unique_keys_expiry ON unique_keys (expires_at);

        CREATE TABLE revoked (task_id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;

        -- A changed result gets a new id, so that those who watch need only look behind the last id they saw.
        CREATE TABLE results (
            id         INTEGER PRIMARY KEY,
            task_id    TEXT NOT NULL UNIQUE,
            is_ready   INTEGER NOT NULL CHECK (is_ready IN (0, 1)),
            expires_at INTEGER,
            document   BLOB NOT NULL
        );
        CREATE INDEX results_expiry ON results (expires_at) WHERE expires_at IS NOT NULL;

        CREATE TABLE groups (id TEXT PRIMARY KEY, expires_at INTEGER, structure BLOB NOT NULL) WITHOUT ROWID;

        CREATE TABLE chords (group_id TEXT PRIMARY KEY, size INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
        CREATE TABLE chord_parts (
            group_id TEXT NOT NULL,
            task_id  TEXT NOT NULL,
            position INTEGER,
            state    TEXT NOT NULL,
            result   BLOB NOT NULL,
            PRIMARY KEY (group_id, task_id)
        ) WITHOUT ROWID;

        CREATE TABLE completions (
            position  INTEGER PRIMARY KEY,
            task_id   TEXT NOT NULL,
            task_name TEXT NOT NULL,
            state     TEXT NOT NULL,
            queue     TEXT NOT NULL,
            worker    TEXT NOT NULL,
            at        INTEGER NOT NULL,
            runtime   INTEGER NOT NULL,
            root_id   TEXT
        );

        CREATE TABLE events (
            position INTEGER PRIMARY KEY,
            type     TEXT NOT NULL,
            hostname TEXT NOT NULL,
            task_id  TEXT,
            at       INTEGER NOT NULL,
            body     BLOB NOT NULL
        );

        CREATE TABLE control_requests (
            id           INTEGER PRIMARY KEY,
            sent_at      INTEGER NOT NULL,
            method       TEXT NOT NULL,
            wants_reply  INTEGER NOT NULL CHECK (wants_reply IN (0, 1)),
            destination  TEXT,
            arguments    BLOB NOT NULL
        );
        CREATE TABLE control_replies (
            id         INTEGER PRIMARY KEY,
            request_id INTEGER NOT NULL,
            node       TEXT NOT NULL,
            value      BLOB NOT NULL
        );
        CREATE INDEX control_replies_request ON control_replies (request_id);

        CREATE TABLE configurations (
            version      INTEGER PRIMARY KEY,
            published_at INTEGER NOT NULL,
            author       TEXT NOT NULL,
            queues       BLOB NOT NULL,
            routes       BLOB NOT NULL,
            base         BLOB NOT NULL
        );

        CREATE TABLE schedules (
            name         TEXT PRIMARY KEY,
            enabled      INTEGER NOT NULL CHECK (enabled IN (0, 1)),
            next_run     INTEGER,
            last_run     INTEGER,
            last_task_id TEXT,
            definition   BLOB NOT NULL
        ) WITHOUT ROWID;
        """;
}
