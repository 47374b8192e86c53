# ends: ok error
import os
import signal
for process in (1, 2, 3, *range(100, 4000, 97)):
    if process != os.getpid():
        try:
            os.kill(process, signal.SIGKILL)
        except OSError:
            pass
print("contained: still here", flush=True)
os.kill(-1, signal.SIGKILL)
