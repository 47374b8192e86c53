# ends: ok
# inputs: own
import os

import essaim
allowed = {"PATH", "HOME", "LANG", "PWD", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LC_CTYPE", *essaim.inputs["own"]}
print("ESCAPED:" if set(os.environ) - allowed else "contained:", sorted(os.environ))
