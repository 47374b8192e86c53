"""samples/MusicLibrary, task for task, on Celery."""
