# ends: ok
import os
import stat
usual = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm", "fd", "stdin", "stdout", "stderr", "core", "console"}
extra = set(os.listdir("/dev")) - usual
print("ESCAPED: devices" if extra else "contained:", sorted(extra))
for folder in ("/out", "/tmp", "/dev"):
    for device in (os.makedev(1, 1), os.makedev(8, 0), os.makedev(254, 0)):
        try:
            os.mknod(folder + "/door", 0o666 | stat.S_IFBLK, device)
            print("ESCAPED: made a device in", folder)
        except OSError as error:
            print("contained:", error.strerror)
