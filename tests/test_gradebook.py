"""Is every attempt kept, whole, whatever students write and whenever a process dies?"""

import json
import re
import sqlite3
import subprocess
import sys
import threading
from decimal import Decimal

import pytest

from backprop.grading.gradebook import TABLES, Gradebook, GradebookError
from backprop.grading.results import LINES, OUTPUT, SENTENCE, TEXT, Answer, Result, fingerprint

SHA = "0123456789abcdef" * 4


def answer(question="cost", points=1.0, of=2.0, status="wrong", **more):
    return Answer(question, points, of, status, **more)


def result(student="anna", answers=None, **more):
    fields = {"assignment": "sheet", "sha256": SHA, "version": "1", "fingerprint": "ab"}
    fields |= {"started": "2026-01-31T12:00:00+00:00", "seconds": 0.25, "notes": ["Read."]}
    return Result(student, answers=answers or [answer(), answer("delta")], **(fields | more))


def written(student="anna", **more):
    return result(student, [answer("why", 0, 4, "by hand", by_hand=True, text="As ...", **more)])


@pytest.fixture
def path(tmp_path):
    return tmp_path / "grades.sqlite"


@pytest.fixture
def book(path):
    with Gradebook(path) as book:
        yield book


# — values —


FULL = answer(
    mistakes=("sign",), hints=["Look."], said=["No."], output="7\n", text="w", comment="ok"
)


@pytest.mark.parametrize("made", [result(), result(answers=[FULL]), written(), result(notes=())])
def test_a_result_goes_to_json_and_comes_back(made):
    assert Result.from_json(json.loads(json.dumps(made.as_json()))) == made


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v.pop("student"), "lacks student"),
        (lambda v: v.update(seed="spring"), "has the fields"),
        (lambda v: v.update(answers="none"), "must be a list"),
        (lambda v: v.update(answers=[3]), "got int"),
        (lambda v: v.update(sha256="abc"), "64 hexadecimal"),
        (lambda v: v.update(started="yesterday"), "ISO 8601"),
        (lambda v: v.update(seconds=-1), "finite number"),
        (lambda v: v.update(student=" "), "1 to 500"),
        (lambda v: v.update(notes="text"), "one string"),
        (lambda v: v["answers"].append(v["answers"][0]), "twice: cost"),
        (lambda v: v["answers"][0].update(points=2.5), "from 0 to 2"),
        (lambda v: v["answers"][0].update(points=float("nan")), "finite number"),
        (lambda v: v["answers"][0].update(points=True), "finite number"),
        (lambda v: v["answers"][0].update(status="fine"), "must be one of"),
        (lambda v: v["answers"][0].update(output=None), "must be a string"),
    ],
)
def test_json_that_is_no_result_is_refused(change, said):
    value = result().as_json()
    change(value)
    with pytest.raises(ValueError, match=said):
        Result.from_json(value)


@pytest.mark.parametrize("thirds", [1, 2, 3])
def test_the_total_is_the_sum_of_what_is_shown(thirds):
    made = result(answers=[answer(f"q{i}", 1 / 3) for i in range(thirds)])
    assert made.points == thirds * Decimal("0.33")
    assert made.answers[0].points == 1 / 3


def test_a_fingerprint_does_not_tell_the_seed():
    assert "spring" not in fingerprint("spring")
    assert fingerprint("spring") == fingerprint("spring") != fingerprint("spring ")


HOSTILE = ["\0", "\ud800 lone", "\x1b[31m", "'); DROP TABLE attempts; --", "<script>", "😀 β", "=1"]


HUGE = [pytest.param(text * 10_000_000, id=name) for text, name in (("x", "x"), ("\n", "lines"))]


@pytest.mark.parametrize("text", [*HOSTILE, *HUGE])
def test_whatever_a_student_writes_is_kept_safely(book, text):
    answers = [answer(said=[text], output=text, text=text)]
    made = result(answers=answers, notes=[text] * (LINES + 5))
    book.record(made)
    (kept,) = book.attempts("anna")
    assert kept == made
    (one,) = kept.answers
    assert len(one.output) <= OUTPUT and len(one.text) <= TEXT and len(one.said[0]) <= SENTENCE
    assert len(kept.notes) == LINES and "6 more" in kept.notes[-1]
    assert ("cut here" in one.output) == (len(text) > OUTPUT)
    assert kept.as_json() == json.loads(json.dumps(kept.as_json(), ensure_ascii=False).encode())


@pytest.mark.parametrize(
    "name", ["007", "o'neill", "\udcff", "a b", "ä", "../x", "a\nb", "7" * 500]
)
def test_whatever_a_student_is_called_is_found_again(book, name):
    book.record(result(name))
    book.record(result("7"))
    assert len(book.attempts(name)) == 1
    assert book.is_graded(name, SHA, "1", "ab")
    assert book.latest(name).student in book.students()


# — attempts —


def test_every_attempt_is_kept_and_the_newest_counts(book):
    first, second = result(), result(answers=[answer(points=2, status="right")], sha256="f" * 64)
    for one in (first, second):
        book.record(one)
    assert book.attempts("anna") == [first, second]
    assert book.latest("anna") == second
    assert book.latest("otto") is None and book.attempts("otto") == []


def test_only_what_counts_is_graded(book):
    """A, then B, then A again: the second A must be graded, for B counts."""
    book.record(result())
    assert book.is_graded("anna", SHA, "1", "ab")
    for other in [("otto", SHA, "1", "ab"), ("anna", "f" * 64, "1", "ab")]:
        assert not book.is_graded(*other)
    for other in [("anna", SHA, "2", "ab"), ("anna", SHA, "1", "cd")]:
        assert not book.is_graded(*other)
    book.record(result(sha256="f" * 64))
    assert not book.is_graded("anna", SHA, "1", "ab")


def test_totals_have_one_order_whatever_came_first(tmp_path):
    made = [result(s, assignment=a) for s in ("b", "ä", "a", "10", "9", "B") for a in ("y", "x")]
    orders = []
    for name, order in (("one", made), ("two", made[::-1])):
        with Gradebook(tmp_path / name) as book:
            for one in order:
                book.record(one)
            orders.append([*book.totals()])
            assert book.assignments() == ["x", "y"]
            assert [r.assignment for r in book.totals("x")] == ["x"] * 6
    assert orders[0] == orders[1]
    assert len(orders[0]) == len(made)


def test_another_assignment_does_not_replace_the_first(book):
    book.record(result(assignment="one"))
    book.record(result(assignment="two", sha256="f" * 64, answers=[answer("other")]))
    assert book.is_graded("anna", SHA, "1", "ab")
    assert book.latest("anna", "one").assignment == "one"
    book.enter("anna", "cost", 2)
    assert book.latest("anna", "one").answers[0].points == 2


# — points by a person —


def test_points_of_a_person_count_the_newest_first_and_over_regrading(book):
    book.record(written())
    assert book.latest("anna").waiting == ("why",)
    book.enter("anna", "why", 1, "hm")
    book.enter("anna", "why", 3.5, "on second thoughts")
    book.record(written())
    (one,) = book.latest("anna").answers
    assert (one.points, one.comment, one.waiting) == (3.5, "on second thoughts", False)
    assert [a.points for attempt in book.attempts("anna") for a in attempt.answers] == [0, 0]


def test_points_stay_within_what_a_question_has_become_worth(book):
    book.record(written())
    book.enter("anna", "why", 4)
    text = book.latest("anna").answers[0].text
    book.record(result(answers=[answer("why", 0, 2, "by hand", by_hand=True, text=text)]))
    assert book.latest("anna").answers[0].points == 2


def test_points_that_a_person_gave_are_for_the_answer_that_was_there(book):
    book.record(written())
    book.enter("anna", "why", 4)
    other = [answer("why", 0, 4, "by hand", by_hand=True, text="Another answer.")]
    book.record(result(answers=other))
    assert book.latest("anna").answers[0].points == 0 and book.latest("anna").waiting == ("why",)
    book.record(written())  # the first answer, handed in again
    assert book.latest("anna").answers[0].points == 4


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (("anna", "why", 4.5), "from 0 to 4"),
        (("anna", "why", -1), "finite number from 0"),
        (("anna", "why", float("nan")), "finite number"),
        (("anna", "wy", 1), "did you mean 'why'"),
        (("42", "why", 1), "did you mean '0042'"),
    ],
)
def test_points_that_cannot_be_are_refused_and_none_of_them_kept(book, entry, said):
    book.record(written())
    book.record(written("0042"))
    with pytest.raises(ValueError, match=said):
        book.enter_all([("anna", "why", 2, ""), (*entry, "")])
    assert book.latest("anna").waiting == ("why",)


# — the file —


def test_a_gradebook_goes_on_where_it_stopped(path):
    for _ in range(2):
        with Gradebook(path) as book:
            book.record(result())
    with Gradebook.existing(path) as book:
        assert len(book.attempts("anna")) == 2
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_no_gradebook_is_refused_in_words(tmp_path):
    no_database, other, newer = (tmp_path / name for name in ("text", "other", "newer"))
    no_database.write_text("points, points, points " * 100)
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE t (x)")
    db.close()
    Gradebook(newer).close()
    db = sqlite3.connect(newer)
    db.execute("PRAGMA user_version = 99")
    db.close()
    cases = {no_database: "no gradebook", other: "no gradebook", newer: "version 99"}
    for path, said in (cases | {tmp_path: "folder", tmp_path / "no" / "x": "folder"}).items():
        with pytest.raises(GradebookError, match=said):
            Gradebook(path)
    with pytest.raises(GradebookError, match="there is no gradebook"):
        Gradebook.existing(tmp_path / "typo")
    assert not (tmp_path / "typo").exists()


def test_a_damaged_gradebook_is_found_on_opening(path):
    with Gradebook(path) as book:
        for _ in range(20):
            book.record(result(answers=[answer(output="x" * 9000)]))
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = b"\xff" * (len(content) // 2 - 4096)
    path.write_bytes(content)
    with pytest.raises(GradebookError):
        Gradebook(path)


def test_the_file_itself_refuses_what_cannot_be(path, book):
    book.record(result())
    db = sqlite3.connect(path)
    db.execute("PRAGMA foreign_keys = ON")
    for wrong in ("UPDATE answers SET points = 9", "UPDATE answers SET attempt = 9"):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(wrong)
    db.close()
    assert len(re.findall("CREATE TABLE", TABLES)) == 4


DIES = """
import os, signal, sys
from test_gradebook import Gradebook, answer, result
book, left = Gradebook(sys.argv[1]), int(sys.argv[2])
book.record(result("first"))
def die(statement):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
book._db.set_trace_callback(die)
book.record(result("second", [answer(f"q{i}") for i in range(5)]))
print("written", flush=True)
"""


def child(code, *words, **more):
    command = [sys.executable, "-c", code, *map(str, words)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, cwd=__file__.rpartition("/")[0], **pipes, **more)


@pytest.mark.parametrize("statement", [1, 3, 7])
def test_a_process_killed_while_it_writes_leaves_no_half(path, statement):
    out, _ = child(DIES, path, statement).communicate()
    assert "written" not in out
    with Gradebook(path) as book:
        assert book.attempts("first") == [result("first")]
        assert book.attempts("second") == []
        book.record(result("second"))
        assert book.latest("second") == result("second")


def test_an_error_in_the_middle_leaves_no_half(book, monkeypatch):
    monkeypatch.setattr("backprop.grading.gradebook._row", lambda answer: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        book.record(result())
    monkeypatch.undo()
    assert book.students() == []
    book.record(result())


HOLDS = """
import sys
from test_gradebook import Gradebook
book = Gradebook(sys.argv[1])
with book._writing():
    print("holds", flush=True)
    sys.stdin.readline()
"""


def test_a_second_writer_waits_or_is_told(path):
    Gradebook(path).close()
    other = child(HOLDS, path)
    assert other.stdout.readline() == "holds\n"
    with Gradebook(path, wait=0.1) as book:
        assert book.students() == []  # who reads does not wait
        with pytest.raises(GradebookError, match="another process is writing"):
            book.record(result())
    with Gradebook(path, wait=60) as book:
        threading.Timer(0.3, other.communicate, ["go on\n"]).start()
        book.record(result())
        assert book.students() == ["anna"]
    other.wait()
