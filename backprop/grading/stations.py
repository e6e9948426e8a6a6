"""Where submissions are graded: some sandboxes side by side on this machine.

tasks ── station 1: sandbox, judge ── results, in the order in which they end
      ── station 2: sandbox, judge ──
"""

import queue
import tempfile
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from backprop.grading.bubblewrap import NoSandbox
from backprop.grading.grader import Grader
from backprop.grading.sandbox import Limits, Sandbox
from backprop.grading.staging import staged
from backprop.grading.submissions import Submission


@dataclass(frozen=True)
class Task:
    """A submission to one assignment, by the assignment's name."""

    assignment: str
    submission: Submission


@dataclass(frozen=True)
class Setting:
    """How to grade: the secret seed, the isolation, the limits, and paths not to be seen."""

    seed: str = field(repr=False)
    isolation: str = "bubblewrap"
    limits: Limits = field(default_factory=Limits)
    hidden: tuple = ()


class Station:
    """One sandbox and a judge for each assignment; one submission at a time."""

    def __init__(self, assignments, setting, stage=None):
        files = next((a.files for a in assignments.values()), ())
        self.sandbox = Sandbox(setting.isolation, setting.limits, files, setting.hidden, stage)
        self.assignments, self.setting, self._graders = assignments, setting, {}

    def grade(self, assignment, submission):
        """The Result of a submission to the assignment of that name."""
        if assignment not in self._graders:
            found = self.assignments[assignment]
            self._graders[assignment] = Grader(found, self.setting.seed, self.sandbox)
        return self._graders[assignment].grade(submission)

    def close(self):
        self.sandbox.close()


class Stations:
    """`workers` stations on this machine, for a `with`."""

    def __init__(self, assignments, setting, workers=1):
        if workers < 1:
            raise ValueError(f"workers must be at least 1; got {workers}")
        self._folder = tempfile.TemporaryDirectory(prefix="backprop-course-")
        Path(self._folder.name).chmod(0o755)
        stage = staged(Path(self._folder.name) / "course")
        self.stations = [Station(assignments, setting, stage) for _ in range(workers)]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for station in self.stations:
            station.close()
        self._folder.cleanup()

    def grade(self, tasks):
        """(task, Result) of each task as it ends; the error in the Result's place if one failed.

        Raises NoSandbox where nothing can be graded at all.
        """
        free = queue.SimpleQueue()
        for station in self.stations:
            free.put(station)

        def one(task):
            station = free.get()
            try:
                return station.grade(task.assignment, task.submission)
            finally:
                free.put(station)

        pool = ThreadPoolExecutor(len(self.stations))
        try:
            yield from ended(tasks, lambda task: pool.submit(one, task), 2 * len(self.stations))
        except BaseException:  # such as Ctrl+C: end what is under way, and do not wait for it
            for station in self.stations:
                station.sandbox.stop()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def ended(tasks, submit, ahead, wait=wait):
    """(task, result or error) of each task in the order in which they end, few under way."""
    tasks, running = iter(tasks), {}
    while True:
        for task in islice(tasks, max(ahead - len(running), 0)):
            running[submit(task)] = task
        if not running:
            return
        done, _ = wait([*running], return_when=FIRST_COMPLETED)
        for future in done:
            task, error = running.pop(future), future.exception()
            if isinstance(error, NoSandbox):
                raise error
            yield task, error or future.result()
