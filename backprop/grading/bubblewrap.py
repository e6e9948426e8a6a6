"""The outer wall: no network, a read-only system, an empty home, a user and processes of its own.

What is not named here is not within. Source: bwrap(1), https://github.com/containers/bubblewrap.
"""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

HOME, COURSE, BESIDE = "/home/student", "/run/course", "/run/beside"
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64")  # links into /usr, or folders
SHARED = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime", "/nix/store")
PARTS = ("bin", "lib", "lib64", "share", "etc", "pyvenv.cfg")  # of a Python's folder
ENVIRONMENT = Path("/opt/environment")
INSTALL = "install it (Debian, Ubuntu: sudo apt install bubblewrap)"
INSTEAD = "or, in a container that nothing else is in, say --isolation process"


class NoSandbox(RuntimeError):
    """There can be no sandbox here; the message says why, and what to do."""


def command(stage, files):
    """The command line that starts a program within the walls, but for the program itself.

    Raises NoSandbox where bubblewrap is not installed.
    """
    found = shutil.which("bwrap")
    if not found:
        raise NoSandbox(f"bubblewrap is not here; {INSTALL}, {INSTEAD}")
    walls = "--unshare-all --unshare-user --uid 1000 --gid 1000 --hostname grader"
    args = [found, *walls.split(), "--die-with-parent", "--new-session"]
    args += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", HOME]
    args += ["--ro-bind", "/usr", "/usr"]
    for name in SYSTEM:
        where = Path("/", name)
        if where.is_symlink():
            args += ["--symlink", os.readlink(where), str(where)]
        elif where.is_dir():
            args += ["--ro-bind", str(where), str(where)]
    for path in SHARED:
        args += ["--ro-bind-try", path, path]
    for path, inside in _python():
        args += ["--ro-bind", path, inside]
    hidden = Path(sysconfig.get_path("purelib")) / "backprop"
    if hidden.is_dir():  # the whole package is installed there, with the questions
        inside = _inside(str(hidden))
        args += ["--tmpfs", inside, "--remount-ro", inside]
    args += ["--ro-bind", str(stage), COURSE]
    for path in files:
        args += ["--ro-bind", str(path), f"{BESIDE}/{Path(path).name}"]
    # what one could write to these, the next could read
    return [*args, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]


def python():
    """This Python's path within the walls."""
    return _inside(sys.executable)


def _inside(path):
    """Where a file of this Python's stands within: an environment of its own has moved."""
    if sys.prefix != sys.base_prefix and Path(path).is_relative_to(sys.prefix):
        return str(ENVIRONMENT / Path(path).relative_to(sys.prefix))
    return path


def _python():
    """The parts of the folders that this Python and its packages live in: where, and where within.

    An environment may be anywhere, even below /tmp; within the walls it has its own place.
    """
    folders = dict.fromkeys([sys.base_prefix, os.path.realpath(sys.base_prefix)])
    found = [str(Path(folder, part)) for folder in folders for part in PARTS]
    found = [path for path in found if not path.startswith("/usr/")]
    if sys.prefix != sys.base_prefix:
        found += [str(Path(sys.prefix, part)) for part in PARTS]
    return [(path, _inside(path)) for path in found if os.path.exists(path)]
