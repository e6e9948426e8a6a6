"""Files that are no notebooks, or hardly: a zero with a reason, or what can be saved."""

import io
import json
import zipfile

from redteam.cases import ANSWERS, FULL, WORDS, Case, book, code, full, made, nothing, sheet, words

HUGE = 65 << 20


def zipped():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("ada.ipynb", made())
    return data.getvalue()


def with_cells(*odd):
    """The honest notebook with odd cells among its own."""
    cells = sheet()
    for place, cell in enumerate(odd):
        cells.insert(4 * place, cell)
    return book(cells)


def wrong_types():
    cells = sheet()
    for cell in cells:
        cell |= {"metadata": [1], "outputs": "x", "execution_count": {}}
        cell["id"] = cell.get("id") or 3
    return book(cells, metadata=7, nbformat="four", nbformat_minor=None)


def surrogates():
    cells = [*sheet("s = '\ud800'\nprint(s, len(s))"), words("\udfff", "\udc80")]
    return book(cells)


def a_python_file():
    return "\n".join([*ANSWERS.values(), f"# {WORDS}"]).encode()


UNREADABLE = [
    nothing("empty", b"", "empty"),
    nothing("blanks", b" \n\t\r\n" * 9, "empty"),
    nothing("zeros", bytes(5000), "not JSON"),
    nothing("random bytes", bytes(range(256)) * 40, "not JSON"),
    nothing("a web page", b"<!doctype html><p>Please log in", "web page"),
    nothing("a Python file", a_python_file, "not JSON"),
    nothing("a zip", zipped, "not JSON"),
    nothing("cut off", made()[:-700], "not JSON"),
    nothing("merge conflicts", made().replace(b'"cells"', b'<<<<<<< HEAD\n"cells"'), "not JSON"),
    nothing("huge", lambda: b" " * HUGE + b"{}", "MB|could not be read"),
    nothing("lists in lists", b"[" * 300_000, "nested too deeply"),
    nothing("a deep output", lambda: b'{"cells": [{"outputs": ' + b"[" * 10**5, "nested|JSON"),
    nothing("brackets without end", lambda: b"[" + b"[]," * 4_200_000 + b"0]", "lists and objects"),
    nothing("null", b"null", "object"),
    nothing("a number without end", b"9" * 10**6, "number|JSON"),
    nothing("NaN", b"NaN", "number"),
    nothing("a list", b"[]", "list"),
    nothing("no cells", b'{"nbformat": 4}', "no cells"),
    nothing("cells are null", b'{"cells": null}', "nothing"),
    nothing("cells are an object", b'{"cells": {"0": {}}}', "object"),
    nothing("no cell at all", book([])),
    nothing("cells of null", book([None] * 50)),
    nothing("only text", book([words("# Sorry", "title"), words("I was ill.")])),
]
SAVED = [
    full("UTF-16", made().decode().encode("utf-16")),
    full("UTF-32 without a mark", made().decode().encode("utf-32-le")),
    full(
        "Latin-1",
        made("# gr\u00fcn").decode().replace("\\u00fc", "ü").encode("latin-1"),
        "not UTF-8",
    ),
    full(
        "odd cells among the others",
        with_cells(None, 3, [], {"cell_type": "code", "source": {"a": 1}}, {"cell_type": None}),
        "cell 1 is nothing",
        may=("cell [0-9]+ ",),
    ),
    full("odd types everywhere", wrong_types, may=("cell [0-9]+ ",)),
    full("halves of surrogate pairs", surrogates),
    full(
        "a null in each source",
        book([{**c, "source": [c["source"], None]} for c in sheet()]),
        may=("no text",),
    ),
    full(
        "keys that stand twice",
        made().replace(b'"metadata": {}', b'"metadata": {}, "metadata": {}'),
        may=("twice",),
    ),
    full(
        "ids of a megabyte", book([*sheet(), code("1", "x" * 10**6), code("2", "../../etc/passwd")])
    ),
    full(
        "ids of control codes", book([*sheet(), code("1", "\x00\x1b[2J"), words("x", "<script>")])
    ),
    full("a cell of two megabytes", made("a = 1\n" + "#" * (2 << 20)), "characters"),
    full(
        "twelve thousand cells",
        lambda: book([*sheet(), *[words("x") for _ in range(12_000)]]),
        "only the first",
    ),
    full(
        "numbers of ten thousand digits",
        made().replace(b'"nbformat": 4', b'"nbformat": ' + b"4" * 9999),
    ),
    Case(
        "only the answers in words",
        json.dumps({"cells": [{"cell_type": "markdown", "id": "why", "source": WORDS}]}).encode(),
        dict.fromkeys(FULL, 0.0),
        free=True,
    ),
]
CASES = UNREADABLE + SAVED
