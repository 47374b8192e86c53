# ends: oom error ok
# limits: memory=128M
import os
try:
    hidden = os.memfd_create("hidden")
    for _ in range(512):
        os.write(hidden, bytes(1 << 20))
    print("ESCAPED: 512 MiB in a memfd")
except OSError as error:
    print("contained:", error)
