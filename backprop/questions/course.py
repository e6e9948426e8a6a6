"""A course's questions by id: those of this package, or those in a folder of a lecturer's own."""

import importlib
import importlib.util
import pkgutil
import sys
from pathlib import Path

from backprop import questions
from backprop.inputs import named
from backprop.questions.kinds import Question


class Course(dict):
    """Questions by id, in the order in which they are asked.

    >>> course = Course.of_package()
    >>> course.question("hidden_delta").points > 0
    True

    `sheets` says which questions stand in one file, by the file's name. Raises ValueError where two
    questions have one id.
    """

    def __init__(self, sheets):
        super().__init__()
        self.sheets = {sheet: [q.id for q in found] for sheet, found in sheets.items()}
        for question in (q for found in sheets.values() for q in found):
            if question.id in self:
                raise ValueError(f"two questions have the id {question.id!r}; give one another")
            self[question.id] = question

    def beside(self, ids):
        """The ids of all questions that stand in one file with any of these, in order."""
        return [id for sheet in self.sheets.values() if {*ids} & {*sheet} for id in sheet]

    def question(self, id):
        """The question of that id; ValueError with the nearest id there is."""
        return named("question", id, self)

    @classmethod
    def of_package(cls):
        """The questions of this package, lesson by lesson."""
        names = sorted(
            m.name for m in pkgutil.iter_modules(questions.__path__) if m.name[:1] == "q"
        )
        return cls({n: asked(importlib.import_module(f"{questions.__name__}.{n}")) for n in names})

    @classmethod
    def of_folder(cls, folder):
        """The questions in the Python files of `folder/questions`, in the order of their names.

        The files are run: take the folder of somebody you trust. Raises FileNotFoundError where
        there are none.
        """
        files = sorted((Path(folder) / "questions").glob("*.py"))
        if not files:
            raise FileNotFoundError(f"there is no Python file in {Path(folder) / 'questions'}")
        return cls({file.stem: asked(_loaded(file)) for file in files})


def asked(module):
    """The questions that a module defines, in order."""
    return [value for value in vars(module).values() if isinstance(value, Question)]


def _loaded(file):
    name = f"course_questions_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
