"""The Python side of the fleet: the same task names as samples/Interop, on real Celery."""
import json
import os
import time

from celery import Celery

url = os.environ["INTEROP_URL"]
transport = json.loads(os.environ.get("INTEROP_TRANSPORT", "{}"))
app = Celery("interop", broker=url, backend=os.environ.get("INTEROP_BACKEND", url))
app.conf.update(
    task_default_queue=os.environ.get("INTEROP_QUEUE", "py"),
    task_track_started=True,
    task_acks_late=os.environ.get("INTEROP_ACKS_LATE") == "1",
    worker_prefetch_multiplier=1,
    broker_transport_options=transport,
)

# The lines of docs/configuration.md.
if os.environ.get("INTEROP_CONFIG"):
    exec(os.environ["INTEROP_CONFIG"])
    load_config(app)


@app.task(name="tasks.add")
def add(x, y):
    return x + y


@app.task(name="tasks.mul")
def mul(x, y):
    return x * y


@app.task(name="tasks.total")
def total(values):
    return sum(values)


@app.task(name="tasks.note")
def note(id):
    return id


@app.task(name="tasks.echo")
def echo(**kw):
    return kw


@app.task(name="tasks.fail")
def fail(msg):
    raise ValueError(msg)


@app.task(name="tasks.sleep")
def sleep(seconds):
    time.sleep(seconds)
    return seconds


@app.task(name="tasks.flaky", bind=True, max_retries=5)
def flaky(self, fail_times):
    retries = self.request.retries
    if retries < fail_times:
        raise self.retry(countdown=1, exc=TimeoutError(f"attempt {retries + 1}"))
    return retries


@app.task(name="tasks.progress", bind=True)
def progress(self, seconds):
    self.update_state(state="PROGRESS", meta={"current": 50, "total": 100, "text": "half way"})
    time.sleep(seconds)
    return "done"


@app.task(name="tasks.headers", bind=True)
def headers(self, name):
    return self.request.get(name)


@app.task(name="tasks.replace", bind=True)
def replace(self, name, args, queue):
    raise self.replace(app.signature(name, args=args, queue=queue))
