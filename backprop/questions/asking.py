"""What is asked of an answer: call this function, show that name, put numbers into the formula."""

import copy
from dataclasses import dataclass

import numpy as np

VISIBLE = "visible"  # the seed of the cases that a student may see


@dataclass(frozen=True, eq=False)
class Call:
    """Call the function of that name; `label` says in words what is special about this case."""

    name: str
    args: tuple
    label: str = ""


@dataclass(frozen=True)
class Look:
    """Show the value of that name."""

    name: str


@dataclass(frozen=True, eq=False)
class At:
    """Put numbers for the letters into the formula of that name, once for each point."""

    name: str
    points: tuple


@dataclass(frozen=True)
class Source:
    """An argument that is a function, as text: it can be sent to where the answer runs.

    >>> Source("lambda w: (w ** 2).sum()").live()(np.array([1.0, 2.0]))
    np.float64(5.0)
    """

    text: str

    def live(self):
        """The function itself."""
        return eval(self.text, {"np": np})  # the text is the question's own, never a student's


def live(value):
    """A copy of an argument as the function gets it."""
    if isinstance(value, Source):
        return value.live()
    if isinstance(value, tuple | list):
        return type(value)(map(live, value))
    return copy.deepcopy(value)
