"""Can a student begin with nothing but the kit?"""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
from own_course import build

from backprop.release import Folder, release
from backprop.release.kit import contents, pack

RUN = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell

shell = InteractiveShell.instance()
for cell in json.load(open(sys.argv[1], encoding="utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        shell.run_cell("".join(cell["source"])).raise_error()
print(sys.modules["backprop"].__file__)
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """The kit of this course, unpacked."""
    folder = tmp_path_factory.mktemp("kit")
    pack(Folder.of(), folder / "kit.zip")
    with zipfile.ZipFile(folder / "kit.zip") as packed:
        assert packed.testzip() is None
        packed.extractall(folder)
    return folder / "backprop-course"


def test_it_holds_what_a_student_needs_and_nothing_of_the_lecturers(kit):
    names = {path.relative_to(kit).as_posix() for path in kit.rglob("*") if path.is_file()}
    tops = {name.split("/")[0] for name in names}
    assert tops == {
        *("LICENSE", "README.md", "pyproject.toml", "requirements.txt"),
        *("backprop", "exercises", "notebooks"),
    }
    assert not [n for n in names if n.startswith(("backprop/release", "backprop/grading"))]
    assert {"notebooks/LICENSE.md", "exercises/README.md", "backprop/data/digits.npz"} < names
    licences = tomllib.loads((kit / "pyproject.toml").read_text())["project"]["license-files"]
    assert all(list(kit.glob(pattern)) for pattern in licences)
    assert not [name for name in names if "__pycache__" in name or "checkpoint" in name]


def test_no_notebook_has_a_solution_or_a_note_to_the_lecturer(kit):
    for path in (*kit.glob("notebooks/*.ipynb"), *kit.glob("exercises/*.ipynb")):
        text = path.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text
        assert '"lecturer"' not in text and "For lecturers" not in text, path.name
        assert json.loads(text)["cells"]


def test_all_that_the_module_imports_of_itself_is_there(kit):
    code = (
        "import importlib, pkgutil, backprop\n"
        "for m in pkgutil.walk_packages(backprop.__path__, 'backprop.'):\n"
        "    m.name.endswith('__main__') or importlib.import_module(m.name)\n"
        "print(backprop.__file__)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=kit, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str(kit / "backprop" / "__init__.py")


@pytest.mark.parametrize("name", ["00_first_steps.ipynb", "06_training.ipynb"])
def test_an_exercise_runs_on_the_kits_own_module(kit, name, tmp_path):
    here = os.environ | {"PYTHONPATH": str(kit), "IPYTHONDIR": str(tmp_path)}
    command = [sys.executable, "-c", RUN, name]
    ran = subprocess.run(command, cwd=kit / "exercises", env=here, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.splitlines()[-1] == str(kit / "backprop" / "__init__.py")
    assert "Not answered yet" in ran.stdout


def words(path):
    """What is to be read in a page or a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
        text = "".join("".join(cell["source"]) for cell in cells)
    return text


def test_every_link_leads_to_something_in_the_kit(kit):
    for path in (*kit.rglob("*.md"), *kit.rglob("*.ipynb")):
        text = words(path)
        links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)]
        inside = [link for link in links if link and ":" not in link]
        missing = [link for link in inside if not (path.parent / link).exists()]
        assert not missing, path.relative_to(kit)


def test_it_is_the_same_whenever_it_is_packed(tmp_path):
    for name in ("one.zip", "two.zip"):
        pack(Folder.of(), tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        names = packed.namelist()
        assert names == sorted(names)
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_course_of_ones_own_brings_its_questions(tmp_path):
    folder = Folder.of(build(tmp_path))
    release(folder)
    names = [name for name in contents(folder) if name.startswith(("exercises/", "questions/"))]
    assert names == ["exercises/leaks.ipynb", "questions/leaks.py"]


def test_the_readme_leads_to_what_is_there(kit):
    readme = (kit / "README.md").read_text(encoding="utf-8")
    for name in ("requirements.txt", "notebooks/00_start_here.ipynb", "exercises/README.md"):
        assert name in readme and (kit / name).exists()
    assert "py -m venv" in readme and "python3 -m venv" in readme
