"""Do the files that say the same thing agree?"""

import re
import runpy
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import backprop

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WRITTEN = {".cfg", ".cff", ".ipynb", ".md", ".py", ".toml", ".txt", ".yml"}


def lines(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_students_install_what_the_project_needs():
    course, *rest = lines("requirements.txt")
    assert course == "-e ."
    assert rest == sorted(rest)
    assert set(PROJECT["dependencies"]) <= set(rest)


def test_the_lock_has_a_version_for_every_requirement():
    locked = dict(line.split("==") for line in lines("requirements.lock"))
    extras = [e for extra in PROJECT["optional-dependencies"].values() for e in extra]
    extras = [e for e in extras if not e.startswith(PROJECT["name"])]  # one extra within another
    for requirement in map(Requirement, lines("requirements.txt")[1:] + extras):
        assert requirement.specifier.contains(locked[requirement.name]), requirement


def test_one_version():
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1]
    assert PROJECT["version"] == cited == backprop.__version__


@pytest.mark.parametrize("command", ["make lab", "make test"])
def test_the_readme_names_the_command(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_picture_in_the_readme_is_what_the_code_draws():
    drawn = runpy.run_path(str(ROOT / "site" / "draw.py"))["picture"]()
    assert (ROOT / "site" / "training-step.svg").read_text(encoding="utf-8") == drawn + "\n", (
        "run: python site/draw.py"
    )
    assert "site/training-step.svg" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_changelog_is_open():
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_make_alone_lists_every_target(need):
    need(shutil.which("make"), "make is not installed")
    shown = subprocess.check_output(["make", "--silent"], cwd=ROOT, text=True)
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"make (\w+)", shown) == phony[1].split()


def test_nothing_is_left_to_do(need):
    need(shutil.which("git") and (ROOT / ".git").exists(), "only git knows which files are ours")
    names = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    paths = [ROOT / name for name in names if Path(name).suffix in WRITTEN]
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    assert not [p for p in paths if p.exists() and mark.search(p.read_text(encoding="utf-8"))]


def test_jupyterlab_opens_the_first_lesson_from_the_top_folder():
    """A file as its argument would hide all that is not beside it, the exercises too."""
    address = "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb"
    assert (ROOT / "notebooks" / "00_start_here.ipynb").is_file()
    for name, times in (("Makefile", 1), ("README.md", 2)):
        lines = [li for li in (ROOT / name).read_text("utf-8").splitlines() if "jupyter lab " in li]
        assert len(lines) == times
        assert all(f"jupyter lab {address}" in line for line in lines)
