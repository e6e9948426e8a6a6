"""Where submissions are graded: on the workers of a Dask cluster, each with a sandbox of its own.

Only the process that calls this has the gradebook. What goes to a worker is the course, the seed
and the bytes of submissions; what comes back is plain JSON. Source: https://distributed.dask.org.
"""

import io
import tempfile
import threading
import zipfile
from functools import partial
from pathlib import Path

from distributed import Client, get_worker, wait
from distributed.scheduler import KilledWorker

from backprop.grading.assignments import Assignments
from backprop.grading.results import Result
from backprop.grading.staging import staged
from backprop.grading.stations import Station, ended
from backprop.grading.submissions import Content, Submission

AHEAD = 2  # tasks for each thread of the cluster, so that none waits for work
MOST = 256 << 20  # bytes of a course
_here = threading.local()  # a worker's thread keeps its station from one task to the next


class Cluster:
    """The workers behind a scheduler's address, for a `with`.

    Raises OSError where there is no scheduler, ValueError where it has no worker.
    """

    def __init__(self, assignments, setting, address):
        self.setting, self.course = setting, packed(assignments.folder)
        self.client = Client(address, timeout="10s", name="backprop-grade")
        try:
            self.threads = sum(self.client.nthreads().values())
            if not self.threads:
                raise ValueError(f"the cluster at {address} has no worker; start some, then again")
        except BaseException:
            self.client.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def grade(self, tasks):
        """(task, Result) of each task as it ends; the error in the Result's place if one failed."""
        course = self.client.scatter(self.course, broadcast=True, hash=True)

        def submit(task):
            content, who = task.submission.read(), task.submission
            return self.client.submit(
                graded,
                course,
                self.setting,
                (task.assignment, who.student, who.name, who.notes),
                (content.data, content.problem),
                pure=False,
                retries=2,
            )

        def first(futures, return_when):
            found = wait(futures, return_when=return_when)
            return found.done, found.not_done

        for task, result in ended(tasks, submit, AHEAD * self.threads, first):
            if isinstance(result, KilledWorker):
                result = RuntimeError("every worker that took it up has died")
            yield task, Result.from_json(result) if isinstance(result, dict) else result


def packed(folder):
    """The parts of a course's folder that a worker needs, as the bytes of a zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in ("questions", "exercises"):
            for path in sorted((Path(folder) / part).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(folder))
    if made.tell() > MOST:
        raise ValueError(f"questions and exercises in {folder} have over {MOST >> 20} MB")
    return made.getvalue()


def graded(course, setting, about, content):
    """Grade one submission on a worker: the Result as JSON."""
    assignment, student, name, notes = about
    submission = Submission(student, name, partial(Content, *content), notes)
    return _station(course, setting).grade(assignment, submission).as_json()


def _station(course, setting):
    """The station of this thread of a worker; another run has another."""
    key = hash((course, setting))
    if getattr(_here, "key", None) != key:
        if getattr(_here, "station", None):
            _here.station.close()
        folder = Path(tempfile.mkdtemp(prefix="course-", dir=get_worker().local_directory))
        with zipfile.ZipFile(io.BytesIO(course)) as archive:
            archive.extractall(folder)
        stage = staged(folder / "stage")
        _here.station = Station(Assignments.of_folder(folder), setting, stage)
        _here.key = key
    return _here.station
