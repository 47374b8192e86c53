# ends: ok
# inputs: own
import os

import essaim

# What a container has itself of these: its name is not the machine's.
own = essaim.inputs["own"]
if "/etc/hostname" in own and open("/etc/hostname").read().strip() != "task":
    print("ESCAPED: the machine's name")
for path in ("/etc/shadow", "/etc/hostname", "/etc/ssh", "/root", "/home", "/var", "/srv", "/opt", "/mnt", "/boot", "/run", "/sys", "/etc/machine-id"):
    for prefix in ("", "/proc/1/root", "/proc/self/root", "/proc/1/cwd/..", "/dev/fd/../../.."):
        try:
            found = os.listdir(prefix + path) if os.path.isdir(prefix + path) else open(prefix + path, "rb").read(100)
            print("own:" if path in own else "ESCAPED:", prefix + path, found)
        except OSError as error:
            print("contained:", prefix + path, error.strerror)
