"""Does the real nbgrader take our notebooks, and grade them as we do?"""

import csv
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from own_course import cells, source

from backprop.questions.course import Course
from backprop.release.making import exercise, read

ROOT = Path(__file__).parents[1]
SOLUTION = ROOT / "solutions" / "00_first_steps.ipynb"
COURSE = Course.of_package()
QUESTIONS = [COURSE[cell["id"]] for cell in read(SOLUTION)["cells"] if cell["id"] in COURSE]
CHECKED = sum(question.points for question in QUESTIONS if not question.by_hand)
WRONG = 'def slope_of_square(x):\n    """The derivative of x² at x."""\n    return x**2'


def nbgrader(course, *command):
    """Run nbgrader in a course's folder; what it said."""
    homes = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # for alembic
    ran = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command],
        cwd=course,
        env=os.environ | {n: str(course / ".home" / n.lower()) for n in homes} | {"PATH": path},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def changed(path, **sources):
    """The text of a notebook with other sources in cells given by their ids."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    for cell in whole["cells"]:
        cell["source"] = sources.get(cell["id"], cell["source"])
    return json.dumps(whole)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course in which three students have handed in, been graded, and got their feedback."""
    if not importlib.util.find_spec("nbgrader"):
        (pytest.fail if os.environ.get("BACKPROP_STRICT") else pytest.skip)("nbgrader is missing")
    course, name = tmp_path_factory.mktemp("nbgrader"), SOLUTION.name
    readme = (ROOT / "solutions" / "README.md").read_text(encoding="utf-8")
    config = re.search(r"```python\n(c = get_config\(\)\n.*?)```", readme, re.DOTALL)[1]
    (course / "nbgrader_config.py").write_text(config, encoding="utf-8")
    (course / "source" / "steps").mkdir(parents=True)
    shutil.copy(SOLUTION, course / "source" / "steps")
    nbgrader(course, "generate_assignment", "steps")
    untouched = course / "release" / "steps" / name
    submissions = {
        "reference": SOLUTION.read_text(encoding="utf-8"),
        "untouched": untouched.read_text(encoding="utf-8"),
        "ours": (ROOT / "exercises" / name).read_text(encoding="utf-8"),
        "mistaken": changed(SOLUTION, slope_of_square=WRONG),
    }
    for student, text in submissions.items():
        folder = course / "submitted" / student / "steps"
        folder.mkdir(parents=True)
        (folder / name).write_text(text, encoding="utf-8")
    nbgrader(course, "autograde", "steps")
    nbgrader(course, "generate_feedback", "steps")
    nbgrader(course, "export")
    return course


@pytest.fixture(scope="module")
def scores(course):
    with (course / "grades.csv").open(encoding="utf-8") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def test_its_release_is_ours(course):
    theirs = cells(course / "release" / "steps" / SOLUTION.name)
    for cell in exercise(read(SOLUTION), COURSE)["cells"]:
        stub = source(theirs[cell["id"]]).removesuffix("\n...")  # where ours needs none
        assert stub == cell["source"]
        marks = dict(theirs[cell["id"]]["metadata"].get("nbgrader", {}))
        assert marks.pop("cell_type", cell["cell_type"]) == cell["cell_type"]
        marks.pop("checksum", None)
        assert marks == cell["metadata"].get("nbgrader", {})
        for key in ("deletable", "editable"):
            assert theirs[cell["id"]]["metadata"].get(key) == cell["metadata"].get(key), key


def test_the_points_are_ours(scores):
    assert {float(row["max_score"]) for row in scores.values()} == {
        sum(q.points for q in QUESTIONS)
    }


def test_the_reference_has_full_marks(scores):
    assert float(scores["reference"]["score"]) == CHECKED


@pytest.mark.parametrize("student", ["untouched", "ours"])
def test_the_untouched_has_none(scores, student):
    assert float(scores[student]["score"]) == 0


def test_one_mistake_costs_one_question(scores):
    assert float(scores["mistaken"]["score"]) == CHECKED - COURSE["slope_of_square"].points


def test_feedback_names_the_mistake(course):
    page = course / "feedback" / "mistaken" / "steps" / SOLUTION.with_suffix(".html").name
    feedback = page.read_text(encoding="utf-8")
    assert COURSE["slope_of_square"].mistakes[0].name in feedback
    assert "NotRight" in feedback
    assert (course / "feedback" / "reference" / "steps" / page.name).exists()
