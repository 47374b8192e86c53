# ends: oom error ok
# limits: memory=256M time=20s
# Eight children of 128 MiB each: together they stay below the run's limit.
import os
import time
children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        kept = bytearray(128 << 20)
        time.sleep(1)
        os._exit(0)
    children.append(child)
survivors = sum(os.waitpid(child, 0)[1] == 0 for child in children)
print("ESCAPED: all children got their memory" if survivors == 8 else f"contained: {survivors} of 8 survived")
