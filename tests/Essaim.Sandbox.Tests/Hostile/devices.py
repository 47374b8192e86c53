# ends: ok
# inputs: own
import os
import stat

import essaim
usual = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "stdin", "stdout", "stderr", "core", "console"}
own = {"mqueue"} & set(essaim.inputs["own"])
extra = set(os.listdir("/dev")) - usual - own
print("ESCAPED: devices" if extra else "contained:", sorted(extra))
for name in own:
    try:
        os.close(os.open(f"/dev/{name}/memory", os.O_CREAT | os.O_RDWR))
        print("ESCAPED: memory of no process in", name)
    except OSError as error:
        print("contained:", error.strerror)
for folder in ("/out", "/tmp", "/dev"):
    for device in (os.makedev(1, 1), os.makedev(8, 0), os.makedev(254, 0)):
        try:
            os.mknod(folder + "/door", 0o666 | stat.S_IFBLK, device)
            print("ESCAPED: made a device in", folder)
        except OSError as error:
            print("contained:", error.strerror)
