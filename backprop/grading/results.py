"""What grading one submission gives: values that go to plain JSON and come back the same."""

import hashlib
import math
import re
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

STATUSES = ("right", "wrong", "not answered", "by hand")
OUTPUT, TEXT, SENTENCE, LINES = 10_000, 50_000, 2_000, 50  # the most that is kept of each
UNREAD = "could not be read"  # the flag of a submission that holds no notebook
CENT = Decimal("0.01")
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Answer:
    """What one question of a submission came to: `points` of the points `of`.

    `mistakes` are names of the catalogue, `hints` and `said` are sentences for the student,
    `output` is what the student's own code printed, `text` the answer as it was handed in: words,
    or the source of its cell. `comment` is by the person who gave the points; None where no person
    did. Texts may hold anything: they are capped, with a note, and what no file or terminal should
    get is replaced. Raises ValueError for points
    that are not in [0, of], or for another status than those in `STATUSES`.
    """

    question: str
    points: float
    of: float
    status: str
    mistakes: tuple = ()
    hints: tuple = ()
    said: tuple = ()
    output: str = ""
    by_hand: bool = False
    text: str = ""
    comment: str | None = None

    def __post_init__(self):
        _set(self, "question", identity("question", self.question))
        _set(self, "of", _number(f"{self.question}: of", self.of))
        _set(self, "points", within(f"{self.question}: points", self.points, self.of))
        if self.status not in STATUSES:
            raise ValueError(
                f"{self.question}: status must be one of {STATUSES}; got {self.status!r}"
            )
        for name in ("mistakes", "hints", "said"):
            _set(self, name, sentences(getattr(self, name)))
        _set(self, "output", plain(self.output, OUTPUT))
        _set(self, "text", plain(self.text, TEXT))
        _set(self, "by_hand", bool(self.by_hand))
        if self.comment is not None:
            _set(self, "comment", plain(self.comment, TEXT))

    @property
    def waiting(self):
        """Whether a person has still to give the points."""
        return self.by_hand and self.comment is None and self.status != "not answered"


@dataclass(frozen=True)
class Result:
    """What one submission came to.

    `sha256` is the submission's, `version` the course's, `fingerprint` that of the seed (see
    :func:`fingerprint`), `started` a time in ISO 8601, `notes` are sentences for the student on the
    submission as a whole, `flags` those for the lecturer alone. Raises ValueError where a field is
    not of its kind, or where a question is answered twice.

    >>> answer = Answer("cost", 1 / 3, 1, "wrong", said=["The sign is not right."])
    >>> result = Result("0042", "sheet", "0" * 64, "1.0", "ab12", "2026-01-31T12:00:00Z", 1.5,
    ...                 [answer])
    >>> str(result.points), str(result.of), Result.from_json(result.as_json()) == result
    ('0.33', '1.00', True)
    """

    student: str
    assignment: str
    sha256: str
    version: str
    fingerprint: str
    started: str
    seconds: float
    answers: tuple = ()
    notes: tuple = ()
    flags: tuple = ()

    def __post_init__(self):
        for name in ("student", "assignment", "version", "fingerprint"):
            _set(self, name, identity(name, getattr(self, name)))
        if not isinstance(self.sha256, str) or not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ValueError(f"sha256 must be 64 hexadecimal digits; got {self.sha256!r}")
        try:
            datetime.fromisoformat(self.started)
        except (TypeError, ValueError):
            raise ValueError(f"started must be a time in ISO 8601; got {self.started!r}") from None
        _set(self, "seconds", _number("seconds", self.seconds))
        _set(self, "answers", tuple(self.answers))
        _set(self, "notes", sentences(self.notes))
        _set(self, "flags", sentences(self.flags))
        names = [answer.question for answer in self.answers]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"a question is answered once in a result; twice: {', '.join(twice)}")

    @property
    def points(self):
        """The sum of the points as they are shown, so that who adds them up gets the same."""
        return sum((rounded(answer.points) for answer in self.answers), Decimal("0.00"))

    @property
    def of(self):
        """The sum of the points that there were to get, as they are shown."""
        return sum((rounded(answer.of) for answer in self.answers), Decimal("0.00"))

    @property
    def waiting(self):
        """The questions for which a person has still to give the points."""
        return tuple(answer.question for answer in self.answers if answer.waiting)

    def as_json(self):
        """The result as a dict of plain JSON."""
        return _lists(asdict(self))

    @classmethod
    def from_json(cls, value):
        """The result from what `as_json` gave. Raises ValueError for anything else."""
        made = _fields(cls, value)
        if not isinstance(made.get("answers", []), list):
            raise ValueError("a result's answers must be a list")
        answers = [Answer(**_fields(Answer, answer)) for answer in made.pop("answers", [])]
        return cls(**made, answers=answers)


def rounded(points):
    """Points as they are shown: two decimals, half up, from the digits that a person would read.

    >>> str(rounded(2.675)), str(rounded(1 / 3)), str(rounded(0.005))
    ('2.68', '0.33', '0.01')
    """
    return Decimal(repr(float(points))).quantize(CENT, ROUND_HALF_UP)


def fingerprint(seed):
    """A name for a seed that does not tell it: even a short one is slow to guess from it.

    >>> fingerprint("spring") == fingerprint("spring") != fingerprint("autumn")
    True
    """
    salt = b"backprop-course seed"
    text = str(seed).encode("utf-8", "backslashreplace")
    return hashlib.scrypt(text, salt=salt, n=1 << 14, r=8, p=1, dklen=8).hex()


def plain(text, limit):
    r"""A text of at most `limit` characters, with a note where it was longer, safe to store.

    Lone surrogates and control codes (but tabs and ends of lines) become U+FFFD.

    >>> plain("a\0b", 10), plain("x" * 100, 50)
    ('a�b', 'xxxxxxxxxx\n[… cut here: there were 100 characters]')
    """
    if not isinstance(text, str):
        raise ValueError(f"a text must be a string; got {type(text).__name__}")
    if len(text) > limit:
        note = f"\n[… cut here: there were {len(text)} characters]"
        text = text[: limit - len(note)] + note
    return UNSAFE.sub("�", text)


def sentences(texts):
    """A tuple of at most `LINES` plain sentences, with a last one where there were more."""
    if isinstance(texts, str):
        raise ValueError(f"a tuple of sentences is expected; got one string, {texts[:50]!r}")
    texts = tuple(texts)
    if len(texts) > LINES:
        texts = (*texts[: LINES - 1], f"[… and {len(texts) - LINES + 1} more]")
    return tuple(plain(text, SENTENCE) for text in texts)


def identity(name, text):
    r"""A text that names something, such as a student: not empty, in one line, at most 500 long.

    What cannot be stored or shown is written as an escape, so that odd names of files stay apart.

    >>> identity("student", "00\udc80"), identity("student", " Zoë\n")
    ('00\\udc80', 'Zoë')
    """
    if not isinstance(text, str) or not text.strip() or len(text) > 500:
        raise ValueError(f"{name} must be a text of 1 to 500 characters; got {str(text)[:60]!r}")
    return re.sub(r"[\t\n\r]|" + UNSAFE.pattern, lambda m: ascii(m[0])[1:-1], text.strip())


def within(name, points, of):
    """Points as a float in [0, of]; ValueError otherwise."""
    points = _number(name, points)
    if points > of:
        raise ValueError(f"{name} must be from 0 to {of:g}; got {points:g}")
    return points


def _number(name, value):
    try:
        number = math.nan if isinstance(value, bool | str) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ValueError(f"{name} must be a finite number from 0; got {str(value)[:60]!r}")
    return number


def _set(value, name, new):
    object.__setattr__(value, name, new)


def _lists(value):
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, tuple | list) else value


def _fields(kind, value):
    names = {field.name for field in fields(kind)}
    if not isinstance(value, dict) or not value.keys() <= names:
        found = sorted(value) if isinstance(value, dict) else type(value).__name__
        raise ValueError(f"{kind.__name__} has the fields {sorted(names)}; got {found}")
    needed = {f.name for f in fields(kind) if f.default is f.default_factory}
    if missing := sorted(needed - value.keys()):
        raise ValueError(f"{kind.__name__} lacks {', '.join(missing)}")
    return dict(value)
