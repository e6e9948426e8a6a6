"""Is this answer right, and if not, what is wrong with it? `check("hidden_delta")` says so.

student("your-id")     whose numbers to draw
given("by_hand")       what a question gives: numbers of your own, or letters
check("hidden_delta")  is it right?
progress()             what is done, what is open
"""

from functools import cache

from backprop.check.page import Feedback
from backprop.check.session import NotRight, Session

__all__ = ["Feedback", "NotRight", "Session", "check", "given", "progress", "student"]


@cache
def _session():
    return Session()


def check(id):
    """Check the answer of that name; returns the Feedback, which a notebook shows."""
    return _session().check(id)


def given(id):
    """What a question gives you: numbers of your own by name, or letters for a formula."""
    return _session().given(id)


def progress():
    """Which questions of this notebook are done, and which are open."""
    return _session().progress()


def student(name):
    """Say who you are, once in each notebook: some numbers are drawn from it."""
    return _session().student(name)
