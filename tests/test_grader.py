"""Does the grader give what an answer is worth, say what is wrong, and keep what is hidden?"""

import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import own_course
import pytest

from backprop.grading.assignments import Assignments
from backprop.grading.bubblewrap import NoSandbox
from backprop.grading.grader import Grader
from backprop.grading.sandbox import Limits, Sandbox
from backprop.grading.staging import staged
from backprop.grading.submissions import Content, Submission
from backprop.questions.asking import VISIBLE
from backprop.questions.kinds import Function, Numbers

HOME = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in (HOME / "exercises").glob("*.ipynb"))
LIMITS = Limits(cell=20.0, call=2.0, question=10.0, total=90.0)


@pytest.fixture(scope="module")
def ours():
    return Assignments.of_folder(HOME)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return staged(tmp_path_factory.mktemp("stage") / "course")


@pytest.fixture(scope="module")
def box(stage):
    if not shutil.which("bwrap") and not os.environ.get("BACKPROP_STRICT"):
        pytest.skip("bubblewrap is not installed: apt install bubblewrap")
    with Sandbox(limits=LIMITS, stage=stage) as box:
        yield box


def submission(notebook, student="ada"):
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return Submission(student, f"{student}.ipynb", lambda: Content(data))


def notebook(*sources):
    """A notebook of cells of code, or of (id, source)."""
    cells = []
    for k, source in enumerate(sources):
        id, source = source if isinstance(source, tuple) else (f"cell-{k}", source)
        cells.append({"cell_type": "code", "id": id, "metadata": {}, "source": source})
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def answers(result):
    return {answer.question: answer for answer in result.answers}


def plain(result):
    """A result without its times."""
    return replace(result, started="2000-01-01", seconds=0.0)


# — the course's own notebooks —


@pytest.mark.parametrize("name", NAMES)
def test_a_solution_has_all_points_and_an_untouched_exercise_none(name, ours, box):
    grader = Grader(ours[name], "a secret", box)
    solved = grader.grade(submission((HOME / f"solutions/{name}.ipynb").read_bytes()))
    for answer in solved.answers:
        assert answer.points == (0 if answer.by_hand else answer.of), answer
        assert not answer.mistakes and not answer.hints and not answer.said
    assert solved.waiting == tuple(a.question for a in solved.answers if a.by_hand)
    untouched = grader.grade(submission((HOME / f"exercises/{name}.ipynb").read_bytes()))
    assert untouched.points == 0 and not untouched.waiting
    assert float(solved.of) == ours[name].of == float(untouched.of)


def test_a_known_mistake_is_named_with_a_hint_and_costs_its_question_only(ours, box):
    source = "def hidden_delta(W_next, delta_next, a):\n    return W_next.T @ delta_next"
    text = (HOME / "solutions/04_hidden_delta.ipynb").read_text(encoding="utf-8")
    made = json.loads(text)
    (cell,) = (cell for cell in made["cells"] if cell["id"] == "hidden_delta")
    cell["source"] = source
    result = Grader(ours["04_hidden_delta"], "s", box).grade(submission(made))
    wrong = [answer for answer in result.answers if answer.points < answer.of]
    assert [answer.question for answer in wrong] == ["hidden_delta", "which_weights"]
    (mistake,) = wrong[0].mistakes
    known = {m.name: m for m in ours["04_hidden_delta"].questions["hidden_delta"].mistakes}
    assert wrong[0].hints == (known[mistake].nudge, known[mistake].formula)
    assert wrong[0].text == source and wrong[0].status == "wrong"


# — a tiny course, from a folder outside the repository —

QUESTIONS = """
import numpy as np

from backprop.questions import Function, Formula, Mistake, Numbers, Source, Written

rest = {"section": "", "shows": "It is so."}
twice = Function(id="twice", title="Twice", points=3, reference=lambda x: 2 * x,
    cases=lambda rng: [(np.array([1.0, 2.0]),), ("a batch", (rng.normal(size=(3, 4)),))],
    mistakes=(Mistake("squared", lambda x: x**2, "Is it a square?", "It is 2 x."),), **rest)
slope = Function(id="slope", title="A slope", points=2,
    reference=lambda f, x, h: (f(x + h) - f(x)) / h,
    cases=lambda rng: [(Source("lambda x: x**3"), float(rng.uniform(1, 2)), 0.1)], **rest)
sums = Numbers(id="sums", title="Sums", points=2, draw=lambda rng: {"p": int(rng.integers(1, 9))},
    steps={"q": lambda g, s: g.p + 1, "r": lambda g, s: 2 * s.q}, **rest)
words = Written(id="words", title="In words", points=4, criteria="Says why.", **rest)
"""
RIGHT = (
    'from backprop.check import check, given, student\nstudent("ada")',
    "def twice(x):\n    return x + x",
    "def slope(f, x, h):\n    return (f(x + h) - f(x)) / h",
    'g = given("sums")\nsums = {"q": g.p + 1, "r": 2 * (g.p + 1)}',
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "questions").mkdir()
    (folder / "questions" / "tiny.py").write_text(QUESTIONS)
    (folder / "exercises").mkdir()
    (folder / "exercises" / "numbers.txt").write_text("3\n")
    return Assignments.of_folder(folder)["tiny"]


@pytest.fixture(scope="module")
def grade(tiny, stage, box):
    with Sandbox(limits=LIMITS, files=tiny.files, stage=stage) as own:
        grader = Grader(tiny, "a secret", own)
        yield lambda *sources: grader.grade(submission(notebook(*sources)))


def test_a_course_of_a_folder_of_its_own(grade):
    result = grade(*RIGHT)
    assert {q: a.points for q, a in answers(result).items()} == {
        "twice": 3,
        "slope": 2,
        "sums": 2,
        "words": 0,
    }
    assert not result.flags and not result.notes
    assert answers(result)["words"].said == ("there is no cell for the answer to words",)


def test_the_documented_course_is_graded_as_it_is_released(tmp_path, stage, box):
    folder = own_course.build(tmp_path / "course")
    (found,) = Assignments.of_folder(folder).values()
    with Sandbox(limits=LIMITS, stage=stage) as own:
        data = (folder / "solutions" / "leaks.ipynb").read_bytes()
        result = Grader(found, "s", own).grade(submission(data))
    assert found.name == "leaks" and result.points == result.of == 2


def test_files_beside_the_exercises_are_there_to_read(grade):
    cell = 'factor = int(open("numbers.txt").read()) - 1\ndef twice(x):\n    return factor * x'
    assert answers(grade(cell))["twice"].points == 3


def test_same_submission_same_result(grade):
    assert plain(grade(*RIGHT)) == plain(grade(*RIGHT))


def test_what_is_hidden_is_not_told(grade, tiny, box):
    """Right on what the notebook shows, wrong elsewhere: told so, without a number."""
    source = (
        "import numpy as np\n"
        "def twice(x):\n"
        "    if x.shape == (2,) or abs(x[0, 0] - SEEN) < 1e-9:\n"
        "        return 2 * x\n"
        "    print(x)\n"
        "    raise ValueError(f'{x.tolist()}')"
    )
    question = tiny.questions["twice"]
    seen = question.requests(VISIBLE)[1].args[0]
    result = grade(source.replace("SEEN", repr(float(seen[0, 0]))))
    answer = answers(result)["twice"]
    assert answer.points == 0 and "not on others" in answer.said[0]
    assert "ValueError" in answer.said[1]
    (_, hidden) = question.requests("hidden a secret")
    digits = {f"{abs(x):.4f}"[:6] for x in hidden.args[0].ravel()}
    told = json.dumps(result.as_json())
    assert not [number for number in digits if number in told]
    assert not re.search(r"\d\.\d{3}", " ".join(answer.said + answer.hints))


def test_the_mistake_is_named_on_hidden_cases_too(grade):
    answer = answers(grade("def twice(x):\n    return x**2"))["twice"]
    assert answer.mistakes == ("squared",) and answer.hints == ("Is it a square?", "It is 2 x.")
    assert answer.said[0].startswith("First difference: at index 0 stands 1, and that is not")
    assert not any("should be 2" in line for line in answer.said)


def test_the_numbers_are_those_of_who_signed_and_the_lecturer_is_told(grade):
    result = grade(RIGHT[0].replace("ada", "bob"), RIGHT[3])
    assert answers(result)["sums"].points == 2
    assert result.flags == ("signed as 'bob'",)
    nobody = grade("from backprop.check import given", RIGHT[3])
    assert answers(nobody)["sums"].points == 2 and nobody.flags == ("not signed",)


def test_what_the_cell_of_an_answer_printed_is_kept_and_no_other(grade):
    result = grade(
        'print("scratch")', 'print("mine")\ndef twice(x):\n    print(x)\n    return 2 * x'
    )
    answer = answers(result)["twice"]
    assert answer.output == "mine\n" and answer.points == 3


def test_a_cell_that_needs_a_later_one_is_run_again(grade):
    result = grade(RIGHT[3], RIGHT[0])
    assert answers(result)["sums"].points == 2
    (note,) = result.notes
    assert "Cell 1 was run again" in note and not answers(result)["sums"].said


def test_a_crash_an_exit_and_a_loop_cost_their_own_question_only(grade):
    crash = "import ctypes\ndef twice(x):\n    ctypes.string_at(0)"
    result = grade(crash, *RIGHT[2:3], RIGHT[0], RIGHT[3])
    found = answers(result)
    assert [found[name].points for name in ("twice", "slope", "sums")] == [0, 2, 2]
    assert "SIGSEGV" in found["twice"].said[0]
    ended = grade("import os\nos._exit(3)", *RIGHT)
    assert sum(answer.points for answer in ended.answers) == 7
    assert ended.notes[0].startswith("Cell 1 stopped: Ended: the cell ended the program.")
    loop = answers(grade("def twice(x):\n    while True: pass", RIGHT[2]))
    assert [loop["twice"].points, loop["slope"].points] == [0, 2]
    assert "took more than 2 s" in loop["twice"].said[0]


def test_a_cell_that_python_cannot_read_is_wrong_and_the_line_is_told(grade):
    result = grade("def twice(x)\n    return 2 * x", RIGHT[2])
    # without an id, and without a name, nothing says that it was meant for the question
    assert answers(result)["twice"].status == "not answered"
    assert "line 1, `def twice(x)`: SyntaxError: expected ':'" in result.notes[0]
    marked = grade(("twice", "def twice(x)\n    return 2 * x"), RIGHT[2])
    answer = answers(marked)["twice"]
    assert answer.status == "wrong" and answers(marked)["slope"].points == 2
    told = "Your cell could not be run: line 1, `def twice(x)`: SyntaxError: expected ':'."
    assert answer.said == (told,)


# — the walls —


def test_the_question_files_are_not_in_the_sandbox(stage):
    names = {path.name for path in stage.rglob("*.py")}
    assert not [name for name in names if re.match(r"q\d", name)]
    assert not names & {"grader.py", "gradebook.py", "trial.py", "sandbox.py", "session.py"} - {
        "session.py"
    }


def test_without_nested_namespaces_each_submission_has_a_box_of_its_own(tiny, stage, box):
    class Refused(Sandbox):
        def _command(self, control):
            return refusing(super()._command(control))

    with Refused(limits=LIMITS, files=tiny.files, stage=stage) as own:
        grader = Grader(tiny, "s", own)
        leave = 'open("/tmp/left", "w").write("x")'
        first = grader.grade(submission(notebook(leave, *RIGHT)))
        pid = own.pid
        look = 'import os\nassert not os.path.exists("/tmp/left")'
        second = grader.grade(submission(notebook(look, *RIGHT)))
        assert own.single and own.pid == pid == 0
    assert first.points == second.points == 7 and not second.notes


def test_isolation_by_process_alone_keeps_scores_honest(tiny, stage, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("xyzzy")
    secret.chmod(0o700)
    look = f'try:\n    print(open("{secret}/key").read())\nexcept OSError:\n    print("walled")'
    spy = f"{look}\n{RIGHT[1]}"
    with Sandbox("process", LIMITS, tiny.files, [secret], stage) as own:
        grader = Grader(tiny, "s", own)
        result = grader.grade(submission(notebook(RIGHT[0], spy, *RIGHT[2:])))
        assert result.points == 7
        assert answers(result)["twice"].output == "walled\n"
        end = "import os, signal\nos.kill(-1, signal.SIGKILL)"
        assert grader.grade(submission(notebook(*RIGHT[:3], end, RIGHT[3]))).points == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_by_process_alone_root_gives_its_rights_away(tiny, stage, tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir(mode=0o700)

    class Refused(Sandbox):
        def _command(self, control):
            return refusing(super()._command(control))

    look = f'try:\n    os.listdir("{secret}")\nexcept OSError:\n    print("walled", os.getuid())'
    data = submission(notebook(f"import os\n{look}\n{RIGHT[1]}"))
    homes = [Path(sys.prefix), Path(sys.base_prefix), stage]
    open_to_all = all(p.stat().st_mode & 1 for home in homes for p in (home, *home.parents))
    with Refused("process", LIMITS, tiny.files, stage=stage) as own:
        grader = Grader(tiny, "s", own)
        if open_to_all:
            assert answers(grader.grade(data))["twice"].output == "walled 65534\n"
        else:
            with pytest.raises(NoSandbox, match="install it elsewhere"):
                grader.grade(data)


def refusing(command):
    """A command line of the warm process on a system that allows no namespaces."""
    *rest, code = command
    refuse = (
        "from backprop.grading.inside import walls\n"
        "def refuse():\n    raise OSError\n"
        "walls.fork_apart = refuse\n"
    )
    return [*rest, refuse + code]


def test_where_bubblewrap_is_missing_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    missing = pytest.raises(NoSandbox, match="apt install bubblewrap.*--isolation")  # noqa: RUF043
    with Sandbox() as box, missing, box.conversation():
        pass
    with pytest.raises(ValueError, match="isolation must be one of"):
        Sandbox("none")


def test_the_grader_keeps_the_process_it_is_in_as_it_was(grade):
    before, folder = np.random.get_state()[1].copy(), os.getcwd()  # noqa: NPY002
    grade("import numpy as np\nnp.random.seed(3)", *RIGHT)
    assert (np.random.get_state()[1] == before).all() and os.getcwd() == folder  # noqa: NPY002


def test_kinds_of_the_tiny_course(tiny):
    assert isinstance(tiny.questions["twice"], Function)
    assert isinstance(tiny.questions["sums"], Numbers)
