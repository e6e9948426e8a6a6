"""A course of three questions in one Python file, and submissions to it, for tests of grading."""

import json

QUESTIONS = '''
"""Three questions that are nobody's but this file's."""

import numpy as np

from backprop.questions import Choice, Function, Mistake, Written

rest = {"section": "", "shows": "It is so."}
twice = Function(
    id="twice", title="Twice", points=3, reference=lambda x: 2 * x,
    cases=lambda rng: [(np.array([1.0, 2.0]),), ("a batch", (rng.normal(size=(3, 4)),))],
    mistakes=(Mistake("squared", lambda x: x**2, "Is it a square?", "It is 2 x."),), **rest,
)
side = Choice(
    id="side", title="Which side?", points=1, right="left", reasons={"right": "It is not."},
    options={"left": "the left one", "right": "the right one"}, **rest,
)
words = Written(id="words", title="In words", points=4, criteria="Says why.", **rest)
'''
RIGHT = {
    "twice": "def twice(x):\n    return x + x",
    "side": 'side = "left"',
    "words": "Because it is added to itself.",
}
WRONG = {"twice": "def twice(x):\n    return x**2", "side": 'side = "right"', "words": ""}


def build(folder):
    """Write the course into a folder; the folder."""
    (folder / "questions").mkdir(parents=True)
    (folder / "questions" / "tiny.py").write_text(QUESTIONS, encoding="utf-8")
    return folder


def submission(answers=RIGHT, **more):
    """The bytes of a notebook with these answers, and cells before them."""
    cells = [("code", id, source) for id, source in more.items()]
    cells += [("markdown" if id == "words" else "code", id, a) for id, a in answers.items()]
    made = [{"cell_type": k, "id": i, "metadata": {}, "source": s} for k, i, s in cells]
    notebook = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook).encode()


def hand_in(folder, **submissions):
    """Write submissions into a folder, one of each student; the folder."""
    for student, data in submissions.items():
        (folder / student).mkdir(parents=True, exist_ok=True)
        (folder / student / "tiny.ipynb").write_bytes(data)
    return folder
