"""Do other programs get every grade, to the right student, and nothing that could harm them?"""

import csv
import io
import json
import os

import pytest
from test_gradebook import answer, result, written

from backprop.grading import exports
from backprop.grading.gradebook import Gradebook

ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Sheet 1 (71),Sheet 2 (72),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,4.00,10.00,(read only)
"Lovelace, Ada",101,0042,ada@x.example,A and B,,7.00,70
"Noether, Emmy",102,0043,emmy,A,1.5,,
"Excused, Eve",103,0044,eve,A,EX,,
"Student, Test",104,,t,A,,,
"""
WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade,Maximum grade,Grade can be changed,\
Last modified (grade),Feedback comments
Participant 4711,Ada Lovelace,0042,ada@x.example,Submitted,,4.00,Yes,-,
Participant 4712,Emmy Noether,0043,emmy@x.example,Submitted,1.50,4.00,No,"Monday, 1 June",Good
Participant 4713,Zoë <b>,0044,zoe@x.example,No submission,,4.00,Yes,-,
"""


def read(text):
    return [*csv.reader(io.StringIO(text, newline=""), strict=True)]


def saved(tmp_path, text, name="table.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return path


def by_name(text):
    header, *rows = read(text)
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


# — our own —


def test_a_table_has_all_points_and_blanks_for_what_waits():
    third = [answer(f"q{i}", 1 / 3, 1) for i in range(3)]
    rows = by_name(exports.table([result("007", third), written("b")]))
    assert rows["007"]["q0"] == "0.33" and rows["007"]["Points"] == "0.99"
    assert rows["007"]["why"] == "" and rows["b"]["why"] == ""
    assert rows["b"]["To grade by hand"] == "why" and rows["b"]["Of"] == "4"


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n=", "  =", "x;=", "x\r\n@", "＝"]
)
def test_no_cell_starts_a_formula(start):
    text = f'{start}cmd|"/c calc"!A1'
    (cell,), *_ = read(exports.as_csv([[text]]))
    assert cell != text and "'" in cell
    for part in cell.replace(";", "\n").splitlines():
        assert not part.lstrip().startswith(tuple("=+-@＝"))
    assert cell[0] not in "\t\r\n"
    assert exports.restored(cell) == text


@pytest.mark.parametrize("cell", ["", "-", "-3.5", "0042", "a-b", "1,5", "x = y", "Participant 1"])
def test_a_harmless_cell_stays(cell):
    assert exports.harmless(cell) == cell


def test_long_texts_are_defused_in_one_go():
    """Each of these would take minutes if a pattern went back over what it has read."""
    for text in ("\n" * 100_000, " " * 100_000, "; " * 50_000, "=" * 100_000):
        assert exports.restored(exports.harmless(text)) == text


# — points by a person —


@pytest.fixture
def book(tmp_path):
    with Gradebook(tmp_path / "grades") as book:
        for student in ("0042", "=x", "b"):
            book.record(written(student, output="7"))
        yield book


def test_points_go_out_and_come_back(tmp_path, book):
    header, *rows = read(exports.by_hand(book.totals()))
    rows = [[*row[:-2], f"{i},5", "Fine;\nas it is"] for i, row in enumerate(rows[:2])]
    text = "\n".join(";".join(f'"{cell}"' for cell in row) for row in [header, *rows])
    entries = exports.read_entries(saved(tmp_path, exports.BOM + text), book)
    comment = "Fine;\nas it is"
    assert entries == [("0042", "why", 0.5, comment), ("=x", "why", 1.5, comment)]
    book.enter_all(entries)
    assert [r.waiting for r in book.totals()] == [(), (), ("why",)]
    assert exports.read_entries(saved(tmp_path, exports.by_hand(book.totals())), book) == []


def test_all_that_is_wrong_is_told_by_line(tmp_path, book):
    text = 'student,question,points,comment\nb,why,2,"a\nb"\nb,why,3,\n42,why,1,\nb,wy,1,\n'
    text += "0042,why,5,\n0042,why,-,\n0042,why,nan,\n0042,why,,no points\n=x\n\n,,,\n"
    with pytest.raises(ValueError) as caught:
        exports.read_entries(saved(tmp_path, text), book)
    first, *lines = str(caught.value).splitlines()
    assert "no points were entered" in first
    assert [line.partition(":")[0] for line in lines] == [f"line {n}" for n in range(4, 11)]
    assert "stands in line 2 too" in lines[0]
    assert "did you mean '0042'" in lines[1]
    assert "from 0 to 4; got '5'" in lines[3]


def test_a_table_of_another_class_is_not_told_line_by_line(tmp_path, book):
    text = "student,question,points\n" + "".join(f"s{i},why,1\n" for i in range(500))
    with pytest.raises(ValueError) as caught:
        exports.read_entries(saved(tmp_path, text), book)
    assert len(str(caught.value).splitlines()) == 2 + exports.MOST_WRONG


@pytest.mark.parametrize(
    ("cell", "points"),
    [("½", 0.5), ("1½", 1.5), ("2 ¾", 2.75), ("¼", 0.25), (".5", 0.5), ("0,5", 0.5), (" 4 ", 4)],
)
def test_points_may_be_written_as_people_write_them(tmp_path, book, cell, points):
    text = f'student,question,points\nb,why,"{cell}"\n'
    assert exports.read_entries(saved(tmp_path, text), book) == [("b", "why", points, "")]


@pytest.mark.parametrize(
    "cell", ["-1", "-½", "4½", "½½", "1/2", "²", "⅟", "1.½", "1.", ".", "1.2.3", "1e0", "two", "∞"]
)
def test_what_is_no_number_of_points_is_refused(tmp_path, book, cell):
    with pytest.raises(ValueError, match=r"line 2: points must be a number from 0 to 4; got"):
        exports.read_entries(saved(tmp_path, f"student,question,points\nb,why,{cell}\n"), book)


def test_who_overrules_the_grader_says_why_and_is_told(tmp_path, book):
    book.record(result("b", [answer("cost", 0, 2)], assignment="other"))
    book.record(result("b", [answer("cost", 2, 2, "right")], assignment="other"))
    text = "student,question,points,comment\nb,why,1,\nb,cost,½,{}\n"
    with pytest.raises(ValueError) as caught:
        exports.read_entries(saved(tmp_path, text.format("")), book)
    assert str(caught.value).splitlines()[1:] == [
        "line 3: b, cost was judged by the grader (2 of 2); to overrule it, say why in Comment"
    ]
    entries = exports.read_entries(saved(tmp_path, text.format("Copied.")), book)
    assert entries == [("b", "why", 1, ""), ("b", "cost", 0.5, "Copied.")]
    assert exports.overrides(entries, book) == ["b, cost: 2 of 2 by the grader, now 0.5"]
    book.enter_all(entries)  # what a person gave before is not the grader's
    assert exports.overrides(entries, book) == ["b, cost: 2 of 2 by the grader, now 0.5"]


def test_a_file_that_is_not_there_is_named(tmp_path, book):
    for path in (tmp_path / "nosuch.csv", tmp_path, tmp_path / "grades" / "inner.csv"):
        for read in (
            lambda path=path: exports.read_entries(path, book),
            lambda path=path: exports.canvas(graded("b"), "Sheet 1", path),
            lambda path=path: exports.moodle(graded("b"), path),
        ):
            with pytest.raises(FileNotFoundError, match=r"^there is no file ") as caught:
                read()
            assert str(path) in str(caught.value) and "Errno" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"student,points\n", "no column question"),
        ("student,question,points\nZoë,why,1\n".encode("latin-1"), "not in UTF-8"),
        (b'student,question,points\n"b"x,why,1\n', "line 2"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, book, content, said):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        exports.read_entries(path, book)


# — Canvas —


def graded(*students):
    return [result(student) for student in students]  # 2 of 4 points each


def test_canvas_keeps_the_roster_and_gets_the_points(tmp_path):
    results = graded("0042", "EMMY", "eve", "nobody")
    merged = exports.canvas(results, "Sheet 1", saved(tmp_path, ROSTER, encoding="utf-8-sig"))
    before, after = read(ROSTER), read(merged.text)
    changed = {
        (i, j): (old, new)
        for i, (a, b) in enumerate(zip(before, after, strict=True))
        for j, (old, new) in enumerate(zip(a, b, strict=True))
        if old != new
    }
    assert changed == {(2, 5): ("4.00", "4"), (3, 5): ("", "2"), (4, 5): ("1.5", "2")}
    assert dict(merged.unmatched) == {
        "nobody": "is in no row",
        "eve": "is excused (EX) in Canvas",
    }


def test_canvas_gets_a_new_column_and_its_points_possible(tmp_path):
    roster = saved(tmp_path, "\n".join(ROSTER.splitlines()[:1] + ROSTER.splitlines()[3:]))
    header, possible, ada, *_ = read(exports.canvas(graded("101"), "Sheet 3", roster).text)
    assert header[-1] == "Sheet 3" and possible[0] == "Points Possible"
    assert (possible[-1], ada[-1]) == ("4", "2")
    lines = ROSTER.splitlines()
    roster = saved(tmp_path, "\n".join(lines[:2] + lines[3:]))
    header, posting, possible, *_ = read(exports.canvas(graded("101"), "Sheet 1", roster).text)
    assert "Manual Posting" in posting and possible[0] == "Points Possible"


@pytest.mark.parametrize("title", ["sheet 1", " Sheet 1 ", "SHEET 1 (71)"])
def test_canvas_finds_a_column_in_other_letters(tmp_path, title):
    merged = exports.canvas(graded("101"), title, saved(tmp_path, ROSTER))
    assert read(merged.text)[0] == read(ROSTER)[0] and merged.notes == ()
    assert by_name(merged.text)["Lovelace, Ada"]["Sheet 1 (71)"] == "2"


def test_canvas_takes_the_very_title_first_and_does_not_guess_between_two(tmp_path):
    two = saved(tmp_path, ROSTER.replace("Sheet 2", "SHEET 1").replace("10.00", "4.00"))
    row = by_name(exports.canvas(graded("101"), "SHEET 1", two).text)["Lovelace, Ada"]
    assert (row["Sheet 1 (71)"], row["SHEET 1 (72)"]) == ("", "2")
    with pytest.raises(ValueError, match=r"several columns sheet 1: Sheet 1 \(71\), SHEET 1"):
        exports.canvas(graded("101"), "sheet 1", two)


@pytest.mark.parametrize("title", ["Sheet 3", "Section", "ID", "Final Score", "Notes"])
def test_canvas_says_when_it_adds_a_column_and_what_there_was(tmp_path, title):
    lines = [line.split(",") for line in ROSTER.replace(", ", " ").splitlines()]
    for line, cell in zip(lines, ["Notes", "", "(read only)", *[""] * 9], strict=False):
        line.insert(5, cell)
    merged = exports.canvas(graded("101"), title, saved(tmp_path, "\n".join(map(",".join, lines))))
    assert read(merged.text)[0] == [*lines[0], title]
    assert [row[: len(lines[0])] for row in read(merged.text)[1:]] == [
        [cell.strip('"') for cell in line] for line in lines[1:]
    ]
    assert merged.notes == (
        f"no column '{title}'; a new one was added, which Canvas will make a new assignment of. "
        "There are: Sheet 1 (71), Sheet 2 (72); choose one by --title",
    )


def test_canvas_without_a_roster_names_students_by_login():
    header, possible, row = read(exports.canvas(graded("0042"), "Sheet 1").text)
    assert tuple(header[:5]) == exports.CANVAS
    assert possible == ["Points Possible", "", "", "", "", "4"]
    assert row == ["0042", "", "", "0042", "", "2"]


def test_canvas_refuses_other_points_and_other_files(tmp_path):
    with pytest.raises(ValueError, match=r"has 10.00 points at most, the gradebook 4"):
        exports.canvas(graded("emmy"), "Sheet 2", saved(tmp_path, ROSTER))
    with pytest.raises(ValueError, match="export it there"):
        exports.canvas(graded("emmy"), "Sheet 2", saved(tmp_path, WORKSHEET))
    with pytest.raises(ValueError, match="no results yet"):
        exports.canvas([], "Sheet 2", saved(tmp_path, ROSTER))


# — Moodle —


@pytest.mark.parametrize("who", ["0042", "4711", "participant 4711", "ada", "ADA@x.example"])
def test_moodle_finds_a_student_by_any_name(tmp_path, who):
    merged = exports.moodle(graded(who), saved(tmp_path, WORKSHEET))
    rows = by_name(merged.text)
    assert not merged.unmatched
    assert rows["Participant 4711"]["Grade"] == "2"
    assert rows["Participant 4711"]["Last modified (grade)"] == "-"
    assert "cost: 1 of 2" in rows["Participant 4711"]["Feedback comments"]
    assert read(merged.text)[2:] == read(WORKSHEET)[2:]


def test_moodle_keeps_what_cannot_be_changed_and_lists_who_is_missing(tmp_path):
    merged = exports.moodle(graded("0043", "x", "0044"), saved(tmp_path, WORKSHEET))
    assert read(merged.text)[2] == read(WORKSHEET)[2]
    assert [student for student, _ in merged.unmatched] == ["x", "0043"]


def test_moodle_gets_no_markup_of_students(tmp_path):
    odd = result("0044", [answer("q", 0, 4, said=["NameError: <script>\n=1+1"])])
    row = by_name(exports.moodle([odd], saved(tmp_path, WORKSHEET)).text)["Participant 4713"]
    assert "<script>" not in row["Feedback comments"]
    assert "&lt;script&gt;<br>=1+1" in row["Feedback comments"]


def test_moodle_calls_questions_by_title_and_gives_no_points_for_what_waits(tmp_path):
    told = answer("cost", said=["Use `y`, *not* it."], hints=["2*x*y & `z`."], mistakes=["a", "b"])
    both = result("0042", [told, *written().answers], notes=["`q` *once* only."])
    row = by_name(exports.moodle([both], saved(tmp_path, WORKSHEET.replace("4.00", "6"))).text)
    html = row["Participant 4711"]["Feedback comments"]
    assert html.split("<br>") == [
        "q once only.",
        "cost: 1 of 2",
        "Use y, not it.",
        "Known mistakes: a; b.",
        "Hint: 2*x*y &amp; z.",
        "why: – of 4, a person will read it",
    ]
    titles = {"cost": "The `cost` <1>", "other": "Another"}
    for worksheet in (None, saved(tmp_path, WORKSHEET.replace("4.00", "6"))):
        text = exports.moodle([both], worksheet, titles=titles).text
        assert "<br>The cost &lt;1&gt;: 1 of 2<br>" in text and "<br>why: – of 4" in text


def test_a_comment_of_a_person_stays_as_it_is():
    given = result(answers=[answer("why", 3, 4, "by hand", by_hand=True, comment="`x` *is* it")])
    assert exports.as_html(given).endswith("why: 3 of 4<br>`x` *is* it")


def test_moodle_takes_a_worksheet_of_another_language_and_refuses_another_maximum(tmp_path):
    text = WORKSHEET.replace("Grade,", "Bewertung,", 1).replace("4.00", '"4,00"')
    german = saved(tmp_path, text)
    with pytest.raises(ValueError, match="has no column 'Grade'"):
        exports.moodle(graded("0042"), german)
    assert "Bewertung,4" not in exports.moodle(graded("0042"), german, "Bewertung").text
    with pytest.raises(ValueError, match="has 100 points at most"):
        other = saved(tmp_path, WORKSHEET.replace("4.00", "100"))
        exports.moodle(graded("0042"), other)


def test_moodle_without_a_worksheet_names_students_as_we_do():
    header, row = read(exports.moodle(graded("0042")).text)
    assert (*header,) == (*exports.MOODLE, exports.COMMENTS)
    assert row[:5] == ["0042", "", "0042", "2", "4"]


# — matching —


def test_a_doubt_is_never_guessed_away():
    rows = [["1", "2"], ["2", "3"], ["Ann"], ["ann"], ["Bob"]]
    found, unmatched = exports.match(graded("1", "2", "3", "ANN", "ann", "bob", "Bob"), rows)
    assert {(r.student, place) for r, place in found} == {("1", 0), ("3", 1), ("ann", 3)}
    assert dict(unmatched) == {
        "2": "fits several rows",
        "ANN": "fits several rows",
        "bob": "shares a row with another",
        "Bob": "shares a row with another",
    }


# — Gradescope —


def test_gradescope_gets_scores_that_add_up_and_no_output_of_hidden_calls():
    told = answer(
        "cost", 1 / 3, 1, said=["No."], mistakes=["sign"], hints=["Look."], output="SECRET"
    )
    made = exports.gradescope(result(answers=[told, *written().answers]))
    assert made["score"] == sum(test["score"] for test in made["tests"]) == 0.33
    assert made["stdout_visibility"] == "hidden" and made["visibility"] == "visible"
    first, second = made["tests"]
    assert first["output"] == "No.\nKnown mistake: sign.\nHint: Look."
    assert (first["max_score"], first["status"]) == (1, "failed")
    assert "status" not in second and "A person" in second["output"]
    assert second["name"] == "why (a person will read it)" and second["score"] == 0
    assert "SECRET" not in json.dumps(made)


def test_gradescope_calls_questions_by_title():
    (text,) = exports.gradescope_files([result()], {"cost": "The `cost`"}).values()
    assert [test["name"] for test in json.loads(text)["tests"]] == ["The cost", "delta"]


def test_gradescope_gives_each_student_a_folder_inside(tmp_path):
    names = ["../../etc", "a/b", "a b", "A_b", "..", "0042"]
    files = exports.gradescope_files(graded(*names))
    assert len({name.casefold() for name in files}) == len(names)
    exports.write_all(tmp_path / "out", files)
    written = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.json"))
    assert written == sorted(f"out/{name}" for name in files)


# — files —


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    exports.write(path, "old\r\n")
    assert path.read_bytes() == b"old\r\n" and path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)

    def full(*_):
        raise OSError("no space left")

    for step in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(os, step, full)
            with pytest.raises(OSError, match="no space"):
                exports.write(path, "new" * 1000)
        assert os.listdir(tmp_path) == ["grades.csv"] and path.read_text() == "old\n"
    exports.write(path, "new")
    assert path.read_text() == "new" and path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(FileNotFoundError, match="make it first"):
        exports.write(tmp_path / "no" / "grades.csv", "")
