"""The tasks, with the names, batches and order of the sample."""
import concurrent.futures
import hashlib
import os
import pathlib
import re

from . import library, tools
from .app import app

EXTENSIONS = {".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wav", ".aif", ".aiff", ".wma", ".mka", ".wv", ".ape", ".mpc"}
FILES_PER_BATCH, LARGEST_BATCH, PATHS_PER_TASK, ATTEMPTS = 32, 64, 16, 3
PARALLEL = min(max(os.cpu_count() // 2, 2), 8)


def chunks(items, size):
    return [items[start:start + size] for start in range(0, len(items), size)]


def send_lacking(file, lacking):
    contents, covers, untitled = lacking
    for content in contents:
        compute.delay(file, content)
    for paths in chunks(covers, PATHS_PER_TASK):
        fetch.delay(file, paths)
    for paths in chunks(untitled, PATHS_PER_TASK):
        enrich.delay(file, paths)


def walk(root):
    """Every music file once: links that lead back inside are left out, as are those that lead nowhere (told as a problem)."""
    real_root, entered, folders = os.path.realpath(root), set(), [root]
    while folders:
        folder = folders.pop()
        real = os.path.realpath(folder)
        if real in entered:
            continue
        entered.add(real)
        try:
            names = sorted(os.listdir(folder))
        except OSError as error:
            yield folder, f"the folder cannot be listed: {error.strerror}"
            continue
        below = []
        for name in names:
            path = os.path.join(folder, name)
            music = os.path.splitext(name)[1].lower() in EXTENSIONS
            if name.startswith("."):
                continue
            if music and any(0xDC80 <= ord(letter) <= 0xDCFF for letter in name):
                yield path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), "its name is not valid UTF-8; rename it (on Debian: convmv)"
                continue
            if os.path.islink(path):
                target = os.path.realpath(path)
                if (target == real_root or target.startswith(real_root + "/")) and os.path.exists(target):
                    continue
                if music and not os.path.exists(target):
                    yield path, "a link that leads nowhere"
                    continue
            if os.path.isdir(path):
                below.append(path)
            elif music:
                yield path, None
        folders += reversed(below)


@app.task(name="scan.discovery")
def discovery(file, root, scan, retry_failed):
    with library.opened(file) as db:
        send_lacking(file, library.lacking_below(db, root))
        for some in chunks(list(walk(root)), FILES_PER_BATCH):
            wanted = []
            with library.write(db):
                for path, problem in some:
                    if problem:
                        library.refuse(db, path, problem)
                        library.see(db, scan, path, "Problem")
                        continue
                    now = library.look(path)
                    known = db.execute("SELECT size, modified, status, transient FROM files WHERE path = ?", (path,)).fetchone()
                    kind = "New" if known is None else "Unchanged" if known[:2] == (now["size"], now["modified"]) else "Changed"
                    library.see(db, scan, path, kind)
                    again = known is not None and known[2] == "failed" and (retry_failed or known[3])
                    if kind != "Unchanged" or again:
                        library.discover(db, now)
                    if kind != "Unchanged" or again or known[2] in ("discovered", "extracted"):
                        wanted.append(now)
            if wanted:
                extract.delay(file, wanted, 1)
        with library.write(db):
            library.advance(db, scan, "walking", "walked")
    orphans.delay(file, root, scan)


@app.task(name="metadata.extract_batch")
def extract(file, files, attempt):
    read, unusable = {}, {}

    def one(ref):
        try:
            read[ref["path"]] = tools.probe(ref)
        except library.Unusable as error:
            unusable[ref["path"]] = error

    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(one, files))
    later = []
    with library.opened(file) as db, library.write(db):
        for ref in files:
            error = unusable.get(ref["path"])
            if error is None:
                library.mark_extracted(db, ref)
            elif error.transient and attempt < ATTEMPTS:
                later.append(ref["path"])
            else:
                library.fail(db, ref, "metadata", error)
    if later:
        retry_failed.apply_async((file, later, attempt + 1), countdown=2 ** (attempt - 1))
    tracks = [read[ref["path"]] for ref in files if ref["path"] in read]
    if tracks:
        group.delay(file, tracks)


@app.task(name="batch.group")
def group(file, tracks):
    albums = {}
    for facts in {facts["file"]["path"]: facts for facts in tracks}.values():
        facts["album"], key = tools.album_key(facts)
        albums.setdefault(key, []).append((facts, key))
    batches = []
    for key in sorted(albums):
        for part in chunks(albums[key], LARGEST_BATCH):
            if not batches or len(batches[-1]) + len(part) > LARGEST_BATCH:
                batches.append([])
            batches[-1] += part
    for batch in batches:
        insert.delay(file, batch)


@app.task(name="insert.tracks")
def insert(file, tracks):
    with library.opened(file) as db:
        with library.write(db):
            library.insert(db, tracks)
            lacking = library.lacking(db, [facts["file"]["path"] for facts, _ in tracks])
        send_lacking(file, lacking)


@app.task(name="vector.compute")
def compute(file, content):
    with library.opened(file) as db:
        track = db.execute(
            """SELECT path, size, modified, duration_ms FROM tracks JOIN files USING (path)
               WHERE content = ? AND files.status = 'inserted' ORDER BY path LIMIT 1""", (content,)).fetchone()
        known = db.execute("SELECT count(*) FROM vectors WHERE content = ?", (content,)).fetchone()[0] > 0
        if track is None:
            return
        try:
            heard = None if known else tools.vector(track[0], track[3])
            if not known and library.look(track[0]) != {"path": track[0], "size": track[1], "modified": track[2]}:
                raise library.Unusable("it changed while it was being read", transient=True)
            with library.write(db):
                if heard is not None:
                    db.execute(
                        """INSERT INTO vectors (content, vector) SELECT :c, :v WHERE EXISTS (SELECT 1 FROM tracks WHERE content = :c)
                           ON CONFLICT (content) DO NOTHING""", {"c": content, "v": heard})
                db.execute(
                    "UPDATE files SET status = 'vectorised' WHERE status = 'inserted' AND path IN (SELECT path FROM tracks WHERE content = ?)", (content,))
        except library.Unusable as error:
            with library.write(db):
                db.execute(
                    """UPDATE files SET status = 'failed', stage = 'features', reason = ?, transient = ?
                       WHERE status = 'inserted' AND path IN (SELECT path FROM tracks WHERE content = ?)""", (str(error), error.transient, content))


@app.task(name="covers.fetch")
def fetch(file, paths):
    def wanted(path):
        row = db.execute("SELECT art_stream FROM tracks WHERE path = ? AND cover IS NULL AND art_stream IS NOT NULL", (path,)).fetchone()
        return (path, row[0]) if row else None

    with library.opened(file) as db:
        places = [place for place in map(wanted, paths) if place]
        if not places:
            return
        try:
            taken = tools.pictures(places)
        except library.Unusable:
            taken = {}
        for place in places:
            try:
                data = taken.get(place[0]) or tools.picture(*place)
                kind = tools.image_type(data)
                if kind is None:
                    raise library.Unusable("its picture is of a kind unknown here")
                with library.write(db):
                    if wanted(place[0]) == place:
                        keep_cover(db, file, place[0], data, kind)
            except library.Unusable as error:
                with library.write(db):
                    db.execute("UPDATE tracks SET cover = '', cover_reason = ? WHERE path = ?", (str(error), place[0]))


def keep_cover(db, file, path, data, kind):
    digest = hashlib.sha256(data).digest()[:16].hex()
    target = pathlib.Path(file).with_suffix(".covers") / f"{digest}.{kind}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        part.write_bytes(data)
        part.rename(target)
    db.execute("INSERT OR IGNORE INTO covers (hash, type, bytes) VALUES (?, ?, ?)", (digest, kind, len(data)))
    db.execute("UPDATE tracks SET cover = ? WHERE path = ?", (digest, path))


NAME = re.compile(r"\A(?:(?P<number>[0-9]{1,3})(?:\s*[.)]\s*|\s+-\s+|\s+))?(?:(?P<artist>.+?)\s+-\s+)?(?P<title>.*)\Z", re.DOTALL)


@app.task(name="deferred.enrich")
def enrich(file, paths):
    with library.opened(file) as db, library.write(db):
        for path in paths:
            name = os.path.splitext(os.path.basename(path))[0].replace("_", " ").strip()
            guess = NAME.match(name)
            filled = db.execute(
                """UPDATE tracks SET tags = 'guessed', title = iif(title = '', :title, title), artist = iif(artist = '', :artist, artist),
                     track_number = coalesce(track_number, :number) WHERE path = :path AND tags = 'missing'""",
                {"path": path, "title": guess["title"].strip() or name, "artist": (guess["artist"] or "").strip(),
                 "number": int(guess["number"]) if guess["number"] else None}).rowcount
            if filled > 0:
                library.refresh_album(db, db.execute("SELECT album_key FROM tracks WHERE path = ?", (path,)).fetchone()[0])


@app.task(name="deferred.retry_failed")
def retry_failed(file, paths, attempt):
    files = [ref for ref in map(library.look, paths) if ref]
    with library.opened(file) as db, library.write(db):
        for ref in files:
            library.discover(db, ref)
        for path in set(paths) - {ref["path"] for ref in files}:
            library.remove_track(db, path)
            db.execute("DELETE FROM files WHERE path = ?", (path,))
    if files:
        extract.delay(file, files, attempt)


@app.task(name="maintenance.orphans")
def orphans(file, root, scan):
    with library.opened(file) as db:
        if os.path.isdir(root) and os.listdir(root):
            known = db.execute(
                f"SELECT path, size = -1 FROM files WHERE {library.BELOW} AND path NOT IN (SELECT path FROM sightings WHERE scan = :scan)",
                library.below(root) | {"scan": scan}).fetchall()
            gone = [path for path, is_place in known if is_place or not os.path.exists(path)]
            with library.write(db):
                for path in gone:
                    library.remove_track(db, path)
                    db.execute("DELETE FROM files WHERE path = ?", (path,))
        with library.write(db):
            wanted = {f"{digest}.{kind}" for digest, kind in db.execute("SELECT hash, type FROM covers")}
            folder = pathlib.Path(file).with_suffix(".covers")
            for cover in folder.iterdir() if folder.is_dir() else ():
                if cover.name not in wanted:
                    cover.unlink()
    vacuum.delay(file, scan)


@app.task(name="maintenance.vacuum")
def vacuum(file, scan):
    with library.opened(file) as db:
        if db.execute("PRAGMA freelist_count").fetchone()[0] * 4 > db.execute("PRAGMA page_count").fetchone()[0]:
            db.execute("VACUUM")
        db.execute("PRAGMA optimize")
        with library.write(db):
            library.advance(db, scan, "walked", "tidied")
