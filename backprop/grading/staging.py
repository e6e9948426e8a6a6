"""What a sandbox gets to see of this package: what notebooks import, and nothing to grade by."""

import compileall
import shutil
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def staged(folder):
    """Copy into a folder what a submission may import: no question, no reference, no grader.

    What is not named here does not get in. The folder's `backprop` then has a `check` that says
    nothing, and is compiled.
    """
    home = Path(folder) / "backprop"
    shutil.copytree(PACKAGE, home, ignore=_kept_out)
    shutil.copy(PACKAGE / "grading" / "inside" / "check.py", home / "check" / "__init__.py")
    compileall.compile_dir(home, quiet=2)
    for path in [home.parent, home, *home.rglob("*")]:  # another user may have to read it
        path.chmod(0o755 if path.is_dir() else 0o644)
    return home.parent


def _kept_out(folder, names):
    room = Path(folder).relative_to(PACKAGE).as_posix()
    out = {name for name in names if name.startswith(("__pycache__", "."))}
    if room == ".":
        out |= {"release"}
    if room == "questions":
        out |= {name for name in names if name.startswith("q")}
    if room == "grading":
        out |= set(names) - {"__init__.py", "wire.py", "notebooks.py", "inside"}
    return out
