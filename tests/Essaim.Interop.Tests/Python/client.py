"""One interpreter for many calls: a line {"code": ..., "vars": {...}} in, {"value": ...} or {"error": ...} out."""
import json
import os
import sys
import threading
import time
import traceback
import uuid

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

from celery import chain, chord, group  # noqa: E402
from celery.events.state import State  # noqa: E402
from celery.result import AsyncResult, GroupResult  # noqa: E402
from interop_app import app, transport, url  # noqa: E402
import redis  # noqa: E402

WAIT = 20


def wait_for(what, timeout=WAIT, every=0.02):
    """What `what` returns as soon as it is true."""
    end = time.monotonic() + timeout
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"still {value!r} after {timeout} s")
        time.sleep(every)


def sig(name, *args, queue=None, **options):
    kwargs = options.pop("kwargs", None)
    signature = app.signature(name, args=args, kwargs=kwargs)
    return signature.set(**options, **({"queue": queue} if queue else {}))


def send(name, *args, **options):
    return sig(name, *args, **options).apply_async()


def meta(id):
    """The stored document."""
    return app.backend._get_task_meta_for(id) if isinstance(id, str) else app.backend._get_task_meta_for(id.id)


def ended(result, timeout=WAIT):
    """The stored document of a task that has ended, whatever became of what ran before it."""
    return wait_for(lambda: (m := meta(result)) and m["status"] in ("SUCCESS", "FAILURE", "REVOKED") and m, timeout)


def raised(result, timeout=WAIT):
    """The exception a result raises."""
    try:
        result.get(timeout=timeout)
    except Exception as error:
        return error
    raise AssertionError("it succeeded")


class Watch:
    """Does what a monitor does: a Receiver that feeds a State."""

    def __enter__(self):
        self.state, self.events = State(), []
        self.connection = app.connection_for_read()
        self.receiver = app.events.Receiver(self.connection, handlers={"*": self.take})
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()
        # Heard itself before anything counts: the heartbeat it asks for on start.
        wait_for(lambda: len(self.state.workers) >= 1 and any(e["type"].startswith("worker-") for e in self.events))
        return self

    def run(self):
        try:
            self.receiver.capture(limit=None, timeout=None, wakeup=True)
        except Exception:
            if not self.receiver.should_stop:
                raise

    def take(self, event):
        self.events.append(event)
        self.state.event(event)

    def of(self, id):
        return [e for e in list(self.events) if e.get("uuid") == id]

    def types(self, id, end):
        wait_for(lambda: any(e["type"] == end for e in self.of(id)))
        return [e["type"] for e in self.of(id)]

    def __exit__(self, *exc):
        self.receiver.should_stop = True
        self.thread.join(5)
        self.connection.release()


server = redis.Redis.from_url(url)
known = dict(globals())

for line in sys.stdin:
    request = json.loads(line)
    scope = {**known, **(request.get("vars") or {})}
    try:
        exec(compile(request["code"], "<test>", "exec"), scope)
        reply = json.dumps({"value": scope.get("result")})
    except BaseException as error:
        reply = json.dumps({"error": f"{error!r}\n{traceback.format_exc()}"})
    answers.write(reply + "\n")
    answers.flush()
