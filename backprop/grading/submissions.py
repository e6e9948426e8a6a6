"""Who handed in what: the notebooks in a folder or a zip, one a student, in each known layout.

    folders   ada/04_hidden_delta.ipynb, and nbgrader's submitted/ada/04_hidden_delta/….ipynb
    flat      ada_04_hidden_delta.ipynb
    Moodle    Ada Lovelace_12345_assignsubmission_file_/04_hidden_delta.ipynb
    Canvas    lovelaceada_LATE_12345_67890_04_hidden_delta-1.ipynb

Nothing is unpacked to a disk, no link is followed, and no file is opened before it is asked for.
"""

import hashlib
import os
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

from backprop.grading.notebooks import LIMIT

ENTRIES, DEEP, FILES = 200_000, 8, 10_000  # of a zip, of folders in folders, of one student
RATIO = 1100  # more than deflate can do: only a file made to burst has it
MOODLE = re.compile(r"(?P<who>.*)_(?P<student>\d+)_assignsubmission_[a-z]+(?:_(?P<file>.*))?")
CANVAS = re.compile(
    r"(?:(?!LATE_)(?P<who>.*?)_)?(?P<late>LATE_)?"
    r"(?P<student>\d+|anon_[A-Za-z0-9]+)_(?P<id>\d{3,})_(?P<file>.+)"
)
ATTEMPT = re.compile(r"(.+)-(\d{1,3})$")  # how Canvas numbers a file that is handed in again
COPY = re.compile(r"(?: ?\(\d+\)|-Copy\d*|-\d{1,3})$")  # how browsers and JupyterLab do
KNOWN = (__doc__ or "").partition("\n\n")[2].partition("\n\n")[0]


@dataclass(frozen=True)
class Content:
    """The bytes of a file, or what kept it from being read, in words."""

    data: bytes = field(default=b"", repr=False)
    problem: str = ""

    @property
    def sha256(self):
        """The hash of the bytes; '' where there are none to be had."""
        return "" if self.problem else hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Submission:
    """What a student handed in: `read()` gives its Content, each time anew.

    `name` is the file's path as it is shown; `notes` say what was odd, and whether it was late.
    """

    student: str
    name: str
    read: Callable[[], Content] = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handed:
    """The submissions in the order of their students, and what was left out of account, in words.

    `layout` is "folders", "nbgrader", "flat", "Moodle" or "Canvas".
    """

    layout: str
    submissions: tuple[Submission, ...]
    left_out: tuple[str, ...] = ()

    def __iter__(self):
        return iter(self.submissions)

    def __len__(self):
        return len(self.submissions)


@dataclass(frozen=True)
class _File:
    """A file by the parts of its path; `problem` says why it must not be read."""

    parts: tuple
    read: Callable[[], Content] | None = None
    problem: str = ""

    @property
    def shown(self):
        return "/".join(self.parts)

    @property
    def stem(self):
        return self.parts[-1].removesuffix(".ipynb")

    @property
    def is_notebook(self):
        return self.parts[-1].endswith(".ipynb")


@dataclass(frozen=True)
class _Place:
    """Where a file belongs: its student, its name there, and which attempt it is."""

    file: _File
    student: str
    stem: str
    attempt: tuple = ()
    late: bool = False
    within: tuple = ()  # the folders between the student's and the file


def submissions(path, assignment="", named_only=False):
    """What is Handed in at a path, a folder or a zip: one Submission a student, in order.

    `assignment` is the name of the notebook, such as "04_hidden_delta": it decides where a student
    has several; where the layout numbers attempts, the newest counts. With `named_only` a notebook
    of another name does not count, be it the only one. A student whose file cannot be taken has a
    submission that says why. Raises FileNotFoundError, and ValueError where nothing is understood:
    it says what was seen, and which layouts are known.
    """
    assignment = assignment.removesuffix(".ipynb")
    layout, places, left_out = _found(path, assignment)
    students = {}
    for place in places:
        if _fits(place, assignment) or not named_only:
            students.setdefault(place.student, []).append(place)
    found = {s: _submission(layout, s, students[s], assignment) for s in sorted(students)}
    left_out += [f"{s} handed in nothing for {assignment}" for s in found if not found[s]]
    return Handed(layout, tuple(filter(None, found.values())), tuple(left_out))


def of_student(folder, student, assignment=""):
    """The Submission of one student whose files lie in a folder."""
    files = [_File((student, *file.parts), file.read, file.problem) for file in _in_folder(folder)]
    places = [_of_folder(file) for file in sorted(files, key=lambda f: f.parts)]
    if not places:
        return _refused(student, student, "there is no file", ())
    return _submission("folders", student, places, assignment)


def handed_in(path, assignments):
    """Which of the assignments, by name, have notebooks of their names at a path."""
    found = {}
    for name in assignments:
        _, places, _ = _found(path, name)
        found[name] = any(_fits(place, name) > 1 for place in places)
    return [name for name in found if found[name]]


def _found(path, assignment):
    """The layout, the places of all files, and what was left out."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is nothing at {path}; name a folder or a zip")
    root = unicodedata.normalize("NFC", path.resolve().name)
    if path.is_dir():
        files, left_out = _in_folder(path), []
    elif path.is_file() and zipfile.is_zipfile(path):
        root = root.removesuffix(".zip")
        files, left_out = _in_zip(path)
    else:
        raise ValueError(f"{path} is neither a folder nor a zip; name the one or the other")
    files = sorted((f for f in files if not _is_litter(f.parts)), key=lambda f: f.parts)
    files, root = _unwrapped(files, root, assignment)
    layout, places, strays = _placed(files, root, assignment)
    left_out += [f"{file.shown} belongs to no student: {why}" for file, why in strays]
    if not places:
        seen = ", ".join(sorted({_shown(f.parts[0]) for f in files})[:5]) or "nothing"
        told = "\n".join([*left_out[:5], f"Known layouts:\n{KNOWN}"])
        raise ValueError(f"no submissions in {path}; there is: {seen}\n{told}")
    return layout, places, left_out


# — what lies in a folder, or in a zip —


def _in_folder(folder):
    """All files below a folder; links and devices with a problem. Empty folders are files, too."""
    for top in sorted(os.listdir(folder)):
        if _is_litter((top,)):
            continue
        for found, file in enumerate(_below(folder / top, (top,))):
            if found == FILES:
                yield _File((top, "…"), problem=f"there are more than {FILES} files")
                break
            yield file


def _below(path, parts):
    named = tuple(unicodedata.normalize("NFC", part) for part in parts)
    problem = _name_problem(named)
    if problem:
        yield _File(tuple(map(_shown, named)), problem=problem)
        return
    try:
        mode = path.lstat().st_mode
        if stat.S_ISREG(mode):
            yield _File(named, partial(_content, path))
        elif not stat.S_ISDIR(mode):
            yield _File(named, problem=_is_what(mode))
        elif len(parts) > DEEP:
            yield _File(named, problem="it is nested too deeply")
        else:
            names = sorted(os.listdir(path))
            if not names:
                yield _File((*named, ""))
            for name in names:
                yield from () if _is_litter((name,)) else _below(path / name, (*parts, name))
    except OSError as error:
        yield _File(named, problem=f"it cannot be opened: {error.strerror}")


def _is_what(mode):
    kind = "a link" if stat.S_ISLNK(mode) else "a device or a pipe"
    return f"it is {kind}, no file; hand in the notebook itself"


def _content(path):
    """The content of a file that is no link, at most LIMIT of it."""
    flags = os.O_RDONLY
    for flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, flag, 0)  # some systems do not have them all
    try:
        with open(os.open(path, flags), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode):
                return Content(problem=_is_what(mode))
            return _bounded(file.read(LIMIT + 1))
    except OSError as error:
        return Content(problem=f"it cannot be opened: {error.strerror}")


def _bounded(data):
    return Content(problem=_too_large()) if len(data) > LIMIT else Content(data)


def _too_large():
    return (
        f"it has more than {LIMIT >> 20} MB, and is not read: clear the outputs, save, and hand "
        "it in again"
    )


def _in_zip(path):
    """The files of a zip, and sentences on the entries that belong nowhere."""
    try:
        archive = zipfile.ZipFile(path)
    except Exception as error:  # zipfile meets a broken list of contents in many ways
        raise ValueError(f"{path} cannot be read as a zip: {_words(error)}") from None
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise ValueError(f"{path} has {len(entries)} entries; at most {ENTRIES} are read")
    if _overlap(entries):
        raise ValueError(f"{path} is no honest zip: its entries lie on top of one another")
    files, left_out = {}, []
    for entry in entries:
        parts, problem = _zip_parts(entry)
        if problem:
            left_out.append(f"{_shown('/'.join(parts))} was left out: {problem}")
            continue
        if parts in files and parts[-1]:
            left_out.append(f"{'/'.join(parts)} is in the zip twice; the later one counts")
        files[parts] = _zip_file(archive, entry, parts)
    return [*files.values()], left_out


def _zip_parts(entry):
    """The parts of an entry's name, and why it must not be taken, or ''."""
    name = entry.filename
    if not entry.flag_bits & 0x800:  # not marked as UTF-8; Apple's is UTF-8 all the same
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return (name,), "its name is not UTF-8"
    name = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = tuple(name.removesuffix("/").split("/"))
    if name.startswith("/") or re.match("[A-Za-z]:", name):
        return parts, "its path is absolute"
    if ".." in parts:
        return parts, "its path leads out of the zip, by .."
    parts = tuple(part for part in parts if part not in ("", "."))
    parts = parts or (".",)
    return ((*parts, "") if name.endswith("/") else parts), _name_problem(parts)


def _zip_file(archive, entry, parts):
    mode = entry.external_attr >> 16
    problem = ""
    if stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        problem = _is_what(mode)
    elif len(parts) > DEEP:
        problem = "it is nested too deeply"
    elif entry.flag_bits & 1:
        problem = "it is locked with a password"
    elif entry.file_size > LIMIT:
        problem = _too_large()
    elif entry.file_size > RATIO * max(entry.compress_size, 1):
        problem = "it is no honest file: unpacked, it is over a thousand times as large"
    return _File(parts, partial(_zip_content, archive, entry), problem)


def _zip_content(archive, entry):
    """The content of an entry, at most LIMIT of it, whatever size it declares."""
    try:
        with archive.open(entry) as file:
            return _bounded(file.read(LIMIT + 1))
    except Exception as error:  # as many kinds as there are decompressors and ways to break
        return Content(problem=f"it cannot be unpacked: {_words(error)}")


def _words(error):
    return str(error) or type(error).__name__


def _overlap(entries):
    """Whether two entries share bytes, as in a zip that unpacks to far more than it declares."""
    ends = sorted((e.header_offset, e.header_offset + 30 + e.compress_size) for e in entries)
    return any(end > start for (_, end), (start, _) in pairwise(ends))


def _name_problem(parts):
    """Why no file may have that name, or ''."""
    name = "/".join(parts)
    try:
        name.encode()
    except UnicodeEncodeError:
        return "its name is not UTF-8"
    if not name or len(name) > 1000:
        return "its name is empty or too long"
    if any(unicodedata.category(letter) == "Cc" for letter in name):
        return "its name holds control characters"
    return ""


def _shown(name):
    """A name that can be printed whatever it holds."""
    name = name.encode("utf-8", "replace").decode()
    return "".join("?" if unicodedata.category(c)[0] == "C" else c for c in name)[:200]


def _is_litter(parts):
    """Whether a path is what programs leave behind, not what a student handed in."""
    return any(
        part[:1] == "." or part in ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")
        for part in parts
    ) or parts[-1].endswith("-checkpoint.ipynb")


# — which layout —


def _unwrapped(files, root, assignment):
    """The files without the folder around them all: nbgrader's, a zip's own, or any other."""
    tops = {file.parts[0] for file in files}
    if "submitted" in tops:
        return _without_top([file for file in files if file.parts[0] == "submitted"]), "submitted"
    if len(tops) != 1 or not all(len(file.parts) > 1 for file in files):
        return files, root
    (top,) = tops
    inner = _without_top(files)
    books = [file for file in inner if file.is_notebook]
    folders = {file.parts[0] for file in books if len(file.parts) > 1}
    known = top.casefold() == "submissions" or (top == root and (folders or len(books) > 1))
    special = any(name.fullmatch(f.parts[0]) for f in inner for name in (MOODLE, CANVAS))
    several = len(folders) > 1 and root != "submitted" and assignment not in folders
    if (known or special or several) and not MOODLE.fullmatch(top):
        return inner, root
    return files, root


def _without_top(files):
    inner = [_File(file.parts[1:], file.read, file.problem) for file in files]
    return [file for file in inner if file.parts not in ((), ("",))]


def _placed(files, root, assignment):
    """The layout, each file's place, and (file, why) for those that belong to nobody."""
    flat = [file for file in files if len(file.parts) == 1]
    if any(MOODLE.fullmatch(file.parts[0]) for file in files):
        return _by("Moodle", files, _of_moodle, "its name is none of Moodle's")
    books = [file for file in flat if file.is_notebook]
    if 2 * sum(bool(CANVAS.fullmatch(file.parts[0])) for file in books) > len(books):
        return _by("Canvas", files, _of_canvas, "its name is none of Canvas's")
    deep = [file for file in files if len(file.parts) > 1]
    if any(file.is_notebook for file in deep) or not books:
        seconds = {file.parts[1] for file in deep if len(file.parts) > 2}
        third = all(len(file.parts) > 2 for file in deep if file.is_notebook)
        ours = assignment in seconds if assignment else bool(seconds)
        layout = "nbgrader" if seconds and (root == "submitted" or (third and ours)) else "folders"
        return _by(layout, files, _of_folder, "it is in no student's folder")
    why = "a notebook should be named by student and notebook, such as ada_04_hidden_delta.ipynb"
    return _by("flat", files, partial(_of_flat, assignment), why)


def _by(layout, files, place, why):
    placed = [(file, place(file)) for file in files]
    strays = [(file, file.problem or why) for file, at in placed if at is None and file.parts[-1]]
    return layout, [at for _, at in placed if at], strays


def _of_moodle(file):
    found = MOODLE.fullmatch(file.parts[0])
    if not found:
        return None
    stem = file.stem if len(file.parts) > 1 else (found["file"] or "").removesuffix(".ipynb")
    return _Place(file, found["student"], stem, within=file.parts[1:-1])


def _of_canvas(file):
    found = CANVAS.fullmatch(file.parts[0]) if len(file.parts) == 1 else None
    if not found:
        return None
    stem = found["file"].removesuffix(".ipynb")
    again = ATTEMPT.fullmatch(stem)
    attempt = (int(again[2]) if again else 0, int(found["id"]))
    return _Place(file, found["student"], again[1] if again else stem, attempt, bool(found["late"]))


def _of_folder(file):
    if len(file.parts) > 1:
        return _Place(file, file.parts[0], file.stem, within=file.parts[1:-1])
    linked = file.problem and not file.is_notebook  # a student's folder that is a link
    return _Place(file, file.parts[0], file.stem) if linked else None


def _of_flat(assignment, file):
    if not file.is_notebook or len(file.parts) > 1:
        return None
    stem = COPY.sub("", file.stem)
    if assignment and stem.casefold().endswith("_" + assignment.casefold()):
        return _Place(file, stem[: -len(assignment) - 1], file.stem[len(stem) - len(assignment) :])
    student, line, name = file.stem.partition("_")
    own = assignment and file.stem.casefold().startswith(assignment.casefold())
    return None if own or not (student and line and name) else _Place(file, student, name)


# — which of a student's files —


def _submission(layout, student, places, assignment):
    """The Submission of a student, or None where nbgrader's folders hold other assignments only."""
    if layout == "nbgrader" and assignment:
        places = [p for p in places if assignment in (*p.within[:1], p.stem) or not p.within]
        if not places:
            return None
    late = any(place.late for place in places)
    notes = ("handed in late, says Canvas",) if late else ()
    books = [place for place in places if place.file.is_notebook]
    if not books:
        seen = [place.file for place in places if place.file.parts[-1]]
        why = "; ".join(f"{f.parts[-1]}: {f.problem}" for f in seen if f.problem)
        names = ", ".join(f.parts[-1] for f in seen[:5]) or "an empty folder"
        zipped = "; a zip within is not opened" if ".zip" in names else ""
        told = why or f"there is no notebook, a file that ends in .ipynb; there is {names}{zipped}"
        return _refused(student, places[0].file.shown, told, notes)
    rank = max(_fits(place, assignment) for place in books)
    best = [place for place in books if _fits(place, assignment) == rank]
    if len({place.stem.casefold() for place in best}) > 1 or (
        len(best) > 1 and not best[0].attempt
    ):
        names = ", ".join(place.file.shown for place in best[:5])
        wanted = f"; one should be named {assignment}.ipynb" if assignment else ""
        told = f"there are several notebooks, and none says that it is the one: {names}{wanted}"
        return _refused(student, best[0].file.shown, told, notes)
    chosen = max(best, key=lambda place: (place.attempt, place.file.parts))
    others = [place.file.shown for place in books if place is not chosen]
    if others:
        notes += (f"{chosen.file.shown} counts, not {', '.join(others[:5])}",)
    elif assignment and not rank:
        notes += (f"the only notebook counts; it should be named {assignment}.ipynb",)
    file = chosen.file
    if file.problem:
        return _refused(student, file.shown, file.problem, notes)
    return Submission(student, file.shown, file.read, notes)


def _fits(place, assignment):
    """How well a notebook's name fits: 3 the same, 2 a copy, 1 holds it, 0 does not."""
    name, stem = assignment.casefold(), place.stem.casefold()
    if not name:
        return 0
    if stem == name:
        return 3
    if COPY.sub("", place.stem).casefold() == name:
        return 2
    return int(name in stem or any(part.casefold() == name for part in place.within))


def _refused(student, name, problem, notes):
    return Submission(student, name, partial(Content, problem=problem), notes)
