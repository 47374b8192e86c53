# ends: ok
# A file nobody can remove would stay for ever.
import fcntl
import struct
with open("stays", "w") as file:
    for flag in (0x10, 0x20):
        try:
            fcntl.ioctl(file, 0x40086602, struct.pack("l", flag))
            print("ESCAPED: the file cannot be removed any more")
        except OSError as error:
            print("contained:", error)
