# ends: timeout
# limits: time=1s grace=0s
import os
import time
for number in range(64):
    try:
        os.close(number)
    except OSError:
        pass
time.sleep(600)
