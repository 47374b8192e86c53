# ends: timeout
# limits: time=1s grace=300ms
import os
import signal
os.kill(os.getpid(), signal.SIGSTOP)
print("ESCAPED: went on")
