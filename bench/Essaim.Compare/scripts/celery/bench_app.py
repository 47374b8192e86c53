"""Celery's side of the comparison: the tasks, in an application with Celery's default settings."""
import os
import time

from celery import Celery

app = Celery("bench_app", broker=os.environ["COMPARE_URL"], backend=os.environ["COMPARE_URL"])

_file = None


@app.task(name="bench.noop", ignore_result=False)
def noop(x, y):
    return None


@app.task(name="bench.forget", ignore_result=True)
def forget(x, y):
    return None


@app.task(name="bench.stamp", ignore_result=True)
def stamp(sent):
    started = time.monotonic_ns()
    global _file
    if _file is None or _file[0] != os.getpid():
        path = os.path.join(os.environ["COMPARE_FOLDER"], f"latency-{os.getpid()}")
        _file = (os.getpid(), os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    os.write(_file[1], b"%d\n" % (started - sent))
