"""The gradebook for other programs: tables and JSON as text, and files written whole or not at all.

Each export takes Results, as `Gradebook.totals` gives them. Points are shown with two decimals at
most, half up, and a total is the sum of what is shown.
"""

import csv
import html
import io
import json
import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from backprop.check.page import Say
from backprop.grading.results import rounded

CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE = ("Identifier", "Email address", "ID number", "Grade", "Maximum grade")
COMMENTS = "Feedback comments"
WAITS = "a person will read it"
MOST_WRONG = 20  # as many errors are told at once
LONGEST = 200  # bytes of a file's name, which may have 255 with what is put before and after
DANGEROUS = "=+@＝＋－＠-"  # what starts a formula in some spreadsheet
SPACE = r"[^\S\t\r\n]*"
FORMULA = re.compile(rf"^(?=[\t\r\n])|((?:^|[;\t\r\n]){SPACE})(?=[{DANGEROUS}])")
DEFUSED = re.compile(rf"^'(?=[\t\r\n])|((?:^|[;\t\r\n]){SPACE})'(?=[{DANGEROUS}])")
NUMBER = re.compile(r"-?\d+([.,]\d+)?")
POINTS = re.compile(r"(\d+|\d*[.,]\d+)|(\d*) ?([¼-¾⅐-⅞↉])")  # 2, 1.5, 0,5, .5 or 1½
COMPUTED = re.compile(r"((.* )?(Current|Final) (Score|Grade|Points)|Override (Score|Grade))", re.I)
BOM = "\ufeff"  # before a table in a file, Excel reads it as UTF-8; not before what is imported


@dataclass(frozen=True)
class Merged:
    """A table with the points filled in, and (student, why) of those that are not in it.

    `notes` are sentences on what else to look at before the table is imported.
    """

    text: str
    unmatched: tuple = ()
    notes: tuple = ()


# — our own tables —


def table(results):
    """A CSV of all points: a line a student, a column a question.

    A question that the student was not asked, or that waits for a person's points, is blank.
    """
    results = [*results]
    questions = list(dict.fromkeys(a.question for r in results for a in r.answers))
    rows = [["Student", "Assignment", *questions, "Points", "Of", "To grade by hand", "Started"]]
    for result in results:
        points = {a.question: "" if a.waiting else shown(a.points) for a in result.answers}
        rows.append(
            [result.student, result.assignment]
            + [points.get(question, "") for question in questions]
            + [shown(result.points), shown(result.of), " ".join(result.waiting), result.started]
        )
    return as_csv(rows)


def by_hand(results):
    """A CSV of the written answers that wait, to fill in and give to `read_entries`."""
    rows = [["Student", "Question", "Answer", "Of", "Points", "Comment"]]
    rows += [
        [result.student, answer.question, answer.text, shown(answer.of), "", ""]
        for result in results
        for answer in result.answers
        if answer.waiting
    ]
    return as_csv(rows)


def read_entries(path, book):
    """The (student, question, points, comment) in a CSV, all checked, for `Gradebook.enter_all`.

    Its columns Student, Question, Points and Comment are found by name; others do no harm. A line
    without points and comment is left out. Points may be written 1.5, 1,5 or 1½. Who overrules the
    grader (see `overrides`) must say why. Raises ValueError with what is wrong, line by line.
    """
    header, rows, _ = read_table(path)
    places = {name.strip().lower(): place for place, name in enumerate(header)}
    if missing := [n for n in ("student", "question", "points") if n not in places]:
        raise ValueError(
            f"{path}: there is no column {', '.join(missing)}; there must be the columns student, "
            "question, points and, if you like, comment"
        )
    entries, wrong, seen = [], [], {}
    for line, row in rows:
        student, question, points, comment = (
            row[places[name]].strip() if places.get(name, len(row)) < len(row) else ""
            for name in ("student", "question", "points", "comment")
        )
        if not points and not comment:
            continue
        try:
            student = restored(student)
            of = book.of(student, question)
            if (student, question) in seen:
                raise ValueError(
                    f"{student}, {question} stands in line {seen[student, question]} too"
                )
            seen[student, question] = line
            points = _points(points, of)
            if not comment and (judged := _judged(book, student, question)):
                raise ValueError(
                    f"{student}, {question} was judged by the grader ({_score(judged)}); to "
                    "overrule it, say why in Comment"
                )
            entries.append((student, question, points, restored(comment)))
        except ValueError as error:
            wrong.append(f"line {line}: {error}")
            if len(wrong) == MOST_WRONG:
                wrong.append("… and what may be wrong after that")
                break
    if wrong:
        raise ValueError("\n".join([f"{path}: no points were entered", *wrong]))
    return entries


def overrides(entries, book):
    """A sentence for each of the entries that overrules what the grader judged by itself."""
    judged = ((entry, _judged(book, *entry[:2])) for entry in entries)
    return [
        f"{student}, {question}: {_score(answer)} by the grader, now {shown(points)}"
        for (student, question, points, _), answer in judged
        if answer
    ]


def _judged(book, student, question):
    """The newest answer as the grader judged it by itself; None where a person reads it."""
    newest = {result.assignment: result for result in book.attempts(student)}
    answers = [a for result in newest.values() for a in result.answers if a.question == question]
    return next((answer for answer in answers if not answer.by_hand), None)


def _score(answer):
    return f"{shown(answer.points)} of {shown(answer.of)}"


def _points(text, of):
    points = -1.0
    if form := POINTS.fullmatch(text):
        number, whole, part = form.groups()
        points = float(number.replace(",", ".")) if number else int(whole or 0)
        points += unicodedata.numeric(part) if part else 0
    if not 0 <= points <= of:
        raise ValueError(f"points must be a number from 0 to {shown(of)}; got {text!r}")
    return points


# — learning platforms —


def canvas(results, assignment, roster=None):
    """A CSV for Canvas, Grades, Import: the Merged of a gradebook exported there, if given.

    `assignment` is the title in Canvas, with or without its number, as "Sheet 1 (4711)", in small
    letters or capital ones. Where no column has it a new one is added, and a note says so. Students
    are found by any of the id columns. All that stands in the roster stays; who is excused (EX)
    stays excused. Raises ValueError where the roster is none, or has other points possible.
    Source: Canvas's importer, lib/gradebook_importer.rb of instructure/canvas-lms.
    """
    results, assignment = [*results], assignment.strip()
    of = _most(results)
    if roster is None:
        students = [[r.student, "", "", r.student, "", shown(r.points)] for r in results]
        first = ["Points Possible", "", "", "", "", shown(of)]
        return Merged(as_csv([[*CANVAS, assignment], first, *students]))
    header, rows, _ = read_table(roster)
    rows = [row + [""] * (len(header) - len(row)) for _, row in rows]
    names = [name.strip() for name in header]
    if "Section" not in names or "ID" not in names:
        raise ValueError(
            f"{roster} has the columns {', '.join(names[:8])}; a gradebook from Canvas has "
            f"{', '.join(CANVAS)}: export it there (Grades, Export)"
        )
    possible = next((row for row in rows if row[0].strip().startswith("Points Possible")), None)
    if possible is None:
        manual = bool(rows) and any(cell.strip().startswith("Manual Posting") for cell in rows[0])
        possible = ["Points Possible"] + [""] * (len(header) - 1)
        rows.insert(int(manual), possible)
    graded = {  # neither who somebody is, nor what Canvas computes
        place: name
        for place, name in enumerate(names)
        if place > names.index("Section")
        and not possible[place].strip().startswith("(")  # (read only), in any language
        and not COMPUTED.fullmatch(name)
    }
    place, notes = _column(graded, assignment, roster), ()
    if place is None:
        place, notes = len(header), (_added(graded, assignment),)
        header = [*header, assignment]
        for row in rows:
            row.insert(place, "")
    _same_maximum(possible[place], of, f"{assignment} in Canvas")
    possible[place] = shown(of)
    start = next(at for at, row in enumerate(rows) if row is possible)
    students = rows[start + 1 :]
    keys = range(names.index("Section"))
    found, unmatched = match(results, [[row[key] for key in keys] for row in students])
    for result, at in found:
        if students[at][place].strip().upper() == "EX":
            unmatched.append((result.student, "is excused (EX) in Canvas"))
        else:
            students[at][place] = shown(result.points)
    return Merged(as_csv([header, *rows]), tuple(unmatched), notes)


def _column(graded, assignment, roster):
    """The place of an assignment's column, of those of {place: name}; None where there is none."""
    for flags in (0, re.IGNORECASE):
        numbered = re.compile(re.escape(assignment) + r"( \(\d+\))?", flags)
        places = [place for place, name in graded.items() if numbered.fullmatch(name)]
        if len(places) > 1:
            found = ", ".join(graded[place] for place in places)
            raise ValueError(
                f"{roster} has several columns {assignment}: {found}; give one in full"
            )
        if places:
            return places[0]
    return None


def _added(graded, assignment):
    there = ", ".join(name for name in graded.values() if re.search(r" \(\d+\)$", name))
    return (
        f"no column {assignment!r}; a new one was added, which Canvas will make a new assignment of"
        + (f". There are: {there}; choose one by --title" if there else "")
    )


def moodle(results, worksheet=None, grade="Grade", comments=COMMENTS, titles=None):
    """A CSV for Moodle: the Merged of an assignment's offline grading worksheet, if given.

    In a worksheet of another language, `grade` and `comments` are its names of these columns.
    `titles` are what the comments call the questions, by id (default: the id).
    Students are found by what stands before the status: the number in "Participant 4711", id
    number, e-mail address. Rows whose grade cannot be changed stay as they are. Without a worksheet
    the table is for Grades, Import, where Moodle asks which column says who somebody is. Raises
    ValueError where the worksheet is none, or has another maximum.
    Source: mod/assign/feedback/offline/importgradeslib.php of moodle/moodle.
    """
    results = [*results]
    of = _most(results)
    if worksheet is None:
        rows = [[*MOODLE, COMMENTS]]
        for r in results:
            email = r.student if "@" in r.student else ""
            who = [r.student, email, r.student]
            rows.append([*who, shown(r.points), shown(of), as_html(r, titles)])
        return Merged(as_csv(rows))
    header, rows, _ = read_table(worksheet)
    rows = [row + [""] * (len(header) - len(row)) for _, row in rows]
    names = [name.strip().lower() for name in header]
    places = {name: place for place, name in enumerate(names)}
    if grade.lower() not in places:
        raise ValueError(
            f"{worksheet} has no column {grade!r}, only {', '.join(header[:14])}; download the "
            "grading worksheet of the assignment, or say what the column is called"
        )
    at_grade, at_comments = places[grade.lower()], places.get(comments.lower())
    at_most, locked = places.get("maximum grade"), places.get("grade can be changed")
    keys = range(min(places.get("status", at_grade), at_grade))
    found, unmatched = match(results, [[row[key] for key in keys] for row in rows])
    for result, at in found:
        row = rows[at]
        if locked is not None and row[locked].strip().lower() == "no":
            unmatched.append((result.student, "has a grade that cannot be changed in Moodle"))
            continue
        if at_most is not None:
            _same_maximum(row[at_most], of, "the assignment in Moodle")
        row[at_grade] = shown(result.points)
        if at_comments is not None:
            row[at_comments] = as_html(result, titles)
    return Merged(as_csv([header, *rows]), tuple(unmatched))


def _most(results):
    """The points that there are to get; a submission that nobody could read lacks its answers."""
    if not results:
        raise ValueError("the gradebook has no results yet; grade submissions first")
    return max(result.of for result in results)


def _same_maximum(cell, of, what):
    cell = cell.strip()
    known = NUMBER.fullmatch(cell)
    if cell and (not known or rounded(cell.replace(",", ".")) != rounded(of)):
        raise ValueError(
            f"{what} has {cell} points at most, the gradebook {shown(of)}; set it there to "
            f"{shown(of)} and export it again"
        )


def match(results, rows):
    """Which row is which student: (result, place) of those found, and (student, why) of the others.

    `rows` hold what may name a student. First the same text counts, then the same in small letters,
    then the number after "Participant" and what stands before the @; a doubt is never guessed away.
    """
    tables = {}
    for place, row in enumerate(rows):
        for key in filter(None, map(str.strip, row)):
            short = re.sub(r"^[^\d@]+ (\d+)$|@[^@]*$", r"\1", key)
            for step, form in enumerate((key, key.casefold(), short.casefold())):
                tables.setdefault((step, form), set()).add(place)
    found, unmatched, taken = [], [], {}
    for result in results:
        forms = result.student, result.student.casefold(), result.student.casefold()
        hits = (tables.get((step, form)) for step, form in enumerate(forms))
        places = next(filter(None, hits), set())
        if len(places) == 1:
            taken.setdefault(*places, []).append(result)
        else:
            why = "fits several rows" if places else "is in no row"
            unmatched.append((result.student, why))
    for place, claims in taken.items():
        if len(claims) == 1:
            found.append((claims[0], place))
        else:
            unmatched += [(claim.student, "shares a row with another") for claim in claims]
    return found, unmatched


def gradescope(result, titles=None):
    """The results.json of a Gradescope autograder for one Result, as a dict.

    All is said in plain text, which Gradescope escapes; what the grader printed stays hidden. An
    answer that waits for a person has the score 0, since there must be one, and says who reads it.
    `titles` are what the questions are called, by id (default: the id).
    Source: gradescope-autograders.readthedocs.io/en/latest/specs.
    """
    tests = []
    for answer in result.answers:
        name, lines = _title(answer, titles), said(answer)
        if answer.waiting:
            name += f" ({WAITS})"
            lines.append("A person will read your answer and give the points; the 0 is none yet.")
        test = {
            "name": name,
            "score": float(rounded(answer.points)),
            "max_score": float(rounded(answer.of)),
            "output": "\n".join(lines),
            "visibility": "visible",
        }
        if not answer.waiting:
            test["status"] = "passed" if answer.points == answer.of else "failed"
        tests.append(test)
    return {
        "score": float(result.points),
        "execution_time": round(result.seconds),
        "output": "\n".join(map(_plainly, result.notes)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def gradescope_files(results, titles=None):
    """The name and the text of a results.json for each student, in a folder of the student's.

    `titles` are as for `gradescope`.
    """
    results = [*results]
    names = file_names((result.student for result in results), "/results.json")
    return {
        name: json.dumps(gradescope(result, titles), indent=1) + "\n"
        for name, result in zip(names, results, strict=True)
    }


def file_names(texts, ending):
    """A name for a file for each text, in order, that no file system minds; no two are the same.

    >>> file_names(["0042", "../Zoë", "ada", "Ada"], ".html")
    ['0042.html', '_Zoë.html', 'ada.html', 'Ada_2.html']
    """
    names, taken = [], set()
    for text in texts:
        safe = re.sub(r"[^\w@+.-]", "_", text).lstrip(".")
        stem = safe.encode()[:LONGEST].decode("utf-8", "ignore") or "_"
        name, again = stem + ending, 2
        while name.casefold() in taken:
            name, again = f"{stem}_{again}{ending}", again + 1
        taken.add(name.casefold())
        names.append(name)
    return names


# — what is said —


def shown(points):
    """Points with two decimals at most.

    >>> shown(2.675), shown(3.0), shown(10), shown(0.5)
    ('2.68', '3', '10', '0.5')
    """
    text = f"{rounded(points):f}"
    return text.rstrip("0").rstrip(".")


def said(answer):
    """What a student is told of an answer, in lines: never what their code printed or wrote.

    What the course says loses its marks of code and emphasis; a person's comment stays as it is.
    """
    lines = [_plainly(line) for line in answer.said]
    if answer.mistakes:
        several = "s" if len(answer.mistakes) > 1 else ""
        lines.append(_plainly(f"{'; '.join(answer.mistakes)}.", f"Known mistake{several}"))
    lines += [_plainly(hint, "Hint") for hint in answer.hints]
    if answer.comment:
        lines.append(answer.comment)
    return lines


def as_html(result, titles=None):
    """What a student is told of a submission, as HTML in one line, with all texts escaped.

    `titles` are what the questions are called, by id (default: the id).
    """
    lines = [_plainly(note) for note in result.notes]
    for answer in result.answers:
        score = f"– of {shown(answer.of)}, {WAITS}" if answer.waiting else _score(answer)
        lines += [f"{_title(answer, titles)}: {score}", *said(answer)]
    return re.sub(r"[\r\n]+", "<br>", "\n".join(map(html.escape, lines)))


def _title(answer, titles):
    return _plainly((titles or {}).get(answer.question, answer.question))


def _plainly(sentence, label=""):
    return Say(sentence, label).text()


# — tables —


def as_csv(rows):
    """Rows as a CSV with every cell harmless in a spreadsheet."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([map(harmless, row) for row in rows])
    return text.getvalue()


def harmless(cell):
    """A cell that no spreadsheet takes for a formula: an apostrophe before what could start one.

    Numbers and a lone dash stay. So do the starts of lines and of what follows a semicolon, should
    a spreadsheet take the table apart there.

    >>> harmless("=1+1"), harmless("-0.5"), harmless("a\\n@b"), harmless("-"), harmless("007")
    ("'=1+1", '-0.5', "a\\n'@b", '-', '007')
    """
    return cell if cell == "-" or NUMBER.fullmatch(cell) else FORMULA.sub(r"\1'", cell)


def restored(cell):
    """A cell as it was before `harmless`, should a spreadsheet not have taken the apostrophes."""
    return DEFUSED.sub(r"\1", cell)


def read_table(path):
    """The header, the (line, row) and the delimiter of a CSV; blank lines are left out.

    Raises ValueError for what is no CSV in UTF-8, FileNotFoundError where there is nothing.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(f"there is no file {path}") from None
    except IsADirectoryError:
        raise FileNotFoundError(f"there is no file {path}, only a folder") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not in UTF-8; save it as “CSV UTF-8”") from None
    first = re.sub('"[^"]*"', "", text.partition("\n")[0])
    delimiter = max(",;\t", key=first.count)
    before, rows = 1, []
    limit = csv.field_size_limit(max(len(text), 131_072))  # a worksheet may hold long texts
    try:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for row in lines:
            if any(map(str.strip, row)):
                rows.append((before, row))
            before = lines.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{path}, line {before}: {error}; save it as CSV again") from None
    finally:
        csv.field_size_limit(limit)
    if not rows:
        raise ValueError(f"{path} is empty; there must be a line with the names of the columns")
    (_, header), *rows = rows
    return header, rows, delimiter


def write(path, content):
    """Write a text, or bytes, to a file whole or not at all; it is for its owner's eyes only.

    A file that was there keeps its mode, and stays as it was when anything fails.
    """
    path = Path(path).resolve()
    if not path.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {path.parent}; make it first")
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:50]}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_all(folder, files):
    """Write files by name into a folder, each whole or not at all; their folders are made."""
    for name, text in files.items():
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, text)
