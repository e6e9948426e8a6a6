"""A notebook for students, made from the one with the solutions."""

import json
from pathlib import Path

from backprop.release.marking import marked, role
from backprop.release.regions import released
from backprop.release.views import student_view

HOME = Path(__file__).parents[1]  # the module itself
FIXED = {"answer": {"deletable": False}, "check": {"deletable": False, "editable": False}}


def read(path):
    """A notebook as a dict, its cells with an id and a source in one string.

    Raises ValueError where it is no notebook of format 4.5, the first in which cells have ids.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        version = notebook["nbformat"], notebook["nbformat_minor"]
        cells = [cell | {"source": "".join(cell["source"])} for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"{path.name} is no notebook: {type(error).__name__} {error}") from None
    if version < (4, 5) or not all(isinstance(cell.get("id"), str) for cell in cells):
        raise ValueError(
            f"{path.name} is of format {version[0]}.{version[1]}, and answers are found by their "
            "cells' ids, which came with 4.5: save it in a new JupyterLab"
        )
    return notebook | {"cells": cells}


def written(notebook):
    """The text of a notebook: sorted keys, one line of source a line."""
    cells = [c | {"source": c["source"].splitlines(keepends=True)} for c in notebook["cells"]]
    whole = notebook | {"cells": cells}
    return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def exercise(notebook, course):
    """The notebook for students: stubs for solutions, no outputs, no notes to the lecturer.

    Answers cannot be deleted in JupyterLab, and checks cannot be changed, as nbgrader has it.
    """
    cells = []
    for cell in student_view(marked(notebook, course))["cells"]:
        what = role(cell, course)
        if what:
            stub = released(cell["source"], cell["cell_type"])
            cell = cell | {"source": stub, "metadata": cell["metadata"] | FIXED[what[1]]}
        if cell["cell_type"] == "code":
            cell = cell | {"outputs": [], "execution_count": None}
        cells.append(cell)
    return notebook | {"cells": cells}
