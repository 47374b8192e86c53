# ends: timeout error ok oom
# limits: time=2s grace=0s pids=32
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
