# ends: ok
# limits: open-files=64
import os
import resource
held = []
try:
    while len(held) < 10_000:
        held.append(os.open("/dev/null", os.O_RDONLY))
    print("ESCAPED: 10,000 descriptors")
except OSError as error:
    print("contained:", error)
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    print("ESCAPED: the limit was raised")
except (ValueError, OSError) as error:
    print("contained:", error)
