# ends: oom error ok
# limits: memory=128M open-files=1024
import fcntl
import os
held, filled = [], 0
try:
    while True:
        reader, writer = os.pipe()
        held += [reader, writer]
        try:
            fcntl.fcntl(writer, 1031, 1 << 20)
        except OSError:
            pass
        os.set_blocking(writer, False)
        try:
            while True:
                filled += os.write(writer, bytes(1 << 16))
        except BlockingIOError:
            pass
        if filled > 256 << 20:
            print("ESCAPED: more than 256 MiB in pipes")
            break
except OSError as error:
    print("contained:", error, filled)
