# ends: ok
# limits: output=16M
try:
    with open("big", "wb") as file:
        while True:
            file.write(bytes(1 << 20))
            if file.tell() > 64 << 20:
                print("ESCAPED: one file of 64 MiB")
                break
except OSError as error:
    print("contained:", error)
import os
os.unlink("big")
