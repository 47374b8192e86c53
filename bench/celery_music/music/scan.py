"""python3 -m music.scan FOLDER LIBRARY: begins a scan, as the sample's verb does."""
import sys
import uuid

from . import library
from .tasks import discovery

root, file = sys.argv[1:]
scan = uuid.uuid4().hex
with library.opened(file) as db, library.write(db):
    library.begin_scan(db, root, scan)
discovery.delay(file, root, scan, False)
