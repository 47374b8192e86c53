# ends: ok error timeout
# limits: time=30s
# Prints the beginning of everything outside of /usr; what was planted on the host and in another run must not be in it.
import os
for folder, folders, files in os.walk("/"):
    if folder == "/":
        folders[:] = [name for name in folders if name not in ("usr", "lib", "lib64", "bin", "sbin", "lib32")]
    if folder == "/proc":
        folders[:] = [name for name in folders if name.isdigit() or name in ("self", "sys")]
    for name in files:
        path = os.path.join(folder, name)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            print(path, os.read(descriptor, 200))
            os.close(descriptor)
        except OSError:
            pass
