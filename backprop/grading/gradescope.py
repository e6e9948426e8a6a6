"""A Gradescope autograder: the zip that it takes, and what runs there for each submission.

There the platform's container is the wall around a submission. Within it the notebook still runs in
a process apart, where that is allowed in namespaces of its own, else as a user without rights to
the questions, the seed and the results.
Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

import io
import json
import os
import sys
import zipfile
from importlib.metadata import requires, version
from pathlib import Path

from backprop.grading.assignments import Assignments
from backprop.grading.exports import gradescope, write
from backprop.grading.staging import PACKAGE
from backprop.grading.stations import Setting, Station
from backprop.grading.submissions import of_student

EPOCH = (1980, 1, 1, 0, 0, 0)  # of the files in the zip, so that it is the same bytes each time
ABOUT, COURSE, PARTS = "autograder.json", "course", ("questions", "exercises")
NEEDED = ("ipython",)  # beside what the course needs: cells are run by its shell
SETUP = """#!/usr/bin/env bash
# Run once, when Gradescope builds the image: a Python new enough for the course, and its packages.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive UV_PYTHON_INSTALL_DIR=/opt/python
apt-get update
apt-get install --yes python3-venv
python3 -m venv /opt/uv
/opt/uv/bin/pip install uv
/opt/uv/bin/uv venv --python 3.12 /opt/course
/opt/uv/bin/uv pip install --python /opt/course/bin/python -r /autograder/source/requirements.txt
"""
RUN = """#!/usr/bin/env bash
# Run for each submission, as root: nobody else may read the questions or write the results.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
chmod -R go-rwx "$root/source" "$root/results"
export PYTHONPATH="$root/source" OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
cd "$root/source"
exec "${AUTOGRADER_PYTHON:-/opt/course/bin/python}" -m backprop.grading.gradescope "$root"
"""


def pack(path, folder, assignment, seed):
    """Write the zip of the autograder for one assignment of the course in a folder.

    In it are the module, the course's questions and exercises, the seed of the hidden cases, and
    the versions of the packages as they are here. Same course and seed: same bytes. Keep the zip to
    yourself. Raises ValueError where there is no such assignment.
    """
    Assignments.of_folder(folder).assignment(assignment)
    about = json.dumps({"assignment": assignment, "seed": seed}, indent=1)
    files = {ABOUT: about, "requirements.txt": requirements(), "setup.sh": SETUP}
    files |= {"run_autograder": RUN} | _within(PACKAGE, "backprop")
    for part in PARTS:
        files |= _within(Path(folder) / part, f"{COURSE}/{part}")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = (0o100755 if content in (SETUP, RUN) else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    write(path, made.getvalue())


def requirements():
    """The packages that the course needs, in the versions that are here, a line each."""
    names = {_name(line) for line in requires("backprop-course") or () if "extra ==" not in line}
    return "".join(f"{name}=={version(name)}\n" for name in sorted(names | {*NEEDED}))


def _name(requirement):
    return requirement.split(";")[0].split("[")[0].split("<")[0].split(">")[0].split("=")[0].strip()


def _within(folder, name):
    """The files below a folder, by their names in the zip; nothing hidden, nothing compiled."""
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*"))}
    return {
        f"{name}/{inner.as_posix()}": path.read_bytes()
        for inner, path in found.items()
        if path.is_file() and not any(p[:1] == "." or p == "__pycache__" for p in inner.parts)
    }


def autograde(root="/autograder"):
    """Grade the submission below `root` and write its results.json; the Result.

    Where the grader itself fails nothing is written: Gradescope then says so, and gives no points.
    """
    root = Path(root)
    about = json.loads((root / "source" / ABOUT).read_text(encoding="utf-8"))
    assignments = Assignments.of_folder(root / "source" / COURSE)
    hidden = (root / "source", root / "results")
    name = about["assignment"]
    submission = of_student(root / "submission", _student(root), name)
    station = Station(assignments, Setting(about["seed"], "process", hidden=hidden))
    try:
        result = station.grade(name, submission)
    finally:
        station.close()
    titles = {question.id: question.title for question in assignments.course.values()}
    made = json.dumps(gradescope(result, titles), indent=1)
    write(root / "results" / "results.json", made + "\n")
    return result


def _student(root):
    """What Gradescope knows the student by; of a group, the first."""
    try:
        about = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
        user = about["users"][0]
        return str(user.get("sid") or user["email"])
    except (OSError, ValueError, LookupError, AttributeError):
        return "student"


if __name__ == "__main__":
    os.umask(0o077)
    autograde(*sys.argv[1:])
