# ends: ok
import os
allowed = {"PATH", "HOME", "LANG", "PWD", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LC_CTYPE"}
print("ESCAPED:" if set(os.environ) - allowed else "contained:", sorted(os.environ))
