"""Is every notebook valid, canonical, and made of cells that fit on a slide?"""

import json
from pathlib import Path

import nbformat
import pytest
from canonical import FOLDED, KERNEL, READABLE, canonical

ROOT = Path(__file__).parents[1]
FOLDERS = ("notebooks", "exercises", "solutions")
NOTEBOOKS = sorted(
    str(path.relative_to(ROOT))
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("*.ipynb")
    if ".ipynb_checkpoints" not in path.parts
)
LONGEST_CELL = 14

MESSY = {
    "cells": [
        {
            "cell_type": "code",
            "id": "1f0c9b7e",
            "metadata": {"scrolled": True, "tags": ["hero"]},
            "source": "E = loss(a, y)\n",
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "0.3\n"}],
            "execution_count": 7,
        },
        {"cell_type": "markdown", "id": "why", "metadata": {}, "source": "# Why?\n\nBecause."},
        {"cell_type": "markdown", "id": "why", "metadata": {}, "source": "# Why?\n\nδ = ∂E/∂z"},
    ],
    "metadata": {"kernelspec": {"name": "mine", "display_name": "Mine"}, "widgets": {}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_canonical(name):
    text = (ROOT / name).read_bytes().decode("utf-8")
    assert canonical(text) == text, f"run: python tests/canonical.py {name}"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_is_valid(name):
    notebook = json.loads((ROOT / name).read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    nbformat.validate(notebook)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_lecturers_cells_are_words_on_no_slide_and_folded_away(name):
    for cell in json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]:
        metadata = cell["metadata"]
        tagged = "lecturer" in metadata.get("tags", ())
        assert tagged == (metadata.get("slideshow", {}).get("slide_type") == "notes"), cell["id"]
        assert tagged == metadata.get("jupyter", {}).get("source_hidden", False), cell["id"]
        assert not tagged or cell["cell_type"] == "markdown", f"{cell['id']}: a lesson may need it"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_cell_of_code_is_short(name):
    cells = json.loads((ROOT / name).read_text(encoding="utf-8"))["cells"]
    long = [c["id"] for c in cells if c["cell_type"] == "code" and len(c["source"]) > LONGEST_CELL]
    assert not long, f"more than {LONGEST_CELL} lines: move what is long into backprop/"


def test_canonical_keeps_what_was_written_and_drops_what_was_computed():
    notebook = json.loads(canonical(json.dumps(MESSY)))
    nbformat.validate(notebook)
    code = notebook["cells"][0]
    assert (code["outputs"], code["execution_count"]) == ([], None)
    assert code["metadata"] == {"tags": ["hero"]}
    assert code["source"] == ["E = loss(a, y)"]
    assert [cell["id"] for cell in notebook["cells"]] == ["e-loss-a-y", "why-because", "why-e-z"]
    assert notebook["metadata"]["kernelspec"] == KERNEL
    assert "widgets" not in notebook["metadata"]


def test_canonical_folds_lecturers_cells_and_unfolds_all_others():
    open_, folded = {"tags": ["lecturer"]}, {"jupyter": {"source_hidden": True}}
    cells = [{"cell_type": "markdown", "metadata": m, "source": "# A"} for m in (open_, folded)]
    notebook = json.loads(canonical(json.dumps(MESSY | {"cells": cells})))
    assert [cell["metadata"] for cell in notebook["cells"]] == [open_ | FOLDED, {}]


def test_canonical_twice_is_canonical_once():
    once = canonical(json.dumps(MESSY))
    assert canonical(once) == once
    assert "δ = ∂E/∂z" in once
    assert once.endswith("}\n")


@pytest.mark.parametrize("name", ["hero", "one-step-by-hand", "q1_delta", "bp4", "facade"])
def test_readable_ids(name):
    assert READABLE.fullmatch(name)


@pytest.mark.parametrize("name", ["1f0c9b7e", "c0ffee12-3aab", "abc123", "Hero", "", "two words"])
def test_unreadable_ids(name):
    assert not READABLE.fullmatch(name)
