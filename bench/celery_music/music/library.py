"""The library: the sample's tables and the sample's statements."""
import contextlib
import os
import pathlib
import re
import sqlite3

SCHEMA = re.search(
    r'"""\n(.*?)"""', (pathlib.Path(__file__).resolve().parents[3] / "samples/MusicLibrary/Library/LibrarySchema.cs").read_text(), re.DOTALL).group(1)
SAME = "path = :path AND size = :size AND modified = :modified"
BELOW = "(path >= :from AND path < :to)"


class Unusable(Exception):
    """A file that cannot be used; the text says why."""

    def __init__(self, reason, transient=False):
        super().__init__(reason)
        self.transient = transient


def opened(path):
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    db = sqlite3.connect(path, timeout=60, isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    if db.execute("PRAGMA user_version").fetchone()[0] == 0:
        with write(db):
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                for statement in SCHEMA.split(";"):
                    db.execute(statement)
                db.execute("PRAGMA user_version = 1")
    return contextlib.closing(db)


@contextlib.contextmanager
def write(db):
    db.execute("BEGIN IMMEDIATE")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def below(root):
    root = root.rstrip("/")
    return {"from": root + "/", "to": root + "0"}


# files -----------------------------------------------------------------------------------------------------------------------


def look(path):
    """The file as it is now, as path, size and time in ticks of 100 ns since year 1."""
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return {"path": path, "size": stat.st_size, "modified": stat.st_mtime_ns // 100 + 621_355_968_000_000_000}


def discover(db, file):
    db.execute(
        """INSERT INTO files (path, size, modified, status) VALUES (:path, :size, :modified, 'discovered')
           ON CONFLICT (path) DO UPDATE SET size = :size, modified = :modified, status = 'discovered', stage = '', reason = '', transient = 0""", file)


def refuse(db, path, reason):
    db.execute(
        """INSERT INTO files (path, size, modified, status, stage, reason) VALUES (:path, -1, 0, 'failed', 'discovery', :reason)
           ON CONFLICT (path) DO UPDATE SET size = -1, modified = 0, status = 'failed', stage = 'discovery', reason = :reason, transient = 0""",
        {"path": path, "reason": reason})
    remove_track(db, path)


def mark_extracted(db, file):
    db.execute(f"UPDATE files SET status = 'extracted' WHERE {SAME} AND status = 'discovered'", file)


def fail(db, file, stage, error):
    changed = db.execute(
        f"""UPDATE files SET status = 'failed', stage = :stage, reason = :reason, transient = :transient
            WHERE {SAME} AND status IN ('discovered', 'extracted')""",
        file | {"stage": stage, "reason": str(error), "transient": error.transient}).rowcount
    if changed > 0:
        remove_track(db, file["path"])


# tracks ----------------------------------------------------------------------------------------------------------------------


def before(db, path):
    return db.execute("SELECT content, album_key, cover FROM tracks WHERE path = ?", (path,)).fetchone()


def release(db, was):
    if was is None:
        return
    content, album_key, cover = was
    db.execute("DELETE FROM vectors WHERE content = :c AND NOT EXISTS (SELECT 1 FROM tracks WHERE content = :c)", {"c": content})
    db.execute("DELETE FROM covers WHERE hash = :h AND NOT EXISTS (SELECT 1 FROM tracks WHERE cover = :h)", {"h": cover})
    refresh_album(db, album_key)


def remove_track(db, path):
    was = before(db, path)
    db.execute("DELETE FROM tracks WHERE path = ?", (path,))
    release(db, was)


def refresh_album(db, key):
    db.execute("DELETE FROM albums WHERE key = ?", (key,))
    db.execute(
        """INSERT INTO albums (key, title, artist, year, tracks, duration_ms)
           SELECT album_key, min(album), CASE
               WHEN max(album_artist) <> '' THEN max(album_artist)
               WHEN min(artist) FILTER (WHERE artist <> '') IS max(artist) FILTER (WHERE artist <> '') THEN max(artist)
               ELSE 'Various Artists' END,
             min(year), count(*), sum(duration_ms)
           FROM tracks WHERE album_key = ? GROUP BY album_key""", (key,))


def write_track(db, facts, album_key):
    was = before(db, facts["file"]["path"])
    row = {name: value for name, value in facts.items() if name != "file"} | {
        "path": facts["file"]["path"], "album_key": album_key, "tags": "complete" if facts["title"] and facts["artist"] else "missing"}
    columns = list(row)
    db.execute(f"INSERT OR REPLACE INTO tracks ({', '.join(columns)}) VALUES ({', '.join(':' + column for column in columns)})", row)
    release(db, was)
    refresh_album(db, album_key)


def insert(db, tracks):
    for facts, album_key in tracks:
        awaited = db.execute(f"SELECT count(*) FROM files WHERE {SAME} AND status IN ('discovered', 'extracted')", facts["file"]).fetchone()[0]
        if awaited:
            write_track(db, facts, album_key)
            db.execute(
                f"UPDATE files SET status = iif(EXISTS (SELECT 1 FROM vectors WHERE content = :content), 'vectorised', 'inserted') WHERE {SAME}",
                facts["file"] | {"content": facts["content"]})


def lacking(db, paths):
    """What tracks still lack: audio without vector, pictures, titles."""
    contents, covers, untitled = set(), [], []
    for path in paths:
        for content, unheard, unseen, unnamed in db.execute(
                """SELECT content, files.status = 'inserted', art_stream IS NOT NULL AND cover IS NULL, tags = 'missing'
                   FROM tracks JOIN files USING (path) WHERE path = ?""", (path,)):
            if unheard:
                contents.add(content)
            if unseen:
                covers.append(path)
            if unnamed:
                untitled.append(path)
    return sorted(contents), covers, untitled


def lacking_below(db, root):
    where = below(root)
    return (
        [row[0] for row in db.execute(f"SELECT DISTINCT content FROM tracks JOIN files USING (path) WHERE files.status = 'inserted' AND {BELOW} ORDER BY path", where)],
        [row[0] for row in db.execute(f"SELECT path FROM tracks WHERE art_stream IS NOT NULL AND cover IS NULL AND {BELOW} ORDER BY path", where)],
        [row[0] for row in db.execute(f"SELECT path FROM tracks WHERE tags = 'missing' AND {BELOW} ORDER BY path", where)])


# scans -----------------------------------------------------------------------------------------------------------------------


def begin_scan(db, root, scan):
    db.execute("INSERT OR REPLACE INTO scans (root, id, state) VALUES (?, ?, 'walking')", (root, scan))


def advance(db, scan, old, new):
    db.execute("UPDATE scans SET state = ? WHERE id = ? AND state = ?", (new, scan, old))


def see(db, scan, path, kind):
    db.execute(
        """INSERT INTO sightings (scan, path, kind) VALUES (:scan, :path, :kind)
           ON CONFLICT (scan, path) DO UPDATE SET kind = :kind WHERE :kind <> 'Unchanged'""", {"scan": scan, "path": path, "kind": kind})


def is_complete(db, root):
    where = below(root)
    state = db.execute("SELECT state FROM scans WHERE root = ?", (root,)).fetchone()
    if state is None or state[0] not in ("tidied", "done"):
        return False
    unfinished = db.execute(f"SELECT count(*) FROM files WHERE {BELOW} AND status IN ('discovered', 'extracted', 'inserted')", where).fetchone()[0]
    extras = db.execute(f"SELECT count(*) FROM tracks WHERE {BELOW} AND (tags = 'missing' OR (art_stream IS NOT NULL AND cover IS NULL))", where).fetchone()[0]
    return unfinished == 0 and extras == 0
