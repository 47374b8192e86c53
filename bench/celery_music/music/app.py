"""The Celery app: settings, and which task goes to which queue."""
import os

from celery import Celery

app = Celery("music", broker=os.environ["MUSIC_BROKER"], backend=os.environ["MUSIC_BROKER"], include=["music.tasks"])
app.conf.update(
    task_acks_late=True,  # a killed worker's task is run again, as Essaim does
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=False,
    result_expires=86400,
    task_routes={
        "scan.*": "scan",
        "metadata.*": "extract",
        "batch.*": "batch",
        "insert.*": "insert",
        "vector.*": "vector",
        "deferred.*": "deferred",
        "covers.*": "covers",
        "maintenance.*": "maintenance",
    },
)
