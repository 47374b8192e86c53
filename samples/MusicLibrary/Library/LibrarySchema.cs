namespace MusicLibrary;

/// <summary>
/// The tables. files, tracks, albums, covers and vectors hold only what follows from the music itself, so that any order of
/// work and any number of crashes ends in the same rows. scans and sightings are the book-keeping of one scan.
/// </summary>
internal static class LibrarySchema
{
    public const int Version = 1;

    public const string Create =
        """
        CREATE TABLE files (
          path      TEXT PRIMARY KEY,
          size      INTEGER NOT NULL,
          modified  INTEGER NOT NULL,
          status    TEXT NOT NULL CHECK (status IN ('discovered', 'extracted', 'inserted', 'vectorised', 'failed')),
          stage     TEXT NOT NULL DEFAULT '',
          reason    TEXT NOT NULL DEFAULT '',
          transient INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;

        CREATE TABLE tracks (
          path         TEXT PRIMARY KEY,
          content      TEXT NOT NULL,
          album_key    TEXT NOT NULL,
          title        TEXT NOT NULL,
          artist       TEXT NOT NULL,
          album        TEXT NOT NULL,
          album_artist TEXT NOT NULL,
          genre        TEXT NOT NULL,
          track_number INTEGER,
          disc_number  INTEGER,
          year         INTEGER,
          format       TEXT NOT NULL,
          codec        TEXT NOT NULL,
          duration_ms  INTEGER NOT NULL,
          sample_rate  INTEGER NOT NULL,
          channels     INTEGER NOT NULL,
          tags         TEXT NOT NULL CHECK (tags IN ('complete', 'missing', 'guessed')),
          art_stream   INTEGER,
          cover        TEXT,
          cover_reason TEXT NOT NULL DEFAULT ''
        ) WITHOUT ROWID;
        CREATE INDEX tracks_content ON tracks (content);
        CREATE INDEX tracks_album ON tracks (album_key);
        CREATE INDEX tracks_cover ON tracks (cover);

        CREATE TABLE albums (
          key         TEXT PRIMARY KEY,
          title       TEXT NOT NULL,
          artist      TEXT NOT NULL,
          year        INTEGER,
          tracks      INTEGER NOT NULL,
          duration_ms INTEGER NOT NULL
        ) WITHOUT ROWID;

        CREATE TABLE covers (hash TEXT PRIMARY KEY, type TEXT NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE vectors (content TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;

        CREATE TABLE scans (root TEXT PRIMARY KEY, id TEXT NOT NULL, state TEXT NOT NULL, removed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;

        CREATE TABLE sightings (scan TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (scan, path)) WITHOUT ROWID;
        """;
}
