"""What a case is, and notebooks to make one from: an honest one with some of it changed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

FULL = {
    "weight_gradient": 4.0,
    "layer": 3.0,
    "loss": 2.0,
    "by_hand": 3.0,
    "which_way": 1.0,
    "slope_formula": 2.0,
    "why": 0.0,  # a person gives the points
}
NONE = dict.fromkeys(FULL, 0.0)

SETUP = """
import numpy as np

from backprop.check import check, course, given, progress, student

course("..")
student("ada")
"""
WORDS = "Otherwise a larger batch would take larger steps."
ANSWERS = {
    "weight_gradient": """
def weight_gradient(delta, a):
    return delta @ a.T / a.shape[1]
""",
    "layer": """
def layer(W, x, b, f):
    z = W @ x + b
    return z, f(z)
""",
    "loss": """
def loss(a, y):
    return ((a - y) ** 2).sum() / (2 * a.shape[1])
""",
    "by_hand": """
g = given("by_hand")
z = g.w * g.x
by_hand = {"z": z, "E": (z - g.y) ** 2 / 2, "dE_dw": (z - g.y) * g.x}
""",
    "which_way": """
which_way = "down" if given("which_way").slope > 0 else "up"
""",
    "slope_formula": """
w, x, y = given("slope_formula")
slope_formula = (w * x - y) * x
""",
}
TITLES = {
    "weight_gradient": "The gradient of the weights (4 points)",
    "layer": "One layer (3 points)",
    "loss": "The loss of a batch (2 points)",
    "by_hand": "By hand (3 points)",
    "which_way": "Which way is down? (1 point)",
    "slope_formula": "The slope in letters (2 points)",
    "why": "Why the mean? (2 points)",
}


@dataclass(frozen=True)
class Case:
    """A submission: its bytes, the points it should get, and what its student is told.

    Each pattern in `told` is found in a sentence to the student; what an honest notebook is not
    told must be in `told` or `may`, unless `free`. No pattern in `never` occurs in the result.
    """

    name: str
    data: bytes | Callable
    points: dict
    told: tuple = ()
    may: tuple = ()
    never: tuple = ()
    free: bool = False
    flags: str = ""
    student: str = "ada"

    def bytes(self, places):
        """The notebook, with the names of places such as @@port@@ filled in."""
        data = self.data() if callable(self.data) else self.data
        for name, place in places.items():
            data = data.replace(f"@@{name}@@".encode(), place.encode())
        return data


def full(name, data, *told, **more):
    """An honest case: nothing is lost, and nothing is said that is not so."""
    return Case(name, data, FULL, told, **more)


def lost(name, data, *questions, **more):
    """A case that loses just these questions, whatever it is told of that."""
    return Case(name, data, FULL | dict.fromkeys(questions, 0.0), free=True, **more)


def nothing(name, data, *told, **more):
    """A case that gets no points at all."""
    return Case(name, data, NONE, told, free=True, **more)


def code(source, id="", **metadata):
    """A cell of code as JupyterLab saves it."""
    made = {"cell_type": "code", "source": dedent(source).strip("\n"), "metadata": metadata}
    return made | {"outputs": [], "execution_count": None} | ({"id": id} if id else {})


def words(source, id="", **metadata):
    """A cell of text."""
    made = {"cell_type": "markdown", "source": source, "metadata": metadata}
    return made | ({"id": id} if id else {})


def task(id):
    return words(f"## {TITLES[id]}\n\nTake your time.", f"{id}-task")


def answer(id, source):
    """The cell of an answer, with the ids that a release gives it."""
    cell = words if id == "why" else code
    return cell(source, id, nbgrader={"grade_id": id, "schema_version": 3, "solution": True})


def sheet(first=(), last=(), setup=SETUP, **answers):
    """The cells of an honest submission; some answers changed, more cells at both ends."""
    first, last = ([part] if isinstance(part, str) else part for part in (first, last))
    cells = [words("# Red team", "title"), code(setup, "setup")]
    cells += [code(cell) if isinstance(cell, str) else cell for cell in first]
    for id, source in (ANSWERS | {"why": WORDS} | answers).items():
        cells += [task(id), answer(id, source)]
        cells += [code(f'check("{id}")', f"check_{id}")] if id != "why" else []
    cells += [code(cell) if isinstance(cell, str) else cell for cell in last]
    return [*cells, code("progress()", "done")]


def book(cells, **more):
    """The bytes of a notebook."""
    tree = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(tree | more).encode()


def made(first=(), last=(), **changed):
    """The bytes of an honest submission with some of it changed: `setup`, or answers."""
    return book(sheet(first, last, **changed))
