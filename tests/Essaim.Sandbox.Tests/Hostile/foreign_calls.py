# ends: ok
# The 32-bit door of a 64-bit kernel has other numbers; who goes through it is killed.
import ctypes
import mmap
import os
if os.uname().machine != "x86_64":
    print("contained: no such door")
else:
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))       # mov eax, getpid; int 0x80; ret
    child = os.fork()
    if child == 0:
        answer = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
        os._exit(7 if answer > 0 else 0)
    ended = os.waitpid(child, 0)[1]
    print("ESCAPED: int 0x80 works" if os.WIFEXITED(ended) and os.WEXITSTATUS(ended) == 7 else f"contained: {ended}")
