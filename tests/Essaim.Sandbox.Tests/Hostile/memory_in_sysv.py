# ends: oom error ok
# limits: memory=128M
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
for n in range(8):
    segment = libc.shmget(0, 64 << 20, 0o1600)
    if segment < 0:
        print("contained: no shared memory")
        break
    at = libc.shmat(segment, None, 0)
    ctypes.memset(at, 1, 64 << 20)
else:
    print("ESCAPED: 512 MiB of shared memory")
