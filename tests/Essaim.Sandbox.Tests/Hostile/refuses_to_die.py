# ends: timeout
# limits: time=1s grace=500ms
import os
import signal
import time
for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
for _ in range(5):
    if os.fork() == 0:
        os.setsid()
        break
while True:
    time.sleep(60)
