"""A sandbox: a warm process behind walls, and one conversation after another with its forks.

grader ── bubblewrap: no network, read-only system, empty home ───────────────────────────┐
          the warm process ── fork for each submission, in namespaces of its own          │
                              ── fork of that for what is asked                           │
──────────────────────────────────────────────────────────────────────────────────────────┘
"""

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from backprop.grading import bubblewrap
from backprop.grading.bubblewrap import NoSandbox
from backprop.grading.conversation import SLACK, Conversation, Lost
from backprop.grading.staging import staged

ISOLATIONS = ("bubblewrap", "process")
START = 120.0  # seconds for the imports, on a busy machine
NOBODY = 65534


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


class Sandbox:
    """A warm process of one isolation and its conversations, one at a time; used in a `with`.

    `files` are files that submissions find in the folder they work in; `hidden` are paths that they
    must not see where isolation is by process alone. `stage` is a folder made by :func:`staged`,
    where several sandboxes share it. Raises NoSandbox where the system does not allow it.
    """

    def __init__(self, isolation="bubblewrap", limits=None, files=(), hidden=(), stage=None):
        if isolation not in ISOLATIONS:
            raise ValueError(f"isolation must be one of {ISOLATIONS}; got {isolation!r}")
        if sys.platform != "linux":
            raise NoSandbox("submissions run on Linux only: use a container or a virtual machine")
        self.isolation, self.limits = isolation, limits or Limits()
        self.files, self.hidden, self._stage = tuple(files), tuple(map(str, hidden)), stage
        self._scratch = self._process = self.control = None
        self.single = False  # a new warm process for each submission
        self._stopped = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """End the warm process and all within."""
        self.end()
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
                self.end()

    @property
    def pid(self):
        """The number of the process that is the sandbox, 0 before the first conversation."""
        return self._process.pid if self._process else 0

    # — starting and ending —

    def _fork(self):
        if self._stopped:
            raise NoSandbox("the sandbox was stopped")
        if self._process is None or self._process.poll() is not None:
            self.end()
            self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self.control, [self._order()], [theirs.fileno()])
        told = self.hear()
        talk = Conversation(self, ours)
        if told.get("walled") or self.single:
            return talk
        if self.isolation == "bubblewrap":
            talk.close()
            self.end()
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
        order["beside"] = (
            (bubblewrap.BESIDE if boxed else str(self._beside())) if self.files else ""
        )
        order["folders"] = (
            ["/tmp", "/dev/shm", bubblewrap.HOME] if boxed else ["/dev/shm", self._home()]
        )
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
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
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
                self.hear()
            except Lost:
                self.end()
                errors.seek(0)
                raise NoSandbox(self._why(errors.read())) from None

    def end(self):
        """End the warm process; the next conversation starts another."""
        if self.control:
            self.control.close()
        if self._process:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(2)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        self.control = self._process = None

    def hear(self):
        """The next thing that the warm process tells; Lost where it does not."""
        ready, _, _ = select.select([self.control], [], [], START)
        text = self.control.recv(10_000) if ready else b""
        if not text:
            raise Lost("the warm process has ended" if ready else "the warm process is silent")
        return json.loads(text)

    def _why(self, errors):
        last = errors.strip().splitlines()[-1:] or ["it said nothing"]
        if self.isolation == "process":
            return f"the process that runs submissions did not start: {last[0]}"
        return (
            f"bubblewrap does not run here: {last[0]}. {bubblewrap.INSTALL}, {bubblewrap.INSTEAD}"
        )

    # — the command —

    def _command(self, control):
        boxed = self.isolation == "bubblewrap"
        home = bubblewrap.HOME if boxed else self._home()
        code = "from backprop.grading.inside.forkserver import main; "
        program = bubblewrap.python() if boxed else sys.executable
        python = [program, "-s", "-P", "-c", f"{code}main({control}, {home!r})"]
        return [*bubblewrap.command(self._stage, self.files), *python] if boxed else python

    def _environment(self):
        boxed = self.isolation == "bubblewrap"
        tmp = "/tmp" if boxed else self._home()
        program = bubblewrap.python() if boxed else sys.executable
        threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
        return threads | {
            "HOME": bubblewrap.HOME if boxed else self._home(),
            "LANG": "C.UTF-8",
            "MPLBACKEND": "agg",
            "MPLCONFIGDIR": f"{tmp}/matplotlib",
            "IPYTHONDIR": f"{tmp}/ipython",
            "PATH": f"{Path(program).parent}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": bubblewrap.COURSE if boxed else str(self._stage),
            "TMPDIR": tmp,
        }

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


def _unreadable(*folders):
    """A folder that another user may not look into, in words; '' if they all can be."""
    for folder in map(Path, folders):
        for path in (folder, *folder.resolve().parents):
            if not path.stat().st_mode & 0o001:
                return f"that cannot read {path}, where Python is; install it elsewhere, as in /opt"
    return ""
