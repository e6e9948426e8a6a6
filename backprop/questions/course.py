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

    Raises ValueError where two questions have one id.
    """

    def __init__(self, found):
        super().__init__()
        for question in found:
            if question.id in self:
                raise ValueError(f"two questions have the id {question.id!r}; give one another")
            self[question.id] = question

    def question(self, id):
        """The question of that id; ValueError with the nearest id there is."""
        return named("question", id, self)

    @classmethod
    def of_package(cls):
        """The questions of this package, lesson by lesson."""
        names = sorted(
            m.name for m in pkgutil.iter_modules(questions.__path__) if m.name[:1] == "q"
        )
        modules = [importlib.import_module(f"{questions.__name__}.{name}") for name in names]
        return cls(q for module in modules for q in asked(module))

    @classmethod
    def of_folder(cls, folder):
        """The questions in the Python files of `folder/questions`, in the order of their names.

        The files are run: take the folder of somebody you trust. Raises FileNotFoundError where
        there are none.
        """
        files = sorted((Path(folder) / "questions").glob("*.py"))
        if not files:
            raise FileNotFoundError(f"there is no Python file in {Path(folder) / 'questions'}")
        return cls(q for file in files for q in asked(_loaded(file)))


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
