#!/usr/bin/python3
"""Writes the seccomp filters of the sandbox: generate.py FOLDER (default: beside this file). For bubblewrap as programs of the kernel, a file a
machine; for containers as the profile docker and podman read.

Needs libseccomp's Python binding: apt-get install python3-seccomp. A test runs it and compares.

What is not listed does not exist (ENOSYS), so that programs fall back as they would on an older kernel; what a program is told it
may not do answers EPERM. `soft` is for machines whose kernel cannot limit memory: nothing may keep memory the shim does not see.
"""
import errno
import json
import os
import stat
import sys

import seccomp as sc

ALLOWED = """
    accept accept4 access alarm arch_prctl bind brk capget capset chdir chmod chown clock_getres clock_gettime clock_nanosleep
    close close_range connect copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait
    epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64
    fallocate fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fork fremovexattr fsetxattr fstat
    fstatfs fsync ftruncate futex futimesat get_mempolicy get_robust_list get_thread_area getcpu getcwd getdents getdents64
    getegid geteuid getgid getgroups getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid
    getresuid getrlimit getrusage getsid getsockname getsockopt gettid gettimeofday getuid getxattr inotify_add_watch inotify_init
    inotify_init1 inotify_rm_watch ioprio_get ioprio_set kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
    lchown lgetxattr link linkat listen listxattr llistxattr lremovexattr lseek lsetxattr lstat madvise mbind membarrier
    memfd_create mincore mkdir mkdirat mlock mlock2 mlockall mmap mprotect mq_getsetattr mq_notify mq_open mq_timedreceive
    mq_timedsend mq_unlink mremap msgctl msgget msgrcv msgsnd msync munlock munlockall munmap nanosleep newfstatat open openat
    openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll pread64 preadv preadv2
    prlimit64 pselect6 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv recvfrom recvmmsg recvmsg removexattr
    rename renameat renameat2 restart_syscall rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn
    rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
    sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler
    sched_yield select semctl semget semop semtimedop sendfile sendmmsg sendmsg sendto set_mempolicy set_robust_list
    set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setitimer setpgid setpriority setregid setresgid setresuid
    setreuid setrlimit setsid setsockopt setuid setxattr shmat shmctl shmdt shmget shutdown sigaltstack signalfd signalfd4 splice
    stat statfs statx symlink symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete
    timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime times tkill truncate umask uname
    unlink unlinkat utime utimensat utimes vfork wait4 waitid write writev
"""

# Doors to the kernel, to other processes and to the machine's clock and mounts.
REFUSED = """
    acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module fanotify_init fanotify_mark finit_module fsconfig fsmount
    fsopen fspick init_module ioperm iopl kcmp kexec_file_load kexec_load keyctl lookup_dcookie migrate_pages modify_ldt mount
    mount_setattr move_mount move_pages name_to_handle_at open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root
    process_madvise process_mrelease process_vm_readv process_vm_writev ptrace quotactl reboot request_key seccomp setdomainname
    sethostname setns settimeofday swapoff swapon sysfs syslog umount2 unshare uselib userfaultfd ustat vhangup vmsplice
"""

# What bubblewrap does before it locks itself in.
WALLS = "mount umount2 pivot_root unshare setns sethostname seccomp"

# Memory nobody's resident size shows.
UNSEEN_MEMORY = ("memfd_create", "shmget")

# A new namespace of any kind.
NAMESPACES = 0x7E020000
SOCKETS = (1, 2, 10)                       # AF_UNIX, AF_INET, AF_INET6: vsock is not held by a network namespace
NETLINK, INTERFACE = 16, 0x8933            # SIOCGIFINDEX: bubblewrap sets up the loopback of its namespace
COMMANDS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)   # TCGETS TIOCGWINSZ FIONREAD FIONBIO FIONCLEX FIOCLEX
PERSONALITIES = (0, 8, 0x20000, 0x20008, 0xFFFFFFFF)


def write(folder, name, arch, soft):
    # Linux numbers differ by machine: names that one lacks are left out of its filter.
    rules = sc.SyscallFilter(sc.ERRNO(errno.ENOSYS))
    if arch != sc.system_arch():
        rules.remove_arch(sc.Arch.NATIVE)
        rules.add_arch(arch)
    rules.set_attr(sc.Attr.CTL_OPTIMIZE, 2)

    def rule(action, call, *arguments):
        if sc.resolve_syscall(arch, call) >= 0:
            rules.add_rule_exactly(action, call, *arguments)

    for call in ALLOWED.split():
        if not (soft and call in UNSEEN_MEMORY):
            rule(sc.ALLOW, call)
    for call in REFUSED.split():
        rule(sc.ERRNO(errno.EPERM), call)
    rule(sc.ALLOW, "clone", sc.Arg(0, sc.MASKED_EQ, NAMESPACES, 0))
    for bit in (1 << n for n in range(32) if NAMESPACES >> n & 1):
        rule(sc.ERRNO(errno.EPERM), "clone", sc.Arg(0, sc.MASKED_EQ, bit, bit))
    # Named pipes; any device is refused.
    for call, mode in (("mknod", 1), ("mknodat", 2)):
        rule(sc.ALLOW, call, sc.Arg(mode, sc.MASKED_EQ, 0o170000, stat.S_IFIFO))
    for family in SOCKETS:
        rule(sc.ALLOW, "socket", sc.Arg(0, sc.EQ, family))
    rule(sc.ALLOW, "socketpair", sc.Arg(0, sc.EQ, 1))
    for command in COMMANDS:
        rule(sc.ALLOW, "ioctl", sc.Arg(1, sc.MASKED_EQ, 0xFFFFFFFF, command))
    for personality in PERSONALITIES:
        rule(sc.ALLOW, "personality", sc.Arg(0, sc.EQ, personality))
    rule(sc.ALLOW, "prctl")
    with open(os.path.join(folder, name), "wb") as file:
        rules.export_bpf(file)


def write_profile(folder, name, walls="", visor=False):
    def rule(names, *arguments, refuse=None):
        action = {"action": "SCMP_ACT_ALLOW"} if refuse is None else {"action": "SCMP_ACT_ERRNO", "errnoRet": refuse}
        return {"names": names, **action, **({"args": list(arguments)} if arguments else {})}

    def equal(index, value):
        return {"index": index, "value": value, "op": "SCMP_CMP_EQ"}

    def masked(index, mask, value):
        return {"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}

    profile = {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": errno.ENOSYS,
        "archMap": [{"architecture": "SCMP_ARCH_" + name, "subArchitectures": []} for name in ("X86_64", "AARCH64")],
        "syscalls": [
            rule(ALLOWED.split() + ["prctl"] + walls.split()),
            rule([call for call in REFUSED.split() if call not in walls.split()], refuse=errno.EPERM),
            # Where a daemon does not know defaultErrnoRet: C libraries fall back to clone.
            # gVisor answers EPERM whatever it is told, which they do not take; it makes no namespace of this machine.
            rule(["clone3"], refuse=None if visor else errno.ENOSYS),
            *([rule(["clone"])] if walls else [
                rule(["clone"], masked(0, NAMESPACES, 0)),
                *(rule(["clone"], masked(0, 1 << n, 1 << n), refuse=errno.EPERM) for n in range(32) if NAMESPACES >> n & 1)]),
            rule(["mknod"], masked(1, 0o170000, stat.S_IFIFO)),
            rule(["mknodat"], masked(2, 0o170000, stat.S_IFIFO)),
            *(rule(["socket"], equal(0, family)) for family in SOCKETS + ((NETLINK,) if walls else ())),
            rule(["socketpair"], equal(0, 1)),
            *(rule(["ioctl"], masked(1, 0xFFFFFFFF, command)) for command in COMMANDS + ((INTERFACE,) if walls else ())),
            *(rule(["personality"], equal(0, personality)) for personality in PERSONALITIES),
        ],
    }
    with open(os.path.join(folder, name), "w") as file:
        json.dump(profile, file, indent=1)
        file.write("\n")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, arch in (("x64", sc.Arch.X86_64), ("arm64", sc.Arch.AARCH64)):
        write(folder, name + ".bpf", arch, soft=False)
        write(folder, name + "-soft.bpf", arch, soft=True)
    write_profile(folder, "container.json")
    write_profile(folder, "visor.json", visor=True)
    # Pods a worker runs in, which makes walls of its own with bubblewrap there.
    write_profile(folder, "pod.json", WALLS)


main()
