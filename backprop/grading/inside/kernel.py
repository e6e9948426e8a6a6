"""Runs a student's notebook, cell by cell, and then answers what it is asked, by values.

A fork of this process answers, so that a crash or a loop leaves the notebook as it was; what is
asked last, the process answers itself. Whatever is said here may be forged by the notebook: it
harms its student alone.
"""

import contextlib
import io
import json
import os
import select
import signal
import sys
import time

import numpy as np

import backprop.check as stub
from backprop.check.running import described, replies
from backprop.grading import notebooks, wire
from backprop.grading.inside import walls
from backprop.grading.wire import FUNCTION
from backprop.questions.asking import At, Call, Look, Source

OUTPUT, ALL_OUTPUT = 10_000, 300_000  # characters that are kept of a cell, and of all
AGAIN = 0.5  # seconds from one call to stop to the next
GRACE = 2.0  # seconds for a call to stop by itself
RUNS = 3  # of a cell that waits for names


class Overtime(BaseException):
    """Stops what takes too long, in spite of an `except Exception`."""


def main(connection, shell):
    """Do what the grader asks for over a socket, until it closes it."""
    line = connection.makefile("rwb")
    stub.link = lambda id, name: _given(line, id, name)
    kernel = Kernel(shell, line, connection)
    orders = {"read": kernel.read, "run": kernel.run, "ask": kernel.ask}
    while True:
        try:
            header, value = wire.receive(line)
        except EOFError:
            return
        orders[header.pop("do")](value, **header)


def _given(line, id, name):
    wire.send(line, {"given": id[:200], "student": name[:500]})
    header, value = wire.receive(line)
    return header["kind"], value


class Kernel:
    """The notebook's namespace, in IPython's shell, and what is known of its cells."""

    def __init__(self, shell, line, connection):
        self.shell, self.line, self.connection = shell, line, connection
        self.answers, self.told, self.process = shell.user_ns, {}, os.getpid()

    # — orders —

    def read(self, data):
        """Send the cells in a notebook's bytes, as far as there are any."""
        found = notebooks.read(data.tobytes())
        cells = [[c.kind, c.source, c.id, c.grade_id, c.number] for c in found.cells]
        text = np.frombuffer(json.dumps(cells).encode(), np.uint8)
        header = {"cells": len(cells), "notes": found.notes, "problem": found.problem}
        wire.send(self.line, header, text)

    def run(self, cells, names, seconds):
        """Run the cells of code, [number, source] each; say what became of them, and who signed.

        A cell that lacks a name is run again as soon as another has made that name: a notebook is
        not always in the order in which it was worked through.
        """
        self.told, waiting = {}, {}
        sources = dict(json.loads(cells.tobytes()))
        for number in sources:
            turn = [number]
            for again in turn:
                waiting[again] = self._cell(again, sources[again], names, seconds)
                ready = [n for n, name in waiting.items() if name in self.answers]
                turn += [n for n in ready if self.told[n]["runs"] < RUNS and n not in turn]
        wire.send(self.line, {"ran": [*self.told.items()], "name": stub.name})

    def ask(self, args, nonce, requests, seconds, limit, last):
        """Answer requests in a fork of this process, and say how that ended.

        Each may take so many seconds, all of one question so many as the limit. The last ones are
        answered by this process itself, which then ends: a fork is what costs most.
        """
        made = [_request(*pair) for pair in zip(requests, args, strict=True)]
        walls.more_files()
        if last:
            self._answer(made, nonce, seconds, limit)
            wire.send(self.line, {"nonce": nonce, "end": ""})
            return
        progress, done = os.pipe()
        pid = os.fork()
        if not pid:
            status = 1
            try:
                os.setsid()
                self.process = os.getpid()
                self._answer(made, nonce, seconds, limit, done)
                status = 0
            finally:
                os._exit(status)
        os.close(done)
        how = _waited(pid, progress, seconds + GRACE)
        wire.send(self.line, {"nonce": nonce, "end": how})

    # — cells —

    def _cell(self, number, source, names, seconds):
        """Run a cell and note what there is to tell; the name that it lacks, None if none."""
        wire.send(self.line, {"cell": number})
        before, lacks, error = {name: self.answers.get(name) for name in names}, None, None
        kept = sum(len(about["output"]) for about in self.told.values())
        output = Capped(min(OUTPUT, ALL_OUTPUT - kept))
        streams = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = output
        try:
            with stopped_after(seconds):
                result = self.shell.run_cell(source, store_history=False)
            raised = result.error_before_exec or result.error_in_exec
        except BaseException as caught:
            raised = caught
        finally:
            sys.stdout, sys.stderr = streams
        self._no_fork()
        if raised is not None:
            error = _told(described(raised, self.answers))
            lacks = raised.name if isinstance(raised, NameError) else None
        bound = [name for name in names if self.answers.get(name) is not before[name]]
        runs = self.told.get(number, {"runs": 0})["runs"] + 1
        said = output.text()
        self.told[number] = {"error": error, "output": said, "bound": bound, "runs": runs}
        return lacks

    def _no_fork(self):
        """End here if this is a fork that the notebook made: only one may go on talking."""
        if os.getpid() != self.process:
            os._exit(0)

    # — answers —

    def _answer(self, requests, nonce, seconds, limit, done=None):
        """Send a reply to each request, in order; each is told by a byte in `done`."""
        ends, self.late = {}, set()
        sys.stdout = sys.stderr = Capped(0)
        for k, request in enumerate(requests):
            left = ends.setdefault(request.name, time.monotonic() + limit) - time.monotonic()
            self.connection.sendall(self._reply(request, nonce, k, min(seconds, left)))
            if done:
                os.write(done, b".")

    def _reply(self, request, nonce, k, seconds):
        """The message that answers a request within some seconds."""
        try:
            if seconds <= 0 or request.name in self.late:
                raise Overtime("a call before took too long")
            with stopped_after(seconds):
                (reply,) = replies([request], self.answers)
                self._no_fork()
                if reply.error and reply.error.kind == Overtime.__name__:
                    self.late.add(request.name)
                return wire.message(_header(reply, nonce, k), reply.value, wire.ANSWER)
        except Overtime as late:
            self.late.add(request.name)
            told = ["TimeoutError", str(late), 0, ""]
            return wire.message({"nonce": nonce, "reply": k, "error": told})


def _header(reply, nonce, k):
    changed = [str(name)[:100] for name in reply.changed][:20]
    error = reply.error and _told(reply.error)
    return {"nonce": nonce, "reply": k, "error": error, "missing": reply.missing} | {
        "changed": changed
    }


def _told(error):
    """An error as plain JSON, of bounded length."""
    return [error.kind[:100], error.message[:500], error.line, error.code[:500]]


def _request(told, args):
    """A request as it was before it was sent."""
    if told["kind"] == "call":
        return Call(told["name"], tuple(map(_live, args)))
    if told["kind"] == "at":
        return At(told["name"], tuple(args))
    return Look(told["name"])


def _live(arg):
    """An argument as it was: functions came as text, of the question's own making."""
    if isinstance(arg, dict) and [*arg] == [FUNCTION]:
        return Source(arg[FUNCTION])
    if isinstance(arg, dict):
        return {key: _live(value) for key, value in arg.items()}
    if isinstance(arg, tuple | list):
        return type(arg)(map(_live, arg))
    return arg


def _waited(pid, progress, seconds):
    """Wait for a process that tells its progress in bytes, each within so many seconds.

    How it ended, in words, '' if well.
    """
    late = False
    with os.fdopen(os.pidfd_open(pid)) as end, os.fdopen(progress, "rb", buffering=0) as told:
        waiting = [end, told]
        while not late:
            ready, _, _ = select.select(waiting, [], [], seconds)
            late = not ready
            if end in ready:
                break
            if told in ready and not told.read(100):
                waiting = [end]
    if late:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)  # what it has left behind
    if late:
        return "late"
    return f"ended by {signal.Signals(-code).name}" if code < 0 else "ended" if code else ""


@contextlib.contextmanager
def stopped_after(seconds):
    """Overtime where what is inside takes longer, raised again and again until it is heard."""

    def stop(*_):
        raise Overtime(f"took more than {seconds:g} s")

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class Capped(io.TextIOBase):
    """A file that keeps the first `limit` characters written to it."""

    def __init__(self, limit):
        self.limit, self.kept, self.size = limit, [], 0

    def writable(self):
        return True

    def write(self, text):
        if self.size < self.limit:
            self.kept.append(text[: self.limit - self.size])
        self.size += len(text)
        return len(text)

    def text(self):
        """What was kept, as text that can be sent."""
        return "".join(self.kept).encode("utf-8", "replace").decode()
