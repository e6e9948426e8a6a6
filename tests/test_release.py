"""Does only what is sound go out, and are exercises what the release makes of the solutions?"""

import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from canonical import canonical
from own_course import build, cells, example, notebook, source

from backprop.questions.course import Course
from backprop.release import Folder, NotReleased, for_lecturers, made, release, student_view
from backprop.release.__main__ import main
from backprop.release.making import exercise, read, written
from backprop.release.marking import marked, marks
from backprop.release.naming import named_cells
from backprop.release.regions import parts, released, telling

ROOT = Path(__file__).parents[1]
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
COURSE = Course.of_package()
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


# — this course —


@pytest.fixture(scope="module")
def ours():
    """What the release makes of this course: every solution and every exercise has been run."""
    return made(Folder.of())


def test_this_course_is_sound_and_its_exercises_are_what_the_release_makes(ours):
    assert set(ours) == {ROOT / "exercises" / path.name for path in SOLUTIONS}, (
        "a solution lacks its marks: make release"
    )
    for path, text in ours.items():
        assert path.read_bytes() == text.encode("utf-8"), f"{path.name} is stale: make release"


@each(SOLUTIONS)
def test_a_release_is_canonical_and_valid(path):
    text = written(exercise(read(path), COURSE))
    assert canonical(text) == text
    nbformat.validate(json.loads(text))


@each(SOLUTIONS)
def test_an_exercise_holds_no_solution_and_no_output(path):
    before, after = read(path), exercise(read(path), COURSE)
    assert BEGIN not in written(after) and END not in written(after)
    assert not any(map(for_lecturers, after["cells"]))
    assert not any(cell.get("outputs") for cell in after["cells"])
    rest = {c["id"]: c["source"] for c in student_view(before)["cells"] if c["id"] not in COURSE}
    assert rest.items() <= {c["id"]: c["source"] for c in after["cells"]}.items()


@each(SOLUTIONS)
def test_a_notebook_signs_in_first_and_says_at_the_end_what_is_open(path):
    code = [c["source"] for c in read(path)["cells"] if c["cell_type"] == "code"]
    assert 'student("")' in code[0]
    assert code[-1] == "progress()"


def test_the_table_of_exercises_is_complete():
    readme = (ROOT / "exercises" / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[.*?\]\((.*?)\) .*\| (\d+) \|$", readme, re.MULTILINE)
    points = {
        path.name: str(
            sum(COURSE[c["id"]].points for c in read(path)["cells"] if c["id"] in COURSE)
        )
        for path in SOLUTIONS
    }
    assert dict(rows) == points


# — the worked example of the lecturers' README —


@pytest.fixture(scope="module")
def leaks(tmp_path_factory):
    """The example, released."""
    folder = build(tmp_path_factory.mktemp("leaks"))
    assert main(["--course", str(folder)]) == 0
    return folder


def test_the_example_is_released(leaks):
    found = cells(leaks / "exercises" / "leaks.ipynb")
    assert {"leaky_slope-task", "leaky_slope", "check_leaky_slope"} < set(found)
    answer = source(found["leaky_slope"])
    assert answer.endswith('of the shape of z."""\n    ...')
    assert "0.1" not in answer
    solution = cells(leaks / "solutions" / "leaks.ipynb")
    assert BEGIN in source(solution["leaky_slope"])
    assert list(solution) == list(found)


def test_a_release_that_changes_nothing_writes_nothing(leaks):
    before = {path: path.stat().st_mtime_ns for path in leaks.rglob("*.ipynb")}
    assert release(Folder.of(leaks)) == []
    assert before == {path: path.stat().st_mtime_ns for path in leaks.rglob("*.ipynb")}
    assert not list(leaks.rglob("*.new"))


def test_all_else_in_a_solution_stays_as_it_was(leaks):
    _, told = example()
    after = cells(leaks / "solutions" / "leaks.ipynb").values()
    assert [(c["cell_type"], source(c)) for c in after] == told


def test_nbgraders_metadata(leaks):
    for folder in ("solutions", "exercises"):
        found = cells(leaks / folder / "leaks.ipynb")
        about = {"schema_version": 3, "task": False}
        assert found["leaky_slope"]["metadata"]["nbgrader"] == about | {
            "grade": False,
            "grade_id": "leaky_slope",
            "locked": False,
            "solution": True,
        }
        assert found["check_leaky_slope"]["metadata"]["nbgrader"] == about | {
            "grade": True,
            "grade_id": "check_leaky_slope",
            "locked": True,
            "points": 2,
            "solution": False,
        }
        assert "nbgrader" not in found["leaky_slope-task"]["metadata"]


def test_what_is_written_is_one_cell_with_points():
    question = next(q for q in COURSE.values() if q.by_hand)
    found = marks(question, "answer")
    assert found["grade"] and found["solution"] and not found["locked"]
    assert found["points"] == question.points


def test_a_copy_of_an_answer_loses_its_mark_and_keeps_its_own_keys():
    cell = {"cell_type": "code", "source": "", "metadata": {"mine": {"a": 1}}}
    question = COURSE["hidden_delta"]
    copied = cell | {"id": "copy", "metadata": {"nbgrader": marks(question, "answer"), "tags": []}}
    answer = cell | {"id": "hidden_delta"}
    first, second = marked({"cells": [answer, copied]}, COURSE)["cells"]
    assert first["metadata"] == {"mine": {"a": 1}, "nbgrader": marks(question, "answer")}
    assert second["metadata"] == {"tags": []}


# — what must stay back —


def swapped(old, new, times=1):
    """The example's cells with one text for another."""
    _, told = example()
    assert sum(old in s for _, s in told) >= 1
    return [(kind, s.replace(old, new, times)) for kind, s in told]


def without(text):
    _, told = example()
    return [(kind, s) for kind, s in told if text not in s]


_, TOLD = example()
UNSOUND = {
    "a wrong solution": (swapped("1.0, 0.1)", "1.0, 0.2)"), "leaky_slope' on the seed"),
    "a crash": (swapped("return np", "return npp"), "NameError"),
    "a crash outside": ([*TOLD, ("code", "1 / 0")], "raised ZeroDivisionError"),
    "only the solution runs": (
        [*TOLD, ("code", "leaky_slope(np.ones(2)) + 1")],
        "does not run untouched",
    ),
    "the process ends": ([*TOLD, ("code", "import os\n\nos._exit(3)")], "ended with code 3"),
    "an end without a beginning": (swapped(f"    {BEGIN}\n", ""), "ends that never began"),
    "a beginning without an end": (swapped(f"\n    {END}", ""), "has no '### END SOLUTION'"),
    "a nested beginning": (swapped(BEGIN, f"{BEGIN}\n    {BEGIN}"), "a solution begins within"),
    "a misspelt marker": (swapped(BEGIN, "# begin solution"), "is no marker"),
    "no solution": (
        swapped(f"    {BEGIN}\n    return np.where(z > 0, 1.0, 0.1)\n    {END}", "    ..."),
        "no answer cell",
    ),
    "a solution where nobody asked": (
        [*TOLD, ("code", f"{BEGIN}\nq = 12\n{END}")],
        "answers no question",
    ),
    "no check": (without("check("), "no answer cell"),
    "no task": (without("(2 points)"), "has no task"),
    "other points in the heading": (swapped("2 points", "3 points"), "gives 3 points"),
    "no points in the heading": (swapped(" (2 points)", ""), "gives no points"),
    "another total": ([("markdown", "# Leaks, 4 points in all"), *TOLD], "the title says 4 points"),
    "the solution in the task": (
        [*TOLD[:2], ("markdown", "Hint:\n\n    return np.where(z > 0, 1.0, 0.1)"), *TOLD[2:]],
        "shows a line of the solution",
    ),
}


@pytest.mark.parametrize(("cells", "reason"), UNSOUND.values(), ids=UNSOUND)
def test_what_is_unsound_stays_back_with_a_reason(cells, reason, tmp_path, capsys):
    folder = build(tmp_path / "course", cells=cells)
    before = {path: path.read_bytes() for path in folder.rglob("*.*") if path.suffix != ".pyc"}
    assert main(["--course", str(folder)]) == 1
    told = capsys.readouterr()
    assert reason in told.err and told.out == ""
    assert "leak" in told.err
    after = {path: path.read_bytes() for path in folder.rglob("*.*") if path.suffix != ".pyc"}
    assert after == before


def test_all_reasons_are_told_at_once(tmp_path):
    stray = ("code", f"{BEGIN}\nq = 12\n{END}")
    cells = [("markdown", "# Leaks, 4 points"), *swapped("2 points", "3 points"), stray]
    with pytest.raises(NotReleased) as error:
        made(Folder.of(build(tmp_path, cells=cells)))
    assert len(error.value.reasons) == 3
    assert all(reason in str(error.value) for reason in error.value.reasons)


def test_an_exercise_that_is_answered_already_stays_back(tmp_path, capsys):
    start = "def leaky_slope(z):"
    cells = swapped(start, f"{start}\n    if z.size:\n        return np.where(z > 0, 1, 0.1)")
    assert main(["--course", str(build(tmp_path, cells=cells))]) == 1
    assert "earns 2 of 2 points" in capsys.readouterr().err


def test_ids_that_repeat(tmp_path):
    folder = build(tmp_path)
    release(Folder.of(folder))
    path = folder / "solutions" / "leaks.ipynb"
    whole = json.loads(path.read_text(encoding="utf-8"))
    task, answer = (next(c for c in whole["cells"] if c["id"] == i) for i in TWICE)
    whole["cells"] += [task, answer]
    path.write_text(json.dumps(whole), encoding="utf-8")
    (folder / "solutions" / "more.ipynb").write_text(json.dumps(notebook([])), encoding="utf-8")
    with pytest.raises(NotReleased) as error:
        made(Folder.of(folder))
    assert "leaks.ipynb: 2 cells have the id 'leaky_slope-task'; give each its own" in str(
        error.value
    )
    assert "'leaky_slope' has 2 answer cells" in str(error.value)


TWICE = ("leaky_slope-task", "leaky_slope")


@pytest.mark.parametrize(
    "mend", [{"id": "check_leaky_slop", "source": "check()"}, {"source": 'check("other")'}]
)
def test_a_check_that_checks_something_else(tmp_path, mend):
    folder = build(tmp_path)
    release(Folder.of(folder))
    change(folder / "solutions" / "leaks.ipynb", check_leaky_slope=mend)
    with pytest.raises(NotReleased, match="has no check" if "id" in mend else "does not check"):
        made(Folder.of(folder))


def change(path, **cells):
    """Change cells of a notebook, given by their ids."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    for cell in whole["cells"]:
        cell |= cells.get(cell["id"], {})
    path.write_text(json.dumps(whole), encoding="utf-8")


def test_a_cell_that_came_anew_gets_its_id_back(tmp_path):
    folder = build(tmp_path)
    path = folder / "solutions" / "leaks.ipynb"
    release(Folder.of(folder))
    once = path.read_bytes()
    for id in ("leaky_slope", "check_leaky_slope", "leaky_slope-task"):
        change(path, **{id: {"id": "1f0c9b7e", "metadata": {}}})
        assert release(Folder.of(folder)) == [path]
        assert path.read_bytes() == once


def test_what_is_written_gets_its_id_by_its_title():
    question = next(q for q in COURSE.values() if q.by_hand)
    solution = f"{BEGIN}\nBecause.\n{END}"
    told = [("markdown", solution), ("markdown", f"## 7. {question.title}"), ("markdown", solution)]
    found = named_cells(notebook(told), COURSE)["cells"]
    assert [cell["id"] for cell in found][1:] == [f"{question.id}-task", question.id]


def test_an_exercise_without_a_solution(tmp_path):
    folder = build(tmp_path)
    (folder / "exercises").mkdir()
    (folder / "exercises" / "old.ipynb").write_text("{}", encoding="utf-8")
    with pytest.raises(NotReleased, match=r"old\.ipynb has no solution: move it away"):
        made(Folder.of(folder))


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '{"nbformat": 4, "nbformat_minor": 5}', "[" * 9999]
)
def test_what_is_no_notebook(tmp_path, text):
    folder = build(tmp_path)
    (folder / "solutions" / "broken.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(NotReleased, match=r"broken\.ipynb is no notebook"):
        made(Folder.of(folder))


def test_an_old_notebook_has_no_ids(tmp_path):
    old = notebook([("code", "1")]) | {"nbformat_minor": 4}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(ValueError, match=r"of format 4\.4, .* save it in a new JupyterLab"):
        read(path)


# — the command line —


def test_help_says_what_it_does(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "--course FOLDER" in told and "--kit ZIP" in told


@pytest.mark.parametrize("there", [(), ("solutions",)])
def test_a_folder_without_a_course(tmp_path, there, capsys):
    for name in there:
        (tmp_path / name).mkdir()
    with pytest.raises(SystemExit) as ended:
        main(["--course", str(tmp_path)])
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert str(tmp_path) in told.err and "Traceback" not in told.err


def test_it_runs_as_a_command(tmp_path):
    command = [sys.executable, "-m", "backprop.release", "--course", str(build(tmp_path))]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "exercises" in ran.stdout


# — one cell —


def test_each_region_has_its_stub_where_it_stood():
    code = (
        f"def f(x):\n    if x:\n        {BEGIN}\n        a = 1\n        {END}\n    {BEGIN}\n{END}"
    )
    assert released(code, "code") == "def f(x):\n    if x:\n        ...\n    ..."
    assert released(f"{BEGIN}\nBecause.\n{END}", "markdown") == "*Your answer here.*"
    assert released(f"*Your answer here.*\n{BEGIN}\nBecause.\n{END}", "markdown") == (
        "*Your answer here.*"
    )
    assert released(f"{BEGIN}\na = 1\n{END}", "code") == "..."
    assert released("a = 1", "code") == "a = 1"


def test_no_line_of_a_solution_is_released():
    for path in SOLUTIONS:
        for cell in read(path)["cells"]:
            after = released(cell["source"], cell["cell_type"]).splitlines()
            inside = [line for line, solution in parts(cell["source"]) if solution]
            assert not set(telling(cell["source"])) & {line.strip() for line in after}
            assert len(after) <= len(cell["source"].splitlines()) - len(inside)


# — students' lessons —


@each(LESSONS)
def test_students_get_every_cell_but_the_lecturers(path):
    lesson = json.loads(path.read_text(encoding="utf-8"))
    before = copy.deepcopy(lesson)
    for_students = student_view(lesson)
    assert lesson == before
    nbformat.validate(for_students)
    left_out = [cell for cell in lesson["cells"] if cell not in for_students["cells"]]
    assert all("lecturer" in cell["metadata"]["tags"] for cell in left_out)
    assert left_out or path.stem == "glossary"
    rest = [cell for cell in lesson["cells"] if cell not in left_out]
    assert for_students == lesson | {"cells": rest}


def test_it_works_on_nbformats_notebooks_too():
    lesson = nbformat.read(LESSONS[0], as_version=4)
    for_students = student_view(lesson)
    assert 0 < len(for_students.cells) < len(lesson.cells)
    nbformat.validate(for_students)
