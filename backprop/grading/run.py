"""One run over submissions: which there are, which are still to be graded, and what came of it."""

import os
import sys

from tqdm import tqdm

from backprop.grading.exports import shown
from backprop.grading.results import UNREAD, fingerprint, plain
from backprop.grading.stations import Stations, Task
from backprop.grading.submissions import handed_in, submissions

LOOK = 1  # the exit code where all is done, but something needs a look
TRIED = 50  # notebooks that are looked into before the first is graded
NAMED = 20  # students or files that are named one by one


class Run:
    """One run over some submissions: results go to the gradebook as they come."""

    def __init__(self, book, assignments, setting, options):
        self.book, self.assignments, self.setting = book, assignments, setting
        self.options, self.fingerprint = options, fingerprint(setting.seed)
        self.graded, self.before, self.failed, self.unread = 0, 0, [], []

    def grade(self, tasks):
        """Grade what has to be, a bar on the screen."""
        quiet = self.options.quiet or not sys.stderr.isatty()
        bar = tqdm(total=len(tasks), unit="submission", disable=quiet, smoothing=0.05)
        with bar, self._place() as place:
            for task, result in place.grade(self._open(tasks, bar)):
                self._keep(task, result)
                bar.update()

    def _place(self):
        if self.options.scheduler:
            from backprop.grading.cluster import Cluster

            return Cluster(self.assignments, self.setting, self.options.scheduler)
        return Stations(self.assignments, self.setting, self.options.workers)

    def _open(self, tasks, bar):
        """The tasks that are not done yet."""
        for task in tasks:
            if self.options.again or not self._done(task):
                yield task
            else:
                self.before += 1
                bar.update()

    def _done(self, task):
        content, version = task.submission.read(), self.assignments[task.assignment].version
        who = task.submission.student
        return bool(content.sha256) and self.book.is_graded(
            who, content.sha256, version, self.fingerprint
        )

    def _keep(self, task, result):
        who = task.submission.student
        if isinstance(result, BaseException):
            self.failed.append(f"{who}, {task.assignment}: {type(result).__name__}: {result}")
            return
        self.book.record(result)
        self.graded += 1
        unread = UNREAD in result.flags
        if unread:
            self.unread.append(f"{who}, {task.assignment}: {' '.join(result.notes)}")
        if self.options.verbose:
            waiting = f", to grade by hand: {', '.join(result.waiting)}" if result.waiting else ""
            why = f", {UNREAD}: {' '.join(result.notes)}" if unread else waiting
            points = f"{shown(result.points)} of {shown(result.of)}"
            line = f"{who}  {task.assignment}  {points}{why}"
            tqdm.write(plain(line, 500), file=sys.stdout)

    def told(self, left_out):
        """Say what was done; the exit code."""
        if not self.options.quiet:
            print(f"graded {self.graded}, unchanged {self.before}, {self.options.gradebook}")
            say_what_waits(self.book.totals(), sys.stdout)
        name_some("left out", left_out)
        name_some("could not be read, and have 0 points", self.unread)
        name_some("could not be graded, and will be tried again next time", self.failed)
        return LOOK if self.failed or self.unread or left_out else 0


def say_what_waits(results, stream):
    """Say how many answers wait for a person's points, if any do."""
    waiting = sum(len(result.waiting) for result in results)
    if waiting:
        answers = "1 answer waits" if waiting == 1 else f"{waiting} answers wait"
        print(f"{answers} to be graded by hand: backprop-grade manual", file=stream)


def tasks_at(path, assignments, name):
    """The tasks at a path, of one assignment or of all that are there; and what was left out."""
    if name:
        names = [assignments.assignment(name).name]
    elif len(assignments) == 1:
        names = [*assignments]
    else:
        names = handed_in(path, assignments)
    if not names:
        raise ValueError(
            f"no notebook in {path} has the name of an assignment; say by --assignment which it "
            f"is: {', '.join(assignments)}"
        )
    several, tasks, left_out = len(names) > 1, [], []
    for one in names:
        handed = submissions(path, one, named_only=several)
        _look(path, handed, assignments, one)
        tasks += [Task(one, submission) for submission in handed]
        left_out += handed.left_out
    return tasks, list(dict.fromkeys(left_out))


def _look(path, handed, assignments, name):
    """ValueError where no notebook asks what the assignment does: it is the wrong one."""
    asked, others = _marks([name], assignments), [other for other in assignments if other != name]
    some = [submission.read().data for submission in handed.submissions[:TRIED]]
    if not any(some) or any(mark in data for data in some for mark in asked):
        return
    like = [o for o in others if any(m in d for d in some for m in _marks([o], assignments))]
    told = f"; they look like {', '.join(like)}: say so by --assignment" if like else ""
    raise ValueError(
        f"no notebook in {path} has an answer to a question of {name}{told}. "
        "Is it the right course, and the right folder?"
    )


def _marks(names, assignments):
    """What stands in a notebook that answers a question of these assignments: its id, quoted."""
    ids = [id for name in names for id in assignments[name].questions]
    words = ("def {}(", "{} =", '"{}"')
    return [word.format(id).encode() for id in ids for word in words]


def name_some(what, names):
    """Say how many there are of something, and the first of them, on the error stream."""
    if names:
        print(f"{len(names)} {what}:", file=sys.stderr)
        for name in names[:NAMED]:
            print(f"  {' '.join(plain(name, 500).split())}", file=sys.stderr)
        if len(names) > NAMED:
            print(f"  … and {len(names) - NAMED} more", file=sys.stderr)


def workers_here():
    """As many workers as there are processors for this process."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
