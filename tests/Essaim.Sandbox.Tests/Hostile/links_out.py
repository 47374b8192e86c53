# ends: ok
# collected: plain.txt folder/inner.txt
import os
os.symlink("/etc/passwd", "passwd")
os.symlink("/", "root")
os.symlink("/proc/self/environ", "result.json")
os.symlink("plain.txt", "alias.txt")
with open("plain.txt", "w") as file:
    file.write("plain")
os.mkdir("folder")
with open("folder/inner.txt", "w") as file:
    file.write("inner")
os.symlink("../../../../etc", "folder/up")
with open("two", "w") as file:
    file.write("two names")
os.link("two", "names")
try:
    os.link("/in/params.json", "params.json")
    print("ESCAPED: linked the input")
except OSError as error:
    print("contained:", error)
