namespace Essaim.Storage.Sqlite;

/// <summary>The schema, step by step. A step that was released never changes; what changes is a new step.</summary>
internal static class Schema
{
    public static IReadOnlyList<string> Steps { get; } =
    [
        """
        CREATE TABLE task (
          number        INTEGER PRIMARY KEY AUTOINCREMENT,
          id            TEXT NOT NULL,
          tenant        TEXT NOT NULL DEFAULT 'default',
          name          TEXT,
          queue         TEXT,
          state         TEXT NOT NULL,
          state_at      INTEGER NOT NULL,   -- microseconds since 1970, like every *_at
          changed_at    INTEGER NOT NULL,
          certain       INTEGER NOT NULL,
          priority      INTEGER,
          args          TEXT,
          kwargs        TEXT,
          submitted_at  INTEGER NOT NULL,
          eta_at        INTEGER,
          started_at    INTEGER,
          finished_at   INTEGER,
          worker        TEXT,
          runtime       INTEGER,            -- microseconds
          retries       INTEGER NOT NULL,
          root_id       TEXT,
          parent_id     TEXT,
          group_id      TEXT,
          error         TEXT,
          progress      REAL,
          progress_text TEXT,
          last_sequence INTEGER NOT NULL,
          UNIQUE (tenant, id)
        ) STRICT;
        CREATE INDEX task_newest ON task (tenant, submitted_at, number);
        CREATE INDEX task_by_state ON task (tenant, state, submitted_at, number);
        CREATE INDEX task_by_name ON task (tenant, name, submitted_at, number);
        CREATE INDEX task_by_root ON task (root_id, submitted_at, number);
        CREATE INDEX task_by_change ON task (changed_at);

        CREATE TABLE task_entry (
          task     INTEGER NOT NULL REFERENCES task (number),
          sequence INTEGER NOT NULL,
          kind     INTEGER NOT NULL,        -- 0 state, 1 progress, 2 log
          at       INTEGER NOT NULL,
          data     TEXT NOT NULL,
          PRIMARY KEY (task, sequence)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE worker (
          node       TEXT PRIMARY KEY,
          first_seen INTEGER NOT NULL,
          last_seen  INTEGER NOT NULL,
          offline    INTEGER NOT NULL,
          facts      TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE cursor (
          source   TEXT PRIMARY KEY,
          position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE request_key (
          tenant       TEXT NOT NULL DEFAULT 'default',
          key          TEXT NOT NULL,
          request_hash TEXT NOT NULL,
          task_ids     TEXT NOT NULL,       -- JSON list
          expires_at   INTEGER NOT NULL,
          status       INTEGER,             -- null: no response yet
          location     TEXT,
          body         BLOB,
          PRIMARY KEY (tenant, key)
        ) STRICT;
        CREATE INDEX request_key_expiry ON request_key (expires_at);

        CREATE TABLE probe (id INTEGER PRIMARY KEY, at INTEGER NOT NULL) STRICT;
        """,
        """
        CREATE TABLE device (
          id              TEXT PRIMARY KEY,
          label           TEXT,
          password_hash   TEXT NOT NULL,      -- as Mosquitto's password file has it
          created_at      INTEGER NOT NULL,
          revoked_at      INTEGER,
          config_version  INTEGER NOT NULL,
          config          TEXT NOT NULL,
          reported_version INTEGER,
          reported_status TEXT,
          reported_error  TEXT
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE round (
          id        INTEGER PRIMARY KEY AUTOINCREMENT,
          revision  INTEGER NOT NULL,
          state     TEXT NOT NULL CHECK (state IN ('open', 'closed', 'void')),
          expected  INTEGER NOT NULL CHECK (expected > 0),
          votes     INTEGER NOT NULL CHECK (votes BETWEEN 0 AND expected),
          question  TEXT,
          opened_at INTEGER NOT NULL,
          opened_by TEXT NOT NULL,
          closed_at INTEGER,
          reason    TEXT
        ) STRICT;
        CREATE UNIQUE INDEX round_open ON round (state) WHERE state = 'open';

        CREATE TABLE vote (
          number     INTEGER PRIMARY KEY AUTOINCREMENT,   -- the order of arrival
          slot       TEXT NOT NULL,
          epoch      TEXT NOT NULL,
          seq        INTEGER NOT NULL,
          hash       TEXT NOT NULL,
          round      INTEGER,
          verdict    TEXT NOT NULL CHECK (verdict IN ('counted', 'late')),
          choice     TEXT NOT NULL,
          input      TEXT,
          at         TEXT,
          age        INTEGER,                             -- milliseconds
          arrived_at INTEGER NOT NULL,
          UNIQUE (slot, epoch, seq)
        ) STRICT;
        CREATE INDEX vote_by_round ON vote (round, number);

        CREATE TABLE audit (
          number INTEGER PRIMARY KEY AUTOINCREMENT,
          at     INTEGER NOT NULL,
          by     TEXT NOT NULL,
          action TEXT NOT NULL,
          target TEXT NOT NULL,
          detail TEXT
        ) STRICT;
        """,
        """
        -- A push makes a row, or gives the one there is the highest sequence: that one is the latest.
        CREATE TABLE function_version (
          sequence    INTEGER NOT NULL UNIQUE,
          tenant      TEXT NOT NULL DEFAULT 'default',
          name        TEXT NOT NULL,
          id          TEXT NOT NULL CHECK (length(id) = 64),
          source_hash TEXT NOT NULL,
          size        INTEGER NOT NULL,
          entry       TEXT NOT NULL,
          environment TEXT NOT NULL,
          limits      TEXT NOT NULL,          -- JSON, like inputs, findings, scan
          inputs      TEXT NOT NULL,
          description TEXT,
          findings    TEXT NOT NULL,
          scan        TEXT NOT NULL,
          author      TEXT NOT NULL,
          created_at  INTEGER NOT NULL,
          removed_at  INTEGER,
          PRIMARY KEY (tenant, name, id)
        ) STRICT;
        CREATE INDEX function_latest ON function_version (tenant, name, sequence) WHERE removed_at IS NULL;
        CREATE INDEX function_by_source ON function_version (source_hash) WHERE removed_at IS NULL;

        -- Once for all versions that have it.
        CREATE TABLE function_source (hash TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;

        ALTER TABLE task ADD COLUMN function TEXT;   -- name, or name@id
        CREATE INDEX task_by_function ON task (tenant, function, submitted_at, number) WHERE function IS NOT NULL;
        """,
    ];
}
