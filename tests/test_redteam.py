"""Does each hostile, broken or odd submission get its due grade, and do the walls hold?

All are graded one after another by one sandbox: what one leaves behind, the next would find.
"""

import json
import os
import re
import shutil
import socket
import sys
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
from redteam import BUDGET, CASES, HOSTILE, PLAIN, SCORES

from backprop.grading.assignments import Assignments
from backprop.grading.bubblewrap import NoSandbox
from backprop.grading.grader import Grader
from backprop.grading.results import Result
from backprop.grading.sandbox import Limits, Sandbox
from backprop.grading.staging import staged
from backprop.grading.submissions import Content, Submission
from backprop.questions.asking import VISIBLE
from backprop.questions.kinds import Formula, Function

HERE = Path(__file__).parent / "redteam"
PACKAGE = HERE.parents[1] / "backprop"
LIMITS = Limits(cell=2.0, call=0.6, question=1.5, total=20.0, memory=400 << 20)
SEED = "a secret seed"
LEAK = re.compile(r"LEAK:(-?(?:0x[0-9a-f.]+p[+-]\d+|inf|nan))")


class Grounds:
    """A sandbox, and around it all that a submission must not read, change or reach."""

    def __init__(self, folder, opened):
        self.token = "TOKEN" + os.urandom(8).hex()
        self.home, self.course = folder / "home", folder / "course"
        self.submissions, self.stage = folder / "submissions", folder / "stage"
        shutil.copytree(HERE / "course", self.course, ignore=shutil.ignore_patterns("__pycache__"))
        for place in (self.home, self.submissions, self.stage, folder / "scratch"):
            place.mkdir()
        with open(self.course / "questions" / "redteam.py", "a") as file:
            file.write(f"\nSECRET = {self.token!r}\n")
        for file in (self.home / "secret.txt", self.home / "gradebook.sqlite"):
            file.write_text(self.token)
        (self.home / ".bashrc").write_text(f"export SECRET={self.token}\n")
        (self.submissions / "bob.ipynb").write_text(self.token)
        patch = opened.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("HOME", str(self.home))
        patch.setenv("REDTEAM_SECRET", self.token)
        patch.setattr("backprop.grading.examination.SLACK", 1.5)  # what is late here was meant so
        abstract = f"redteam-{os.urandom(4).hex()}"
        self.marker = f"marker-{os.urandom(4).hex()}"
        self.listeners = [
            opened.enter_context(_listener(*where))
            for where in (
                (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
                (socket.AF_UNIX, socket.SOCK_STREAM, f"\0{abstract}"),
                (socket.AF_UNIX, socket.SOCK_STREAM, str(self.home / "socket")),
            )
        ]
        port = self.listeners[0].getsockname()[1]
        self.listeners.append(
            opened.enter_context(_listener(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", port)))
        )
        self.assignment = Assignments.of_folder(self.course)["redteam"]
        self.visible = seen(self.assignment)
        self.places = {
            "home": str(self.home),
            "course": str(self.course),
            "submissions": str(self.submissions),
            "scratch": str(folder / "scratch"),
            "package": str(PACKAGE),
            "tests": str(HERE),
            "port": str(port),
            "abstract": abstract,
            "marker": self.marker,
            "visible": known(self.assignment.questions["loss"]),
            "seen": "|".join(_as_name(text) for text in self.visible),
        }
        staged(self.stage)
        self.watched = [self.home, self.course, self.submissions, self.stage, folder / "scratch"]
        self.sandbox, self.children = None, _children()
        self.renew()
        self.plain = self.grade(PLAIN)
        self.before = self.state()

    def renew(self):
        """Begin with a new sandbox, after a case that has broken it."""
        if self.sandbox:
            self.sandbox.close()
        self.sandbox = Sandbox("bubblewrap", LIMITS, self.assignment.files, stage=self.stage)

    def grade(self, case, sandbox=None):
        grader = Grader(self.assignment, SEED, sandbox or self.sandbox)
        data = case.bytes(self.places)
        return grader.grade(Submission(case.student, "redteam.ipynb", lambda: Content(data)))

    def state(self):
        """What of this process and of the disk no submission may change."""
        found = {path: path.lstat() for place in self.watched for path in sorted(place.rglob("*"))}
        return {
            "files": {str(p): (s.st_size, s.st_mtime_ns, s.st_mode) for p, s in found.items()},
            "planted": [*PACKAGE.rglob("redteam_was_here"), *PACKAGE.rglob("written")],
            "open files": len(os.listdir("/proc/self/fd")),
            "threads": threading.active_count(),
            "folder": os.getcwd(),
            "environment": {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"},
            "random numbers": np.random.get_state()[1].tolist(),  # noqa: NPY002
            "modules": sorted(name for name in sys.modules if "redteam" in name),
            "errors of NumPy": np.geterr(),
            "path": list(sys.path),
        }

    def processes_left(self):
        """The processes of the sandbox that are there too long, besides the warm one."""
        for _ in range(40):
            left = [pid for pid in _children() - self.children if pid not in self._warm()]
            marked = [pid for pid in _processes() if self.marker in _said(pid, "cmdline")]
            if not left and not marked:
                break
            time.sleep(0.05)
        return [(pid, _said(pid, "cmdline")) for pid in {*left, *marked}]

    def _warm(self):
        """The processes of a sandbox at rest: the box, its own first process, and the warm one."""
        row, warm = {self.sandbox.pid}, {self.sandbox.pid}
        for _ in range(2):
            row = {pid for pid, parent in _processes().items() if parent in row}
            warm |= row
        return warm

    def reached(self):
        """What came in over the network."""
        found = []
        for listener in self.listeners:
            with suppress(BlockingIOError):
                is_stream = listener.type == socket.SOCK_STREAM
                found.append(str(listener.accept() if is_stream else listener.recvfrom(100)))
        return found


def _listener(family, kind, where):
    made = socket.socket(family, kind)
    made.bind(where)
    if kind == socket.SOCK_STREAM:
        made.listen()
    made.setblocking(False)
    return made


def _processes():
    """The parent of each process there is."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        if text := _said(int(name), "stat"):
            found[int(name)] = int(text.rpartition(")")[2].split()[1])
    return found


def _children():
    """All processes that come from this one."""
    parents, found, row = _processes(), set(), {os.getpid()}
    while row:
        row = {pid for pid, parent in parents.items() if parent in row}
        found |= row
    return found


def _said(pid, name):
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return ""


def seen(assignment):
    """The numbers that a visible case shows, as submissions tell them."""
    found = set()
    for question in assignment.questions.values():
        if isinstance(question, Function):
            calls = question.requests(VISIBLE)
            found |= {float(np.ravel(part)[0]).hex() for call in calls for part in call.args[:3]}
        if isinstance(question, Formula):
            (at,) = question.requests(VISIBLE)
            found |= {v.hex() for point in at.points for v in point.values()}
    return found


def known(question):
    """A table of the visible cases: who looks answers up in it knows no others."""
    table = {}
    for call in question.requests(VISIBLE):
        table[float(call.args[0].ravel()[0]).hex()] = float(question.reference(*call.args))
    return repr(table)


def _as_name(text):
    return text.replace(".", "_").replace("+", "p").replace("-", "m")


@pytest.fixture(scope="module")
def walled(tmp_path_factory):
    with ExitStack() as opened:
        try:
            made = Grounds(tmp_path_factory.mktemp("redteam"), opened)
        except NoSandbox as problem:
            yield str(problem)
            return
        opened.callback(lambda: made.sandbox.close())
        yield made


@pytest.fixture
def grounds(need, request):
    need(shutil.which("bwrap"), "bubblewrap is not installed: apt install bubblewrap")
    made = request.getfixturevalue("walled")
    need(not isinstance(made, str), f"bubblewrap does not run here: {made}")
    made.failed = True
    yield made
    if made.failed:
        made.renew()


def told(result):
    """All sentences that a student is told."""
    lines = [*result.notes]
    for answer in result.answers:
        lines += [*answer.said, *answer.hints, *answer.mistakes]
    return lines


def assert_graded(case, result, grounds):
    points = {answer.question: answer.points for answer in result.answers}
    assert points == case.points, told(result)
    lines, usual = told(result), told(grounds.plain)
    for pattern in case.told:
        assert any(re.search(pattern, line) for line in lines), (pattern, lines)
    if not case.free:
        expected = "|".join([*case.told, *case.may]) or "(?!)"
        odd = [line for line in lines if line not in usual and not re.search(expected, line)]
        assert not odd
        flags = [flag for flag in result.flags if not re.search(case.flags or "(?!)", flag)]
        assert not flags
    if case.flags:
        assert any(re.search(case.flags, flag) for flag in result.flags), result.flags


def assert_nothing_is_told(case, result, grounds):
    text = json.dumps(result.as_json(), ensure_ascii=False)
    said = "\n".join([*told(result), *result.flags, *(a.output for a in result.answers)])
    assert grounds.token not in text
    assert "Traceback" not in "\n".join(told(result))
    assert {*LEAK.findall(text)} <= grounds.visible
    for pattern in case.never:
        for name, place in grounds.places.items():
            pattern = pattern.replace(f"@@{name}@@", place)
        assert not re.search(pattern, said), re.search(f".*{pattern}.*", said)[0][:1000]


def assert_walls_hold(grounds):
    assert not grounds.reached()
    assert not grounds.processes_left()
    after = grounds.state()
    assert after.pop("open files") <= grounds.before["open files"]
    assert after == {k: v for k, v in grounds.before.items() if k != "open files"}


def as_told(result):
    """A result but for its times."""
    return {k: v for k, v in result.as_json().items() if k not in ("started", "seconds")}


def test_names_of_cases_are_there_once():
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) > 90


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case, grounds):
    result = grounds.grade(case)
    assert isinstance(result, Result)
    assert Result.from_json(json.loads(json.dumps(result.as_json()))) == result
    assert_graded(case, result, grounds)
    assert_nothing_is_told(case, result, grounds)
    assert_walls_hold(grounds)
    if case in HOSTILE:
        assert as_told(grounds.grade(PLAIN)) == as_told(grounds.plain)
    grounds.failed = False


def test_a_budget_holds_for_all_cells_together(grounds):
    limits = Limits(cell=2.0, call=1.0, question=2.0, total=2.0, memory=400 << 20)
    with Sandbox("bubblewrap", limits, grounds.assignment.files, stage=grounds.stage) as sandbox:
        with sandbox.conversation():
            pass  # what it takes to start is not the submission's
        result = grounds.grade(BUDGET, sandbox)
    assert_graded(BUDGET, result, grounds)
    grounds.failed = False


def test_scores_are_as_honest_without_walls(grounds):
    """What would change its score, and nothing else: the same is refused in a process alone."""
    hidden = [grounds.course, grounds.home]
    with Sandbox("process", LIMITS, hidden=hidden, stage=grounds.stage) as sandbox:
        for case in [PLAIN, *SCORES]:
            assert_graded(case, grounds.grade(case, sandbox), grounds)
    grounds.failed = False
