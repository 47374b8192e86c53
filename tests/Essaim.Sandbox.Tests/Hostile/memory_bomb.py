# ends: oom
# limits: memory=128M
kept = []
while True:
    kept.append(bytearray(8 << 20))
