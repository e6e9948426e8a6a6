"""The kinds of question that are answered with a word, and the one that is answered with many."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import ClassVar

from backprop.questions.asking import VISIBLE, Look
from backprop.questions.kinds import Question, not_asked
from backprop.questions.outcomes import blank
from backprop.questions.verdicts import Mistake, Verdict


@dataclass(frozen=True, kw_only=True, eq=False)
class Choice(Question):
    """Choose one option. `options` maps each to its text, `reasons` each wrong one to why not.

    `right` is the right option, or a function of the numbers given that `draw(rng)` draws for the
    student. The answer is the option, a string.
    """

    options: Mapping
    right: str | Callable
    reasons: Mapping
    draw: Callable | None = None

    def __post_init__(self):
        super().__post_init__()
        possible = set(self.options) - ({self.right} if isinstance(self.right, str) else set())
        if missing := possible - set(self.reasons):
            raise ValueError(f"{self.id}: no reason is given against {sorted(missing)}")

    def given(self, student=""):
        return self.draw(self.rng(student)) if self.draw else {}

    def answer(self, student=""):
        """The right option for this student."""
        return (
            self.right
            if isinstance(self.right, str)
            else self.right(SimpleNamespace(**self.given(student)))
        )

    def requests(self, seed=VISIBLE, student=""):
        return [Look(self.id)]

    def _judge(self, replies, seed, student):
        (reply,) = replies
        chosen, problem = _option(reply.value, self.options)
        if problem:
            return self._wrong(place=problem)
        if chosen == self.answer(student):
            return self._right()
        return self._wrong(place=f'Not "{chosen}"', mistakes=(self.distractor(chosen),))

    def distractor(self, option):
        """A wrong option, as a mistake with its reason."""
        return Mistake(f'"{option}" chosen', {}, self.reasons[option], self.reasons[option])


@dataclass(frozen=True, kw_only=True, eq=False)
class Match(Question):
    """Say which option belongs to each item; points for each. The answer is a dict of strings.

    `items` maps each to its text, `options` likewise; `right` maps items to options, `reasons`
    maps options to what they are, told where one is chosen wrongly.
    """

    items: Mapping
    options: Mapping
    right: Mapping
    reasons: Mapping = field(default_factory=dict)

    def requests(self, seed=VISIBLE, student=""):
        return [Look(self.id)]

    def _judge(self, replies, seed, student):
        (reply,) = replies
        if not isinstance(reply.value, dict):
            return self._wrong(
                place=f'{self.id} must be a dict such as {{"{next(iter(self.items))}": "..."}}'
            )
        places, known = [], []
        for item, right in self.right.items():
            chosen, problem = _option(reply.value.get(item), self.options)
            if chosen != right:
                places.append(f"{item}: {problem or f'not {chosen!r}'}")
                known += [] if problem else [self.distractor(item, chosen)]
        if not places:
            return self._right()
        count = len(self.right) - len(places)
        return self._wrong(
            round(self.points * count / len(self.right), 2),
            place="; ".join(places),
            mistakes=tuple(known),
            notes=not_asked(reply.value, self.items),
        )

    def distractor(self, item, option):
        """An item matched wrongly, as a mistake with its reason."""
        why = self.reasons.get(option, f"That is not what {item} is.")
        return Mistake(f'{item}: "{option}" chosen', {}, why, why)


def _option(value, options):
    """The option that a value names, and what is wrong with it if it names none."""
    if blank(value):
        return None, "not answered yet"
    names = ", ".join(map(repr, options))
    if not isinstance(value, str):
        return None, f"the answer must be one of {names}, in quotes"
    plain = {option.strip().lower(): option for option in options}
    chosen = plain.get(value.strip().lower())
    return chosen, "" if chosen else f"{value[:20]!r} is no option; there are {names}"


@dataclass(frozen=True, kw_only=True, eq=False)
class Written(Question):
    """Explain in words, in the cell of that id; read and graded by a person.

    `criteria` tell the person what a full answer says.
    """

    criteria: str
    by_hand: ClassVar[bool] = True

    def requests(self, seed=VISIBLE, student=""):
        return []

    def judge(self, replies, seed=VISIBLE, student=""):
        return Verdict(self, "by hand")
