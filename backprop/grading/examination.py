"""One submission, examined: its notebook is run in a sandbox and asked for values.

Whatever the notebook does, the examination goes on: where its process ends, another takes over,
leaves out the cell that ended it, and goes on with the next question.
"""

import json
import secrets
import signal
import time
from dataclasses import dataclass

import numpy as np

from backprop.grading.conversation import SLACK, Lost
from backprop.grading.notebooks import LIMIT, Cell, Notebook, read
from backprop.grading.wire import ANSWER, BYTES, FUNCTION
from backprop.inputs import named
from backprop.questions.asking import At, Call, Source
from backprop.questions.kinds import Formula
from backprop.questions.outcomes import Error, Reply

GIVEN, STRANGE, AGAIN = 2000, 100, 20  # questions back, odd messages, and processes, at most
WHY = {
    "memory": "used more memory than there is",
    "processes": "started too many processes",
    "late": "took too long",
}
NO_TIME = Error("TimeoutError", "there was no time left")


@dataclass(frozen=True)
class Ran:
    """What became of a cell: its error if it had one, its output, the names of answers it made."""

    error: Error | None = None
    output: str = ""
    bound: tuple = ()
    runs: int = 0


class Examination:
    """The conversation with a submission, across all the processes that it takes.

    `notebook` is what could be read, `ran` what became of its cells by number, `name` who signed,
    `given` how often numbers were asked for.
    """

    def __init__(self, sandbox, assignment, data):
        self.sandbox, self.assignment, self.limits = sandbox, assignment, sandbox.limits
        self.notebook, self.ran, self.name = Notebook(), {}, ""
        self._data, self._talk, self._context = data, None, None
        self._ends = None  # the time is counted from when the first process is there
        self._skip, self._cell, self._started = {}, 0, 0
        self.given, self._given = 0, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._hang_up()

    # — the notebook —

    def read(self):
        """Read the notebook: in the sandbox, for its bytes may be anything."""
        data = np.frombuffer(self._data, np.uint8)
        if len(data) > LIMIT:
            self.notebook = read(self._data)  # which says so, and looks no further
            return self.notebook
        try:
            header, value = self._order("read", data, self.limits.question, {})
            cells = tuple(Cell(*cell) for cell in json.loads(value.tobytes()))
            self.notebook = Notebook(cells, tuple(header["notes"]), header["problem"])
        except Lost as lost:
            problem = f"the notebook could not be read: it {lost}"
            self.notebook = Notebook((), (), problem)
        return self.notebook

    def run(self):
        """Run the cells; one that ends the process is left out, and the others are run again."""
        while not self._late():
            try:
                return self._run()
            except Lost as lost:
                cell = self._cell
                if cell in self._skip or not cell:
                    return None
                self._skip[cell] = Error("Ended", f"the cell {lost}")
        return None

    def _run(self):
        cells = [[c.number, c.source] for c in self.notebook.code if c.number not in self._skip]
        text = np.frombuffer(json.dumps(cells).encode(), np.uint8)
        self._cell = 0
        told = {"names": [*self.assignment.questions], "seconds": self.limits.cell}
        header, _ = self._order("run", text, self.limits.cell + SLACK, told, self._cells)
        self.name = str(header["name"])[:500]
        self.ran = {number: Ran(error) for number, error in self._skip.items()}
        for number, about in header["ran"]:
            error = about["error"] and Error(*about["error"])
            bound = tuple(about["bound"])
            self.ran[number] = Ran(error, about["output"], bound, about["runs"])

    def _cells(self, header, value):
        """Whether a message says which cell comes next."""
        if type(header.get("cell")) is not int:
            return False
        self._cell = header["cell"]
        return True

    # — questions —

    def replies(self, asked, last=False):
        """The replies to the requests of each question by id, and the ids of those asked first.

        All are asked in one process, a fork unless these are the last. Where it ends before its
        time, the question at which it did is asked again first of all in the next, and only then is
        it to blame.
        """
        found, first, todo = {id: [] for id in asked}, set(), [id for id in asked if asked[id]]
        while todo:
            first.add(todo[0])
            how = self._tried(todo, asked, found, last)
            ended, todo = todo, [id for id in todo if len(found[id]) < len(asked[id])]
            if todo and todo[0] == ended[0]:
                id = todo.pop(0)
                how = NO_TIME if self._late() else Error("Ended", f"the call {how}")
                found[id] += [Reply(error=how)] * (len(asked[id]) - len(found[id]))
            elif todo:
                found[todo[0]] = []
        return found, first

    def _tried(self, ids, asked, found, last):
        """Ask for these questions; how it ended, in words."""
        if self._late():
            return ""
        try:
            if not self._talk:
                self.run()
            return self._ask(ids, asked, found, last) or "gave no answer"
        except Lost as lost:
            return str(lost)

    def _ask(self, ids, asked, found, last):
        limits, nonce = self.limits, secrets.token_hex(8)
        requests = [(id, request) for id in ids for request in asked[id]]
        kinds = [{"kind": type(r).__name__.lower(), "name": r.name} for _, r in requests]
        args = [_sent(r.args if isinstance(r, Call) else _points(r)) for _, r in requests]
        told = {"nonce": nonce, "requests": kinds, "seconds": limits.call}
        told |= {"limit": limits.question, "last": last}
        awaited = [id for id, _ in reversed(requests)]

        def reply(header, value):
            """Whether this is the next reply; it is kept."""
            number = len(requests) - len(awaited)
            if not awaited or (header.get("nonce"), header.get("reply")) != (nonce, number):
                return False
            found[awaited.pop()].append(_reply(header, value))
            return True

        header, _ = self._order("ask", args, limits.call + 2 * SLACK, told, reply, nonce)
        if last:
            self._hang_up()
        how = str(header["end"])
        return WHY.get(how, how)

    # — the conversation —

    def _order(self, do, value, seconds, told, progress=None, nonce=None):
        """Give an order and wait for its end; Lost where the process ends first.

        `progress` says whether a message is one of those before the end; the time for the next
        then begins anew.
        """
        talk, strange = self._connected(), 0
        ends = {"read": "cells", "run": "ran", "ask": "end"}[do]
        try:
            talk.send({"do": do} | told, value)
            deadline = self._deadline(seconds)
            while True:
                header, value = talk.receive(deadline, BYTES if do == "read" else ANSWER)
                if "given" in header:
                    self._answer(header)
                elif progress and progress(header, value):
                    deadline = self._deadline(seconds)
                elif ends in header and header.get("nonce") == nonce:
                    return self._checked(do, header, value)
                else:
                    strange += 1
                    if strange > STRANGE:
                        raise Lost("sent what nobody asked for")
        except Lost as lost:
            raise Lost(self._hang_up() or str(lost)) from None

    def _checked(self, do, header, value):
        """The end of an order, if it has the form that it must have; else Lost."""
        try:
            if do == "read":
                cells = json.loads(value.tobytes())
                kinds = [[type(part) for part in cell] for cell in cells]
                good = all(kind == [str, str, str, str, int] for kind in kinds)
                good = good and all(isinstance(note, str) for note in header["notes"])
                good = good and isinstance(header["problem"], str)
            elif do == "run":
                good = isinstance(header["name"], str) and all(map(_is_cell, header["ran"]))
            else:
                good = isinstance(header["end"], str)
        except (AttributeError, KeyError, TypeError, ValueError):
            good = False
        if not good:
            raise Lost("sent what cannot be understood")
        return header, value

    def _answer(self, header):
        """Say what a question gives to the student who signed."""
        self.given, self._given = self.given + 1, self._given + 1
        if self._given > GIVEN:
            raise Lost("asked for too many numbers")
        id, student = str(header["given"]), str(header.get("student", ""))
        try:
            question = named("question", id, self.assignment.questions)
        except ValueError as error:
            self._talk.send({"kind": "unknown"}, str(error))
            return
        if isinstance(question, Formula):
            self._talk.send({"kind": "letters"}, question.letters.split())
        else:
            self._talk.send({"kind": "numbers"}, dict(question.given(student)))

    def _connected(self):
        if not self._talk:
            if self._started >= AGAIN:
                raise Lost("was started too often")
            self._started += 1
            self._context = self.sandbox.conversation()
            self._talk = self._context.__enter__()
            self._ends = self._ends or time.monotonic() + self.limits.total
            self._given = 0
        return self._talk

    def _hang_up(self):
        """End the process, if there is one; why it had ended before, in words, or ''."""
        if not self._talk:
            return ""
        talk, self._talk = self._talk, None
        self._context.__exit__(None, None, None)
        why, code = talk.ended.get("why", ""), talk.ended.get("ended")
        if why in WHY:
            return WHY[why]
        if why == "stopped":
            return WHY["late"]
        if code is None or code >= 0:
            return "ended the program"
        return f"crashed ({signal.Signals(-code).name})"

    def _deadline(self, seconds):
        return min(time.monotonic() + seconds, self._ends + SLACK)

    def _late(self):
        return self._ends is not None and time.monotonic() > self._ends


def _is_cell(pair):
    number, about = pair
    error = about["error"]
    return (
        type(number) is int
        and isinstance(about["output"], str)
        and type(about["runs"]) is int
        and isinstance(about["bound"], list)
        and all(isinstance(name, str) for name in about["bound"])
        and (error is None or _is_error(error))
    )


def _is_error(error):
    return (
        isinstance(error, list)
        and [type(part) for part in error] == [str, str, int, str]
        and all(len(part) <= 1000 for part in error if isinstance(part, str))
    )


def _reply(header, value):
    """A Reply from what was sent, whatever that is."""
    error, changed = header.get("error"), header.get("changed")
    if error is not None and not _is_error(error):
        error = ["Error", "", 0, ""]
    changed = changed if isinstance(changed, list) else []
    changed = tuple(name[:50] for name in changed if isinstance(name, str))[:20]
    return Reply(value, error and Error(*error), header.get("missing") is True, changed)


def _points(request):
    return list(request.points) if isinstance(request, At) else ()


def _sent(arg):
    """An argument as it can be sent: a function goes as its text."""
    if isinstance(arg, Source):
        return {FUNCTION: arg.text}
    if isinstance(arg, dict):
        return {key: _sent(value) for key, value in arg.items()}
    if isinstance(arg, tuple | list):
        return type(arg)(map(_sent, arg))
    return arg
