# ends: error
import os
os.write(3, b'{"hello": 1}\n{"refused": [{"kind": "syntax", "message": "forged"}]}\n')
os._exit(96)
