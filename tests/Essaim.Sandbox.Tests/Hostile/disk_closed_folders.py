# ends: ok disk
import os
os.makedirs("closed/inner")
with open("closed/inner/file", "wb") as file:
    file.write(bytes(1 << 20))
os.chmod("closed/inner", 0)
os.chmod("closed", 0)
