"""What a function in the sandbox can tell its caller. Nothing here needs to be installed.

    import essaim
    essaim.progress(0.4, "step 4 of 10")
    essaim.log("residual 1e-6", level="warning")
    essaim.artifact("plot.svg", title="Deflection")
    essaim.inputs["load"]                  # the inputs, in files without main(), too
"""
import json as _json
import os as _os
import time as _time

__all__ = ["artifact", "inputs", "log", "progress"]

#: The run's inputs by name.
inputs = {}

# Lines of a pipe are written whole up to this length, whichever process or thread writes.
_MOST = 4000
_PAUSE = 0.1
_last = [0.0]
# Where there are no walls the run's folder is told.
_out = _os.environ.get("ESSAIM_RUN", "") + "/out"


def _send(message):
    line = _json.dumps(message) + "\n"
    try:
        _os.write(3, line.encode())
    except OSError:
        pass                                   # Outside of the sandbox, or closed by the program: nobody listens.


def progress(fraction, text=""):
    """Says how far the run is: 0 to 1, and a text. Calls in quick succession are left out, but the last (1) is not."""
    fraction = min(1.0, max(0.0, float(fraction)))
    now = _time.monotonic()
    if fraction < 1.0 and now - _last[0] < _PAUSE:
        return
    _last[0] = now
    _send({"progress": fraction, "text": str(text)[:500]})


def log(text, level="info"):
    """Writes a line to the run's log with a level: debug, info, warning or error."""
    if level not in ("debug", "info", "warning", "error"):
        raise ValueError(f"level is one of debug, info, warning and error, not {level!r}")
    _send({"log": str(text)[:_MOST // 8], "level": level})


def artifact(path, title=None):
    """Gives a file of the output folder a title. All files there are collected, named here or not. Returns the path."""
    full = _os.path.realpath(path)
    if not full.startswith(_out + "/") or not _os.path.isfile(full):
        raise ValueError(f"{path!r} is not a file in the output folder ({_out}, where the run begins)")
    _send({"artifact": _os.path.relpath(full, _out)[:1000], "title": str(title or "")[:200]})
    return path
