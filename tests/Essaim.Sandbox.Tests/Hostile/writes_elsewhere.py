# ends: ok
import os
for path in ("/usr/x", "/usr/bin/python3", "/etc/passwd", "/etc/x", "/task/main.py", "/task/boot.py", "/in/params.json", "/in/x", "/x", "/lib/x", "/proc/x", "/dev/x"):
    try:
        with open(path, "a") as file:
            file.write("x")
        print("ESCAPED: wrote", path)
    except OSError as error:
        print("contained:", path, error.strerror)
for path in ("/task/main.py", "/in", "/etc/passwd", "/usr"):
    try:
        os.chmod(path, 0o777)
        print("ESCAPED: changed", path)
    except OSError as error:
        print("contained:", path, error.strerror)
