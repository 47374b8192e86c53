# ends: disk
# limits: output=16M time=20s
import itertools
import time
for n in itertools.count():
    with open(f"part{n}", "wb") as file:
        file.write(bytes(1 << 20))
    time.sleep(0.01)
