# ends: timeout ok
# limits: log=64k time=2s grace=0s
import os
while True:
    os.write(3, b'{"progress": 0.5, "text": "' + b"x" * 3000 + b'"}\n')
