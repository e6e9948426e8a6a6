"""Does the zip for Gradescope grade as the command here does, unpacked where it has never been?"""

import json
import os
import subprocess
import sys
import zipfile

import pytest
import tiny_course

from backprop.grading.gradescope import pack, requirements

NAMES = ("Twice", "Which side?", "In words (a person will read it)")
SEED = "a secret that nobody knows"


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gradescope")
    course = tiny_course.build(folder / "course")
    pack(folder / "autograder.zip", course, "tiny", SEED)
    return folder / "autograder.zip"


@pytest.fixture
def unpacked(packed, tmp_path):
    """What Gradescope makes of the zip: /autograder, here in another place."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    with zipfile.ZipFile(packed) as archive:
        for entry in archive.infolist():
            path = archive.extract(entry, tmp_path / "source")
            os.chmod(path, entry.external_attr >> 16)
    about = {"users": [{"email": "ada@example.org", "id": 7, "name": "Ada"}]}
    (tmp_path / "submission_metadata.json").write_text(json.dumps(about))
    return tmp_path


def graded(root):
    """Run the autograder as the platform does; its results, or what it said."""
    script = root / "source" / "run_autograder"
    places = {"AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable}
    run = subprocess.run([script], env=os.environ | places, capture_output=True, text=True)
    results = root / "results" / "results.json"
    return run, json.loads(results.read_text()) if results.exists() else None


def test_a_submission_is_graded_and_told_what_was_wrong(unpacked):
    answers = tiny_course.RIGHT | {"twice": tiny_course.WRONG["twice"]}
    look = f'import os\nprint(os.listdir("{unpacked}/source"), os.listdir("{unpacked}/results"))'
    data = tiny_course.submission(answers | {"twice": f"{look}\n{answers['twice']}"})
    (unpacked / "submission" / "tiny.ipynb").write_bytes(data)
    run, results = graded(unpacked)
    assert run.returncode == 0, run.stderr
    assert results["score"] == 1.0
    tests = {test["name"]: test for test in results["tests"]}
    assert [tests[q]["score"] for q in NAMES] == [0.0, 1.0, 0.0]
    assert "Known mistake: squared." in tests["Twice"]["output"]
    assert "status" not in tests[NAMES[2]]
    assert SEED not in json.dumps(results) and "autograder.json" not in json.dumps(results)


def test_nothing_handed_in_is_no_points_and_a_reason(unpacked):
    run, results = graded(unpacked)
    assert run.returncode == 0, run.stderr
    assert results["score"] == 0 and "there is no file" in results["output"]


def test_where_the_grader_fails_no_grade_is_written(unpacked):
    (unpacked / "source" / "autograder.json").write_text('{"assignment": "other", "seed": "x"}')
    (unpacked / "submission" / "tiny.ipynb").write_bytes(tiny_course.submission())
    run, results = graded(unpacked)
    assert run.returncode and results is None


def test_the_zip_has_all_it_needs_and_is_the_same_each_time(packed, tmp_path):
    course = tiny_course.build(tmp_path / "course")
    pack(tmp_path / "again.zip", course, "tiny", SEED)
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()
    with zipfile.ZipFile(packed) as archive:
        names = set(archive.namelist())
        modes = {e.filename: e.external_attr >> 16 & 0o777 for e in archive.infolist()}
        setup = archive.read("setup.sh").decode()
    assert {"setup.sh", "run_autograder", "requirements.txt", "autograder.json"} <= names
    assert {"backprop/grading/inside/check.py", "course/questions/tiny.py"} <= names
    assert (
        modes["setup.sh"] == modes["run_autograder"] == 0o755 and modes["autograder.json"] == 0o644
    )
    assert not [name for name in names if "__pycache__" in name or name.startswith("/")]
    assert subprocess.run(["bash", "-n"], input=setup, text=True).returncode == 0
    assert {line.split("==")[0] for line in requirements().splitlines()} >= {
        "ipython",
        "matplotlib",
        "numpy",
        "sympy",
    }


def test_an_assignment_that_is_not_there_packs_nothing(tmp_path):
    course = tiny_course.build(tmp_path / "course")
    with pytest.raises(ValueError, match="did you mean 'tiny'"):
        pack(tmp_path / "x.zip", course, "tinny", SEED)
    assert not (tmp_path / "x.zip").exists()
