"""Ids for the cells of a question: JupyterLab makes them up, and shows no way to choose them."""

import re

from backprop.release.marking import CHECK
from backprop.release.regions import has_solution


def named_cells(notebook, course):
    """The notebook, each question's cells with their ids where these can be told from the text.

    A question's check is the first cell that says `check("its-id")`; its answer is the last cell
    above with a solution in it, its task the last heading above the answer. What is written has no
    check: its task is the heading with its title, its answer the first cell below with a solution.
    Raises ValueError for solutions that are marked wrongly.
    """
    cells = [dict(cell) for cell in notebook["cells"]]
    ids = {name for id in course for name in (id, CHECK + id, f"{id}-task")}
    for question in course.values():
        for id, place in (_written if question.by_hand else _checked)(question, cells, course):
            if cells[place]["id"] not in ids and not any(cell["id"] == id for cell in cells):
                cells[place]["id"] = id
    return notebook | {"cells": cells}


def _checked(question, cells, course):
    """(id, place) of what belongs to a question that is checked."""
    call = re.compile(rf"""check\(\s*["']{question.id}["']\s*\)""")
    for check in _where(cells, "code", lambda cell: call.fullmatch(cell["source"].strip()))[:1]:
        yield CHECK + question.id, check
        for answer in _where(cells[:check], "code", lambda c: _is_answer(c, question, course))[-1:]:
            yield question.id, answer
            for task in _where(cells[:answer], "markdown", _is_heading)[-1:]:
                yield f"{question.id}-task", task


def _written(question, cells, course):
    """(id, place) of what belongs to a question that a person reads."""
    for task in _where(cells, "markdown", lambda cell: _is_heading(cell, question.title))[:1]:
        yield f"{question.id}-task", task
        answers = _where(cells, "markdown", lambda cell: _is_answer(cell, question, course))
        for answer in [place for place in answers if place > task][:1]:
            yield question.id, answer


def _where(cells, kind, fits):
    return [k for k, cell in enumerate(cells) if cell["cell_type"] == kind and fits(cell)]


def _is_answer(cell, question, course):
    """Whether a cell answers that question, or holds a solution and answers no question yet."""
    return cell["id"] == question.id or (cell["id"] not in course and has_solution(cell["source"]))


def _is_heading(cell, title=""):
    return cell["source"].startswith("#") and title in cell["source"].splitlines()[0]
