"""The kit for students: lessons, exercises and the module they run, in one zip."""

import zipfile
from pathlib import Path

from backprop.release.making import HOME, read, written
from backprop.release.views import student_view

OFFICE = {"release", "grading"}  # rooms of the module that stay with the lecturer
KINDS = {".css", ".ipynb", ".js", ".md", ".npz", ".png", ".py", ".svg", ".txt"}
TOP = "backprop-course"
DAY = (1980, 1, 1, 0, 0, 0)  # the same zip whenever it is packed


def contents(folder):
    """What is in the kit: bytes by path, in order.

    Of a course of one's own, its exercises and questions take the place of this course's exercises.
    """
    files = {"README.md": Path(__file__).with_name("kit.md").read_bytes()}
    for name in ("LICENSE", "pyproject.toml", "requirements.txt"):
        files[name] = (HOME.parent / name).read_bytes()
    files |= {f"backprop/{n}": b for n, b in _within(HOME) if n.split("/")[0] not in OFFICE}
    files |= {f"notebooks/{name}": data for name, data in _within(HOME.parent / "notebooks")}
    files |= {f"exercises/{name}": data for name, data in _within(folder.path / "exercises")}
    if folder.own:
        files |= {f"questions/{n}": b for n, b in _within(folder.path / "questions")}
    return dict(sorted(files.items()))


def _within(folder):
    """(path, bytes) of all files of a folder that are for students."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.suffix in KINDS and not any(
            p[0] == "." or p == "__pycache__" for p in inside.parts
        ):
            yield inside.as_posix(), _for_students(path)


def _for_students(path):
    if path.suffix != ".ipynb":
        return path.read_bytes()
    return written(student_view(read(path))).encode("utf-8")


def pack(folder, path):
    """Write the kit, byte for byte the same whenever its files are the same."""
    with zipfile.ZipFile(path, "w") as kit:
        for name, data in contents(folder).items():
            entry = zipfile.ZipInfo(f"{TOP}/{name}", DAY)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as if from one system
            entry.compress_type = zipfile.ZIP_DEFLATED
            kit.writestr(entry, data)
