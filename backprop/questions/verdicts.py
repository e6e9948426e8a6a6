"""What there is to say of an answer, and the known mistakes that it may show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backprop.questions.outcomes import Difference, Error


@dataclass(frozen=True, eq=False)
class Mistake:
    """A known mistake: its name, what it computes, and three hints, each stronger than the last.

    `makes` takes what the question's reference takes. `nudge` is a question or a pointer, `formula`
    says it outright, `section` is where to read it up (the question's own section, if not given).
    `twins` names the mistakes of the same question that compute the same: all are then named, with
    the hints of the first.
    """

    name: str
    makes: Callable | Mapping
    nudge: str
    formula: str
    section: str = ""
    twins: tuple = ()

    def hint(self, asked):
        """The hint for a student who has asked so many times before."""
        return (self.nudge, self.formula, "")[min(asked, 2)]


@dataclass(frozen=True, eq=False)
class Verdict:
    """What there is to say of an answer.

    `status` is "right", "wrong", "not answered" or "by hand". `place` (in words) and `difference`
    say where it first goes wrong, and hold numbers: they are for visible cases only, as are
    `case` (the request that showed it) and `yours`. `mistakes` are those of the catalogue that
    compute just what this answer did, `resembles` is a sentence where none does, and `notes` are
    for the student whatever the status.
    """

    question: object
    status: str
    points: float = 0.0
    place: str = ""
    difference: Difference | None = None
    error: Error | None = None
    case: object = None
    mistakes: tuple = ()
    resembles: str = ""
    notes: tuple = ()

    @property
    def ok(self):
        return self.status == "right"
