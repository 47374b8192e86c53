# ends: error
# A program that ends like one that was killed was not: no limit was reached, no fault of the sandbox.
import os
os.kill(os.getpid(), 9)
