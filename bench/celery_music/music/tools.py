"""ffprobe and ffmpeg, called as the sample calls them."""
import hashlib
import json
import os
import pathlib
import re
import struct
import subprocess
import tempfile

import numpy

from .library import Unusable, look

SAMPLE_RATE, SIZE, BANDS, RANGE_DB = 22050, 2048, 24, 80.0


def run(arguments, limit):
    try:
        return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        raise Unusable(f"{arguments[0]} took longer than {limit} s", transient=True) from None


def complaint(done, path):
    text = done.stderr[-4096:].decode("utf-8", "replace").replace(f"file:{path}: ", "").rstrip()
    last = text.split("\n")[-1].strip()
    return re.sub(r"^\[.* @ 0x[0-9a-f]+\] ", "", last) if last else f"exit code {done.returncode}"


def content_key(file):
    sample = 64 * 1024
    with open(file["path"], "rb", buffering=0) as stream:
        length = os.fstat(stream.fileno()).st_size
        digest = hashlib.sha256(struct.pack("<q", length))
        last = max(0, length - sample)
        for position in (0, last // 2, last):
            stream.seek(position)
            digest.update(stream.read(sample))
    return digest.digest()[:16].hex()


def probe(file):
    """What a file says of itself."""
    if file["size"] == 0:
        raise Unusable("the file is empty (0 bytes)")
    try:
        content = content_key(file)
    except OSError as error:
        raise Unusable(f"the system says: {error}", transient=True) from None
    done = run(["ffprobe", "-v", "error", "-protocol_whitelist", "file", "-of", "json", "-show_format", "-show_streams", f"file:{file['path']}"], 60)
    if look(file["path"]) != file:
        raise Unusable("it changed while it was being read", transient=True)
    if done.returncode != 0:
        raise Unusable(f"ffprobe cannot read it: {complaint(done, file['path'])}")
    said = json.loads(done.stdout)
    if "format" not in said or "streams" not in said:
        raise Unusable("ffprobe found no format in it")
    form = said["format"]
    audio = next((stream for stream in said["streams"] if stream.get("codec_type") == "audio"), None)
    if audio is None:
        raise Unusable(f"there is no audio in it (ffprobe says: {form.get('format_name', '')})")
    seconds = float(form.get("duration") or audio.get("duration") or 0)
    if seconds <= 0:
        raise Unusable("its audio has no length")
    tags = {}
    for place in (audio, form):
        for name, value in place.get("tags", {}).items():
            if value.strip():
                tags[name.lower()] = value.strip()[:1000]

    def leading(text):
        digits = re.match(r"[0-9]{1,9}", text)
        return int(digits.group()) if digits else None

    pictures = [stream for stream in said["streams"] if stream.get("disposition", {}).get("attached_pic") == 1]
    front = [stream for stream in pictures if "front" in stream.get("tags", {}).get("comment", "").lower()]
    return {
        "file": file, "content": content, "title": tags.get("title", ""), "artist": tags.get("artist", ""), "album": tags.get("album", ""),
        "album_artist": tags.get("album_artist", tags.get("albumartist", "")), "genre": tags.get("genre", ""),
        "track_number": leading(tags.get("track", tags.get("tracknumber", ""))), "disc_number": leading(tags.get("disc", tags.get("discnumber", ""))),
        "year": leading(tags.get("date", tags.get("year", ""))), "format": form.get("format_name", ""), "codec": audio.get("codec_name", ""),
        "duration_ms": round(seconds * 1000), "sample_rate": int(float(audio.get("sample_rate", 0))), "channels": int(audio.get("channels", 0)),
        "art_stream": (front or pictures)[0]["index"] if pictures else None,
    }


def album_key(facts):
    def plain(text):
        # As .NET does: one letter for one letter, so that "ß" stays.
        return " ".join("".join(upper if len(upper := letter.upper()) == 1 else letter for letter in text).split())

    folder = os.path.dirname(facts["file"]["path"]) or "/"
    album = facts["album"] or os.path.basename(folder)
    place = f"artist\0{plain(facts['album_artist'])}" if facts["album_artist"] and facts["album"] else f"folder\0{folder}"
    return album, hashlib.sha256(f"{place}\0{plain(album)}".encode()).digest()[:12].hex()


# how a track sounds ----------------------------------------------------------------------------------------------------------


def filters():
    def mel(hertz):
        return 2595 * numpy.log10(1 + hertz / 700)

    low, high = mel(60.0), mel(SAMPLE_RATE / 2)
    edges = 700 * (10 ** ((low + (high - low) * numpy.arange(BANDS + 2) / (BANDS + 1)) / 2595) - 1) * SIZE / SAMPLE_RATE
    bins = numpy.arange(SIZE // 2 + 1)
    weights = numpy.zeros((BANDS, bins.size), numpy.float32)
    for band in range(BANDS):
        left, centre, right = edges[band:band + 3]
        weights[band] = numpy.maximum(0, numpy.minimum((bins - left) / (centre - left), (right - bins) / (right - centre)))
    return weights


FILTERS = filters()
WINDOW = (0.5 - 0.5 * numpy.cos(2 * numpy.pi * numpy.arange(SIZE) / SIZE)).astype(numpy.float32)


def normalised(values):
    length = float(numpy.sqrt(numpy.sum(values.astype(numpy.float64) ** 2)))
    return values / length if length > 1e-9 else values


def vector(path, duration_ms):
    duration = duration_ms / 1000
    wanted = min(duration, 90)
    done = run(
        ["ffmpeg", "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-threads", "1", "-ss", f"{(duration - wanted) / 2:g}", "-t", f"{wanted:g}",
         "-i", f"file:{path}", "-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "f32le", "pipe:1"], 300)
    samples = numpy.frombuffer(done.stdout[:len(done.stdout) // 4 * 4], "<f4")
    if samples.size == 0:
        raise Unusable(f"ffmpeg cannot decode it: {complaint(done, path)}")
    decoded = samples.size / SAMPLE_RATE
    if decoded < 0.75 * wanted:
        raise Unusable(f"it is damaged or cut off: only {decoded:.1f} s of {wanted:.1f} s could be decoded")
    if samples.size < SIZE:
        samples = numpy.pad(samples, (0, SIZE - samples.size))
    frames = numpy.lib.stride_tricks.sliding_window_view(samples, SIZE)[::SIZE // 2]
    bands = numpy.concatenate([
        (numpy.abs(numpy.fft.rfft(frames[start:start + 64] * WINDOW)) ** 2).astype(numpy.float32) @ FILTERS.T for start in range(0, len(frames), 64)])
    loudest = bands.max()
    if not loudest > 1e-9 or not numpy.isfinite(loudest):
        raise Unusable("it is silent, so that there is nothing to compare")
    levels = numpy.maximum(10 * numpy.log10(numpy.maximum(bands / loudest, 1e-12)), -RANGE_DB) / RANGE_DB
    sums = bands.sum(axis=1)
    safe = numpy.where(sums > 0, sums, 1)
    brightness = numpy.where(sums > 0, (bands * numpy.arange(BANDS)).sum(axis=1) / safe / (BANDS - 1), 0)
    mean = numpy.where(sums > 0, sums / BANDS, 1)[:, None]
    flatness = numpy.where(sums > 0, numpy.exp(numpy.log(bands / mean + 1e-12).mean(axis=1)), 0)
    shape = levels.mean(axis=0)
    parts = [normalised(shape - shape.mean()), levels.std(axis=0), [brightness.mean() - 0.5, brightness.std(), flatness.mean(), flatness.std()]]
    return normalised(numpy.concatenate(parts)).astype("<f4").tobytes()


# pictures --------------------------------------------------------------------------------------------------------------------


def art_input(path):
    return ["-protocol_whitelist", "file,pipe", "-i", f"file:{path}"]


def art_output(number, stream):
    return ["-map", f"{number}:{stream}", "-frames:v", "1", "-c", "copy"]


def pictures(places):
    """Takes out many at once; one bad file ends the whole run."""
    with tempfile.TemporaryDirectory(prefix="music-celery-") as folder:
        targets = [pathlib.Path(folder) / str(number) for number in range(len(places))]
        arguments = ["ffmpeg", "-v", "error", "-nostdin"]
        for path, _ in places:
            arguments += art_input(path)
        for number, (_, stream) in enumerate(places):
            arguments += [*art_output(number, stream), "-update", "1", "-f", "image2", f"file:{targets[number]}"]
        run(arguments, 60)
        return {path: target.read_bytes() for (path, _), target in zip(places, targets) if target.exists() and target.stat().st_size > 0}


def picture(path, stream):
    done = run(["ffmpeg", "-v", "error", "-nostdin", *art_input(path), *art_output(0, stream), "-f", "image2pipe", "pipe:1"], 60)
    if not done.stdout:
        raise Unusable(f"its picture cannot be read: {complaint(done, path)}")
    return done.stdout


def image_type(data):
    for start, extension in ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG", "png"), (b"GIF8", "gif"), (b"BM", "bmp")):
        if data.startswith(start):
            return extension
    return "webp" if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else None
