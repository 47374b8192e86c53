# ends: ok
import os
import signal
import time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for _ in range(600):
            time.sleep(1)
            open("/out/alive", "a").close()
    os._exit(0)
print("contained")
