"""On a cluster of two workers, of which one is killed: is every submission graded exactly once?"""

import importlib.util
import json
import shutil
import subprocess
import sys
import time

import pytest
import tiny_course

from backprop.grading.gradebook import Gradebook

SLOW = "import time\ntime.sleep(0.4)"
STUDENTS = [f"s{k:02}" for k in range(14)]


@pytest.fixture
def cluster(tmp_path, need):
    """The address of a scheduler, and the processes of its two workers."""
    need(shutil.which("bwrap"), "bubblewrap is not installed: apt install bubblewrap")
    need(
        importlib.util.find_spec("distributed"), "Dask is not installed: pip install -e .[cluster]"
    )
    about = tmp_path / "scheduler.json"
    started = []

    def start(kind, *options):
        command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *options]
        command += ["--scheduler-file", str(about), "--no-dashboard"]
        log = open(tmp_path / f"{kind}{len(started)}.log", "w")  # noqa: SIM115 (for the process)
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path)
        log.close()
        started.append(process)
        return process

    start("scheduler", "--host", "127.0.0.1", "--port", "0")
    _until(about.exists, 60)
    workers = [
        start("worker", "--no-nanny", "--nthreads", "1", "--host", "127.0.0.1") for _ in range(2)
    ]
    yield json.loads(about.read_text())["address"], workers
    for process in reversed(started):
        process.kill()
        process.wait()


def _until(true, seconds):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


def test_a_worker_is_killed_and_every_submission_is_graded_once(cluster, tmp_path):
    address, workers = cluster
    course = tiny_course.build(tmp_path / "course")
    data = tiny_course.submission(tiny_course.RIGHT, slow=SLOW)
    handed = tiny_course.hand_in(tmp_path / "in", **dict.fromkeys(STUDENTS, data))
    path = tmp_path / "g.sqlite"
    command = [sys.executable, "-m", "backprop.grading", "grade", handed, "--course", course]
    command += ["--gradebook", path, "--scheduler", address, "-v"]
    Gradebook(path).close()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        with Gradebook(path) as book:
            _until(lambda: run.poll() is not None or len(book.students()) >= 3, 120)
        assert run.poll() is None, run.stderr.read()
        workers[0].kill()
        out, err = run.communicate(timeout=240)
    assert run.returncode == 0, err
    with Gradebook.existing(path) as book:
        attempts = {student: book.attempts(student) for student in STUDENTS}
    assert {student: len(made) for student, made in attempts.items()} == dict.fromkeys(STUDENTS, 1)
    assert {float(made.points) for (made,) in attempts.values()} == {4.0}
    assert f"graded {len(STUDENTS)}" in out


def test_a_cluster_that_is_not_there_is_said(tmp_path):
    course = tiny_course.build(tmp_path / "course")
    handed = tiny_course.hand_in(tmp_path / "in", ada=tiny_course.submission())
    command = [sys.executable, "-m", "backprop.grading", "grade", handed, "--course", course]
    command += ["--gradebook", tmp_path / "g.sqlite", "--scheduler", "tcp://127.0.0.1:9"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2 and "127.0.0.1:9" in run.stderr
    assert "Traceback" not in run.stderr
