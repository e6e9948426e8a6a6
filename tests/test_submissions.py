"""Is every student's notebook found in each layout, and does nothing in it lead outside?"""

import hashlib
import io
import os
import random
import stat
import struct
import warnings
import zipfile

import pytest

from backprop.grading import submissions as room
from backprop.grading.submissions import submissions

NAME = "04_hidden_delta"
BOOK = f"{NAME}.ipynb"


def lay(folder, *names):
    """Write files whose content is their own name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return folder


def zipped(path, *names, under=""):
    """The same in a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(under + name, name)
    return path


def handed(path, assignment=NAME):
    """What each student's submission holds: the name that was written, or the problem."""
    found = submissions(path, assignment)
    contents = {s.student: s.read() for s in found}
    assert len(contents) == len(found)
    return {s: c.problem or c.data.decode() for s, c in contents.items()}


LAYOUTS = {
    "folders": {"ada": f"ada/{BOOK}", "s 2": f"s 2/{BOOK}"},
    "nbgrader": {"ada": f"ada/{NAME}/{BOOK}", "bob_b": f"bob_b/{NAME}/{BOOK}"},
    "flat": {"ada": f"ada_{BOOK}", "bob_b": f"bob_b_{BOOK}"},
    "Moodle": {
        "12345": f"Ada Lovelace_12345_assignsubmission_file_/{BOOK}",
        "12346": f"Group 1-Zoë O'Neil_12346_assignsubmission_file_/{BOOK}",
        "12347": f"Participant_12347_assignsubmission_file_{BOOK}",
        "12348": f"Ada Byron_12348_assignsubmission_file/{BOOK}",
    },
    "Canvas": {
        "12345": f"lovelaceada_12345_67890_{BOOK}",
        "12346": f"baker_bob_LATE_12346_67891_{BOOK}",
        "anon_A7x2": f"LATE_anon_A7x2_67892_{BOOK}",
    },
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("wrapper", ["", "submissions/", "class/", "submitted/"])
def test_each_layout_is_understood_in_a_folder_and_in_a_zip(layout, wrapper, tmp_path):
    files = LAYOUTS[layout]
    folder = lay(tmp_path / "class", *(wrapper + name for name in files.values()))
    archive = zipped(tmp_path / "class.zip", *files.values(), under=wrapper)
    for path in (folder, archive):
        assert submissions(path, NAME).layout == layout
        got = {student: text.removeprefix(wrapper) for student, text in handed(path).items()}
        assert got == files
        assert [s.student for s in submissions(path, NAME)] == sorted(files)
        assert submissions(path, NAME) == submissions(path, NAME)


def test_without_the_assignments_name_one_notebook_a_student_is_enough(tmp_path):
    for layout in ("folders", "Moodle", "Canvas", "nbgrader"):
        files = LAYOUTS[layout]
        assert handed(lay(tmp_path / layout, *files.values()), "") == files


def test_a_content_has_the_hash_of_its_bytes(tmp_path):
    (found,) = submissions(lay(tmp_path, f"ada/{BOOK}"), NAME)
    assert found.read().sha256 == hashlib.sha256(f"ada/{BOOK}".encode()).hexdigest()
    assert found.name == f"ada/{BOOK}" and found.notes == ()


# — one of several —

SEVERAL = {
    "by its name": (["ada/03_output_delta.ipynb", f"ada/{BOOK}"], f"ada/{BOOK}"),
    "not its copy": ([f"ada/{BOOK}", f"ada/{NAME}-Copy1.ipynb", f"ada/{NAME} (1).ipynb"], None),
    "in a folder of its own": ([f"ada/work/{BOOK}", "ada/Untitled.ipynb"], f"ada/work/{BOOK}"),
    "with more in its name": (["ada/my_04_hidden_delta_final.ipynb", "ada/x.ipynb"], None),
    "the newest attempt": (
        [f"ada_12_67890_{NAME}-2.ipynb", f"ada_12_67899_{BOOK}", f"ada_12_67880_{NAME}-10.ipynb"],
        f"ada_12_67880_{NAME}-10.ipynb",
    ),
    "a flat copy": ([f"ada_{NAME} (1).ipynb", f"ada_{BOOK}"], f"ada_{BOOK}"),
}


@pytest.mark.parametrize("names, right", SEVERAL.values(), ids=SEVERAL)
def test_of_several_notebooks_one_counts_and_a_note_says_which(names, right, tmp_path):
    right = right or names[0]
    lay(tmp_path, *names)
    assert [*handed(tmp_path).values()] == [right]
    (found,) = submissions(tmp_path, NAME)
    assert found.notes[0].startswith(f"{right} counts, not ")


def test_a_notebook_of_another_name_counts_where_it_is_the_only_one(tmp_path):
    assert handed(lay(tmp_path, "ada/Untitled.ipynb")) == {"ada": "ada/Untitled.ipynb"}
    (found,) = submissions(tmp_path, NAME)
    assert f"should be named {BOOK}" in found.notes[0]


def test_where_none_is_the_one_nothing_is_guessed(tmp_path):
    lay(tmp_path, "ada/a.ipynb", "ada/b.ipynb", f"bob/{BOOK}")
    got = handed(tmp_path)
    assert "several notebooks" in got["ada"] and "ada/a.ipynb, ada/b.ipynb" in got["ada"]
    assert got["bob"] == f"bob/{BOOK}"


def test_what_is_late_is_noted(tmp_path):
    notes = {s.student: s.notes for s in submissions(lay(tmp_path, *LAYOUTS["Canvas"].values()))}
    late = ("handed in late, says Canvas",)
    assert notes == {"12345": (), "12346": late, "anon_A7x2": late}


def test_nbgraders_other_assignments_are_no_submission(tmp_path):
    lay(tmp_path, f"submitted/ada/{NAME}/{BOOK}", "submitted/bob/03_x/03_x.ipynb", "source/x.ipynb")
    found = submissions(tmp_path, NAME)
    assert [s.student for s in found] == ["ada"]
    assert found.left_out == (f"bob handed in nothing for {NAME}",)


def test_what_programs_leave_behind_is_ignored(tmp_path):
    litter = [
        f"ada/.ipynb_checkpoints/{NAME}-checkpoint.ipynb",
        f"ada/{NAME}-checkpoint.ipynb",
        f"__MACOSX/ada/._{BOOK}",
        "ada/.DS_Store",
        ".git/config.ipynb",
        "Thumbs.db",
    ]
    names = [f"ada/{BOOK}", *litter]
    for path in (lay(tmp_path / "a", *names), zipped(tmp_path / "a.zip", *names)):
        assert handed(path) == {"ada": f"ada/{BOOK}"}
        assert not any(s.notes for s in submissions(path, NAME))
        assert not submissions(path, NAME).left_out


def test_no_notebook_is_told_and_costs_nobody_else(tmp_path):
    lay(tmp_path, f"ada/{BOOK}", "bob/report.pdf", "carl/work.zip")
    (tmp_path / "dora").mkdir()
    got = handed(tmp_path)
    assert got["ada"] == f"ada/{BOOK}"
    assert "no notebook" in got["bob"] and "report.pdf" in got["bob"]
    assert "a zip within is not opened" in got["carl"]
    assert "an empty folder" in got["dora"]


def test_what_belongs_to_nobody_is_left_out_and_told(tmp_path):
    lay(tmp_path, *LAYOUTS["Moodle"].values(), "notes.ipynb")
    found = submissions(tmp_path, NAME)
    assert len(found) == 4
    assert found.left_out == ("notes.ipynb belongs to no student: its name is none of Moodle's",)


@pytest.mark.parametrize("names", [[], ["a.txt"], [BOOK], ["Untitled.ipynb", "grades.csv"]])
def test_what_is_not_understood_is_an_error_that_tells_what_is(names, tmp_path):
    with pytest.raises(ValueError, match="no submissions in") as caught:
        submissions(lay(tmp_path, *names), NAME)
    said = str(caught.value)
    assert "assignsubmission_file_" in said and "submitted/" in said and "LATE" in said
    assert all(name in said for name in names) and (names or "nothing" in said)


def test_what_is_not_there_or_no_zip_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="name a folder or a zip"):
        submissions(tmp_path / "x")
    lay(tmp_path, "x.ipynb")
    with pytest.raises(ValueError, match="neither a folder nor a zip"):
        submissions(tmp_path / "x.ipynb")


# — the hostile: folders —


@pytest.fixture
def secret(tmp_path):
    return lay(tmp_path / "office", "secret.ipynb", f"in/{BOOK}")


@pytest.fixture
def inbox(tmp_path):
    return lay(tmp_path / "inbox", f"ada/{BOOK}")


def test_links_are_not_followed(secret, inbox):
    (inbox / "bob").mkdir()
    (inbox / "bob" / BOOK).symlink_to(secret / "secret.ipynb")
    (inbox / "carl").symlink_to(secret / "in")
    (inbox / "dora").mkdir()
    (inbox / "dora" / "in").symlink_to(secret / "in")
    (inbox / "eve").mkdir()
    (inbox / "eve" / BOOK).symlink_to(inbox / "ada" / BOOK)
    got = handed(inbox)
    assert got.pop("ada") == f"ada/{BOOK}"
    assert [*got] == ["bob", "carl", "dora", "eve"]
    assert all("it is a link" in told for told in got.values())


def test_a_file_that_becomes_a_link_is_not_followed_either(secret, inbox):
    (found,) = submissions(inbox, NAME)
    (inbox / "ada" / BOOK).unlink()
    (inbox / "ada" / BOOK).symlink_to(secret / "secret.ipynb")
    assert "cannot be opened" in found.read().problem
    (inbox / "ada" / BOOK).unlink()
    assert "cannot be opened" in found.read().problem
    os.mkfifo(inbox / "ada" / BOOK)
    assert "a device or a pipe" in found.read().problem


def test_a_pipe_is_not_waited_for(inbox):
    (inbox / "bob").mkdir()
    os.mkfifo(inbox / "bob" / BOOK)
    assert "a device or a pipe" in handed(inbox)["bob"]


def test_a_file_that_is_too_large_is_not_read(inbox):
    (inbox / "bob").mkdir()
    with (inbox / "bob" / BOOK).open("wb") as file:
        file.truncate(room.LIMIT + 1)  # no byte of it is on the disk
    got = handed(inbox)
    assert "more than 64 MB" in got["bob"] and got["ada"] == f"ada/{BOOK}"


def test_too_many_or_too_deep_folders_cost_only_their_student(inbox, monkeypatch):
    monkeypatch.setattr(room, "FILES", 20)
    lay(inbox, *(f"bob/{k}.txt" for k in range(30)), "carl/" + "d/" * 30 + BOOK)
    got = handed(inbox)
    assert "more than 20 files" in got["bob"] and "nested too deeply" in got["carl"]
    assert got["ada"] == f"ada/{BOOK}"


def test_odd_names_are_told_and_can_be_printed(inbox):
    for name in (b"b\xff", b"c\x1b[2J"):
        folder = os.path.join(os.fsencode(inbox), name)
        os.mkdir(folder)
        with open(os.path.join(folder, BOOK.encode()), "wb") as file:
            file.write(b"{}")
    lay(inbox, "=1+1/" + BOOK, "<script>/" + BOOK)
    found = submissions(inbox, NAME)
    said = {s.student: s.read().problem for s in found}
    assert "not UTF-8" in said["b?"] and "control characters" in said["c?[2J"]
    assert not said["=1+1"] and not said["<script>"] and not said["ada"]


# — the hostile: zips —


def entry(name, content=b"{}", mode=0, **more):
    info = zipfile.ZipInfo("x")
    info.filename, info.external_attr = name, mode << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


def archive_of(path, *entries):
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore", UserWarning)  # a name that is there twice
        for info, content in [entry(f"ada/{BOOK}", b"mine"), *entries]:
            archive.writestr(info, content)
    return path


OUTSIDE = {
    "up": ("../bob/" + BOOK, "by .."),
    "up in between": ("bob/../../" + BOOK, "by .."),
    "up with backslashes": ("bob\\..\\..\\" + BOOK, "by .."),
    "from the root": ("/etc/" + BOOK, "absolute"),
    "from a drive": ("C:\\bob\\" + BOOK, "absolute"),
    "with an escape code": ("bob\x1b[2J/" + BOOK, "control characters"),
    "too long": ("b" * 2000 + "/" + BOOK, "too long"),
}


@pytest.mark.parametrize("name, why", OUTSIDE.values(), ids=OUTSIDE)
def test_an_entry_that_leads_outside_is_left_out(name, why, tmp_path):
    path = archive_of(tmp_path / "x.zip", entry(name))
    before = {*tmp_path.parent.rglob("*")}
    assert handed(path) == {"ada": "mine"}
    (told,) = submissions(path, NAME).left_out
    assert told.isprintable()
    assert why in told
    assert {*tmp_path.parent.rglob("*")} == before


REFUSED = {
    "a link": (entry(f"bob/{BOOK}", b"/etc/passwd", stat.S_IFLNK | 0o777), "it is a link"),
    "a pipe": (entry(f"bob/{BOOK}", mode=stat.S_IFIFO | 0o644), "a device or a pipe"),
    "a bomb": (entry(f"bob/{BOOK}", bytes(room.LIMIT + 1)), "more than 64 MB"),
    "deep": (entry("bob/" + "d/" * 30 + BOOK), "nested too deeply"),
    "a zip within": (entry("bob/all.zip", b"PK"), "a zip within is not opened"),
}


@pytest.mark.parametrize("hostile, told", REFUSED.values(), ids=REFUSED)
def test_an_entry_that_must_not_be_read_costs_only_its_student(hostile, told, tmp_path):
    got = handed(archive_of(tmp_path / "x.zip", hostile))
    assert told in got.pop("bob") and got == {"ada": "mine"}


def changed(path, name, offset, new, directory=b"PK\x01\x02", after=46):
    """Change bytes of the list of contents, in the record of that name."""
    data = bytearray(path.read_bytes())
    at = data.index(directory)
    while data[at + after : at + after + len(name)] != name:
        at = data.index(directory, at + 1)
    data[at + offset : at + offset + len(new)] = new
    path.write_bytes(bytes(data))
    return path


def test_declared_sizes_are_not_believed(tmp_path):
    bob = f"bob/{BOOK}"
    small = archive_of(tmp_path / "small.zip", entry(bob, bytes(room.LIMIT + 9)))
    changed(small, bob.encode(), 24, struct.pack("<I", 10))
    got = handed(small)
    assert "cannot be unpacked" in got["bob"] and got["ada"] == "mine"
    large = archive_of(tmp_path / "large.zip", entry(bob, b"{}"))
    changed(large, bob.encode(), 24, struct.pack("<I", 1 << 25))
    assert "a thousand times" in handed(large)["bob"]


def test_a_password_or_an_unknown_compression_is_told(tmp_path):
    bob = f"bob/{BOOK}"
    locked = archive_of(tmp_path / "locked.zip", entry(bob))
    assert "password" in handed(changed(locked, bob.encode(), 8, b"\x01"))["bob"]
    odd = archive_of(tmp_path / "odd.zip", entry(bob))
    assert "cannot be unpacked" in handed(changed(odd, bob.encode(), 10, b"\x63"))["bob"]


def test_entries_on_top_of_one_another_are_refused(tmp_path):
    bob = f"bob/{BOOK}"
    path = archive_of(tmp_path / "x.zip", entry(bob))
    with pytest.raises(ValueError, match="on top of one another"):
        submissions(changed(path, bob.encode(), 42, bytes(4)))


def test_too_many_entries_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "ENTRIES", 3)
    path = archive_of(tmp_path / "x.zip", *(entry(f"s{k}/{BOOK}") for k in range(3)))
    with pytest.raises(ValueError, match="4 entries"):
        submissions(path)


def test_of_two_entries_of_one_name_the_later_counts_and_it_is_told(tmp_path):
    path = archive_of(tmp_path / "x.zip", entry(f"ada/{BOOK}", b"later"))
    assert handed(path) == {"ada": "later"}
    assert "twice" in submissions(path, NAME).left_out[0]


def test_names_in_apples_and_in_windows_zips_are_read_or_told(tmp_path):
    path = archive_of(tmp_path / "x.zip", entry("ZZZ/" + BOOK), entry("win\\" + BOOK))
    data = path.read_bytes()
    path.write_bytes(data.replace(b"ZZZ", "Zé".encode()))
    assert [*handed(path)] == ["Zé", "ada", "win"]
    path.write_bytes(data.replace(b"ZZZ", b"Z\x82\xff"))
    assert [*handed(path)] == ["ada", "win"]
    assert "not UTF-8" in submissions(path, NAME).left_out[0]


@pytest.mark.parametrize("seed", range(60))
def test_a_zip_that_is_broken_at_random_is_read_or_told(seed, tmp_path):
    draw, data = random.Random(seed), io.BytesIO()
    archive_of(data, *(entry(f"s{k}/{BOOK}", b"{}" * 50) for k in range(5)))
    broken = bytearray(data.getvalue())
    for _ in range(draw.choice([1, 5, 30])):
        broken[draw.randrange(len(broken))] = draw.randrange(256)
    path = tmp_path / "x.zip"
    path.write_bytes(bytes(broken))
    try:
        found = submissions(path, NAME)
    except ValueError as error:
        said = [str(error)]
    else:
        said = [text for s in found for text in (s.student, s.name, *s.notes, s.read().problem)]
        said += found.left_out
    assert all(text.isprintable() or "Known layouts" in text for text in said)
