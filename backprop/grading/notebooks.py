"""A notebook that a student handed in, as cells: whatever its bytes are, and without running any.

    bytes → text → JSON → cells: kind, source, id, grade_id

Outputs, and what else a notebook holds, are dropped as soon as they have been passed over.
"""

import codecs
import json
import re
from collections import Counter
from dataclasses import dataclass

LIMIT = 64 << 20  # bytes of a file; old outputs of 20 MB are honest
BRACKETS = 4_000_000  # [ and {: what a small file needs to fill the memory with
CELLS, SOURCE, NOTES = 10_000, 1 << 20, 50  # cells of a notebook, characters of a cell, notes
BLANK = {"", "your answer here", "your answer"}
NAMES = {dict: "an object", list: "a list", str: "text", bool: "true or false"}


@dataclass(frozen=True)
class Cell:
    """A cell: its kind ("code", "markdown" or "raw"), its source, and its ids, '' where none is.

    `number` counts the notebook's cells from 1, as a student does.
    """

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    number: int = 0


@dataclass(frozen=True)
class Notebook:
    """The cells, notes on what was odd, and what kept the file from being read ('' if nothing)."""

    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def code(self):
        """The cells of code, in order."""
        return tuple(cell for cell in self.cells if cell.kind == "code")

    def answers(self, id):
        """The cells with that grade_id; where there are none, the cells with that id."""
        named = tuple(cell for cell in self.cells if cell.grade_id == id)
        return named or tuple(cell for cell in self.cells if cell.id == id)


@dataclass(frozen=True)
class Answer:
    """The text of an answer in words, '' if there is none, and notes on how it was found."""

    text: str = ""
    notes: tuple[str, ...] = ()


class _Problem(Exception):
    """Why a file cannot be read, in words for its student."""


def read(data):
    """The Notebook in some bytes; what cannot be read is told in its `problem`, never raised.

    >>> read(b'{"cells": [{"cell_type": "code", "source": ["a = 1"], "id": "x"}]}').cells
    (Cell(kind='code', source='a = 1', id='x', grade_id='', number=1),)
    >>> read(b"")
    Notebook(cells=(), notes=(), problem='the file is empty')
    """
    notes = []
    try:
        tree = _tree(_text(data, notes), notes)
        cells = tuple(_cells(tree, notes))
    except _Problem as problem:
        return Notebook((), tuple(notes), str(problem))
    except MemoryError:
        return Notebook((), tuple(notes), "the notebook is too large to be read")
    for kind in ("id", "grade_id"):
        times = Counter(getattr(cell, kind) for cell in cells if getattr(cell, kind))
        twice = [name for name, n in times.items() if n > 1]
        notes += [f"the {kind} {_short(name)} stands on more than one cell" for name in twice]
    return Notebook(cells, tuple(notes[:NOTES]))


# — bytes to text to JSON —


def _text(data, notes):
    if not data.strip():
        raise _Problem("the file is empty")
    if len(data) > LIMIT:
        told = f"the file has {len(data) >> 20} MB; at most {LIMIT >> 20} MB are read"
        raise _Problem(f"{told}. Clear the outputs, save, and hand it in again")
    if sum(data.count(mark) for mark in b"[{") > BRACKETS:
        raise _Problem(f"the file holds more than {BRACKETS} lists and objects")
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        pass
    if encoding in ("utf-8", "utf-8-sig"):
        notes.append("the file is not UTF-8; it was read as Latin-1, so some letters may be wrong")
        return data.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    notes.append(f"the file is not quite {encoding.upper()}; some letters may be wrong")
    return data.decode(encoding, "replace")


def _tree(text, notes):
    twice = set()

    def told(pairs):
        made = dict(pairs)
        if len(made) < len(pairs):
            twice.add("a key stands twice in one object of the file; the last one counts")
        if "cell_type" in made:
            made.pop("outputs", None)
            made.pop("attachments", None)
        return made

    try:
        tree = json.loads(text.lstrip("\ufeff"), object_pairs_hook=told, parse_int=_integer)
    except RecursionError:
        raise _Problem("the file is nested too deeply to be a notebook") from None
    except ValueError as error:
        what = "a web page" if text.lstrip()[:1] == "<" else "no notebook"
        where = f"from line {getattr(error, 'lineno', 1)} on it is not JSON"
        raise _Problem(
            f"the file is {what}: {where}. Hand in the .ipynb itself, saved by Jupyter"
        ) from None
    if not isinstance(tree, dict):
        raise _Problem(f"the file is no notebook: it holds {_kind(tree)} where an object should be")
    notes += twice
    return tree


def _integer(digits):
    return int(digits) if len(digits) < 20 else float(digits)  # thousands of digits are refused


# — JSON to cells —


def _cells(tree, notes):
    """The cells, those of all worksheets of format 3 in one row."""
    if "cells" in tree or "worksheets" not in tree:
        rows = [tree.get("cells", ...)]
    else:
        sheets = tree["worksheets"]
        if not isinstance(sheets, list):
            raise _Problem(f"the notebook's worksheets are {_kind(sheets)}; they should be a list")
        notes.append("the notebook is of the old format 3; it was read all the same")
        rows = [sheet.get("cells", []) if isinstance(sheet, dict) else [] for sheet in sheets]
    for row in rows:
        if row is ...:
            raise _Problem("the file is no notebook: it has no cells")
        if not isinstance(row, list):
            raise _Problem(f"the notebook's cells are {_kind(row)}; they should be a list")
    found = [cell for row in rows for cell in row]
    if len(found) > CELLS:
        notes.append(f"the notebook has {len(found)} cells; only the first {CELLS} were read")
    for number, cell in enumerate(found[:CELLS], 1):
        made, odd = _cell(cell, number)
        notes += [f"cell {number} {odd}"] if odd else []
        if made:
            yield made


def _cell(cell, number):
    """The Cell of an object, or None; and what was odd about it, or ''."""
    if not isinstance(cell, dict):
        return None, f"is {_kind(cell)}, no cell; it was left out"
    kind = cell.get("cell_type")
    if kind == "heading":
        kind = "markdown"
    if kind not in ("code", "markdown", "raw"):
        return None, "is of no known kind; it was left out"
    lines = cell.get("source", cell.get("input"))  # "input" in format 3
    lines = [lines] if isinstance(lines, str) else lines
    odd = ""
    if not isinstance(lines, list):
        odd = f"holds {_kind(lines)} where its text should be" if lines is not None else ""
        lines = []
    elif not all(isinstance(line, str) for line in lines):
        odd = "has lines that are no text; they were left out"
    source = "".join(line for line in lines if isinstance(line, str))
    if len(source) > SOURCE:
        return None, f"has {len(source)} characters; it was left out, for at most {SOURCE} are read"
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    if cell["cell_type"] == "heading":
        level = cell.get("level")
        source = "#" * (level if type(level) is int and 0 < level < 7 else 1) + " " + source
    return Cell(kind, _whole(source), _name(cell.get("id")), _name(grade_id), number), odd


def _name(id):
    return _whole(id[:200]) if isinstance(id, str) else ""


def _whole(text):
    """The text without lone halves of surrogate pairs, so that it can be written as UTF-8."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _kind(value):
    return "nothing" if value is None else NAMES.get(type(value), "a number")


def _short(name):
    return repr(name if len(name) <= 60 else name[:60] + "…")


# — answers in words —


def written(notebook, headings):
    """The Answers in words by question id: `headings` holds the heading above each, by id.

    An answer is the cell with the question's grade_id, else the one with its id. Where there is no
    such cell, or nothing in it, it is the text between the question's heading and the next heading
    or cell of code. Of several cells the last one with something in it counts, and a note says so.

    >>> cells = (Cell("markdown", "## 8. Why? (2 points)"), Cell("markdown", "Because."))
    >>> written(Notebook(cells), {"why": "Why?"})["why"].text
    'Because.'
    """
    return {id: _written(notebook, id, headings) for id in headings}


def _written(notebook, id, headings):
    cells = notebook.answers(id)
    full = [cell for cell in cells if not is_blank(cell.source)]
    if full:
        last, notes = full[-1], []
        if len(cells) > 1:
            numbers = ", ".join(str(cell.number) for cell in cells)
            notes.append(f"{id} is answered in more than one cell ({numbers}); the last with ")
            notes[0] += f"something in it counts, cell {last.number}"
        return Answer(last.source, tuple(notes))
    below = _below(notebook.cells, id, headings)
    if below:
        numbers = ", ".join(str(cell.number) for cell in below)
        why = "has nothing in it" if cells else "is not there any more"
        told = f"the cell for the answer to {id} {why}; found under its heading, in cell {numbers}"
        return Answer("\n\n".join(cell.source for cell in below), (told,))
    why = "there is nothing in the cell" if cells else "there is no cell"
    return Answer("", (f"{why} for the answer to {id}",))


def is_blank(text):
    """Whether nobody has written anything: no text, dots, or the words that stood there.

    >>> is_blank("*Your answer here.*"), is_blank(" ... "), is_blank("No.")
    (True, True, False)
    """
    return re.sub(r"[\s*_.…]+", " ", text).strip().casefold() in BLANK


def _below(cells, id, headings):
    """The cells of text with something in them, below the question's heading."""
    title = headings[id].strip().casefold()
    same = [k for k, cell in enumerate(cells) if title and _heading(cell) == title]
    starts = same or [k for k, cell in enumerate(cells) if title and title in _heading(cell)]
    for start in reversed(starts):
        found = []
        for cell in cells[start + 1 :]:
            others = {cell.grade_id, cell.id} & {*headings} - {id}
            if cell.kind == "code" or _heading(cell) or others:
                break
            if not is_blank(cell.source):
                found.append(cell)
        if found:
            return found
    return []


def _heading(cell):
    """The heading that a cell of text begins with, without its number and points; or ''."""
    first = cell.source.lstrip()[:1000].split("\n")[0].strip()
    if cell.kind != "markdown" or not re.match("#{1,6} ", first):
        return ""
    return re.sub(r"^#+ +([0-9]+\. )?|\([0-9.]+ points?\)$", "", first).strip().casefold()
