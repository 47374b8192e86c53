"""Tries the walls from inside, and says which of them hold."""
import errno
import os
import socket


def refused(attempt):
    try:
        attempt()
    except (OSError, AttributeError):
        return True
    return False


def unshare():
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x10000000) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def seccomp_is_on():
    import ctypes
    with open("/proc/self/status") as status:
        facts = dict(line.split(":", 1) for line in status)
    # PR_GET_NO_NEW_PRIVS: gVisor does not say so in the file.
    return facts["Seccomp"].strip() == "2" and ctypes.CDLL(None).prctl(39, 0, 0, 0, 0) == 1 and int(facts["CapEff"], 16) == 0


def connect(port):
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


def vsock():
    socket.socket(40, socket.SOCK_STREAM).close()


def tmpfs_is_full():
    try:
        with open("/tmp/fill", "wb") as file:
            for _ in range(200):
                file.write(bytes(1 << 20))
    except OSError as error:
        return error.errno in (errno.ENOSPC, errno.EFBIG)
    finally:
        os.unlink("/tmp/fill")
    return False


def processes_are_limited(limit):
    children = []
    try:
        for _ in range(limit + 8):
            child = os.fork()
            if child == 0:
                os.pause() if hasattr(os, "pause") else __import__("signal").pause()
            children.append(child)
    except OSError:
        return True
    finally:
        for child in children:
            os.kill(child, 9)
            os.waitpid(child, 0)
    return False


def main(planted: str, port: int, processes: int, settings: list):
    return {
        "files": not os.path.exists(planted) and refused(lambda: open("/etc/shadow").close()) and os.listdir("/") != [],
        "writing": refused(lambda: open("/usr/essaim-probe", "w").close()) and refused(lambda: os.mkdir("/etc/probe")),
        "processes of others": len([name for name in os.listdir("/proc") if name.isdigit()]) < 8,
        "network": refused(lambda: connect(port)) and refused(vsock),
        "namespaces": refused(unshare),
        "seccomp": seccomp_is_on(),
        "environment": set(os.environ) <= {"PATH", "HOME", "LANG", "PWD", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "LC_CTYPE", *settings},
        "scratch": tmpfs_is_full(),
        "number of processes": processes_are_limited(processes),
    }
