"""A notebook as students see it."""

LECTURER = "lecturer"


def student_view(notebook):
    """The notebook without the cells that are tagged "lecturer", for students.

    `notebook` is what `json.load` or nbformat makes of an .ipynb file. It is left as it is.

    >>> notes = {"id": "timing", "metadata": {"tags": ["lecturer"]}}
    >>> lesson = {"cells": [{"id": "title", "metadata": {}}, notes]}
    >>> student_view(lesson)
    {'cells': [{'id': 'title', 'metadata': {}}]}
    """
    cells = [cell for cell in notebook["cells"] if not for_lecturers(cell)]
    return type(notebook)({**notebook, "cells": cells})


def for_lecturers(cell):
    """Is this cell for lecturers only?"""
    return LECTURER in cell["metadata"].get("tags", ())
