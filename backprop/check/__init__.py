"""Is this answer right, and if not, what is wrong with it? `check("hidden_delta")` says so.

student("your-id")     whose numbers to draw
given("by_hand")       what a question gives: numbers of your own, or letters
check("hidden_delta")  is it right?
progress()             what is done, what is open
course("folder")       ask the questions of a lecturer's own course
"""

from functools import cache

from backprop.check.page import Feedback
from backprop.check.session import NotRight, Session
from backprop.questions.course import Course

__all__ = ["Feedback", "NotRight", "Session", "check", "course", "given", "progress", "student"]


@cache
def _here():
    """The session of this notebook, in a list so that another course can take its place."""
    return [Session()]


def course(folder):
    """Ask the questions in `folder/questions`, a lecturer's own, in place of this course's.

    Its files are run: take the folder of somebody you trust. Raises FileNotFoundError where there
    are none.
    """
    _here()[0] = Session(Course.of_folder(folder))


def check(id):
    """Check the answer of that name; returns the Feedback, which a notebook shows."""
    return _here()[0].check(id)


def given(id):
    """What a question gives you: numbers of your own by name, or letters for a formula."""
    return _here()[0].given(id)


def progress():
    """Which questions of this notebook are done, and which are open."""
    return _here()[0].progress()


def student(name):
    """Say who you are, once in each notebook: some numbers are drawn from it."""
    return _here()[0].student(name)
