"""The page that a student gets: what was found in each answer, and what there is to learn from it.

Nothing is on it that is for the lecturer alone, and nothing that was hidden from the student.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from backprop.check.page import Link
from backprop.grading.exports import file_names, shown
from backprop.grading.pages import environment
from backprop.grading.results import UNREAD, Answer

DIGITS = 12  # of the submission's hash: enough to tell two apart


def page(result, course=None, titles=None):
    """The HTML page for a Result, in one string that needs no other file.

    `course` has the titles and the sections; a question that it lacks is shown by its id. `titles`
    maps names of assignments to titles; one that it lacks is shown by its name.
    """
    course = {} if course is None else course
    read = UNREAD not in result.flags
    parts = [Part(answer, course.get(answer.question), read) for answer in result.answers]
    waiting = [part for part in parts if part.answer.waiting]
    return (
        environment()
        .get_template("feedback.html.j2")
        .render(
            result=result,
            title=(titles or {}).get(result.assignment) or result.assignment,
            read=read,
            parts=parts,
            waiting=waiting,
            open=shown(sum(part.answer.of for part in waiting)),
            points=shown(result.points),
            of=shown(result.of),
            graded=_time(result.started),
            digits=result.sha256[:DIGITS],
        )
    )


def pages(results, course=None, titles=None):
    """The pages by the names of their files: the student's id, and the assignment if several."""
    results = [*results]
    several = Counter(result.student for result in results)
    names = file_names(
        (r.student if several[r.student] == 1 else f"{r.student}_{r.assignment}" for r in results),
        ".html",
    )
    return {name: page(result, course, titles) for name, result in zip(names, results, strict=True)}


@dataclass(frozen=True)
class Part:
    """An answer and its question (None where the course has none), as they stand on the page.

    `read` says whether the submission could be read at all.
    """

    answer: Answer
    question: object = None
    read: bool = True

    @property
    def title(self):
        return self.question.title if self.question else ""

    @property
    def kind(self):
        """A word for how it ended, which the page has a colour for."""
        answer = self.answer
        if answer.status == "not answered" and answer.comment is None:
            return "open" if self.read else "unread"
        if answer.waiting:
            return "open"
        if answer.points == answer.of:
            return "right"
        return "partly" if answer.points else "wrong"

    @property
    def head(self):
        """How it ended in words, with a sign."""
        answer = self.answer
        if self.kind == "unread":
            return "○ Not read"
        if answer.waiting:
            return "✎ Waits for a person"
        if answer.comment is not None or answer.status == "by hand":
            return "✎ Read by a person"
        if answer.status == "wrong":
            return "◐ Partly right" if answer.points else "✗ Not right"
        return {"right": "✓ Right", "not answered": "○ Not answered"}[answer.status]

    @property
    def points(self):
        """The points, or a dash as long as nobody has given any."""
        return "–" if self.answer.waiting else shown(self.answer.points)

    @property
    def of(self):
        return shown(self.answer.of)

    @property
    def where(self):
        """Where to read it up, in words; nothing for an answer that lacks nothing."""
        if self.question is None or self.kind in ("right", "unread") or self.answer.waiting:
            return ""
        known = [m for m in self.question.mistakes if m.name in self.answer.mistakes and m.section]
        section = known[0].section if known else self.question.section
        return Link(section).where() if section else ""


def _time(started):
    """A time to the minute, as one reads it anywhere.

    >>> _time("2026-01-31T12:00:59Z"), _time("2026-01-31T12:00+02:00"), _time("2026-01-31")
    ('2026-01-31, 12:00 UTC', '2026-01-31, 12:00 UTC+02:00', '2026-01-31, 00:00')
    """
    time = datetime.fromisoformat(started)
    return f"{time:%Y-%m-%d, %H:%M} {time.tzname() or ''}".strip()
