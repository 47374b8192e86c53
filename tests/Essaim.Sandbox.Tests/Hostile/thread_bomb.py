# ends: ok
# limits: pids=32 time=20s
import threading
gate, started = threading.Event(), 0
try:
    while started < 1000:
        threading.Thread(target=gate.wait, daemon=True).start()
        started += 1
    print("ESCAPED: 1000 threads")
except RuntimeError as error:
    print(f"contained after {started}: {error}")
