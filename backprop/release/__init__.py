"""From solutions to exercises, and to a kit for students.

Only what is sound is released: every solution scores full marks and no exercise gives one away.

python -m backprop.release --help
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from backprop.questions.course import Course
from backprop.release.making import HOME, exercise, read, written
from backprop.release.marking import marked
from backprop.release.naming import named_cells
from backprop.release.reading import problems
from backprop.release.trial import tried
from backprop.release.views import for_lecturers, student_view

__all__ = ["Folder", "NotReleased", "for_lecturers", "made", "release", "student_view"]

SOMEBODY = "somebody else"  # a student whose numbers are others than the solutions'


class NotReleased(ValueError):
    """Raised where a course is not fit to be released; `reasons` holds them all."""

    def __init__(self, reasons):
        self.reasons = tuple(reasons)
        super().__init__("\n".join(["not released, because", *(f"- {r}" for r in self.reasons)]))


@dataclass(frozen=True)
class Folder:
    """A course's folder: `solutions/`, `exercises/`, and `questions/` where it is one's own."""

    path: Path
    course: Course
    own: bool = False

    @classmethod
    def of(cls, path=None):
        """A lecturer's own folder, or else this course's.

        Raises FileNotFoundError where there are no solutions in it.
        """
        own = path is not None
        path = Path(path) if own else HOME.parent
        if not (path / "solutions").is_dir():
            raise FileNotFoundError(f"there is no folder {path / 'solutions'} with solutions in it")
        return cls(path, Course.of_folder(path) if own else Course.of_package(), own)

    def notebooks(self, kind):
        """The paths of the notebooks in `solutions` or `exercises`, by their names."""
        return {path.name: path for path in sorted((self.path / kind).glob("*.ipynb"))}


def made(folder):
    """The texts of all notebooks of a folder, by path: exercises, and solutions with their marks.

    Nothing is written. Raises NotReleased with every reason not to.
    """
    before, reasons = _read(folder)
    notebooks = {name: _named(notebook, folder.course) for name, notebook in before.items()}
    reasons += problems(notebooks, folder.course) if not reasons else []
    if reasons:
        raise NotReleased(reasons)
    released = {name: exercise(nb, folder.course) for name, nb in notebooks.items()}
    if reasons := _tried(folder, notebooks, released):
        raise NotReleased(reasons)
    texts = {folder.path / "exercises" / name: written(nb) for name, nb in released.items()}
    for name, notebook in notebooks.items():
        after = marked(notebook, folder.course)
        if after != before[name]:
            texts[folder.path / "solutions" / name] = written(after)
    return texts


def _read(folder):
    """The solutions by name, and what is wrong with the files."""
    notebooks, reasons, paths = {}, [], folder.notebooks("solutions")
    if not paths:
        reasons.append(f"there is no notebook in {folder.path / 'solutions'}")
    for name, path in paths.items():
        try:
            notebooks[name] = read(path)
        except ValueError as error:
            reasons.append(f"solutions/{error}")
    strange = folder.notebooks("exercises").keys() - paths.keys()
    reasons += [f"exercises/{name} has no solution: move it away" for name in sorted(strange)]
    return notebooks, reasons


def _named(notebook, course):
    try:
        return named_cells(notebook, course)
    except ValueError:
        return notebook  # what is wrong is told with all the rest


def _tried(folder, solutions, exercises):
    """Every reason that running gives."""
    own, where = folder.path if folder.own else None, folder.path / "solutions"
    runs = [
        (f"{kind}/{name}", judge, (notebook, folder.course, where, student, own))
        for kind, judge, notebooks, students in (
            ("solutions", solved, solutions, (None, SOMEBODY)),
            ("exercises", untouched, exercises, (None,)),
        )
        for name, notebook in notebooks.items()
        for student in students
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        trials = pool.map(lambda run: tried(*run[2]), runs)
        told = [
            judge(name, trial, folder.course)
            for (name, judge, _), trial in zip(runs, trials, strict=True)
        ]
    return [*dict.fromkeys(reason for reasons in told for reason in reasons)]


def solved(name, trial, course):
    """What is wrong with a solution that ran so: it must score full marks."""
    if trial.failed:
        yield f"{name}: {trial.failed}"
    for judged in trial.judged:
        full = judged.status == "right" and judged.points == course[judged.id].points
        if not full and judged.status != "by hand":
            where = f"{judged.id!r} on the seed {judged.seed!r}"
            yield f"{name}: the solution of {where} is {judged.status}. {judged.place}".strip()


def untouched(name, trial, course):
    """What is wrong with an exercise that ran so: nothing may be answered, and nothing earned."""
    if trial.failed:
        yield f"{name}: does not run untouched; {trial.failed}"
    for judged in trial.judged:
        if judged.status == "right" or judged.points:
            points = f"{judged.points:g} of {course[judged.id].points} points"
            yield f"{name}: {judged.id!r} earns {points} on {judged.seed!r} before it is answered"


def release(folder):
    """Write what is `made` of a folder; the paths that changed. Nothing is written if one fails."""
    changed = {
        path: text
        for path, text in made(folder).items()
        if not path.exists() or path.read_bytes() != text.encode("utf-8")
    }
    for path, text in changed.items():
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".new").write_text(text, encoding="utf-8", newline="\n")
    for path in changed:
        path.with_suffix(".new").replace(path)
    return sorted(changed)
