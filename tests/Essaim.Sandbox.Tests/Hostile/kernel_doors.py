# ends: ok
# What no program needs: bpf, perf, userfaultfd, keys, io_uring, modules, kexec, mounts, clocks, ptrace …
import ctypes
import os
X64 = {"ptrace": 101, "syslog": 103, "mount": 165, "umount2": 166, "reboot": 169, "sethostname": 170, "init_module": 175, "iopl": 172, "acct": 163, "settimeofday": 164,
       "swapon": 167, "keyctl": 250, "add_key": 248, "request_key": 249, "unshare": 272, "perf_event_open": 298, "name_to_handle_at": 303, "open_by_handle_at": 304,
       "setns": 308, "process_vm_readv": 310, "kcmp": 312, "finit_module": 313, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "open_tree": 428, "fsopen": 430,
       "clone3": 435, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447, "chroot": 161, "pivot_root": 155, "kexec_load": 246, "modify_ldt": 154}
ARM64 = {"ptrace": 117, "syslog": 116, "mount": 40, "umount2": 39, "reboot": 142, "sethostname": 161, "init_module": 105, "acct": 89, "settimeofday": 170, "swapon": 224,
         "keyctl": 219, "add_key": 217, "request_key": 218, "unshare": 97, "perf_event_open": 241, "setns": 268, "process_vm_readv": 270, "kcmp": 272, "finit_module": 273,
         "bpf": 280, "userfaultfd": 282, "io_uring_setup": 425, "open_tree": 428, "fsopen": 430, "clone3": 435, "pidfd_getfd": 438, "memfd_secret": 447, "chroot": 51,
         "pivot_root": 41, "kexec_load": 104}
libc = ctypes.CDLL(None, use_errno=True)
for name, number in (X64 if os.uname().machine == "x86_64" else ARM64).items():
    ctypes.set_errno(0)
    answer = libc.syscall(number, 0, 0, 0, 0, 0, 0)
    code = ctypes.get_errno()
    # EPERM and ENOSYS come from the filter; anything else got through to the kernel.
    print("contained:" if answer == -1 and code in (1, 38) else f"ESCAPED ({answer}, errno {code}):", name)
