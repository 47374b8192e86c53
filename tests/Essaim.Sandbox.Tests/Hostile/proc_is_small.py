# ends: ok
import os
ids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
print("ESCAPED: many processes" if len(ids) > 4 else "contained:", ids)
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/sys/vm/drop_caches", "/proc/self/oom_score_adj_x", "/proc/1/oom_score_adj",
             "/proc/sys/kernel/hostname", "/proc/1/mem", "/proc/self/mem", "/proc/self/uid_map", "/proc/self/attr/current"):
    try:
        with open(path, "w") as file:
            file.write("0")
        print("ESCAPED: wrote", path)
    except OSError as error:
        print("contained:", path, error.strerror)
for path in ("/proc/kcore", "/proc/kmsg", "/proc/kpagecount"):
    try:
        with open(path, "rb") as file:
            if file.read(1):
                print("ESCAPED: read", path)
    except OSError as error:
        print("contained:", path, error.strerror)
