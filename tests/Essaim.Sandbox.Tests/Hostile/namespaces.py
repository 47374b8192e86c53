# ends: ok
import ctypes
import os
libc = ctypes.CDLL(None, use_errno=True)
for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x80):
    if libc.unshare(flag) == 0:
        print("ESCAPED: unshare", hex(flag))
for name in os.listdir("/proc/1/ns") if os.access("/proc/1/ns", os.R_OK) else []:
    try:
        handle = os.open("/proc/1/ns/" + name, os.O_RDONLY)
        if libc.setns(handle, 0) == 0:
            print("ESCAPED: setns", name)
    except OSError:
        pass
number = 56 if os.uname().machine == "x86_64" else 220
for flag in (0x10000000, 0x20000000, 0x20000):
    child = libc.syscall(number, flag | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        print("ESCAPED: clone", hex(flag))
print("contained")
