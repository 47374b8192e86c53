# ends: ok
import socket
for family in range(64):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            socket.socket(family, kind).close()
            if family not in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6) or (kind == socket.SOCK_RAW and family != socket.AF_UNIX):
                print("ESCAPED: socket of family", family, "kind", kind)
        except OSError:
            pass
print("contained")
