"""Run a notebook's cells in a process of their own, and judge what they define.

python -m backprop.release.trial TASK RESULT     as `tried` calls it, with files of JSON
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from backprop.check import Session
from backprop.check.running import replies
from backprop.questions.asking import VISIBLE
from backprop.questions.course import Course
from backprop.release.making import HOME

SEEDS = (VISIBLE, "release 1", "release 2", "release 3")
SECONDS = 300


@dataclass(frozen=True)
class Judged:
    """What was said of one question on one seed."""

    id: str
    seed: str
    status: str
    points: float
    place: str = ""


@dataclass(frozen=True)
class Trial:
    """What a run came to: the error of the cell that failed, '' if none, and every judgement."""

    failed: str
    judged: tuple = ()


def tried(notebook, course, where, student=None, folder=None):
    """The Trial of a notebook: all its cells are run, its questions are judged on all SEEDS.

    It runs in the folder `where`, as the `student`, or as whom the notebook names if that is None.
    `folder` is the lecturer's own, if the course is.
    """
    task = {
        "cells": [
            [c["id"], c["source"], "raises-exception" in c["metadata"].get("tags", ())]
            for c in notebook["cells"]
            if c["cell_type"] == "code"
        ],
        "ids": [cell["id"] for cell in notebook["cells"] if cell["id"] in course],
        "student": student,
        "folder": folder and str(Path(folder).resolve()),
    }
    with tempfile.TemporaryDirectory() as room:
        asked, result = Path(room, "task.json"), Path(room, "result.json")
        asked.write_text(json.dumps(task), encoding="utf-8")
        paths = [str(HOME.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(paths),
            "IPYTHONDIR": room,
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        }
        environment.pop("NBGRADER_EXECUTION", None)  # in a grader's run a check may raise
        try:
            ran = subprocess.run(
                [sys.executable, "-m", __name__, asked, result],
                cwd=where,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return Trial(f"it ran for more than {SECONDS} s")
        if not result.exists():
            last = ran.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
            return Trial(f"the process ended with code {ran.returncode}: {''.join(last)}")
        told = json.loads(result.read_text(encoding="utf-8"))
        return Trial(told["failed"], tuple(Judged(**judged) for judged in told["judged"]))


def run(task):
    """In the process of its own: run the cells, judge the answers; the Trial."""
    import traitlets.config
    from IPython.core.interactiveshell import InteractiveShell

    course = Course.of_folder(task["folder"]) if task["folder"] else Course.of_package()
    settings = traitlets.config.Config({"HistoryManager": {"enabled": False}})
    shell, name = InteractiveShell.instance(config=settings), _signed_in_as(task["student"])
    for cell, source, may_raise in task["cells"]:
        result = shell.run_cell(source)
        if result.error_in_exec or result.error_before_exec:
            error = result.error_in_exec or result.error_before_exec
            if not may_raise:
                return Trial(f"cell {cell!r} raised {type(error).__name__}: {error}")
    judged = []
    for question in map(course.question, task["ids"]):
        for seed in SEEDS:
            brought = replies(question.requests(seed, name[-1]), shell.user_ns)
            verdict = question.judge(brought, seed, name[-1])
            said = verdict.status, verdict.points, verdict.place
            judged.append(Judged(question.id, seed, *said))
    return Trial("", tuple(judged))


def _signed_in_as(student):
    """Whoever signs in from now on is that student, if it is not None. The list of who did."""
    names, sign_in = [student or ""], Session.student

    def instead(session, name=""):
        feedback = sign_in(session, name if student is None else student)
        names.append(session.name)
        return feedback

    Session.student = instead
    return names


if __name__ == "__main__":
    task, result = map(Path, sys.argv[1:])
    trial = run(json.loads(task.read_text(encoding="utf-8")))
    result.write_text(json.dumps(asdict(trial)), encoding="utf-8")
