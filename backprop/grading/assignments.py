"""What there is to hand in: the assignments of a course's folder, and the questions in each."""

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path

from backprop.grading import notebooks
from backprop.inputs import named
from backprop.questions.course import Course

PACKAGE = Path(__file__).parents[1]
NOT_BESIDE = {"README.md", ".ipynb_checkpoints", "__pycache__"}


@dataclass(frozen=True, eq=False)
class Assignment:
    """A notebook to hand in: its name, its questions by id in their order, the course's version.

    `files` are the files that lie beside the exercise, for students to read. `marked` says whether
    its cells came with the questions' ids on them, `title` is the exercise's first heading.
    """

    name: str
    questions: dict = field(repr=False)
    version: str
    files: tuple = ()
    marked: bool = False
    title: str = ""

    @property
    def of(self):
        """The points there are."""
        return sum(question.points for question in self.questions.values())

    @property
    def headings(self):
        """The titles of the questions that are answered in words, by id."""
        return {q.id: q.title for q in self.questions.values() if q.by_hand}


class Assignments(dict):
    """The assignments of a course by name, in order; `course` has all their questions."""

    def __init__(self, folder, course, found):
        super().__init__(found)
        self.folder, self.course = folder, course

    def assignment(self, name):
        """The assignment of that name; ValueError with the nearest name there is."""
        return named("assignment", str(name).removesuffix(".ipynb"), self)

    @classmethod
    def of_folder(cls, folder="."):
        """The assignments of a course's folder: its notebooks in `exercises`, or in `solutions`.

        The questions are those in its `questions`; in this course's own folder, those of this
        package. Without notebooks, each file of questions is an assignment. The questions are run:
        take the folder of somebody you trust. Raises FileNotFoundError where there is no course.
        """
        folder = Path(folder)
        own = (folder / "questions").is_dir()
        if not own and not (folder / "exercises").is_dir():
            raise FileNotFoundError(
                f"{folder.absolute()} is no course: there is neither a folder questions nor one "
                "exercises in it; name a course's folder by --course"
            )
        course = Course.of_folder(folder) if own else Course.of_package()
        version = _version(folder / "questions" if own else PACKAGE / "questions")
        books = _notebooks(folder / "exercises") or _notebooks(folder / "solutions")
        files = _beside(folder / "exercises")
        sheets = {name: _asked(path, course) for name, path in books.items()}
        marked = {name: ids for name, ids in sheets.items() if ids}
        sheets = marked or course.sheets
        return cls(
            folder,
            course,
            {
                name: Assignment(
                    name,
                    {id: course[id] for id in ids},
                    version,
                    files,
                    bool(marked),
                    _title(books.get(name)),
                )
                for name, ids in sheets.items()
            },
        )


def _notebooks(folder):
    return {path.stem: path for path in sorted(folder.glob("*.ipynb"))}


def _asked(path, course):
    """The ids of the questions that a notebook of the course has answers to, in order."""
    found = notebooks.read(path.read_bytes())
    if found.problem:
        raise ValueError(f"{path}: {found.problem}")
    ids = [cell.grade_id or cell.id for cell in found.cells]
    return list(dict.fromkeys(id for id in ids if id in course))


def _title(path):
    """The first heading of a notebook, '' where there is none."""
    cells = notebooks.read(path.read_bytes()).cells if path else ()
    heading = (
        re.match(r"# +(.+)", cells[0].source) if cells and cells[0].kind == "markdown" else None
    )
    return heading[1].strip() if heading else ""


def _beside(folder):
    """What lies beside the exercises, such as data; no notebook, and nothing hidden."""
    if not folder.is_dir():
        return ()
    return tuple(
        path
        for path in sorted(folder.iterdir())
        if path.suffix != ".ipynb" and path.name not in NOT_BESIDE and path.name[:1] != "."
    )


def _version(folder):
    """The version of a course: what its questions, and those of this package, come to."""
    digest = hashlib.sha256()
    for path in sorted({*folder.glob("*.py"), *(PACKAGE / "questions").glob("*.py")}):
        digest.update(re.sub(rb"\r\n", b"\n", path.read_bytes()) + b"\0")
    return digest.hexdigest()[:12]
