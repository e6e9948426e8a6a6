"""Walls around a process, by Linux's own calls: namespaces, mounts, capabilities, limits.

Sources: clone(2), user_namespaces(7), mount_namespaces(7), capset(2), prctl(2), setrlimit(2).
"""

import ctypes
import errno
import os
import resource
import signal
from contextlib import suppress

NEW = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "ipc": 0x08000000}
NEW |= {"net": 0x40000000, "uts": 0x04000000}
READ_ONLY, NOSUID, NODEV, BIND, PRIVATE = 1, 2, 4, 0x1000, 0x4000 | 0x40000
SUBREAPER, NO_NEW_PRIVS, DUMPABLE = 36, 38, 4
CAPABILITIES_3 = 0x20080522
FILES = 256, 300  # open at a time: what a notebook has is less than what there is
CLONE = {"x86_64": 56, "aarch64": 220}  # the number of the system call
LIBC = ctypes.CDLL(None, use_errno=True)
PYTHON = ctypes.PyDLL(None, use_errno=True)  # as a fork must be, without giving the lock away
PYTHON.syscall.restype = ctypes.c_long


def fork_apart():
    """Fork into new namespaces: 0 in the child, which is the first process there; else its number.

    When it ends, all processes within do. It is os.fork but for the flags that clone(2) takes and
    fork does not. Raises OSError where the system does not allow it.
    """
    number = CLONE.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, "clone is not known on this machine")
    flags = sum(NEW.values()) | signal.SIGCHLD
    PYTHON.PyOS_BeforeFork()
    pid = PYTHON.syscall(number, flags, 0, 0, 0, 0)
    if not pid:
        PYTHON.PyOS_AfterFork_Child()
        return 0
    problem = ctypes.get_errno()
    PYTHON.PyOS_AfterFork_Parent()
    if pid < 0:
        raise OSError(problem, os.strerror(problem))
    return pid


def as_oneself(user, group):
    """Be the user within that one is without."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def fresh_folders(folders, size):
    """Empty folders of `size` bytes together with no other's view; and no further namespaces."""
    with suppress(OSError), open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")
    _done(LIBC.mount(b"none", b"/", None, PRIVATE, None))
    for folder in folders:
        options = f"size={size},nr_inodes=20000,mode=1777".encode()
        _mount(b"tmpfs", folder.encode(), options)
    if LIBC.mount(b"proc", b"/proc", b"proc", NOSUID | NODEV, None):
        _mount(b"tmpfs", b"/proc", b"", READ_ONLY)  # where it is not allowed, none is better


def _mount(kind, where, options, flags=0):
    _done(LIBC.mount(kind, where, kind, NOSUID | NODEV | flags, options))


def without_rights():
    """Give up all capabilities, and the way to new ones."""
    _done(LIBC.prctl(NO_NEW_PRIVS, 1, 0, 0, 0))
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_3, 0)
    _done(LIBC.capset(header, (ctypes.c_uint32 * 6)()))


def hidden(paths):
    """Put something empty in the place of each folder or file."""
    for path in paths:
        if os.path.isdir(path):
            _mount(b"tmpfs", os.fsencode(path), b"", READ_ONLY)
        elif os.path.exists(path):
            _done(LIBC.mount(b"/dev/null", os.fsencode(path), None, BIND, None))


def unseen(yes=True):
    """No other process may look into this one, or may again."""
    LIBC.prctl(DUMPABLE, 0 if yes else 1, 0, 0, 0)


def adopt():
    """Become the parent of grandchildren whose parents end, and so be told when they do."""
    LIBC.prctl(SUBREAPER, 1, 0, 0, 0)


def as_nobody(user):
    """Go on as another user without rights; only root can."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def limited(memory, seconds, processes, file_size):
    """Limits on this process and each child: bytes of addresses, seconds of computing."""
    kinds = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_FSIZE: file_size,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for kind, most in kinds.items():
        hard = resource.getrlimit(kind)[1]
        most = int(most) if hard == resource.RLIM_INFINITY else min(int(most), hard)
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_NOFILE, FILES)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a file too large is an error, not an end


def more_files():
    """Open the last files that there are, for a notebook may have left all others open."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES[1], FILES[1]))


def address_space():
    """The bytes of addresses that this process has."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _done(code):
    if code:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
