"""Looks through a file, or a zip, of /in with Bandit and returns what it found. Nothing of it runs."""
import json
import os
import sys
import zipfile

MOST = 100
FOUND = "/tmp/found.json"
FOLDER = "/tmp/source"


def unpack(path):
    """The Python files of a zip, in a folder; anything else as it is."""
    if not zipfile.is_zipfile(path):
        return path
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".py"):
                archive.extract(name, FOLDER)
    return FOLDER


def main(name: str):
    try:
        import bandit
        from bandit.cli.main import main as scan
    except ImportError:
        return None
    path = os.path.join("/in", name)
    target = unpack(path)
    # What the file itself excuses is looked at, too.
    sys.argv[:] = ["bandit", "-q", "--ignore-nosec", "-f", "json", "-o", FOUND, "-r", target]
    try:
        scan()
    except SystemExit:
        pass
    with open(FOUND, encoding="utf-8") as file:
        found = json.load(file)
    findings = [{
        "rule": one["test_id"],
        "severity": one["issue_severity"].lower(),
        "confidence": one["issue_confidence"].lower(),
        "line": one["line_number"],
        "file": None if target == path else os.path.relpath(one["filename"], FOLDER)[:200],
        "message": one["issue_text"][:300],
    } for one in found["results"]]
    grave = {"high": 0, "medium": 1}
    findings.sort(key=lambda one: (grave.get(one["severity"], 2), one["file"] or "", one["line"]))
    return {"with": f"bandit {bandit.__version__}", "findings": findings[:MOST], "more": max(0, len(findings) - MOST)}
