# ends: ok
# collected: *
# A child swaps a file and a link to a secret for as long as it lives: it is dead when files are collected.
import os
import time
with open("/out/file", "w") as file:
    file.write("harmless")
if os.fork() == 0:
    while True:
        try:
            os.symlink("/etc/shadow", "/out/link")
            os.rename("/out/link", "/out/file")
            with open("/out/new", "w") as file:
                file.write("harmless")
            os.rename("/out/new", "/out/file")
        except OSError:
            pass
time.sleep(0.2)
