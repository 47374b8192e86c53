# ends: disk
# limits: output=16M
# Quicker than anybody looks: what is there at the end counts.
for n in range(40):
    with open(f"part{n}", "wb") as file:
        file.write(bytes(1 << 20))
