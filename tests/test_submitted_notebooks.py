"""Is a notebook read whatever its bytes are, and is an answer in words found where it was put?"""

import json
import random
from pathlib import Path

import pytest

from backprop.grading import notebooks
from backprop.grading.notebooks import Cell, Notebook, read, written

EXERCISE = Path(__file__).parents[1] / "exercises" / "04_hidden_delta.ipynb"
DATA = EXERCISE.read_bytes()
HEADINGS = {"which_weights": "Old weights or new ones?"}


def made(*cells, **more):
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4} | more).encode()


def code(source, **more):
    return {"cell_type": "code", "source": source, "metadata": {}} | more


def answer(source, id="", grade_id=None):
    found = {"cell_type": "markdown", "id": id, "source": source, "metadata": {}}
    return found | ({"metadata": {"nbgrader": {"grade_id": grade_id}}} if grade_id else {})


def test_a_released_exercise_is_read_as_it_is():
    cells = json.loads(DATA)["cells"]
    got = read(DATA)
    assert (got.notes, got.problem) == ((), "")
    assert [(c.kind, c.source, c.id, c.number) for c in got.cells] == [
        (c["cell_type"], "".join(c["source"]), c["id"], k) for k, c in enumerate(cells, 1)
    ]
    assert {c.grade_id for c in got.cells} >= {"", "hidden_delta", "which_weights"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_the_encoding_does_not_matter(encoding):
    assert read(DATA.decode().encode(encoding)) == read(DATA)


def test_latin_1_is_read_and_told():
    got = read('{"cells": [{"cell_type": "code", "source": "s = \'grün\'"}]}'.encode("latin-1"))
    assert [c.source for c in got.cells] == ["s = 'grün'"]
    assert "not UTF-8" in got.notes[0]


UNREADABLE = {
    "empty": (b" \n", "empty"),
    "text": (b"here is my homework", "not JSON"),
    "cut off": (DATA[: len(DATA) // 2], "not JSON"),
    "a web page": (b"<html>please log in</html>", "web page"),
    "a PDF": (b"%PDF-1.7\n\xff\xfe\x00", "not JSON"),
    "zeros": (bytes(1000), "not JSON"),
    "lists in lists": (b"[" * 200_000, "nested too deeply"),
    "objects in objects": (b'{"a":' * 200_000 + b"0" + b"}" * 200_000, "nested too deeply"),
    "a deep output": (b'{"cells": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "deeply"),
    "many lists": (b"[" + b"[]," * (notebooks.BRACKETS + 1) + b"0]", "lists and objects"),
    "huge": (bytes(notebooks.LIMIT + 1), "64 MB"),
    "a list": (b"[1, 2]", "a list where an object"),
    "null": (b"null", "nothing where an object"),
    "a number": (b"NaN", "a number where an object"),
    "no cells": (b"{}", "no cells"),
    "cells are an object": (b'{"cells": {"0": {}}}', "are an object"),
    "cells are null": (b'{"cells": null}', "are nothing"),
    "worksheets are text": (b'{"worksheets": "x"}', "are text"),
    "cells of a worksheet are true": (b'{"worksheets": [{"cells": true}]}', "true or false"),
}


@pytest.mark.parametrize("data, told", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_notebook_is_told_in_words(data, told):
    got = read(data)
    assert got.cells == ()
    assert told in got.problem


ODD = {
    "a null cell": ([None, code("a")], ["a"], "cell 1 is nothing, no cell"),
    "a number for a cell": ([3, code("a")], ["a"], "cell 1 is a number"),
    "an unknown kind": ([{"cell_type": ["code"]}, code("a")], ["a"], "cell 1 is of no known kind"),
    "no kind": ([{"source": "b"}, code("a")], ["a"], "cell 1 is of no known kind"),
    "a source that is an object": ([code({"a": 1}), code("a")], ["", "a"], "holds an object"),
    "a line that is null": ([code(["a", None, "b"])], ["ab"], "lines that are no text"),
    "one id twice": ([code("a", id="x"), code("b", id="x")], ["a", "b"], "the id 'x' stands on"),
    "half a surrogate pair": ([code("s = '\ud800'")], ["s = '\ufffd'"], ""),
    "a whole surrogate pair": ([code("s = '😀'")], ["s = '😀'"], ""),
    "no source": ([{"cell_type": "code"}], [""], ""),
    "metadata that is a list": ([code("a", metadata=[1])], ["a"], ""),
    "nbgrader that is text": ([code("a", metadata={"nbgrader": "x"})], ["a"], ""),
    "an id that is a number": ([code("a", id=3, metadata=None)], ["a"], ""),
    "outputs that are wrong": ([code("a", outputs={"x": float("nan")})], ["a"], ""),
    "a very long cell": ([code("a" * (1 << 21)), code("b")], ["b"], "2097152 characters"),
}


@pytest.mark.parametrize("cells, sources, note", ODD.values(), ids=ODD)
def test_what_is_odd_costs_only_itself(cells, sources, note):
    got = read(made(*cells))
    assert [cell.source for cell in got.code] == sources
    assert note in " ".join(got.notes) and bool(note) == bool(got.notes)
    assert not got.problem


def test_the_kernel_and_the_rest_of_the_metadata_do_not_matter():
    odd = {"kernelspec": {"name": "conda-env-ml", "language": 3}, "widgets": None}
    assert read(made(code("a"), metadata=odd)) == read(made(code("a")))
    assert read(made(code("a"), metadata=None, nbformat="4")) == read(made(code("a")))


def test_old_outputs_are_passed_over():
    outputs = [{"output_type": "stream", "text": "0.5\n" * 500_000}, {"outputs": [[[]]]}]
    assert read(made(code("a", outputs=outputs))) == read(made(code("a")))
    long = b'{"cells": [{"cell_type": "code", "source": "a", "outputs": [' + b"9" * 9000 + b"]}]}"
    assert read(long) == read(made(code("a")))


def test_a_key_that_stands_twice_counts_once():
    got = read(b'{"cells": [], "cells": [{"cell_type": "code", "source": "a"}]}')
    assert [cell.source for cell in got.cells] == ["a"]
    assert "a key stands twice" in got.notes[0]


def test_many_cells_are_cut_and_told_once_each():
    got = read(made(*[None] * (notebooks.CELLS + 5)))
    assert len(got.notes) == notebooks.NOTES
    assert f"only the first {notebooks.CELLS}" in got.notes[0]


def test_format_3_is_read():
    old = [
        {"cell_type": "heading", "level": 2, "source": "Why?"},
        {"cell_type": "code", "input": ["a = 1\n", "a"], "language": "python"},
    ]
    sheets = [{"cells": old}, None, {"cells": [answer("Because.")]}]
    got = read(json.dumps({"worksheets": sheets, "nbformat": 3}).encode())
    assert [c.source for c in got.cells] == ["## Why?", "a = 1\na", "Because."]
    assert "old format 3" in got.notes[0]


# — answers in words —


def the_answer(*cells):
    return written(read(made(*cells)), HEADINGS)["which_weights"]


TASK = answer("## 8. Old weights or new ones? (2 points)\n\nAnswer in words.")
STUB = answer("*Your answer here.*", "which_weights", "which_weights")


def test_an_exercise_as_released_has_no_answer():
    got = written(read(DATA), HEADINGS)["which_weights"]
    assert got.text == "" and "nothing in the cell" in got.notes[0]


@pytest.mark.parametrize(
    "cells",
    [
        [answer("At the old.", "which_weights", "which_weights")],
        [answer("At the old.", "4f2a", "which_weights"), answer("Other.", "which_weights")],
        [answer("Other."), answer("At the old.", "which_weights")],
        [answer("At the old.", "x", "which_weights") | {"cell_type": "raw"}],
        [code("At the old.", id="which_weights")],
    ],
)
def test_an_answer_is_found_by_its_ids_and_whatever_the_kind_of_its_cell(cells):
    assert the_answer(*cells) == notebooks.Answer("At the old.")


def test_without_ids_an_answer_is_found_under_its_heading():
    below = [answer("At the old."), answer("And more."), code("1"), answer("Not this.")]
    got = the_answer(answer("## 7. Other"), answer("No."), TASK, *below)
    assert got.text == "At the old.\n\nAnd more."
    assert "under its heading, in cell 4, 5" in got.notes[0]


def test_an_answer_beside_its_empty_cell_counts():
    got = the_answer(TASK, STUB, answer("At the old."), answer("## Done"), answer("No."))
    assert got.text == "At the old." and "cell 3" in got.notes[0]


def test_the_heading_itself_counts_before_one_that_contains_it():
    more = answer("# On 'Old weights or new ones?' once more")
    assert the_answer(TASK, answer("Yes."), more, answer("No.")).text == "Yes."


def test_another_answer_is_not_taken_for_this_one():
    headings = HEADINGS | {"other": "Other"}
    notebook = read(made(TASK, STUB, answer("Of the other.", "other", "other")))
    assert written(notebook, headings)["which_weights"].text == ""


@pytest.mark.parametrize("sources", [["a", "b", "..."], ["", "b"], ["b", "*Your answer here.*"]])
def test_of_several_cells_the_last_with_something_in_it_counts(sources):
    got = the_answer(*[answer(source, str(k), "which_weights") for k, source in enumerate(sources)])
    assert got.text == "b"
    assert f"counts, cell {sources.index('b') + 1}" in got.notes[0] and len(got.notes) == 1


# — anything at all —

JUNK = [None, True, 0, -1.5, float("nan"), "", "\ud800", "code", [], {}, [None], {"cells": [None]}]


def is_fit_for_use(data):
    got = read(data)
    assert isinstance(got, Notebook) and (not got.problem or not got.cells)
    assert all(isinstance(cell, Cell) for cell in got.cells)
    said = [text for c in got.cells for text in (c.source, c.id, c.grade_id)]
    found = written(got, HEADINGS)["which_weights"]
    "".join([*said, *got.notes, got.problem, found.text, *found.notes]).encode()


@pytest.mark.parametrize("seed", range(60))
def test_bytes_changed_at_random_are_read_or_told(seed):
    draw, data = random.Random(seed), bytearray(DATA)
    for _ in range(draw.choice([1, 3, 30])):
        at = draw.randrange(len(data))
        length = draw.choice([0, 1, 2, 500])
        new = draw.choice(
            [draw.randbytes(3), b"{", b"]", b'"', b"\\ud8ff", b"[" * 5000, b"null", b""]
        )
        data[at : at + length] = new
    is_fit_for_use(bytes(data))


def places(tree):
    """All (container, key) of a tree."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        yield tree, key
        if isinstance(value, dict | list):
            yield from places(value)


@pytest.mark.parametrize("seed", range(60))
def test_values_changed_at_random_are_read_or_told(seed):
    draw, tree = random.Random(seed), json.loads(DATA)
    for _ in range(draw.choice([1, 3, 30])):
        container, key = draw.choice([*places(tree)] or [(tree, "cells")])
        container[key] = draw.choice(JUNK)
    is_fit_for_use(json.dumps(tree).encode())
