"""A student at work: which questions there are, who asks, and what was said already."""

import os
import sys
from collections import Counter

import numpy as np

from backprop.check.formulas import beside, beside_formula
from backprop.check.page import HEADS, Feedback, Formulas, Given, Link, Progress, Say
from backprop.check.running import replies
from backprop.letters import Letter, Letters
from backprop.questions.choices import Choice, Match
from backprop.questions.course import Course
from backprop.questions.kinds import Formula, Function
from backprop.questions.outcomes import shown


class NotRight(AssertionError):
    """Raised by a check in a grader's run, which counts errors; never in a student's notebook."""


class Session:
    """Checks the answers in a namespace, by default the notebook's own.

    >>> def weighted_sum(W, a, b):
    ...     return W @ a
    >>> session = Session(answers={"weighted_sum": weighted_sum})
    """

    def __init__(self, course=None, answers=None, student=""):
        self.course = Course.of_package() if course is None else course
        self._answers, self.name, self.asked, self.seen = answers, student, Counter(), {}

    @property
    def answers(self):
        """The names that the student has defined."""
        if self._answers is not None:
            return self._answers
        ipython = sys.modules.get("IPython")
        shell = ipython and ipython.get_ipython()
        return shell.user_ns if shell else vars(sys.modules["__main__"])

    def student(self, name=""):
        """Say who you are: the numbers of some questions are drawn from it.

        Take what your lecturer knows you by, such as your student number.
        """
        name = "" if name in (None, Ellipsis) else str(name).strip()
        self.name = name
        if not name:
            line = Say("Write your student id between the quotes.")
            return Feedback("○ No name yet", "not answered", (line,))
        return Feedback(f"✓ {name}", "right", (Say("Your own numbers are drawn from this id."),))

    def given(self, id):
        """What a question gives you: numbers of your own by name, or letters for a formula."""
        question = self.course.question(id)
        if isinstance(question, Formula):
            names = question.letters.split()
            made = tuple(Letters(Letter(name)) for name in names)
            return made if len(made) > 1 else made[0]
        return Given(**question.given(self.name))

    def verdict(self, id):
        """The Verdict on an answer, and nothing else."""
        question = self.course.question(id)
        return question.judge(
            replies(question.requests(student=self.name), self.answers), student=self.name
        )

    def check(self, id):
        """Is the answer right? If not, what is wrong with it?"""
        verdict, question = self.verdict(id), self.course[id]
        self.seen[id] = True  # in order
        feedback = Feedback(_head(verdict), verdict.status, tuple(self._lines(verdict)), verdict)
        graded = os.environ.get("NBGRADER_EXECUTION") == "autograde"
        if graded and 0 < verdict.points < question.points:
            return verdict.points  # which nbgrader reads as a part of the points
        if graded and verdict.status not in ("right", "by hand"):
            raise NotRight(repr(feedback))
        return feedback

    def progress(self):
        """Which questions are done, and which are open: those that stand with the ones checked."""
        return Progress([self.verdict(id) for id in self.course.beside(self.seen) or self.course])

    def _lines(self, verdict):
        question = verdict.question
        if verdict.status == "right":
            yield Say(question.shows)
        if verdict.status == "not answered":
            yield Say(
                f"Answer in the cell that defines `{question.id}`. Run it, then this one again."
            )
            if callable(self.answers.get(question.id)):
                yield Say("So far your function gives back nothing. Does it say `return`?")
        if verdict.status == "by hand":
            yield Say("A person reads this one. Take your time, and use your own words.")
        yield from map(Say, verdict.notes)
        if verdict.status == "wrong":
            yield from self._wrong(verdict)

    def _wrong(self, verdict):
        question, known = verdict.question, verdict.mistakes
        if verdict.error and isinstance(question, Formula):  # it is no code that stopped
            yield Say(f"{verdict.error.message or verdict.error.kind}.")
        elif verdict.error:
            yield Say(str(verdict.error), "Your code stopped")
        elif verdict.place:
            yield Say(f"{verdict.place}.", "First difference" if verdict.difference else "")
        if isinstance(question, Choice | Match):
            yield from (Say(mistake.nudge) for mistake in known)
            yield Link(question.section)
            return
        if isinstance(question, Function):
            yield from _case(verdict.case)
        if known:
            yield Say(" or ".join(m.name for m in known) + ".", "This is what it looks like")
        if verdict.resembles:
            yield Say(verdict.resembles, "Look")
        self.asked[question.id] += 1
        if both := self._formulas(verdict):
            yield both
        yield from self._hint(question, known)

    def _hint(self, question, known):
        key = (question.id, known[0].name if known else "")
        asked = self.asked[key]
        self.asked[key] += 1
        if known:
            hint, section = known[0].hint(asked), known[0].section or question.section
            if hint:
                yield Say(hint, "Hint")
            if asked < 2:
                yield Say("Check again for more.")
            if asked >= 1:
                yield Link(section)
        else:
            yield Link(question.section)

    def _formulas(self, verdict):
        """The student's formula beside the right one; where it is asked for, only what is wrong."""
        question, answer = verdict.question, self.answers.get(verdict.question.id)
        if isinstance(question, Function) and not verdict.error:
            return (both := beside(question, answer)) and Formulas(both)
        if isinstance(question, Formula) and not verdict.error and self.asked[question.id] > 1:
            return (both := beside_formula(question, answer)) and Formulas(both, told=False)
        return None


def _head(verdict):
    question, head = verdict.question, HEADS[verdict.status]
    of = f"{question.points} point{'s' if question.points > 1 else ''}"
    if verdict.status == "right":
        return f"{head}: {question.title} ({of})"
    if verdict.points:
        return f"{head}: {question.title} ({shown(verdict.points)} of {of})"
    return f"{head}: {question.title}"


def _case(call):
    if call is None:
        return
    label = f" ({call.label})" if call.label else ""
    parts = ", ".join(_argument(arg) for arg in call.args)
    if len(parts) < 300:
        yield Say(f"`{call.name}({parts})`{label}", "Asked")
    elif label:
        yield Say(f"{call.label}.", "Asked with")


def _argument(arg):
    if isinstance(arg, np.ndarray):
        return f"np.array({np.round(arg, 4).tolist()})"
    if isinstance(arg, tuple | list):
        return f"[{', '.join(map(_argument, arg))}]"
    return getattr(arg, "text", None) or (shown(arg) if isinstance(arg, float) else repr(arg))
