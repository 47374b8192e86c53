# ends: output
# limits: log=64k time=20s
while True:
    print("x" * 1000)
