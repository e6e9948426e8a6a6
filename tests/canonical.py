"""Notebooks in their one canonical form, so that a change of a lesson is a change of its words.

    python tests/canonical.py notebooks/*.ipynb      rewrites the notebooks in that form

No outputs, no execution counts, nothing that an editor noted for itself, a kernel called python3,
JSON with sorted keys, and a readable id for each cell: an id that an editor made up is replaced by
the cell's first words. Cells tagged "lecturer" are notes on a slide, and folded away in a notebook.
"""

import json
import re
import sys
from pathlib import Path

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
NOTED_BY_EDITORS = ("ExecuteTime", "collapsed", "execution", "jupyter", "scrolled", "trusted")
FOLDED = {"jupyter": {"source_hidden": True}, "slideshow": {"slide_type": "notes"}}
READABLE = re.compile(r"(?!(?=.*\d)[0-9a-f]{6,}(-|$))[a-z][a-z0-9]*([-_][a-z0-9]+)*")


def canonical(text):
    """The canonical text of a notebook, given its text; canonical already, it is unchanged."""
    notebook = json.loads(text)
    taken = [cell.get("id", "") for cell in notebook["cells"]]
    metadata = {k: v for k, v in notebook["metadata"].items() if k != "widgets"}
    metadata |= {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    cells = [_cell(cell, taken) for cell in notebook["cells"]]
    notebook |= {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _cell(cell, taken):
    source = "".join(cell["source"]).rstrip()
    metadata = {k: v for k, v in cell["metadata"].items() if k not in NOTED_BY_EDITORS}
    if "lecturer" in metadata.get("tags", ()):
        metadata |= FOLDED
    cell |= {"source": source.splitlines(keepends=True), "metadata": metadata}
    if cell["cell_type"] == "code":
        cell |= {"outputs": [], "execution_count": None}
    name = cell.get("id", "")
    if not READABLE.fullmatch(name) or taken.count(name) > 1:
        cell["id"] = _readable(source or cell["cell_type"], taken)
    return cell


def _readable(source, taken):
    words = re.findall(r"[a-z]+", source.lower())[:4] or ["cell"]
    name = "-".join(words)[:50]
    while name in taken or not READABLE.fullmatch(name):
        stem, _, number = name.rpartition("-")
        name = f"{stem}-{int(number) + 1}" if number.isdigit() else f"{name}-2"
    taken.append(name)
    return name


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(canonical(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
