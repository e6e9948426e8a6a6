"""The warm process: everything is imported once, then each submission gets a fork of its own.

It is told over a socket, one order at a time: {"fork": limits} with the socket of the submission's
conversation beside it, {"kill": true}. It tells {"ready": ...} and {"ended": code, "why": ...}. It
never runs, reads or writes anything of a submission's.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
from contextlib import nullcontext, suppress

from backprop.grading.inside import calls, walls

POLL = 0.05  # seconds between two looks at what the children use
READY = ("numpy", "numpy.random", "sympy", "matplotlib.pyplot", "matplotlib.backends.backend_agg")
READY += ("IPython.utils.capture", "backprop.diagram", "backprop.examples", "backprop.widgets")
READY += ("backprop.grading.inside.kernel",)
SHELL = {"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}}


def main(control, home):
    """Serve a control socket by its number, until it is closed; `home` is the folder to work in."""
    control = socket.socket(fileno=control)
    walls.unseen()
    walls.adopt()
    shell = warm()
    server = Server(control, shell, home)
    control.send(json.dumps({"ready": os.getpid()}).encode())
    while server.serve():
        pass


def warm():
    """Import what most notebooks do, and make the shell in which they will run."""
    for name in READY:
        importlib.import_module(name)
    sympy = sys.modules["sympy"]
    sympy.simplify(2 * sympy.Symbol("x"))  # it imports more when it is first used

    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        """IPython's shell without a screen: tracebacks are told otherwise, plots go nowhere."""

        def enable_gui(self, gui=None):
            """There is none."""

        def enable_matplotlib(self, gui=None):
            """It is on already, and draws nowhere."""
            return gui, "agg"

        def _tee(self, channel):
            """IPython would keep all output for its history, in time that grows with its square."""
            return nullcontext()

        def showtraceback(self, *_, **__):
            """The error is in the result of the cell."""

        showsyntaxerror = showindentationerror = showtraceback

        def run_line_magic(self, magic_name, line, _stack_depth=1):
            """A magic that fails must not cost the lines below it."""
            try:
                return super().run_line_magic(magic_name, line, _stack_depth + 1)
            except Exception as error:
                print(f"{type(error).__name__}: {error}")

    shell = Shell.instance(config=Config(SHELL))
    shell.displayhook.write_output_prompt = lambda: None
    shell.display_formatter.active_types = ["text/plain"]
    for cell in ("pass", "%matplotlib inline", "1 / 0"):  # it, too, imports more at first use
        shell.run_cell(cell, store_history=False, silent=True)
    gc.collect()
    gc.freeze()  # or the collector would copy every page of every fork
    return shell


class Server:
    """One submission at a time: forked, watched, ended with everything that it started."""

    def __init__(self, control, shell, home):
        self.control, self.shell, self.home = control, shell, home
        self.addresses = walls.address_space()

    def serve(self):
        """Take one order; whether there may be another."""
        text, sockets, _, _ = socket.recv_fds(self.control, 10_000, 1)
        if not text:
            return False
        order = json.loads(text)
        if "fork" in order:
            with socket.socket(fileno=sockets[0]) as connection:
                first, walled = self._forked(connection, order["fork"])
            self._tell(forked=first, walled=walled)
            why = self._watched(first, order["fork"])
            code = self._ended(first)
            self._tell(ended=None if why else code, why=why)
        return True

    def _tell(self, **what):
        self.control.send(json.dumps(what).encode())

    # — a child —

    def _forked(self, connection, limits):
        """Fork a submission's first process; its number, and whether it has its own namespaces."""
        who = os.getuid(), os.getgid()
        try:
            first, walled = walls.fork_apart(), True
        except OSError:
            first, walled = os.fork(), False
        if not first:
            self._first(connection, limits, who if walled else None)
        return first, walled

    def _first(self, connection, limits, who):
        """Be the first process of a submission: `who` is its user, None without namespaces."""
        status = 1
        try:
            walls.unseen(False)  # or its own /proc/self could not be written
            if who:
                walls.as_oneself(*who)
                walls.fresh_folders(limits["folders"], limits["files"])
                walls.hidden(limits["hidden"])
            elif limits["user"]:
                walls.as_nobody(limits["user"])
            walls.without_rights()
            calls.refused()
            os.setsid()  # or a signal to its group would reach those outside
            self._alone(connection)
            os.chdir(self._folder(limits["beside"]))
            sys.path.insert(0, "")  # modules of one's own, as in Jupyter
            memory = self.addresses + limits["memory"]
            walls.limited(memory, limits["total"], limits["processes"], limits["files"])
            from backprop.grading.inside import kernel

            kernel.main(connection, self.shell)
            status = 0
        finally:
            os._exit(status)

    def _alone(self, connection):
        """Keep no file open but the conversation; nothing comes from or goes to anywhere else."""
        with open(os.devnull, "r+b", buffering=0) as nowhere:
            for stream in (0, 1, 2):
                os.dup2(nowhere.fileno(), stream)
        kept = connection.fileno()
        os.closerange(3, kept)
        os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
        sys.stdin = open(os.devnull)  # noqa: SIM115 (for as long as the process is)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _folder(self, beside):
        """The folder to work in, with what lies beside the exercises."""
        folder = tempfile.mkdtemp(prefix="work-", dir=self.home)
        for name in os.listdir(beside) if beside else ():
            os.symlink(f"{beside}/{name}", f"{folder}/{name}")
        return folder

    # — watching —

    def _watched(self, first, limits):
        """Wait for the end of a child, or make it; why it was made, or ''."""
        most, bare = limits["memory"], self._resident("self")
        with os.fdopen(os.pidfd_open(first)) as end:
            while True:
                ready, _, _ = select.select([end, self.control], [], [], POLL)
                if end in ready:
                    return ""
                if self.control in ready:
                    self.control.recv(10_000)
                    return "stopped"
                used = [self._resident(pid) - bare for pid in self._family()]
                if len(used) > limits["processes"]:
                    return "processes"
                if sum(n for n in used if n > 0) > most:
                    return "memory"

    def _ended(self, first):
        """End a child and all that it started; how the child had ended, as os.waitstatus says."""
        code = None
        while family := self._family():
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            pid, how = os.waitpid(-1, 0)
            if pid == first:
                code = os.waitstatus_to_exitcode(how)
        return code

    def _family(self):
        """The numbers of all processes that come from this one."""
        parents = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
            except OSError:
                continue
        found, row = [], {os.getpid()}
        while row:
            row = {pid for pid, parent in parents.items() if parent in row}
            found += row
        return found

    def _resident(self, pid):
        """The bytes of memory that a process has to itself, or shares with others that it made."""
        try:
            with open(f"/proc/{pid}/status", "rb") as file:
                lines = dict(line.split(b":", 1) for line in file if line.startswith(b"Rss"))
        except (OSError, ValueError):
            return 0
        kinds = (lines.get(kind, b"0").split()[0] for kind in (b"RssAnon", b"RssShmem"))
        return sum(map(int, kinds)) << 10
