"""Ids for the cells of a question: JupyterLab makes them up, and shows no way to choose them."""

import re

from backprop.release.marking import CHECK
from backprop.release.regions import has_solution


def named_cells(notebook, course):
    """The notebook, each question's cells with their ids where these can be told from the text.

    A question's check is the cell that says `check("its-id")`; its answer is the last cell above
    with a solution in it, its task the last heading above the answer. What is written has no check:
    its task is the heading with its title, its answer the first cell below with a solution in it.
    Raises ValueError for solutions that are marked wrongly.
    """
    cells = [dict(cell) for cell in notebook["cells"]]
    for question in course.values():
        if not any(cell["id"] == question.id for cell in cells):
            found = (_written if question.by_hand else _checked)(question, cells, course)
            for id, place in found.items():
                cells[place]["id"] = id
    return notebook | {"cells": cells}


def _checked(question, cells, course):
    call = re.compile(rf"""check\(\s*["']{question.id}["']\s*\)""")
    checks = _where(cells, "code", lambda cell: call.fullmatch(cell["source"].strip()))
    if len(checks) != 1:
        return {}
    above = cells[: checks[0]]
    answers = _where(above, "code", lambda cell: _is_open(cell, course))
    tasks = _where(above[: answers[-1]], "markdown", _is_heading) if answers else []
    found = {CHECK + question.id: checks[0]}
    found |= {question.id: answers[-1]} if answers else {}
    return found | ({f"{question.id}-task": tasks[-1]} if tasks else {})


def _written(question, cells, course):
    tasks = _where(
        cells,
        "markdown",
        lambda cell: _is_heading(cell) and question.title in cell["source"].splitlines()[0],
    )
    answers = _where(cells, "markdown", lambda cell: _is_open(cell, course))
    below = [place for place in answers if tasks and place > tasks[0]]
    if len(tasks) != 1 or not below:
        return {}
    return {f"{question.id}-task": tasks[0], question.id: below[0]}


def _where(cells, kind, fits):
    return [k for k, cell in enumerate(cells) if cell["cell_type"] == kind and fits(cell)]


def _is_open(cell, course):
    """Whether a cell holds a solution and is the answer to no question yet."""
    return cell["id"] not in course and has_solution(cell["source"])


def _is_heading(cell):
    return cell["source"].startswith("#")
