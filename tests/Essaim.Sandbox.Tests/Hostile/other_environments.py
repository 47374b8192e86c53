# ends: ok
import glob
for file in glob.glob("/proc/*/environ") + glob.glob("/proc/*/cmdline"):
    try:
        with open(file, "rb") as stream:
            print(file, stream.read().replace(b"\0", b" ")[:300])
    except OSError as error:
        print("contained:", file, error)
