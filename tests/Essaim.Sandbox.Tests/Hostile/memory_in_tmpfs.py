# ends: ok
# limits: memory=256M
for folder, most in (("/tmp", 70 << 20), ("/dev/shm", 20 << 20)):
    written = 0
    try:
        with open(folder + "/fill", "wb") as file:
            while written < 1 << 30:
                written += file.write(bytes(1 << 20))
                file.flush()
    except OSError as error:
        print(f"contained: {folder} took {written >> 20} MiB: {error.strerror}")
    if written > most:
        print(f"ESCAPED: {folder} took {written}")
