# ends: ok
# The end of a run is the end of its first process, not of whoever holds its pipes.
import os
import time
if os.fork() == 0:
    time.sleep(600)
