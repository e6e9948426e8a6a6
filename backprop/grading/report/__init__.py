"""The class report: one page for the lecturer, on what to talk about, to grade and to look at."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from types import SimpleNamespace

from backprop.grading import pages
from backprop.grading.exports import shown
from backprop.grading.report import likeness, pictures, statistics
from backprop.grading.report.signatures import signatures
from backprop.grading.report.statistics import EXTREME, GOOD, LEAST, MARGINAL, POOR
from backprop.questions import Choice, Match

ROWS, NAMES, WORDS, EXCERPT = 60, 24, 110, 600  # of a table, in a cell, first words, shared text
TALK, OFTEN, FEW = 5, 0.1, 3  # mistakes to talk about: so many, made by a tenth and by three
LOW = 3  # questions to talk about, with less than half of the points
WHY = {
    "waiting": "Answers wait for a person: enter the points first.",
    "another sheet": "Most students were not asked this question.",
    "alone": "There is no other question to compare it with.",
    "all right": "Everybody right: it cannot tell who knows more. Keep it as a warm-up.",
    "all wrong": "Nobody got a point: check the task and its reference; then teach it again.",
    "all the same": "Everybody has the same points: look at where the missing ones are lost.",
    "too few": f"Too few students to tell: fewer than {LEAST}.",
    "the rest is the same": "Everybody has the same points in all the other questions.",
}


def report(results, course=None, titles=None):
    """The class report on some Results, as one page of HTML that stands alone.

    `results` are what counts, one a student and assignment, as `Gradebook.totals` gives them; each
    assignment gets a section. `course` maps questions' ids to questions, for their titles and known
    mistakes; `titles` maps names of assignments to titles. The same Results give the same page.
    Raises ValueError where there are none, and for two Results of one student.
    """
    sections, seen = {}, set()
    for result in results:
        if (result.assignment, result.student) in seen:
            raise ValueError(
                f"two results of {result.student!r} for {result.assignment!r}; give those that "
                "count, as Gradebook.totals does"
            )
        seen.add((result.assignment, result.student))
        sections.setdefault(result.assignment, []).append(result)
    if not sections:
        raise ValueError("there are no results to report on; grade submissions first")
    template = pages.environment().get_template("report.html.j2")
    course, titles = course or {}, titles or {}
    return template.render(
        sections=[
            _section(k, titles.get(name) or name, found, course)
            for k, (name, found) in enumerate(sections.items(), 1)
        ],
        style=pictures.style(),
        shown=shown,
        percent=pictures.percent,
        signed=pictures.signed,
        bar=pictures.bar,
        kinds=statistics.KINDS,
        least=LEAST,
        thresholds=(POOR, MARGINAL, GOOD),
        lengths=likeness,
    )


def _section(number, title, results, course):
    """All that the template says of one assignment."""
    results = sorted(results, key=lambda result: result.student)
    read = [result for result in results if statistics.is_read(result)]
    glance = statistics.glance(results)
    rates = statistics.rates(read, course)
    mistakes = statistics.mistakes(read, course)
    discriminations = statistics.discriminations(read, course)
    width, counts = statistics.bins(glance.points, glance.of) if glance.read else (0, [])
    signed = signatures(results)
    chosen = {id for id, question in course.items() if isinstance(question, Choice | Match)}
    return SimpleNamespace(
        number=number,
        title=title,
        assignment=results[0].assignment,
        glance=glance,
        histogram=pictures.histogram(glance, width, counts) if glance.read else "",
        width=width,
        last=max(glance.of, Decimal("0.01")) - width * (len(counts) - 1) if counts else width,
        talk=_talk(read, rates, discriminations, course),
        rates=rates,
        bars=pictures.rate_bars(rates, number) if rates else "",
        titles={rate.question: _title(course.get(rate.question)) for rate in rates},
        mistakes=mistakes,
        few=WHY["too few"] if any(d.why == "too few" for d in discriminations) else "",
        discriminations=[(d, advice(d)) for d in discriminations if d.why != "too few"],
        compared=max((d.n for d in discriminations), default=0),
        dots=pictures.discrimination_dots(discriminations) or "",
        waiting=_waiting(results, rates, course),
        alike=[
            (group, *_listed(group.students), pictures.short(group.text.strip(), EXCERPT))
            for group in likeness.alike(results, chosen)
        ],
        signatures=signed,
        shared=[(name, *_listed(students)) for name, students in signed.shared],
        flags=[*signed.flags.items()],
        notes=_notes(results),
        made=_made(results),
        rows=ROWS,
    )


def _title(question):
    return question.title if question else ""


def _talk(results, rates, discriminations, course):
    """What a lecturer with five minutes should hear first."""
    catalogues = {rate.question: _catalogue(course.get(rate.question)) for rate in rates}
    own = {q for q in catalogues if q not in course or isinstance(course[q], Choice | Match)}
    often = []
    for spread in statistics.spreads(results, own):
        if spread.students >= max(FEW, OFTEN * len(results)):
            most = max(spread.questions, key=spread.questions.get)
            often.append((spread, *catalogues[most].get(spread.name, ("", ""))))
    low = [rate for rate in rates if rate.mean is not None and rate.mean < float(rate.of) / 2]
    return SimpleNamespace(
        n=len(results),
        often=often[:TALK],
        low=sorted(low, key=lambda rate: (rate.mean / float(rate.of), rate.question))[:LOW],
        bad=[found for found in discriminations if found.is_bad],
    )


def _catalogue(question):
    """For each mistake by name: what would be right, and where the lesson tells it."""
    known = [*question.mistakes] if question else []
    if isinstance(question, Choice):
        known += [question.distractor(option) for option in question.reasons]
    if isinstance(question, Match):
        known += [question.distractor(*pair) for pair in product(question.items, question.options)]
    return {m.name: (m.formula, _lesson(m.section or question.section)) for m in known}


def _lesson(section):
    """Where a lesson tells it, in words.

    >>> _lesson("04_hidden_delta.ipynb#In-code")
    '04_hidden_delta, “In code”'
    """
    lesson, _, heading = section.partition("#")
    words = f", “{heading.replace('-', ' ')}”" if heading else ""
    return lesson.removesuffix(".ipynb") + words


def advice(found):
    """What a Discrimination says, and what to do, in a sentence or two."""
    if found.why:
        return WHY[found.why]
    if found.r < 0:
        return (
            "Who does well elsewhere does worse here. Check the reference answer and the wording, "
            "and read some wrong answers of good students, before these points count."
        )
    if found.r < POOR and not 1 - EXTREME < found.share < EXTREME:
        extreme = "easy" if found.share > 0.5 else "hard"
        return (
            f"So {extreme} that it can hardly tell students apart. No fault in a question that is "
            f"meant to be {extreme}; it says little for a grade."
        )
    if found.r < POOR:
        doubt = f" It may be chance: r may be as high as {pictures.signed(found.high)}."
        return (
            "It hardly tells who knows more. Read its wrong answers: is the task understood "
            "otherwise, can it be guessed, does it ask for something else than the sheet?"
            + doubt
            * (found.high >= MARGINAL)
        )
    if found.r < MARGINAL:
        return "Marginal: reword it when you next use it."
    return "Good; it may be improved." if found.r < GOOD else "Very good: leave it as it is."


def _waiting(results, rates, course):
    """For each question with answers that wait: criteria, how many, and the first of them."""
    found = []
    for rate in rates:
        rows = [
            (result.student, _words(answer.text))
            for result in results
            for answer in result.answers
            if answer.question == rate.question and answer.waiting
        ]
        criteria = getattr(course.get(rate.question), "criteria", "")
        if rows:
            found.append((rate, criteria, rows[:ROWS], len(rows)))
    return found


def _words(text):
    return pictures.short(" ".join(text[: 4 * WORDS].split()), WORDS)


def _notes(results):
    """Each note once, with who got it: the most frequent first."""
    students = {}
    for result in results:
        for note in dict.fromkeys(result.notes):
            students.setdefault(note, []).append(result.student)
    ordered = sorted(students.items(), key=lambda item: (-len(item[1]), item[0]))
    return [(note, len(names), *_listed(names)) for note, names in ordered]


def _listed(names):
    """The first names, and how many are left out."""
    return names[:NAMES], max(0, len(names) - NAMES)


def _made(results):
    """By which courses and seeds, and when."""
    times = sorted(_utc(result.started) for result in results)
    return SimpleNamespace(
        versions=sorted(Counter(result.version for result in results).items()),
        fingerprints=sorted(Counter(result.fingerprint for result in results).items()),
        first=f"{times[0]:%Y-%m-%d %H:%M}",
        last=f"{times[-1]:%Y-%m-%d %H:%M}",
        seconds=round(sum(result.seconds for result in results)),
    )


def _utc(text):
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
