"""One run over submissions: which there are, which are still to be graded, and what came of it."""

import os
import sys

from tqdm import tqdm

from backprop.grading.exports import shown
from backprop.grading.results import fingerprint, plain
from backprop.grading.stations import Stations, Task
from backprop.grading.submissions import handed_in, submissions

LOOK = 1  # the exit code where all is done, but something needs a look
NAMED = 20  # students or files that are named one by one


class Run:
    """One run over some submissions: results go to the gradebook as they come."""

    def __init__(self, book, assignments, setting, options):
        self.book, self.assignments, self.setting = book, assignments, setting
        self.options, self.fingerprint = options, fingerprint(setting.seed)
        self.graded, self.before, self.failed, self.points = [], 0, [], 0

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
        self.graded.append((result.points, result.of, bool(result.waiting)))
        if self.options.verbose:
            waiting = f", to grade by hand: {', '.join(result.waiting)}" if result.waiting else ""
            points = f"{shown(result.points)} of {shown(result.of)}"
            tqdm.write(f"{who}  {task.assignment}  {points}{waiting}", file=sys.stdout)

    def told(self, left_out):
        """Say what was done; the exit code."""
        waiting = sum(waits for _, _, waits in self.graded)
        if not self.options.quiet:
            print(f"graded {len(self.graded)}, unchanged {self.before}, {self.options.gradebook}")
            if waiting:
                print(f"{waiting} with answers to grade by hand: backprop-grade manual")
        name_some("left out", left_out)
        name_some("could not be graded, and will be tried again next time", self.failed)
        return LOOK if self.failed or left_out else 0


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
        tasks += [Task(one, submission) for submission in handed]
        left_out += handed.left_out
    return tasks, list(dict.fromkeys(left_out))


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
