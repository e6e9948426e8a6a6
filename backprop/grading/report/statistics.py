"""The numbers of a class report: pure counting, on the Results of one assignment."""

import math
import statistics
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from backprop.grading.report.signatures import signatures
from backprop.grading.results import CENT, UNREAD, rounded

KINDS = ("right", "partly", "wrong", "not answered", "waiting")
LEAST = 50  # students; with fewer, what tells nothing shows |r| up to 0.28 and more, by chance
POOR, MARGINAL, GOOD = 0.2, 0.3, 0.4
FRACTIONS = tuple(map(Decimal, ("0.5", "0.25", "0.2", "0.1", "0.05", "0.02", "0.01")))
EXTREME = 0.9  # of the points: a question so easy, or as hard, can hardly tell students apart


@dataclass(frozen=True)
class Glance:
    """A class at a glance. Points are those of the `read` submissions, in order."""

    submissions: int
    unread: tuple  # the students whose submission could not be read
    blank: tuple  # those who answered nothing
    waiting: int  # students for whom an answer waits for a person
    to_grade: int  # these answers
    flagged: int  # students with a flag that is worth a line, see `signatures`
    of: Decimal
    uneven: bool  # not everybody could get the same number of points
    points: tuple

    @property
    def read(self):
        return len(self.points)

    @property
    def mean(self):
        return sum(self.points) / self.read

    @property
    def quartiles(self):
        """The lower quartile, the median and the upper quartile, as :func:`quantile` has them."""
        return tuple(quantile(self.points, Decimal(k) / 4) for k in (1, 2, 3))


def glance(results):
    """The Glance on the Results of an assignment."""
    read = [result for result in results if is_read(result)]
    waiting = [result.waiting for result in results if result.waiting]
    return Glance(
        submissions=len(results),
        unread=tuple(result.student for result in results if not is_read(result)),
        blank=tuple(result.student for result in read if is_blank(result)),
        waiting=len(waiting),
        to_grade=sum(map(len, waiting)),
        flagged=signatures(results).flagged,
        of=max(result.of for result in results),
        uneven=len({result.of for result in read}) > 1,
        points=tuple(sorted(result.points for result in read)),
    )


def quantile(ordered, share):
    """The number below which a share of some ordered numbers lies, linearly between neighbours.

    It stands at place (n − 1)·share, counted from 0.
    Source: definition 7 of R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages,
    The American Statistician 50 (1996), 361–365.

    >>> quantile([1, 2, 4, 8], 0.5), quantile([5], 0.25)
    (3.0, 5)
    """
    place = (len(ordered) - 1) * share
    below = math.floor(place)
    if place == below:
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)


def bins(points, of, most=24):
    """A histogram: the width of its bins, and how many points lie in each from 0 to `of`.

    There are about 2√n bins and no more than `most`, all of one width that divides `of`. Where no
    such width is a round number, it is 1, 2 or 5 times a power of ten, and the last bin is narrower
    than the others. A bin holds its lower edge, the last one its upper edge too. `points` and `of`
    are Decimals.

    >>> bins([Decimal("0.5"), Decimal("2"), Decimal("10")], Decimal(10))
    (Decimal('2'), [1, 1, 0, 0, 1])
    >>> [bins([Decimal(1)] * 25, Decimal(of))[0] for of in (22, 29)]
    [Decimal('2'), Decimal('5')]
    """
    of = max(of, *points, Decimal("0.01"))
    wanted = min(most, max(6, math.ceil(2 * math.sqrt(len(points)))))
    width = _divisor(of, wanted, most) or _round(of / wanted)
    counts = [0] * math.ceil(of / width)
    for value in points:
        counts[min(int(value / width), len(counts) - 1)] += 1
    return width, counts


def _divisor(of, wanted, most):
    """The round width that divides `of` into some number of bins nearest to `wanted`, or None.

    Round is a whole number of two digits, but for noughts, or one of `FRACTIONS`; where `of` is no
    whole number, also what one of these goes into.
    """
    unit = next((unit for unit in (Decimal(1), *FRACTIONS) if of % unit == 0), CENT)
    widths = {of / k for k in range(math.ceil(wanted / 2), most + 1)}
    whole = {width for width in widths if width % unit == 0 and len(_digits(width)) <= 2}
    parts = {part for part in FRACTIONS if of % part == 0 and wanted <= 2 * of / part <= 2 * most}
    far = {width: abs(math.log(of / width / wanted)) for width in whole | parts}
    return min(far, key=lambda width: (far[width], -width), default=None)


def _digits(number):
    return number.normalize().as_tuple().digits


def _round(least):
    """The smallest of 1, 2 or 5 times a power of ten that is not below `least`."""
    power = Decimal(10) ** math.floor(math.log10(least))
    width = next(k * power for k in (1, 2, 5, 10) if k * power >= least)
    return width.quantize(Decimal(1)) if width >= 1 else width.normalize()


# — questions —


@dataclass(frozen=True)
class Rate:
    """What came of one question: how many answers there are of each of the `KINDS`.

    `mean` is the mean of the points, None as long as any answer waits.
    """

    question: str
    of: Decimal
    counts: dict
    mean: float | None

    @property
    def n(self):
        return sum(self.counts.values())


def rates(results, order=()):
    """The Rate of each question, those in `order` first, then in the order of the submissions."""
    return [
        Rate(
            question,
            max(rounded(answer.of) for answer in answers),
            dict.fromkeys(KINDS, 0) | Counter(map(kind, answers)),
            None
            if any(answer.waiting for answer in answers)
            else math.fsum(answer.points for answer in answers) / len(answers),
        )
        for question, answers in by_question(results, order).items()
    ]


def kind(answer):
    """Which of the `KINDS` an answer is; where there are points, they say it."""
    if answer.waiting:
        return "waiting"
    if answer.status == "not answered" and not answer.points:
        return "not answered"
    if answer.points >= answer.of > 0 or (answer.of == 0 and answer.status == "right"):
        return "right"
    return "partly" if rounded(answer.points) else "wrong"


def by_question(results, order=()):
    """The answers to each question, of all students who were asked it."""
    found = {}
    for result in results:
        for answer in result.answers:
            found.setdefault(answer.question, []).append(answer)
    first = [question for question in order if question in found]
    return {question: found[question] for question in dict.fromkeys([*first, *found])}


@dataclass(frozen=True)
class Mistakes:
    """Who made which mistake in a question: `named` maps a name to a count, the most first.

    `n` students were asked. `unknown` answers are wrong, with no mistake of the catalogue.
    """

    question: str
    n: int
    named: dict
    unknown: int


def mistakes(results, order=()):
    """The Mistakes of each question that is not graded by a person."""
    found = []
    for question, answers in by_question(results, order).items():
        if any(answer.by_hand for answer in answers):
            continue
        named = Counter(name for answer in answers for name in dict.fromkeys(answer.mistakes))
        ordered = dict(sorted(named.items(), key=lambda item: (-item[1], item[0])))
        unknown = sum(kind(a) in ("partly", "wrong") and not a.mistakes for a in answers)
        found.append(Mistakes(question, len(answers), ordered, unknown))
    return found


@dataclass(frozen=True)
class Spread:
    """A mistake by name: how many students made it, in which questions (a count each)."""

    name: str
    students: int
    questions: dict


def spreads(results, apart=()):
    """The Spread of each mistake over all questions, the most frequent first.

    In the questions `apart` a name means something of their own, such as an option chosen.
    """
    students, counts = Counter(), {}
    for result in results:
        made = {}
        for answer in result.answers:
            for name in answer.mistakes:
                key = name, answer.question if answer.question in apart else None
                made.setdefault(key, {})[answer.question] = 1
        students.update([*made])
        for key, questions in made.items():
            counts.setdefault(key, Counter()).update(questions)
    found = [Spread(key[0], k, dict(counts[key])) for key, k in students.items()]
    return sorted(found, key=lambda one: (-one.students, one.name, *one.questions))


# — discrimination —


@dataclass(frozen=True)
class Discrimination:
    """Whether those who do well elsewhere do well in a question: the correlation `r`, or why none.

    `low` and `high` are where r may well be, at 95 %. `share` is the mean share of the points.
    """

    question: str
    n: int
    r: float | None = None
    low: float | None = None
    high: float | None = None
    share: float | None = None
    why: str = ""

    @property
    def is_bad(self):
        """Whether it discriminates badly, or the wrong way round."""
        return self.r is not None and self.r < POOR


def discriminations(results, order=()):
    """The Discrimination of each question: its points against those of all the others together.

        r = corr(xᵢ, Σ_{j≠i} xⱼ)

    Only who answered something counts, and of these only who was asked what most were asked. A
    question with an answer that waits for a person has no r, and is in no other's sum.
    Source: J. P. Guilford, The correlation of an item with a composite of the remaining items in a
    test, Educational and Psychological Measurement 13 (1953), 87–93. Interval: R. A. Fisher, On the
    “probable error” of a coefficient of correlation deduced from a small sample, Metron 1 (1921).
    """
    questions = by_question(results, order)
    read = [result for result in results if is_read(result) and not is_blank(result)]
    sheets = Counter(frozenset(a.question for a in result.answers) for result in read)
    asked = max(
        sheets, key=lambda sheet: (sheets[sheet], len(sheet), *sorted(sheet)), default=set()
    )
    read = [result for result in read if asked == _named(result).keys()]
    waits = {question for result in read for question in result.waiting}
    scores = {q: [_named(r)[q].points for r in read] for q in questions if q in asked - waits}
    totals = [math.fsum(row) for row in zip(*scores.values(), strict=True)]
    most = {q: math.fsum(_named(result)[q].of for result in read) for q in scores}
    return [_discrimination(q, scores, totals, most, waits, len(read)) for q in questions]


def _discrimination(question, scores, totals, most, waits, n):
    if question in waits:
        return Discrimination(question, n, why="waiting")
    if question not in scores:
        return Discrimination(question, 0, why="another sheet")
    own = scores[question]
    share = math.fsum(own) / most[question] if most[question] else None
    rest = [total - value for total, value in zip(totals, own, strict=True)]
    why = ""
    if len(scores) < 2:
        why = "alone"
    elif max(own) - min(own) < 1e-9:
        why = "all right" if share == 1 else "all the same" if share else "all wrong"
    elif n < LEAST:
        why = "too few"
    elif max(rest) - min(rest) < 1e-9:
        why = "the rest is the same"
    if why:
        return Discrimination(question, n, share=share, why=why)
    r = statistics.correlation(own, rest)
    return Discrimination(question, n, r, *interval(r, n), share)


def interval(r, n):
    """Where the correlation of n pairs may well be, at 95 %: tanh(artanh r ± 1.96/√(n − 3)).

    >>> [round(bound, 2) for bound in interval(0.0, 50)]
    [-0.28, 0.28]
    """
    if abs(r) >= 1 - 1e-12:
        return r, r
    return tuple(math.tanh(math.atanh(r) + k * 1.96 / math.sqrt(n - 3)) for k in (-1, 1))


def is_read(result):
    """Whether a submission could be read; or else a person gave it points all the same."""
    readable = result.answers and UNREAD not in result.flags
    return bool(readable or any(answer.points for answer in result.answers))


def is_blank(result):
    """Whether nothing is answered in a submission that could be read."""
    return all(a.status == "not answered" and not a.points for a in result.answers)


def _named(result):
    return {answer.question: answer for answer in result.answers}
