"""A sandbox: a warm process behind walls, and one conversation after another with its forks.

    grader ── bubblewrap: no network, read-only system, empty home ───────────────────────────┐
              the warm process ── fork for each submission, in namespaces of its own          │
                                  ── fork for each question                                   │
    ──────────────────────────────────────────────────────────────────────────────────────────┘

Source of the outer wall: bwrap(1), https://github.com/containers/bubblewrap.
"""

import compileall
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from backprop.grading import wire

PACKAGE = Path(__file__).parents[1]
ISOLATIONS = ("bubblewrap", "process")
START, SLACK = 120.0, 5.0  # seconds: for the imports, for what is late on a busy machine
NOBODY = 65534
HOME, COURSE, BESIDE = "/home/student", "/run/course", "/run/beside"
SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64")  # links into /usr, or folders
SHARED = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime", "/nix/store")
PARTS = ("bin", "lib", "lib64", "share", "etc", "pyvenv.cfg")  # of a Python's folder
INSTALL = "install it (Debian, Ubuntu: sudo apt install bubblewrap)"
INSTEAD = "or, in a container that nothing else is in, say --isolation process"


class NoSandbox(RuntimeError):
    """There can be no sandbox here; the message says why, and what to do."""


class Lost(Exception):
    """A conversation has ended before its time: the process is gone, or talks nonsense."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use: seconds for a cell, a call, a question and in all; bytes.

    `memory` is for all its processes together, beyond what the warm process has; `files` is the
    size of a file and of a folder to write in.
    """

    cell: float = 60.0
    call: float = 10.0
    question: float = 60.0
    total: float = 300.0
    memory: int = 512 << 20
    processes: int = 64
    files: int = 64 << 20


# — what the sandbox gets to see of the package —


def staged(folder):
    """Copy into a folder what a submission may import: no question, no reference, no grader.

    What is not named here does not get in. The folder's `backprop` then has a `check` that says
    nothing, and is compiled.
    """
    home = Path(folder) / "backprop"
    shutil.copytree(PACKAGE, home, ignore=_kept_out)
    shutil.copy(PACKAGE / "grading" / "inside" / "check.py", home / "check" / "__init__.py")
    compileall.compile_dir(home, quiet=2)
    for path in [home.parent, home, *home.rglob("*")]:  # another user may have to read it
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home.parent


def _kept_out(folder, names):
    room = Path(folder).relative_to(PACKAGE).as_posix()
    out = {name for name in names if name.startswith(("__pycache__", "."))}
    if room == ".":
        out |= {"release"}
    if room == "questions":
        out |= {name for name in names if name.startswith("q")}
    if room == "grading":
        out |= set(names) - {"__init__.py", "wire.py", "notebooks.py", "inside"}
    return out


# — the warm process —


class Sandbox:
    """A warm process of one isolation and its conversations, one at a time; used in a `with`.

    `files` are files that submissions find in the folder they work in; `hidden` are paths that they
    must not see where isolation is by process alone. `stage` is a folder made by :func:`staged`,
    where several sandboxes share it. Raises NoSandbox where the system does not allow it.
    """

    def __init__(
        self, isolation="bubblewrap", limits=None, files=(), hidden=(), stage=None, single=False
    ):
        if isolation not in ISOLATIONS:
            raise ValueError(f"isolation must be one of {ISOLATIONS}; got {isolation!r}")
        if sys.platform != "linux":
            raise NoSandbox("submissions run on Linux only: use a container or a virtual machine")
        self.isolation, self.limits = isolation, limits or Limits()
        self.files, self.hidden, self._stage = tuple(files), tuple(map(str, hidden)), stage
        self._scratch = self._process = self._control = None
        self.single = single  # a new warm process for each submission
        self._stopped = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the warm process and all within."""
        self._end()
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def stop(self):
        """End what is under way, from another thread; nothing more is begun."""
        self._stopped = True
        process = self._process
        if process:
            process.kill()

    @contextmanager
    def conversation(self):
        """A Conversation with a new fork; at the end, whatever it started is gone."""
        talk = self._fork()
        try:
            yield talk
        finally:
            talk.close()
            if self.single:
                self._end()

    @property
    def pid(self):
        """The number of the process that is the sandbox, 0 before the first conversation."""
        return self._process.pid if self._process else 0

    # — starting and ending —

    def _fork(self):
        if self._stopped:
            raise NoSandbox("the sandbox was stopped")
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [self._order()], [theirs.fileno()])
        told = self._hear(START)
        talk = Conversation(self, ours)
        if told.get("walled") or self.single:
            return talk
        if self.isolation == "bubblewrap":
            talk.close()
            self._end()
            self.single = True  # no namespaces within namespaces here: a box for each, then
            return self._fork()
        if problem := self._nobody() and _unreadable(sys.prefix, sys.base_prefix, self._stage):
            talk.close()
            raise NoSandbox(f"submissions run as a user without rights, but {problem}")
        return talk

    def _order(self):
        limits, boxed = self.limits, self.isolation == "bubblewrap"
        order = {name: int(getattr(limits, name)) for name in ("memory", "processes", "files")}
        order |= {"total": int(limits.total + SLACK), "user": 0 if boxed else self._nobody()}
        order["beside"] = (BESIDE if boxed else str(self._beside())) if self.files else ""
        order["folders"] = ["/tmp", "/dev/shm", HOME] if boxed else ["/dev/shm", self._home()]
        order["hidden"] = [] if boxed else self.hidden
        return json.dumps({"fork": order}).encode()

    def _nobody(self):
        return NOBODY if os.geteuid() == 0 else 0

    def _start(self):
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="backprop-grade-"))
            self._scratch.chmod(0o711)
            home = Path(self._home())
            home.mkdir()
            home.chmod(0o777)
        if self.isolation == "process":
            from backprop.grading.inside import walls

            walls.unseen()  # or a notebook of the same user could look into the grader itself
        if self._stage is None:
            self._stage = staged(self._scratch / "course")
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, open(self._scratch / "errors", "w+") as errors:
            command = self._command(theirs.fileno())
            self._process = subprocess.Popen(
                command,
                env=self._environment(),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
            theirs.close()
            try:
                self._hear(START)
            except Lost:
                self._end()
                errors.seek(0)
                raise NoSandbox(self._why(errors.read())) from None

    def _end(self):
        if self._control:
            self._control.close()
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        self._control = self._process = None

    def _hear(self, seconds):
        """The next thing that the warm process tells; Lost where it does not."""
        ready, _, _ = select.select([self._control], [], [], seconds)
        text = self._control.recv(10_000) if ready else b""
        if not text:
            raise Lost("the warm process has ended" if ready else "the warm process is silent")
        return json.loads(text)

    def _why(self, errors):
        last = errors.strip().splitlines()[-1:] or ["it said nothing"]
        if self.isolation == "process":
            return f"the process that runs submissions did not start: {last[0]}"
        return f"bubblewrap does not run here: {last[0]}. {INSTALL}, {INSTEAD}"

    # — the command —

    def _command(self, control):
        boxed = self.isolation == "bubblewrap"
        home = HOME if boxed else self._home()
        code = "from backprop.grading.inside.forkserver import main; "
        python = [sys.executable, "-s", "-P", "-c", f"{code}main({control}, {home!r})"]
        return [*self._bubblewrap(), *python] if boxed else python

    def _environment(self):
        boxed = self.isolation == "bubblewrap"
        tmp = "/tmp" if boxed else self._home()
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
        return threads | {
            "HOME": HOME if boxed else self._home(),
            "LANG": "C.UTF-8",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": f"{tmp}/matplotlib",
            "IPYTHONDIR": f"{tmp}/ipython",
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": COURSE if boxed else str(self._stage),
            "TMPDIR": tmp,
        }

    def _bubblewrap(self):
        found = shutil.which("bwrap")
        if not found:
            raise NoSandbox(f"bubblewrap is not here; {INSTALL}, {INSTEAD}")
        walls = "--unshare-all --unshare-user --uid 1000 --gid 1000 --hostname grader"
        args = [found, *walls.split(), "--die-with-parent", "--new-session"]
        args += ["--ro-bind", "/usr", "/usr"]
        for name in SYSTEM:
            where = Path("/", name)
            if where.is_symlink():
                args += ["--symlink", os.readlink(where), str(where)]
            elif where.is_dir():
                args += ["--ro-bind", str(where), str(where)]
        for path in SHARED:
            args += ["--ro-bind-try", path, path]
        for path in _python():
            args += ["--ro-bind", path, path]
        installed = Path(sysconfig.get_path("purelib")) / "backprop"
        if installed.is_dir():
            args += ["--tmpfs", str(installed)]
        args += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", HOME]
        args += ["--ro-bind", str(self._stage), COURSE]
        for path in self.files:
            args += ["--ro-bind", str(path), f"{BESIDE}/{Path(path).name}"]
        args += [
            "--remount-ro",
            "/dev",
            "--remount-ro",
            "/",
        ]  # what one writes, the next could read
        return [*args, "--chdir", "/", "--"]

    def _home(self):
        return str(self._scratch / "home")

    def _beside(self):
        """A folder with the files of the exercises, where there is no wall to mount them in."""
        folder = self._scratch / "beside"
        if not folder.exists():
            folder.mkdir()
            for path in self.files:
                (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / path.name)
        return folder


def _python():
    """The parts of the folders that this Python and its packages live in, outside of /usr."""
    folders = dict.fromkeys([sys.prefix, sys.base_prefix, os.path.realpath(sys.base_prefix)])
    paths = [os.path.join(folder, part) for folder in folders for part in PARTS]
    return [path for path in paths if os.path.exists(path) and not path.startswith("/usr/")]


def _unreadable(*folders):
    """A folder that another user may not look into, in words; '' if they all can be."""
    for folder in map(Path, folders):
        for path in (folder, *folder.resolve().parents):
            if not path.stat().st_mode & 0o001:
                return f"that cannot read {path}, where Python is; install it elsewhere, as in /opt"
    return ""


# — a conversation —


class Conversation:
    """Messages to and from one fork, as a file of bytes with a deadline for each wait."""

    def __init__(self, sandbox, connection):
        self._sandbox, self._connection = sandbox, connection
        self._deadline, self._open = 0.0, True
        self.ended = {}

    def send(self, header, value=None, seconds=SLACK):
        """Send a message; Lost where nobody takes it."""
        self._deadline = time.monotonic() + seconds
        self._within(self._connection.sendall, wire.message(header, value))

    def receive(self, deadline, most=wire.ANSWER):
        """The next message, as (header, value), before a time of the monotonic clock; or Lost.

        Arrays of more than `most` bytes are not taken.
        """
        self._deadline = deadline
        try:
            return wire.receive(self, most)
        except (EOFError, wire.Garbled) as error:
            raise Lost(str(error)) from None

    def read(self, size):
        """At most `size` bytes; b'' at the end."""
        return self._within(self._connection.recv, min(size, 1 << 20))

    def close(self):
        """End the fork with all that it started; `ended` then says how it did."""
        if not self._open:
            return
        self._open = False
        self._connection.close()
        box = self._sandbox
        try:
            if not select.select([box._control], [], [], 0.02)[0]:
                box._control.send(b'{"kill": true}')
            self.ended = box._hear(START)
        except (Lost, OSError):
            box._end()

    def _within(self, do, *args):
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Lost("it took too long")
        self._connection.settimeout(left)
        try:
            return do(*args)
        except TimeoutError:
            raise Lost("it took too long") from None
        except OSError as error:
            raise Lost(str(error)) from None
