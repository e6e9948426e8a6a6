"""Does `backprop-grade` do what its help says, from a folder of submissions to every export?"""

import csv
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_course

from backprop.grading.command import main, parser
from backprop.grading.gradebook import Gradebook

QUICK = ["--cell-seconds", "20", "--call-seconds", "2", "--workers", "1"]


@pytest.fixture
def course(tmp_path, need):
    need(shutil.which("bwrap"), "bubblewrap is not installed: apt install bubblewrap")
    return tiny_course.build(tmp_path / "course")


@pytest.fixture
def handed(tmp_path):
    wrong, right = tiny_course.submission(tiny_course.WRONG), tiny_course.submission()
    return tiny_course.hand_in(tmp_path / "in", ada=right, bob=wrong, eve=b"no notebook")


@pytest.fixture
def run(tmp_path, course, capsys):
    """`run("grade", ...)`: the exit code, and what was said on both streams."""

    def run(command, *more):
        where = ["--gradebook", str(tmp_path / "g.sqlite"), "--course", str(course)]
        how = QUICK if command in ("grade", "regrade") else []
        code = main([command, *where, *how, *map(str, more)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def book(tmp_path):
    return lambda: Gradebook.existing(tmp_path / "g.sqlite")


def grades(book):
    with book() as found:
        return {r.student: float(r.points) for r in found.totals()}


def plain(results):
    return [replace(r, started="2000-01-01", seconds=0.0) for r in results]


def test_from_submissions_to_every_export(run, handed, tmp_path, book):
    code, out, err = run("grade", handed, "-v")
    ada, bob, eve = (line for line in sorted(out.splitlines()) if "tiny" in line)
    assert ada == "ada  tiny  4 of 8, to grade by hand: words" and bob == "bob  tiny  0 of 8"
    assert eve.startswith("eve  tiny  0 of 8, could not be read: the file is no notebook")
    assert code == 1 and "1 could not be read" in err and "eve, tiny: the file is" in err
    assert "1 answer waits to be graded by hand" in out
    assert grades(book) == {"ada": 4, "bob": 0, "eve": 0}

    code, out, err = run("manual")
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["Student"] == "ada" and row["Answer"] == "Because it is added to itself."
    filled = tmp_path / "filled.csv"
    filled.write_text(out.replace(",4,,", ",4,2½,Say why it is a slope."))
    assert run("manual", filled)[0] == 0
    assert grades(book)["ada"] == 6.5
    filled.write_text("Student,Question,Points,Comment\nbob,twice,1,\n")
    code, _, err = run("manual", filled)
    assert code == 2 and "say why in Comment" in err
    filled.write_text("Student,Question,Points,Comment\nbob,twice,1,The idea is right.\n")
    assert "0 of 3 by the grader, now 1" in run("manual", filled)[2]
    assert grades(book)["bob"] == 1

    code, out, err = run("export", "--csv")
    table = {row["Student"]: row for row in csv.DictReader(io.StringIO(out))}
    assert [table["ada"][q] for q in ("twice", "side", "words", "Points")] == [
        "3",
        "1",
        "2.5",
        "6.5",
    ]
    code, out, err = run("export", "--canvas", tmp_path / "canvas.csv")
    assert "Points Possible" in (tmp_path / "canvas.csv").read_text()
    run("export", "--csv", tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes().startswith(b"\xef\xbb\xbfStudent,")
    roster = tmp_path / "canvas-roster.csv"
    roster.write_text("Student,ID,SIS Login ID,Section,Sheet 4 (55501)\nAda,1,ada,A,\n")
    code, _, err = run("export", "--canvas", tmp_path / "canvas.csv", "--roster", roster)
    assert code == 1 and "Sheet 4 (55501)" in err and "--title" in err
    roster = tmp_path / "moodle.csv"
    roster.write_text("Identifier,Status,Grade\nParticipant 1,,\nada,,\n")
    code, out, err = run("export", "--moodle", "--roster", roster)
    assert code == 1 and "ada,,6.5" in out and "bob is in no row" in err
    assert run("export", "--gradescope", tmp_path / "scope")[0] == 0
    made = json.loads((tmp_path / "scope" / "ada" / "results.json").read_text())
    assert made["score"] == 6.5

    assert run("feedback", tmp_path / "pages")[0] == 0
    page = (tmp_path / "pages" / "bob.html").read_text()
    assert "squared" in page and "Is it a square?" in page and "Twice" in page
    assert run("report", tmp_path / "report.html")[0] == 0
    assert "squared" in (tmp_path / "report.html").read_text()


def test_what_has_not_changed_is_not_graded_again_unless_asked(run, handed, book):
    run("grade", handed)
    assert "graded 0, unchanged 3" in run("grade", handed)[1]
    tiny_course.hand_in(handed, bob=tiny_course.submission())
    assert "graded 1, unchanged 2" in run("grade", handed)[1]
    assert "graded 1, unchanged 0" in run("regrade", "ada")[1]
    assert "graded 3, unchanged 0" in run("grade", handed, "--again")[1]
    assert "graded 3, unchanged 0" in run("grade", handed, "--seed", "another")[1]
    with book() as found:
        attempts = found.attempts("bob")
    assert [float(a.points) for a in attempts] == [0, 4, 4, 4]
    assert len({a.sha256 for a in attempts}) == 2 and len({a.fingerprint for a in attempts}) == 2
    code, _, err = run("regrade", "zoe")
    assert code == 2 and "there is no student 'zoe'" in err


def test_the_same_results_whatever_the_number_of_workers(run, handed, book, tmp_path):
    for k in range(4):
        source = f"print({k})\ndef twice(x):\n    return {k} * x"
        tiny_course.hand_in(handed, **{f"s{k}": tiny_course.submission({"twice": source})})
    run("grade", handed)
    with book() as found:
        one = plain(found.totals())
    run("grade", handed, "--again", "--workers", "3")
    with book() as found:
        assert plain(found.totals()) == one
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(handed.rglob("*.ipynb"), reverse=True):
            made.write(path, path.relative_to(handed))
    run("grade", archive, "--again")
    with book() as found:
        assert plain(found.totals()) == one


def test_several_assignments_lie_side_by_side(run, handed, course, book):
    more = tiny_course.QUESTIONS.replace("twice", "thrice").replace("side", "edge")
    (course / "questions" / "more.py").write_text(more.replace("words", "reasons"))
    source = "def thrice(x):\n    return 2 * x"
    data = tiny_course.submission({"thrice": source})
    (handed / "ada" / "more.ipynb").write_bytes(data)
    assert run("grade", handed)[0] == 1  # eve's is no notebook
    with book() as found:
        totals = {(r.student, r.assignment): float(r.points) for r in found.totals()}
    assert totals[("ada", "more")] == 3 and totals[("ada", "tiny")] == 4 and len(totals) == 4
    code, _, err = run("export", "--canvas")
    assert code == 2 and "--assignment: more, tiny" in err
    assert run("export", "--canvas", "--assignment", "tiny")[0] == 0


def test_what_is_wrong_is_said_and_nothing_is_written(run, handed, tmp_path, course, monkeypatch):
    code, _, err = run("grade", tmp_path / "nowhere")
    assert code == 2 and "there is nothing at" in err
    code, _, err = run("grade", handed, "--assignment", "tinny")
    assert code == 2 and "did you mean 'tiny'" in err
    code, _, err = run("export", "--csv")
    assert code == 2 and "there are no grades" in err
    code, _, err = run("grade", handed, "--workers", "0")
    assert code == 2 and "workers must be at least 1" in err
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, err = run("grade", handed)
    assert code == 3 and "apt install bubblewrap" in err
    assert run("export", "--csv")[0] == 2


def test_the_help_names_every_command_and_every_exit_code():
    told = parser().format_help()
    for word in ("grade", "export", "feedback", "report", "manual", "regrade", "gradescope"):
        assert f"backprop-grade {word}" in told
    for code in (0, 1, 2, 3, 130):
        assert f"{code} " in told


def test_points_by_hand_are_for_the_answer_that_was_read(run, handed, tmp_path, book):
    run("grade", handed)
    filled = tmp_path / "filled.csv"
    filled.write_text("Student,Question,Points,Comment\nada,words,2,Say more.\n")
    run("manual", filled)
    assert "waits" not in run("regrade", "ada")[1] and grades(book)["ada"] == 6
    more = tiny_course.RIGHT | {"words": "Because it is added to itself, and that is what 2 x is."}
    tiny_course.hand_in(handed, ada=tiny_course.submission(more))
    assert "1 answer waits" in run("grade", handed)[1]
    assert grades(book)["ada"] == 4 and "added to itself, and" in run("manual")[1]


def test_the_seed_that_was_given_is_kept(run, handed, book):
    run("grade", handed, "--seed", "mine")
    code, out, _ = run("grade", handed)
    assert code == 0 and "graded 0, unchanged 3" in out
    with book() as found:
        assert found.seed() == "mine" and len(found.attempts("ada")) == 1
    assert "another than before" in run("grade", handed, "--seed", "other")[2]


def test_the_wrong_assignment_is_refused_before_all_have_nothing(run, handed, course, book):
    more = tiny_course.QUESTIONS.replace("twice", "thrice").replace("side", "edge")
    (course / "questions" / "more.py").write_text(more.replace("words", "reasons"))
    code, _, err = run("grade", handed, "--assignment", "more")
    assert code == 2 and "they look like tiny" in err
    assert run("export", "--csv")[0] == 2


SLOW = "import time\ntime.sleep(0.4)"


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on_where_it_stopped(end, run, course, tmp_path, book):
    data = tiny_course.submission(tiny_course.RIGHT, slow=SLOW)
    names = [f"s{k}" for k in range(6)]
    handed = tiny_course.hand_in(tmp_path / "slow", **dict.fromkeys(names, data))
    path = tmp_path / "g.sqlite"
    command = [sys.executable, "-m", "backprop.grading", "grade", handed, *QUICK]
    command += ["--gradebook", path, "--course", course]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while _attempts(path) < 2:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.05)
        family = _children(process.pid)
        process.send_signal(end)
        told = process.stderr.read()
        code = process.wait(30)
    assert code == (130 if end == signal.SIGINT else -end)
    assert ("goes on from here" in told) == (end == signal.SIGINT)
    done = _attempts(path)
    assert 2 <= done < 6 and family
    deadline = time.monotonic() + 20
    while any(_alive(pid) for pid in family) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [pid for pid in family if _alive(pid)], "a sandbox outlived its grader"
    assert f"graded {6 - done}, unchanged {done}" in run("grade", handed)[1]
    with book() as found:
        assert [len(found.attempts(name)) for name in names] == [1] * 6


def _attempts(path):
    if not path.exists():
        return 0
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        try:
            (found,) = db.execute("SELECT COUNT(*) FROM attempts").fetchone()
        except sqlite3.OperationalError:  # the tables are being made
            found = 0
    db.close()
    return found


def _children(pid):
    """The numbers of all processes below one."""
    parents = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path("/proc", name, "stat").read_bytes()
        except OSError:
            continue
        parents[int(name)] = int(stat.rpartition(b")")[2].split()[1])
    found, row = set(), {pid}
    while row:
        row = {child for child, parent in parents.items() if parent in row}
        found |= row
    return found


def _alive(pid):
    try:
        return Path("/proc", str(pid), "stat").read_bytes().rpartition(b")")[2].split()[0] != b"Z"
    except OSError:
        return False
