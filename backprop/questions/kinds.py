"""The kinds of question that ask for mathematics, and what all kinds share.

A question never sees the student's code. It makes requests (call this function with these arrays,
show me that name), somebody who runs the code brings the replies, and the question judges them. So
the same question works beside the student in a notebook and in a grader that keeps its distance.
"""

import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace
from typing import ClassVar

import numpy as np

from backprop.questions.asking import VISIBLE, At, Call, Look, live
from backprop.questions.outcomes import Error, Reply, Ruler, blank, resemblance
from backprop.questions.verdicts import Verdict

BY_HAND = Ruler(tolerance=2e-3, flat=True, least=5.1e-5)  # four digits, or four decimals
EXACT = Ruler(tolerance=1e-6)
CODE = Ruler()


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """What all kinds share: `id` (the name that the student gives the answer), title and points.

    `section` is where the lesson tells it, such as "04_hidden_delta.ipynb#In-code"; `shows` one
    sentence on what a right answer shows.
    """

    id: str
    title: str
    points: int
    section: str
    shows: str
    mistakes: tuple = ()
    by_hand: ClassVar[bool] = False

    def __post_init__(self):
        if not self.id.isidentifier():
            raise ValueError(f"a question's id is the name of its answer; {self.id!r} is no name")
        if not isinstance(self.points, int) or self.points < 1:
            raise ValueError(f"{self.id}: points must be a whole number from 1; got {self.points}")
        names = [mistake.name for mistake in self.mistakes]
        for mistake in self.mistakes:
            if names.count(mistake.name) > 1:
                raise ValueError(f"{self.id}: two mistakes are called {mistake.name!r}")
            if unknown := set(mistake.twins) - set(names):
                raise ValueError(f"{self.id}: {mistake.name!r} has unknown twins {sorted(unknown)}")

    def given(self, student=""):
        """What this student is given: names and values."""
        return {}

    def rng(self, seed):
        """Random numbers of this question and seed: a string, such as a student's id."""
        text = f"{self.id}/{str(seed).strip().lower()}"
        return np.random.default_rng(list(hashlib.sha256(text.encode("utf-8", "replace")).digest()))

    def requests(self, seed=VISIBLE, student=""):
        """What to ask of an answer, in order."""
        raise NotImplementedError

    def judge(self, replies, seed=VISIBLE, student=""):
        """The Verdict on the replies to `requests(seed, student)`."""
        if all(reply.empty for reply in replies):
            return Verdict(self, "not answered")
        return self._judge(replies, seed, student)

    def _wrong(self, points=0.0, **said):
        return Verdict(self, "wrong", points, **said)

    def _right(self, notes=()):
        return Verdict(self, "right", float(self.points), notes=tuple(notes))


@dataclass(frozen=True, kw_only=True, eq=False)
class Function(Question):
    """Write a function. It is called with each case, and its values are compared.

    `reference` is the function itself; `cases(rng)` gives a list of arguments, each a tuple or,
    with words on what is special about it, ("a batch of 3", (W, x)); `returns` names what comes
    back, as "dW, db" where there are several parts. `on_letters()` gives arguments of letters, for
    the formula that the student's function computes. `right` holds other ways to write it, for the
    tests.
    """

    reference: Callable
    cases: Callable
    returns: str = ""
    ruler: Ruler = CODE
    on_letters: Callable | None = None
    right: tuple = ()

    def requests(self, seed=VISIBLE, student=""):
        return [*_calls(self, seed)]

    def _judge(self, replies, seed, student):
        calls, right, notes = _calls(self, seed), _right(self, seed), _changed(replies)
        for call, reply, value in zip(calls, replies, right, strict=True):
            different = reply.error or self.ruler.difference(reply.value, value, self.returns)
            if not different:
                continue
            known = tuple(m for m in self.mistakes if self._gives(_made(self, m, seed), replies))
            pairs = [(r.value, v) for r, v in zip(replies, right, strict=True) if not r.error]
            said = {"case": call, "mistakes": known, "notes": notes}
            if reply.error:
                return self._wrong(error=reply.error, place=str(reply.error), **said)
            look = "" if known or len(pairs) < len(calls) else resemblance(pairs, self.ruler)
            place = different.sentence
            if blank(reply.value):
                place = "your function gives back nothing here: some way through it lacks `return`"
            return self._wrong(difference=different, place=place, resembles=look, **said)
        return self._right(notes)

    def _gives(self, made, replies):
        """Whether a mistake gives just these replies: the same values or the same kind of error.

        One value at least: an error alone may have any reason.
        """
        return not all(reply.error for reply in replies) and all(
            one.error.kind == other.error.kind
            if one.error and other.error
            else not (one.error or other.error) and self.ruler.same(one.value, other.value)
            for one, other in zip(replies, made, strict=True)
        )


# A class of thousands is asked the same: what does not depend on the answer is computed once.


@lru_cache(maxsize=256)
def _calls(question, seed):
    return tuple(Call(question.id, *_labelled(case)) for case in question.cases(question.rng(seed)))


@lru_cache(maxsize=256)
def _right(question, seed):
    return tuple(question.reference(*live(call.args)) for call in _calls(question, seed))


@lru_cache(maxsize=2048)
def _made(question, mistake, seed):
    return tuple(attempt(mistake.makes, call) for call in _calls(question, seed))


def _labelled(case):
    """The arguments of a case and its label, '' if it has none."""
    has_label = len(case) == 2 and isinstance(case[0], str) and isinstance(case[1], tuple)
    return (case[1], case[0]) if has_label else (case, "")


def attempt(function, call):
    """The Reply of a function of our own, such as a mistake, to a call."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return Reply(function(*live(call.args)))
        except Exception as error:
            return Reply(error=Error(type(error).__name__, str(error)))


def _changed(replies):
    changed = sorted({name for reply in replies for name in reply.changed})
    if not changed:
        return ()
    return (
        f"Your function changes what it is given ({', '.join(changed)}). Here it got copies; "
        f"elsewhere somebody may still need the old values. Make a new array instead.",
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Numbers(Question):
    """Compute by hand, step by step, from numbers that are drawn for this student.

    `draw(rng)` gives the numbers by name. `steps` maps the name of each value asked to a function
    of `g`, the numbers given, and `s`, the steps before, by name. The answer is a dict of the
    steps. A step that follows from the student's own earlier steps counts as right, so one slip
    costs one step. A mistake's `makes` maps steps to what they become with it.
    """

    draw: Callable
    steps: Mapping
    ruler: Ruler = BY_HAND

    def given(self, student=""):
        return self.draw(self.rng(student))

    def solve(self, student="", instead=None):
        """The steps from the numbers of a student, some of them a mistake's `instead`."""
        g, s, solved = SimpleNamespace(**self.given(student)), SimpleNamespace(), {}
        for name, step in (self.steps | (instead or {})).items():
            with np.errstate(all="ignore"):
                solved[name] = step(g, s)
            setattr(s, name, solved[name])
        return solved

    def requests(self, seed=VISIBLE, student=""):
        return [Look(self.id)]

    def _judge(self, replies, seed, student):
        (reply,) = replies
        if reply.error:
            return self._wrong(error=reply.error, place=str(reply.error))
        if not isinstance(reply.value, dict):
            told = f'{self.id} must be a dict such as {{"{next(iter(self.steps))}": 0.5}}'
            return self._wrong(place=told)
        exact, yours, count, first = self.solve(student), {}, 0, None
        for name in self.steps:
            value = reply.value.get(name)
            from_own = self._step(name, student, yours)
            problem = self.ruler.difference(value, exact[name], name)
            if problem and from_own is not None:
                problem = self.ruler.difference(value, from_own, name)
            count += problem is None
            first = first or (problem and self._first(name, value, yours, problem, student))
            yours[name] = value
        if first is None:
            return self._right()
        notes = not_asked(reply.value, self.steps)
        return self._wrong(round(self.points * count / len(self.steps), 2), notes=notes, **first)

    def _step(self, name, student, yours, instead=None):
        """What a step should be after the student's own; None where theirs are no numbers."""
        g, s = SimpleNamespace(**self.given(student)), SimpleNamespace(**yours)
        try:
            with np.errstate(all="ignore"):
                return np.asarray((instead or self.steps)[name](g, s), dtype=float)
        except Exception:  # a step before may be anything at all
            return None

    def _first(self, name, value, yours, problem, student):
        known = []
        for mistake in self.mistakes:
            made = (
                self._step(name, student, yours, mistake.makes) if name in mistake.makes else None
            )
            if made is not None and self.ruler.same(value, made):
                known.append(mistake)
        place = problem.sentence
        if blank(value):
            place = f'"{name}" is still open'
        if isinstance(value, tuple) and np.ndim(self.solve(student)[name]) == 0:
            place += "; write decimals with a point, as in 0.5"
        if isinstance(value, str):
            place += ", without quotes, as in 0.5"
        return {"place": place, "difference": problem, "mistakes": tuple(known)}


@dataclass(frozen=True, kw_only=True, eq=False)
class Formula(Question):
    """Give a formula: an expression in the given letters, judged by its values, not by its form.

    `letters` are the names, separated by spaces; `reference` and each mistake take them in that
    order. The formula is tried at `POINTS` random points with every letter in ±[0.2, 0.9].
    """

    letters: str
    reference: Callable
    ruler: Ruler = EXACT
    POINTS: ClassVar[int] = 6

    def requests(self, seed=VISIBLE, student=""):
        return [_at(self, seed)]

    def values(self, formula, seed=VISIBLE):
        """The values of one of the question's own formulas at the points of a seed."""
        return _values(self, formula, seed)

    def _judge(self, replies, seed, student):
        (reply,) = replies
        if reply.error:
            return self._wrong(error=reply.error, place=str(reply.error))
        expected = self.values(self.reference, seed)
        if self.ruler.same(reply.value, expected):
            return self._right()
        values = ((m, self.values(m.makes, seed)) for m in self.mistakes)
        known = [m for m, made in values if self.ruler.same(reply.value, made)]
        look = "" if known else resemblance([(reply.value, expected)], self.ruler)
        place = "It is not the same formula"
        return self._wrong(place=place, mistakes=tuple(known), resembles=look)


def not_asked(answer, names):
    """A note on the keys of an answer that are no names of what is asked, such as misspelt ones.

    >>> not_asked({"dE_dW": 1, "u": 2}, ["u", "dE_dw"])
    ("Nobody asked for 'dE_dW'; the names are 'u', 'dE_dw'.",)
    """
    unknown = ", ".join(repr(key)[:30] for key in answer if key not in names)
    if not unknown:
        return ()
    return (f"Nobody asked for {unknown}; the names are {', '.join(map(repr, names))}.",)


@lru_cache(maxsize=256)
def _at(question, seed):
    rng, names = question.rng(seed), question.letters.split()
    shape = question.POINTS, len(names)
    signs = np.repeat([1.0, -1.0], -(-question.POINTS // 2))[: question.POINTS, None]
    signs = rng.permuted(np.broadcast_to(signs, shape), axis=0)  # both signs, or |x| passes for x
    points = rng.uniform(0.2, 0.9, shape) * signs
    return At(question.id, tuple(dict(zip(names, map(float, p), strict=True)) for p in points))


@lru_cache(maxsize=2048)
def _values(question, formula, seed):
    with np.errstate(all="ignore"):
        points = _at(question, seed).points
        return np.array([formula(*point.values()) for point in points], dtype=float)
