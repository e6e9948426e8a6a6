"""The gradebook: every attempt of every student in one SQLite file, written whole or not at all."""

import difflib
import hashlib
import json
import secrets
import sqlite3
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from backprop.grading.results import TEXT, Answer, Result, identity, plain, within

SCHEMA = 1
APPLICATION = 0x62706762  # "bpgb": tells our files from other people's SQLite files
TABLES = """
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    student TEXT NOT NULL, assignment TEXT NOT NULL,
    sha256 TEXT NOT NULL, version TEXT NOT NULL, fingerprint TEXT NOT NULL,
    started TEXT NOT NULL, seconds REAL NOT NULL, notes TEXT NOT NULL, flags TEXT NOT NULL
);
CREATE INDEX attempts_of ON attempts (assignment, student, id);
CREATE INDEX attempts_by ON attempts (student, id);
CREATE TABLE answers (
    attempt INTEGER NOT NULL REFERENCES attempts (id), place INTEGER NOT NULL,
    question TEXT NOT NULL,
    points REAL NOT NULL CHECK (0 <= points AND points <= "of"), "of" REAL NOT NULL,
    status TEXT NOT NULL, by_hand INTEGER NOT NULL, rest TEXT NOT NULL,
    PRIMARY KEY (attempt, place), UNIQUE (attempt, question)
);
CREATE TABLE entered (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    student TEXT NOT NULL, question TEXT NOT NULL,
    points REAL NOT NULL CHECK (0 <= points), comment TEXT NOT NULL, entered TEXT NOT NULL,
    about TEXT NOT NULL
);
CREATE INDEX entered_for ON entered (student, question, id);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
REST = ("mistakes", "hints", "said", "output", "text")
COLUMNS = "student, assignment, sha256, version, fingerprint, started, seconds, notes, flags"


class GradebookError(Exception):
    """The gradebook cannot be opened, read or written; the message says why and what to do."""


class Gradebook:
    """The gradebook in a file, made where there is none; to be closed, or used in a `with`.

    One process writes at a time: another waits for `wait` seconds and then gets a GradebookError.
    Reading never waits. Raises GradebookError too for a file of another kind or of a newer version,
    and for one that is damaged.
    """

    def __init__(self, path, wait=30.0):
        self.path = Path(path).absolute()
        with suppress(OSError):  # what is wrong with the folder, SQLite will say
            self.path.touch(0o600, exist_ok=False)  # grades are for their owner's eyes
        with self._errors():
            self._db = sqlite3.connect(self.path, timeout=wait, isolation_level=None)
        try:
            with self._errors():
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    @classmethod
    def existing(cls, path, wait=30.0):
        """The gradebook in a file that must be there; GradebookError otherwise."""
        if not Path(path).is_file():
            raise GradebookError(f"there is no gradebook {path}; grade submissions first")
        return cls(path, wait)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._db.close()

    # — writing —

    def record(self, result):
        """Keep a Result as one more attempt."""
        with self._writing() as db:
            columns = [getattr(result, name) for name in COLUMNS.split(", ")[:-2]]
            attempt = db.execute(
                f"INSERT INTO attempts ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*columns, json.dumps(result.notes), json.dumps(result.flags)),
            ).lastrowid
            db.executemany(
                "INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [(attempt, place, *_row(answer)) for place, answer in enumerate(result.answers)],
            )

    def enter(self, student, question, points, comment=""):
        """Keep points that a person gives: they count over those of any grading, the newest first.

        They are for the answer as it now is: where another is handed in, they no longer count.
        Raises ValueError where the student has no such question, or it has not so many points.
        """
        self.enter_all([(student, question, points, comment)])

    def enter_all(self, entries):
        """Keep many points that a person gives, each as for `enter`: all of them or none."""
        with self._writing() as db:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            for student, question, points, comment in entries:
                student, question = identity("student", student), identity("question", question)
                points = within(
                    f"{student}, {question}: points", points, self.of(student, question)
                )
                about = _hash(self._asked(student)[question][1])
                db.execute(
                    "INSERT INTO entered (student, question, points, comment, entered, about)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (student, question, points, plain(comment, TEXT), now, about),
                )

    def set(self, name, value):
        """Keep a setting, in the place of one of that name."""
        with self._writing() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, str(value)))

    def seed(self):
        """The seed of the hidden cases: drawn when it is first asked for, kept, and secret."""
        with self._writing() as db:
            fresh = ("seed", secrets.token_hex(16))
            db.execute("INSERT OR IGNORE INTO settings VALUES (?, ?)", fresh)
        return self.setting("seed")

    # — reading —

    def setting(self, name, default=None):
        """A setting that was kept, or the default."""
        with self._errors():
            row = self._db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else default

    def attempts(self, student):
        """All Results of a student as they were graded, the oldest first."""
        with self._errors():
            rows = self._db.execute(
                f"SELECT id, {COLUMNS} FROM attempts WHERE student = ? ORDER BY id",
                (identity("student", student),),
            )
            return [self._result(*row) for row in rows.fetchall()]

    def latest(self, student, assignment=None):
        """The Result that counts, with the points that a person gave; None where there is none.

        It is the newest attempt at the assignment, or at any.
        """
        which = "AND assignment = ?" if assignment is not None else ""
        with self._errors():
            row = self._db.execute(
                f"SELECT id, {COLUMNS} FROM attempts WHERE student = ? {which}"
                " ORDER BY id DESC LIMIT 1",
                (identity("student", student), *([] if assignment is None else [assignment])),
            ).fetchone()
            return row and self._with_entered(self._result(*row))

    def totals(self, assignment=None):
        """The Results that count, one a student and assignment, in the order of their names."""
        return (self.latest(s, a) for a, s in self._names() if assignment in (None, a))

    def students(self):
        """The students with an attempt, in order."""
        return sorted({student for _, student in self._names()})

    def assignments(self):
        """The assignments with an attempt, in order."""
        return sorted({assignment for assignment, _ in self._names()})

    def is_graded(self, student, sha256, version, fingerprint):
        """Whether what counts for a student comes from just this submission, course and seed.

        An older attempt does not count: who hands in A, then B, then A again wants A.
        """
        with self._errors():
            newest = self._db.execute(
                "SELECT sha256, version, fingerprint FROM attempts WHERE id IN"
                " (SELECT MAX(id) FROM attempts WHERE student = ? GROUP BY assignment)",
                (identity("student", student),),
            )
            return (sha256, version, fingerprint) in newest.fetchall()

    def of(self, student, question):
        """The points there are for a question that the student has; ValueError for another."""
        points = {name: of for name, (of, _) in self._asked(student).items()}
        if not points:
            raise ValueError(f"no submission of student {student!r}{_near(student, self.students)}")
        if question not in points:
            near = _near(question, lambda: points)
            raise ValueError(f"student {student!r} was not asked {question!r}{near}")
        return points[question]

    # — within —

    def _prepare(self):
        db = self._db
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
        if self._kind() == (0, 0, 0):
            with suppress(sqlite3.OperationalError):  # some network file systems cannot; none must
                db.execute("PRAGMA journal_mode = WAL")
            with self._writing():
                if self._kind() == (0, 0, 0):  # nobody else was quicker
                    for statement in filter(str.strip, TABLES.split(";")):
                        db.execute(statement)
                    db.execute(f"PRAGMA application_id = {APPLICATION}")
                    db.execute(f"PRAGMA user_version = {SCHEMA}")
        application, version, _ = self._kind()
        if application != APPLICATION:
            raise GradebookError(f"{self.path} is an SQLite file, but no gradebook; give another")
        if version != SCHEMA:
            raise GradebookError(
                f"{self.path} is a gradebook of version {version}; this program knows version "
                f"{SCHEMA}: use the release of backprop-course that wrote it, or a newer one"
            )
        (state,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok" or db.execute("PRAGMA foreign_key_check").fetchone():
            raise GradebookError(f"{self.path} is damaged ({state}); take it from a backup")

    def _kind(self):
        names = (
            "PRAGMA application_id",
            "PRAGMA user_version",
            "SELECT COUNT(*) FROM sqlite_master",
        )
        return tuple(self._db.execute(name).fetchone()[0] for name in names)

    @contextmanager
    def _writing(self):
        """One transaction: what happens within is kept whole, or not at all."""
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    @contextmanager
    def _errors(self):
        """SQLite's errors in words."""
        try:
            yield
        except sqlite3.Error as error:
            code = (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF
            if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                why = "another process is writing it; wait until that has ended, then try again"
            elif code == sqlite3.SQLITE_NOTADB:
                why = "it is no gradebook, or it is damaged; give another file"
            else:
                why = f"{error}; is there such a folder, may you write there, is the disk full?"
            raise GradebookError(f"{self.path}: {why}") from error

    def _names(self):
        with self._errors():
            return self._db.execute(
                "SELECT DISTINCT assignment, student FROM attempts ORDER BY assignment, student"
            ).fetchall()

    def _result(self, attempt, *columns):
        rows = self._db.execute(
            'SELECT question, points, "of", status, by_hand, rest FROM answers'
            " WHERE attempt = ? ORDER BY place",
            (attempt,),
        )
        answers = [
            Answer(question, points, of, status, by_hand=by_hand, **json.loads(rest))
            for question, points, of, status, by_hand, rest in rows
        ]
        *columns, notes, flags = columns
        return Result(*columns, answers, json.loads(notes), json.loads(flags))

    def _asked(self, student):
        """The points there are for each question of a student, and the answer as it now is."""
        with self._errors():
            found = self._db.execute(
                'SELECT question, "of", rest FROM answers JOIN attempts ON attempt = attempts.id'
                " WHERE attempts.id IN"
                " (SELECT MAX(id) FROM attempts WHERE student = ? GROUP BY assignment)",
                (student,),
            )
            return {name: (of, json.loads(rest)["text"]) for name, of, rest in found.fetchall()}

    def _with_entered(self, result):
        rows = self._db.execute(
            "SELECT question, about, points, comment FROM entered WHERE student = ? ORDER BY id",
            (result.student,),
        )
        entered = {(question, about): given for question, about, *given in rows}
        answers = []
        for answer in result.answers:
            key = answer.question, _hash(answer.text)
            if key in entered:
                points, comment = entered[key]
                # a question may have become worth less since
                answer = replace(answer, points=min(points, answer.of), comment=comment)
            answers.append(answer)
        return replace(result, answers=answers)


def _hash(text):
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _row(answer):
    rest = json.dumps({name: getattr(answer, name) for name in REST})
    return (answer.question, answer.points, answer.of, answer.status, answer.by_hand, rest)


def _near(name, names):
    """ "; did you mean …?" with the name that was most likely meant, or nothing."""
    names = [*names()]
    zeros = [other for other in names if other.lstrip("0") == name.lstrip("0")]
    near = zeros or difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
