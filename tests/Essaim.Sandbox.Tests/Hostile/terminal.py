# ends: ok
import fcntl
import os
import termios
for number in (0, 1, 2):
    try:
        fcntl.ioctl(number, termios.TIOCSTI, b"x")
        print("ESCAPED: typed into a terminal")
    except OSError as error:
        print("contained:", error)
try:
    print("ESCAPED: a terminal", os.open("/dev/tty", os.O_RDWR))
except OSError as error:
    print("contained:", error)
