# ends: ok
# collected: fine.txt ünïcode.txt
import os
for name in (b"new\nline", b"escape\x1b[2J", b"bad\xff\xfe", b"tab\there", b"\xc2\x9b31m", b"\xed\xa0\x80", b"fine.txt", "ünïcode.txt".encode()):
    with open(b"/out/" + name, "w") as file:
        file.write("x")
