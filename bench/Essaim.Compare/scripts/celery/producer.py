"""Sends tasks with Celery's apply_async and says in one line of JSON how long it took.

Usage: COMPARE_URL=redis://… python3 producer.py '{"kind": "flood|pace|one", …}'
"""
import json
import sys
import threading
import time

import bench_app

options = json.loads(sys.argv[1])


def one():
    """A single message, for a caller that makes many out of it."""
    task = bench_app.noop if options["keep"] else bench_app.forget
    task.apply_async((1, 2))
    return 1, 0.0


def flood():
    task = bench_app.noop
    for _ in range(options["warmup"]):
        task.apply_async((1, 2))
    counts = [0] * options["callers"]
    begin = time.monotonic()
    end = begin + options["seconds"]

    def call(index):
        while time.monotonic() < end:
            task.apply_async((1, 2))
            counts[index] += 1

    callers = [threading.Thread(target=call, args=(index,)) for index in range(options["callers"])]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return sum(counts), time.monotonic() - begin


def pace():
    begin = time.monotonic()
    for index in range(options["count"]):
        wait = begin + index / options["rate"] - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        bench_app.stamp.apply_async((time.monotonic_ns(),))
    return options["count"], time.monotonic() - begin


sent, seconds = {"one": one, "flood": flood, "pace": pace}[options["kind"]]()
print(json.dumps({"sent": sent, "seconds": seconds}))
