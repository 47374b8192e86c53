# ends: disk
# limits: output-files=500 time=20s
import itertools
import time
for n in itertools.count():
    open(f"name{n}", "w").close()
    if n % 100 == 0:
        time.sleep(0.01)
