"""A lecturer's own course, for tests: the worked example of solutions/README.md."""

import json
import re
from pathlib import Path

README = Path(__file__).parents[1] / "solutions" / "README.md"


def example():
    """The example's questions, and the cells of its notebook as (kind, source)."""
    text = README.read_text(encoding="utf-8")
    text = text[text.index("## A question of your own") : text.index("## nbgrader")]
    blocks = re.findall(r"^```(python|markdown)\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
    (_, questions), *cells = blocks
    return questions + "\n", [("code" if kind == "python" else kind, s) for kind, s in cells]


def notebook(cells):
    """A notebook as JupyterLab saves it, with ids that it made up."""
    made = [
        {"cell_type": kind, "id": f"{k:08x}", "metadata": {}, "source": source}
        | ({"outputs": [], "execution_count": None} if kind == "code" else {})
        for k, (kind, source) in enumerate(cells, 160)
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def build(folder, questions=None, cells=None):
    """Write the course into a folder, the example's unless told otherwise; the folder."""
    told, shown = example()
    for kind in ("questions", "solutions"):
        (folder / kind).mkdir(parents=True)
    (folder / "questions" / "leaks.py").write_text(questions or told, encoding="utf-8")
    text = json.dumps(notebook(cells or shown))
    (folder / "solutions" / "leaks.ipynb").write_text(text, encoding="utf-8")
    return folder


def cells(path):
    """The cells of a notebook by id."""
    return {c["id"]: c for c in json.loads(path.read_text(encoding="utf-8"))["cells"]}


def source(cell):
    return "".join(cell["source"])
