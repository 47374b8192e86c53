# ends: timeout
# limits: time=1s grace=0s pids=8
import os
for _ in range(4):
    if os.fork() == 0:
        break
while True:
    pass
