"""Do the files that say the same thing agree?"""

import re
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


def ours():
    """The text files of the course, as git knows them."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.splitlines() if listed.returncode == 0 else []
    return [name for name in names if Path(name).suffix in WRITTEN and (ROOT / name).is_file()]


def test_students_install_what_the_project_needs():
    course, *rest = lines("requirements.txt")
    assert course == "-e ."
    assert rest == sorted(rest)
    assert set(PROJECT["dependencies"]) <= set(rest)


def test_the_lock_has_a_version_for_every_requirement():
    locked = dict(line.split("==") for line in lines("requirements.lock"))
    extras = [e for extra in PROJECT["optional-dependencies"].values() for e in extra]
    for requirement in map(Requirement, lines("requirements.txt")[1:] + extras):
        assert requirement.specifier.contains(locked[requirement.name]), requirement


def test_one_version():
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)[1]
    assert PROJECT["version"] == cited == backprop.__version__


@pytest.mark.parametrize("command", ["make lab", "make test"])
def test_the_readme_names_the_command(command):
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_changelog_is_open():
    assert "\n## [Unreleased]\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_make_alone_lists_every_target():
    shown = subprocess.check_output(["make", "--silent"], cwd=ROOT, text=True)
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"make (\w+)", shown) == phony[1].split()


def test_nothing_is_left_to_do():
    mark = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
    assert not [name for name in ours() if mark.search((ROOT / name).read_text(encoding="utf-8"))]
