"""Does the class report count right, tell what is told apart, and let no student write into it?"""

import random
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest

from backprop.grading.gradebook import Gradebook
from backprop.grading.report import advice, report, statistics
from backprop.grading.report.likeness import CLASS, CODE, WORDS, alike, lines
from backprop.grading.report.pictures import percent
from backprop.grading.report.signatures import signatures
from backprop.grading.report.statistics import KINDS, LEAST, UNREAD, Discrimination, interval
from backprop.grading.results import Answer, Result
from backprop.questions.course import Course

QUESTIONS = {"slope": 2, "chain": 3, "layer": 4, "why": 2}
MISTAKES = ("sign", "transpose forgotten", "no mean", "slope forgotten")


def answer(question="slope", points=0.0, of=2.0, status="wrong", **more):
    return Answer(question, points, of, status, **more)


def result(student, answers, **more):
    fields = {"assignment": "sheet", "sha256": sha256(ascii(student).encode()).hexdigest()}
    fields |= {"version": "1.0", "fingerprint": "ab12", "started": "2026-01-31T12:00:00+00:00"}
    return Result(student, **(fields | {"seconds": 0.5} | more), answers=answers)


def drawn(rng, question, of):
    """An answer of any kind."""
    kind = rng.choice(KINDS)
    if question == "why":
        if kind == "not answered":
            return answer(question, 0, of, kind)
        comment = None if kind == "waiting" else "Seen."
        points = {"right": of, "partly": of / 4}.get(kind, 0)
        more = {"by_hand": True, "comment": comment, "text": f"Words {rng.random()}"}
        return answer(question, points, of, "by hand", **more)
    if kind in ("right", "not answered"):
        return answer(question, of * (kind == "right"), of, kind)
    made = rng.sample(MISTAKES, rng.choice([0, 1, 1, 2]))
    points = rng.choice([0.33, 1, 1.5]) if kind == "partly" else 0
    return answer(question, points, of, "wrong", mistakes=made, text=f"a = {rng.random()}")


def a_class(n, seed=0, questions=QUESTIONS):
    rng = random.Random(seed)
    return [
        result(
            f"s{k:04}",
            [drawn(rng, question, of) for question, of in questions.items()],
            flags=["It tried to reach the network."] if rng.random() < 0.1 else [],
            notes=["A cell was found by its name."] if rng.random() < 0.2 else [],
        )
        for k in range(n)
    ]


def same(n, **kind):
    """A class in which everybody's answers are of one kind."""
    return [result(f"s{k:04}", [answer(q, **kind) for q in QUESTIONS]) for k in range(n)]


# — the numbers —


@pytest.mark.parametrize("n", [1, 2, 3, 10, 181])
def test_the_class_at_a_glance_is_as_numpy_has_it(n):
    results = a_class(n, n)
    glance = statistics.glance([*results, result("unread", [])])
    points = np.array([float(sum(round(a.points * 100) for a in r.answers)) for r in results]) / 100
    assert (glance.submissions, glance.read, glance.unread) == (n + 1, n, ("unread",))
    assert float(glance.mean) == pytest.approx(points.mean())
    assert [*map(float, glance.quartiles)] == pytest.approx(np.quantile(points, [0.25, 0.5, 0.75]))
    waiting = [
        a.by_hand and a.comment is None and a.status != "not answered" for a in all_of(results)
    ]
    assert glance.to_grade == sum(waiting)
    assert glance.flagged == sum(len(r.flags) > 0 for r in results)
    assert glance.of == sum(QUESTIONS.values())


def all_of(results):
    return [a for r in results for a in r.answers]


@pytest.mark.parametrize("n", [1, 2, 10, 100, 2000])
@pytest.mark.parametrize("of", ["0.5", "1", "3", "10", "22", "100", "101", "1000"])
def test_a_histogram_counts_everybody_once(n, of):
    rng = np.random.default_rng(n)
    points = [Decimal(of)] + [
        Decimal(round(v, 2)).quantize(Decimal("0.01")) for v in rng.uniform(0, float(of), n - 1)
    ]
    width, counts = statistics.bins(points, Decimal(of))
    edges = [k * width for k in range(len(counts))] + [len(counts) * width]
    assert counts == np.histogram([*map(float, points)], [*map(float, edges)])[0].tolist()
    assert sum(counts) == n
    assert (len(counts) - 1) * width < Decimal(of) <= len(counts) * width
    assert 4 <= len(counts) <= 24
    if Decimal(of) != 101:
        assert Decimal(of) % width == 0


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (20, "Each is 2 points wide."),
        (22, "Each is 2 points wide."),
        (13, "Each is 1 point wide."),
        (29, "Each is 5 points wide, the last one 4."),
        (22.75, "Each is 5 points wide, the last one 2.75."),
    ],
)
def test_how_wide_the_bars_are_is_said_and_drawn(of, said):
    results = [result(f"s{k:02}", [answer(points=of * k / 24, of=of)]) for k in range(25)]
    page = report(results)
    assert said in " ".join(read(page).words)
    widths, last = bar_widths(page, "wide"), re.search(r"last one (.+)\.", said)
    usual = float(re.search(r"is ([\d.]+)", said)[1])
    part = float(last[1]) / usual if last else 1
    assert np.ptp(widths[:-1]) < 0.3  # drawn to a tenth
    assert (widths[-1] + 2) / (widths[0] + 2) == pytest.approx(part, abs=0.01)  # gaps of a pixel


def bar_widths(page, kind):
    """How wide the bars of the first histogram are, in pixels."""
    start = f'<svg class="bp-plot {kind}" role="img" aria-label="Distribution'
    plot = page[page.index(start) :].partition("<h3>")[0].partition('class="bp-plot narrow"')[0]
    paths = re.findall(r'<path class="fill plus"[^>]* d="M([\d.]+) [\d.]+L([\d.]+) ', plot)
    return [float(right) - float(left) for left, right in paths]


@pytest.mark.parametrize("seed", range(5))
def test_the_kinds_of_answers_to_each_question_are_counted(seed):
    results = a_class(60, seed)
    for rate in statistics.rates(results, ["why"]):
        answers = [a for a in all_of(results) if a.question == rate.question]
        assert rate.n == len(answers) == sum(rate.counts.values())
        assert rate.counts["waiting"] == sum(a.waiting for a in answers)
        assert rate.counts["right"] == sum(a.points == a.of for a in answers)
        assert rate.counts["partly"] == sum(0 < a.points < a.of for a in answers)
        assert rate.counts["not answered"] == sum(a.status == "not answered" for a in answers)
        if rate.counts["waiting"]:
            assert rate.mean is None
        else:
            assert rate.mean == pytest.approx(np.mean([a.points for a in answers]))


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (answer(points=2, status="right"), "right"),
        (answer(points=2, status="by hand", by_hand=True, comment=""), "right"),
        (answer(points=2, status="by hand", by_hand=True), "waiting"),
        (answer(points=0, status="right", comment="Copied, as you told me."), "wrong"),
        (answer(points=0.5), "partly"),
        (answer(points=0.001), "wrong"),
        (answer(points=0, status="not answered", by_hand=True), "not answered"),
        (answer(points=1, status="not answered", comment="Told me."), "partly"),
        (answer(points=0, of=0, status="right"), "right"),
        (answer(points=0, of=0), "wrong"),
    ],
)
def test_points_say_what_an_answer_is(made, kind):
    assert statistics.kind(made) == kind


def test_mistakes_are_counted_by_name_the_most_frequent_first():
    results = a_class(120)
    for found in statistics.mistakes(results):
        answers = [a for a in all_of(results) if a.question == found.question]
        assert found.named == Counter(name for a in answers for name in a.mistakes)
        assert [*found.named.values()] == sorted(found.named.values(), reverse=True)
        wrong = [a for a in answers if a.status == "wrong"]
        assert found.unknown == sum(not a.mistakes for a in wrong)
        assert found.n == 120
    assert {found.question for found in statistics.mistakes(results)} == {*QUESTIONS} - {"why"}


def test_a_mistake_made_in_two_questions_counts_once_for_a_student():
    twice = [answer("slope", mistakes=("sign",)), answer("chain", mistakes=("sign",))]
    results = [result("ada", twice), result("bob", twice[:1]), result("cem", [answer("slope")])]
    (spread,) = statistics.spreads(results)
    assert (spread.name, spread.students, spread.questions) == ("sign", 2, {"slope": 2, "chain": 1})
    apart = statistics.spreads(results, {"slope", "chain"})
    assert [(s.students, s.questions) for s in apart] == [(2, {"slope": 2}), (1, {"chain": 1})]


def test_a_share_in_per_cent_is_honest():
    for n in (1, 3, 7, 199, 2000):
        for k in range(n + 1):
            text = percent(k, n)
            number = int(re.sub(r"\D", "", text))
            assert (text == "0\N{NO-BREAK SPACE}%") == (k == 0)
            assert (text == "100\N{NO-BREAK SPACE}%") == (k == n)
            assert abs(100 * k / n - number) <= 0.5 if text[0].isdigit() else 0 < k < n


def test_what_could_not_be_read_counts_for_nothing_but_itself():
    """As the grader hands it on: nothing is answered, and there is a flag."""
    results = a_class(20)
    torn = result("torn", [answer(q, 0, of, "not answered") for q, of in QUESTIONS.items()],
                  flags=[UNREAD])  # fmt: skip
    glance = statistics.glance([*results, torn])
    assert (glance.unread, glance.read) == (("torn",), 20)
    assert glance.points == statistics.glance(results).points
    tables = [cells(report(r), "What came of each question") for r in (results, [*results, torn])]
    assert tables[0] == tables[1]
    given = replace(torn, answers=[replace(a, points=1, comment="On paper.") for a in torn.answers])
    assert statistics.glance([*results, given]).unread == ()


# — discrimination —


@pytest.mark.parametrize("seed", range(4))
def test_discrimination_is_the_correlation_with_the_rest(seed, rng):
    questions = {f"q{k}": 2 * k + 1 for k in range(6)}
    ability = rng.normal(size=150)
    chances = 1 / (1 + np.exp(-ability[:, None] - rng.normal(size=6)))
    points = (rng.random((150, 6)) < chances) * np.array([*questions.values()]) + 0.0
    points[:, 2] /= rng.choice([1, 3], 150)
    results = [
        result(f"s{k}", [answer(q, p, questions[q]) for q, p in zip(questions, row, strict=True)])
        for k, row in enumerate(points.tolist())
    ]
    for k, found in enumerate(statistics.discriminations(results)):
        rest = np.delete(points, k, axis=1).sum(axis=1)
        assert found.r == pytest.approx(np.corrcoef(points[:, k], rest)[0, 1])
        assert found.share == pytest.approx(points[:, k].mean() / questions[f"q{k}"])
        assert found.low < found.r < found.high
        assert found.n == 150


def ranked(n, *, questions=("a", "b", "c"), turned=()):
    """A class in which student k is better than k others in each question, worse in `turned`."""

    def points(k, q):
        return float(n - 1 - k if q in turned else k) + hash_of(k, q)

    return [
        result(f"s{k:04}", [answer(q, points(k, q), n + 1.0) for q in questions]) for k in range(n)
    ]


def hash_of(*what):
    return sha256(repr(what).encode()).digest()[0] / 256


def test_what_good_students_get_wrong_is_told():
    found = {d.question: d for d in statistics.discriminations(ranked(60, turned={"b"}))}
    assert found["b"].r < 0 and found["b"].is_bad
    assert "Check the reference answer" in advice(found["b"])
    assert "hardly tells" not in advice(found["b"])


def test_nobody_who_could_bend_it_counts():
    """Not the unreadable, not the blank, not those who were asked otherwise."""
    asked = ranked(60)
    odd = [
        result("unread", []),
        result("torn", [answer(q, 0, 61, "not answered") for q in "abc"], flags=[UNREAD]),
        result("blank", [answer(q, 0, 61, "not answered") for q in "abc"]),
        result("older", [answer(q, 9, 61) for q in "ab"]),
        result("newer", [answer(q, 9, 61) for q in "abcd"]),
    ]
    whole = {d.question: d for d in statistics.discriminations(asked + odd)}
    for one in statistics.discriminations(asked):
        assert whole[one.question] == one
    assert whole["d"].why == "another sheet"


def test_a_question_that_waits_is_in_no_sum():
    results = ranked(60)
    waits = answer("why", 0, 100, "by hand", by_hand=True)
    given = replace(waits, points=90, comment="Yes.")
    with_words = [
        replace(r, answers=(*r.answers, given if k % 2 else waits)) for k, r in enumerate(results)
    ]
    found = statistics.discriminations(with_words)
    assert found[:3] == statistics.discriminations(results)
    assert found[3].why == "waiting" and found[3].r is None


@pytest.mark.parametrize(
    ("results", "why"),
    [
        (ranked(LEAST - 1), "too few"),
        (ranked(60, questions=("a",)), "alone"),
        (same(60, points=2, status="right"), "all right"),
        (same(3, points=2, status="right"), "all right"),
        (same(60, points=0), "all wrong"),
        (same(60, points=1), "all the same"),
        (
            [result(f"s{k}", [answer("a", k / 60), answer("b", 1)]) for k in range(60)],
            "the rest is the same",
        ),
    ],
)
def test_where_it_cannot_be_told_the_reason_is(results, why):
    found = statistics.discriminations(results)[0]
    assert (found.r, found.why, found.is_bad) == (None, why, False)
    assert advice(found) in report(results)


def test_too_few_students_are_told_of_once():
    """Above all tables; what there is to say of one question still stands in its line."""
    easy = [replace(r, answers=(*r.answers, answer("easy", 2, 2, "right"))) for r in ranked(30)]
    page = report(easy)
    assert page.count("Too few students to tell: fewer than 50.") == 1
    assert [row[0] for row in cells(page, "Discrimination of each question")] == ["easy"]
    assert "Discrimination of each question" not in report(ranked(30))
    assert "Guilford 1953" not in report(ranked(30)) and "Guilford 1953" in report(ranked(60))


def test_enough_students_are_those_with_whom_nothing_seldom_looks_good():
    assert interval(0, LEAST)[1] == pytest.approx(0.28, abs=0.005)
    draws = np.random.default_rng(1).normal(size=(4000, 2, LEAST))
    far = [abs(np.corrcoef(*pair)[0, 1]) > interval(0, LEAST)[1] for pair in draws]
    assert 0.03 < np.mean(far) < 0.07  # one case of twenty
    assert interval(1.0, 60) == (1.0, 1.0)


def test_each_strength_has_its_advice():
    strengths = (-0.3, 0.1, 0.25, 0.35, 0.6)
    said = [advice(Discrimination("q", 90, r, r - 0.1, r + 0.1, 0.5)) for r in strengths]
    assert len({*said}) == len(strengths)
    assert "So easy" in advice(Discrimination("q", 90, 0.1, 0, 0.2, 0.95))
    assert "So hard" in advice(Discrimination("q", 90, 0.1, 0, 0.2, 0.05))
    assert "as high as 0.31" in advice(Discrimination("q", 60, 0.1, -0.1, 0.31, 0.5))


# — signatures —


def signed(**names):
    """A class by who handed in, each with the id that is signed: "" for none."""
    flags = {
        who: [f"signed as {name!r}"] if name else ["not signed"] for who, name in names.items()
    }
    return [result(who, [answer()], flags=flags[who] * (who != names[who])) for who in names]


def test_a_signature_that_differs_is_a_flag_where_most_do_not():
    found = signatures(signed(ada="ada", bob="bob", cem="kim", dan="", eva="eva"))
    assert not found.of_two_kinds and found.shared == ()
    assert found.flags == {"cem": ("signed as 'kim'",), "dan": ("not signed",)}
    assert (found.signed, found.others, found.flagged) == (4, 1, 2)


@pytest.mark.parametrize("n", [3, 25])
def test_where_most_differ_the_ids_are_of_two_kinds(n):
    found = signatures(signed(**{f"47{k:02}": f"s{k:02}" for k in range(n)}, last=""))
    assert found.of_two_kinds and found.flags == {"last": ("not signed",)}
    assert (found.signed, found.others, found.shared, found.flagged) == (n, n, (), 1)


def test_most_are_more_than_half_and_more_than_a_pair():
    def kinds(others, own):
        return signatures(
            signed(
                **{f"a{k}": f"b{k}" for k in range(others)},
                **{f"c{k}": f"c{k}" for k in range(own)},
            )
        ).of_two_kinds

    assert kinds(4, 3) and not kinds(4, 4)
    assert kinds(3, 0) and not kinds(2, 0) and not kinds(1, 0)


@pytest.mark.parametrize("others", [0, 25])
def test_a_signature_that_students_share_is_always_worth_a_line(others):
    more = {f"48{k:02}": f"t{k:02}" for k in range(others)}
    results = signed(a1="a1", a2="a2", a3="a3", a4="A1", a5="it's", a6="IT'S", **more)
    found = signatures(results)
    assert found.shared == (("a1", ("a1", "a4")), ("it's", ("a5", "a6")))
    assert found.of_two_kinds == (others > 0) and found.flagged == 4
    assert statistics.glance(results).flagged == 4
    words = " ".join(" ".join(read(report(results)).words).split())
    assert "a1 and a4 are both signed a1 ." in words and "a5 and a6 are both signed it's ." in words
    assert ("28 of 31 signed submissions" in words) == (others > 0)
    assert ("signed as" in words) == (others == 0)
    assert "t07" not in words


def test_what_could_not_be_read_is_not_signed_either():
    torn = [result(f"t{k}", [], flags=[UNREAD]) for k in range(9)]
    found = signatures([*torn, *signed(a="b", c="d", e="f")])
    assert found.of_two_kinds and found.signed == 3
    assert {*found.flags} == {r.student for r in torn}


@pytest.mark.parametrize("name", ["x" * 100, "'\"", "\\", "זה", "\x00", ""])
def test_any_signature_can_be_shared(name):
    pair = [result(s, [answer()], flags=[f"signed as {name!r}"]) for s in ("a", "b")]
    ((shared, students),) = signatures(pair).shared
    assert students == ("a", "b") and shared == name


# — the same answers —

LOOP = """def slope(W, d, a):
    '''The slope.'''
    total = np.zeros((W.shape[1], d.shape[1]))
    for k in range(W.shape[0]):
        total += W[k][:, None] * d[k]  # add it up
    return total
"""
SAID = "A gradient is taken at one point, so every part must belong to it."


def code(student, text, status="wrong", **more):
    return result(
        student, [answer(text=text, status=status, points=2 * (status == "right"))], **more
    )


def words(student, text):
    return result(student, [answer("why", 0, 2, "by hand", by_hand=True, text=text)])


def found(results, **more):
    return [(group.what, group.students) for group in alike(results, **more)]


def test_the_same_file_is_told_once():
    twins = [code(s, LOOP, sha256="a" * 64) for s in ("ada", "bob")]
    assert found(twins) == [("file", ("ada", "bob"))]
    assert found([*twins, code("cem", LOOP)]) == [
        ("file", ("ada", "bob")),
        ("answer", ("ada", "cem")),
    ]


@pytest.mark.parametrize(
    "other",
    [
        LOOP.replace("    ", "\t"),
        LOOP.replace("  # add it up", ""),
        LOOP.replace("'''The slope.'''", '"""Something else,\n\nlonger."""'),
        LOOP.replace(" = ", "=").replace("\n", "\r\n"),
        "# mine\n\n\n" + LOOP + "\n# the end",
    ],
)
def test_what_says_nothing_makes_no_difference(other):
    assert found([code("ada", LOOP), code("bob", other)]) == [("answer", ("ada", "bob"))]


@pytest.mark.parametrize("change", [("total +=", "total -="), ("'k'", "k"), ("[k]", '["k #"]')])
def test_what_says_something_does(change):
    other = LOOP.replace(*change)
    assert found([code("ada", LOOP), code("bob", other)]) == (
        [("answer", ("ada", "bob"))] if other == LOOP else []
    )


def test_a_hash_in_a_string_is_no_comment():
    assert lines(answer(text='a = "#1" + b\n')) == ('a="#1"+b',)
    assert lines(answer(text="a = '\\'#' # c\n")) == ("a='\\'#'",)


def test_words_are_compared_as_words():
    pair = [
        words("ada", SAID),
        words("bob", SAID.upper().replace(" ", "\n ", 1).replace("\n", " ")),
    ]
    assert found(pair) == [("answer", ("ada", "bob"))]
    assert found([words("ada", "I see."), words("bob", "I see.")]) == []
    assert len("".join(SAID.split())) < WORDS <= len(SAID)


def test_right_answers_to_one_question_are_no_evidence():
    assert found([code(s, LOOP, "right") for s in ("ada", "bob")]) == []


def test_short_answers_are_no_evidence():
    short = "def slope(W, d, a):\n    return W @ d"
    assert found([code(s, short) for s in ("ada", "bob")]) == []
    assert len("returnW@d") < CODE


def test_all_code_the_same_is_told_even_where_it_is_right_and_not_once_more_for_each_answer():
    def whole(student, last=""):
        texts = {"slope": LOOP, "chain": LOOP.replace("total", "sum_" + last), "layer": LOOP}
        answers = [answer(q, 2, 2, "right", text=t) for q, t in texts.items()]
        return result(student, [*answers, answer("wrong_one", text=LOOP + "\nb = 1")])

    assert found([whole("ada"), whole("bob")]) == [("code", ("ada", "bob"))]
    assert found([whole("ada"), whole("bob", "mine")]) == [("answer", ("ada", "bob"))]


def test_what_was_handed_out_does_not_count():
    """A function to mend: all have its lines, and each changed another one, or none."""
    n = CLASS + 2
    handed_out = [code(f"s{k}", LOOP + f"    a = {k // 2}") for k in range(n)]
    assert found(handed_out) == []
    more = "    here = [W[0] * d[1] for one in range(12)]\n    there = {k: d[k] + a for k in a}\n"
    more += "    both = np.outer(here, there)"
    pair = [code(s, LOOP + more) for s in ("ada", "bob")]
    assert found([*handed_out, *pair]) == [("answer", ("ada", "bob"))]


def test_answers_chosen_from_a_list_and_blank_sheets_say_nothing():
    pair = [code("ada", LOOP), code("bob", LOOP)]
    assert found(pair, chosen={"slope"}) == []
    blank = [result(s, [answer(status="not answered")], sha256="a" * 64) for s in ("ada", "bob")]
    unread = [result(s, [], sha256="b" * 64) for s in ("cem", "dan")]
    assert found(blank + unread) == []


@pytest.mark.parametrize(
    "text",
    [
        '"""' * 16_000,
        '\\"' * 25_000,
        "'" * 49_999,
        "(" * 50_000,
        "#" * 50_000,
        'f"' * 25_000 + "\n" + "é\u2028\x0c",
        "def " * 12_000,
        "\n" * 50_000,
    ],
)
def test_no_text_is_too_odd_to_compare(text):
    assert isinstance(lines(answer(text=text)), tuple)
    alike([code("ada", text), code("bob", text)])


# — the page —

TAGS = set(re.findall(r"\w+", """
    html head meta title link style body main nav ul li a section h1 h2 h3 h4 dl div dt dd p b em
    code bdi span table thead tbody tr th td caption details summary pre br footer cite
    svg g path rect line text circle pattern defs"""))  # fmt: skip
ATTRIBUTES = set(re.findall(r"[\w-]+", """
    lang charset http-equiv content name rel href class id role tabindex scope aria-label
    aria-hidden viewbox width height x y x1 x2 y1 y2 d fill fill-opacity r cx cy patternunits
"""))  # fmt: skip
OPEN = {"meta", "link", "br"}


class Read(HTMLParser):
    """The tags of a page in order, and its words."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words, self.open, self.ids = [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in ATTRIBUTES, (tag, name)
            if name == "href":
                assert value == "data:," or re.fullmatch(r"#assignment-\d+", value)
            if name == "id":
                self.ids.append(value)
            if name == "fill":
                assert re.fullmatch(r"url\(#[a-z-]+-\d+\)", value)
        self.tags.append(tag)
        if tag not in OPEN:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def read(page):
    made = Read(page)
    assert made.open == []
    assert len(made.ids) == len({*made.ids})
    assert "http" not in page.replace("http-equiv", "") and "script" not in "".join(made.tags)
    return made


def test_without_results_there_is_no_report():
    with pytest.raises(ValueError, match="no results to report on; grade submissions first"):
        report([])


def test_a_student_counts_once():
    with pytest.raises(ValueError, match="two results of 'ada'"):
        report([code("ada", ""), code("ada", "")])


@pytest.mark.parametrize("n", [1, 2, 10, 2000])
def test_a_class_of_any_size_has_a_report(n):
    page = report(a_class(n))
    words = " ".join(read(page).words)
    assert re.search(rf"Points of the\s+{n} submission", words)
    assert len(page) < 400_000  # a page that opens, however large the class


@pytest.mark.parametrize(
    "results",
    [
        same(30, points=2, status="right"),
        same(30, points=0),
        same(30, points=0, status="not answered"),
        [result("ada", [])],
        [result("ada", []), result("bob", [answer(of=0)])],
        [result("ada", [answer(of=0, status="right")])],
    ],
    ids=["right", "wrong", "blank", "unread", "worth nothing", "worth nothing and right"],
)
def test_classes_at_the_edge_have_a_report(results):
    read(report(results))


def test_the_same_class_gives_the_same_page_in_any_order():
    results = a_class(60)
    page = report(iter(results))
    assert report(random.Random(1).sample(results, 60)) == page
    assert page == report(results)


def cells(page, heading):
    """The rows of the table that the page labels so, each a list of texts."""
    (table,) = re.findall(rf'aria-label="{re.escape(heading)}">\s*<table>(.*?)</table>', page, re.S)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table, re.S)
    return [
        [
            " ".join(re.sub("<[^>]+>", " ", c).split())
            for c in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        ]
        for row in rows[1:]
    ]


def test_the_tables_say_what_was_counted():
    results = a_class(90)
    page = report(results)
    for row, rate in zip(
        cells(page, "What came of each question"), statistics.rates(results), strict=True
    ):
        shares = [f"{k} ({percent(k, 90)})" if k else "0" for k in rate.counts.values()]
        assert row[:-1] == [rate.question, "90", *(" ".join(s.split()) for s in shares)]
    for one in statistics.mistakes(results):
        rows = cells(page, f"Mistakes in {one.question}")
        counts = [*one.named.items(), ("wrong, no known mistake", one.unknown)]
        assert [(row[0], int(row[1].split()[0])) for row in rows] == counts


def test_several_assignments_have_a_section_each():
    both = a_class(5) + [replace(r, assignment="second") for r in a_class(6)]
    page = read(report(both))
    assert page.tags.count("h2") == 2
    assert "nav" in page.tags
    assert {"assignment-1", "assignment-2", "right-1", "right-2"} <= {*page.ids}


def test_an_assignment_is_called_by_its_title_and_its_name_stands_beside():
    titles = {"sheet": "Sheet 1: <slopes>", "other": "no"}
    page = report(a_class(5), titles=titles)
    assert "<title>Class report: Sheet 1: &lt;slopes&gt;</title>" in page
    assert "<h2><bdi>Sheet 1: &lt;slopes&gt;</bdi> <code>sheet</code></h2>" in page
    assert report(a_class(5), titles={"sheet": ""}) == report(a_class(5))
    assert "<h2><bdi>sheet</bdi></h2>" in report(a_class(5))


def test_a_course_lends_titles_criteria_and_hints():
    course = Course.of_package()
    hand = answer("which_weights", 0, 2, "by hand", by_hand=True, text="Since I mix two networks")
    wrong = answer("hidden_delta", 0, 3, mistakes=("transpose forgotten",))
    chose = answer("which_way_hidden", 0, 1, mistakes=('"open" chosen',))
    results = [result(f"s{k}", [hand, wrong, chose, answer("unheard_of")]) for k in range(5)]
    words = " ".join(" ".join(read(report(results, course)).words).split())
    assert "Pass the blame back" in words
    assert course["which_weights"].criteria in words
    assert "lesson: 04_hidden_delta, “Why the transpose”" in words
    assert course["which_way_hidden"].reasons["open"] in words
    assert words.index("which_way_hidden") < words.index("unheard_of")


def test_points_that_a_person_gave_count(tmp_path):
    with Gradebook(tmp_path / "grades.sqlite") as book:
        book.record(words("ada", "Because."))
        book.record(words("bob", "Why not?"))
        assert "2 of 2 wait" in report(book.totals("sheet"))
        book.enter("ada", "why", 1.5, "Nearly.")
        page = report(book.totals("sheet"))
    assert "1 of 2 waits" in page
    assert "1 (50 %)" in cells(page, "What came of each question")[0]


def test_nobody_is_accused():
    page = report([code(s, LOOP, sha256="a" * 64) for s in ("ada", "bob")]).casefold()
    assert "to look at" in page
    assert not re.search("cheat|plagiar|copied|fraud|suspect|misconduct", page)


EVIL = (
    "</td></table><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "</style></title><!--",
    "\u202eזה\u2066",
    "]]>&lt;&#60;",
    "a\x00\ud800b",
    "x" * 400,
)


@pytest.mark.parametrize("evil", EVIL)
def test_no_text_of_a_student_changes_the_page(evil):
    """The same tags in the same order as for harmless texts of the same class."""

    def page(more):
        results = []
        for k in range(12):
            text = f"{SAID} {more}"
            answers = [
                answer(f"q{more}"[:90], mistakes=[f"m{more}"], text=LOOP + more),
                answer(f"w{more}"[:90], 0, 2, "by hand", by_hand=True, text=text),
            ]
            fields = {"assignment": f"a{more}", "version": f"v{more}", "fingerprint": f"f{more}"}
            flags = {"flags": [f"flag {more}"], "notes": [f"note {more}"]}
            results.append(result(f"s{k:02}{more}", answers, **fields, **flags))
        return report([*results, result(f"t{more}", [], assignment=f"a{more}")])

    assert read(page(evil)).tags == read(page("harmless words")).tags
    assert "\u202e" not in page(evil) and "\u2066" not in page(evil)


# — in a browser —

SCHEMES = ("light", "dark")


@pytest.fixture
def shown_report(page, tmp_path):
    """A report in a browser; nothing may be fetched."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    path = tmp_path / "report.html"

    def show(results, course=None):
        path.write_text(report(results, course), encoding="utf-8")
        page.goto(path.as_uri())
        return page

    yield show
    assert {*asked} <= {path.as_uri(), "data:,"}


def full_class():
    twins = [code("twin a", LOOP, sha256="a" * 64), code("twin b", LOOP, sha256="a" * 64)]
    long = result("m" * 300, [answer("q" * 200, mistakes=["n" * 300])], flags=["f" * 500])
    return [*a_class(120), *twins, long, result("unread", [], notes=["It is no notebook."])]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_everybody_can_read_it(shown_report, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = shown_report(full_class() + [replace(r, assignment="second") for r in a_class(3)])
    page.emulate_media(color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    violations = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in violations] == []
    assert faint(page) == []


def faint(page):
    """Words in plots without the contrast that WCAG asks for, 4.5; axe reads no SVG."""
    rows = page.locator("svg.bp-plot text").evaluate_all(
        """all => {
          const colour = (element, of) => getComputedStyle(element)[of];
          const paper = colour(document.documentElement, "backgroundColor");
          const ground = (text) => text.classList.contains("light")
            ? colour(text.closest("svg").querySelector(".piece.plus"), "stroke") : paper;
          return all.map((text) => [text.textContent, colour(text, "fill"), ground(text)]);
        }"""
    )
    assert {"right", "wrong"} <= {text for text, *_ in rows}
    assert any(ground != rows[0][2] for *_, ground in rows)
    return [row for row in rows if contrast(*row[1:]) < 4.5]


def contrast(*colours):
    """Source: WCAG 2.2, relative luminance and contrast ratio."""
    rgb = np.array([[int(n) for n in re.findall(r"\d+", c)[:3]] for c in colours]) / 255
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    dark, bright = sorted(light @ [0.2126, 0.7152, 0.0722])
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_nothing_is_wider_than_the_page(shown_report, width):
    page = shown_report(full_class())
    page.set_viewport_size({"width": width, "height": 900})
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 720, 700, 400, 320])
def test_each_plot_is_there_once_whole_and_readable(shown_report, width):
    """Scaled to the page; type in the plots is 9 pixels high or more, 8 on the smallest screens."""
    page = shown_report([*ranked(60, turned={"b"}), result("long", [answer("which_way" * 20)])])
    page.set_viewport_size({"width": width, "height": 900})
    plots = page.locator("svg.bp-plot:visible")
    assert plots.count() == 3 == page.locator("svg.bp-plot").count() / 2
    for box, least, out in plots.evaluate_all(DRAWN):
        assert box["left"] >= 0 and box["right"] <= width
        assert least >= (9 if width >= 400 else 8)
        assert out == []


DRAWN = """all => all.map((svg) => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  const texts = [...svg.querySelectorAll("text")];
  const sizes = texts.map((text) => parseFloat(getComputedStyle(text).fontSize));
  const box = svg.getBoundingClientRect();
  const out = texts.filter((text) => {
    const own = text.getBoundingClientRect();
    return own.left < box.left - 1 || own.right > box.right + 1;
  });
  return [box, Math.min(...sizes) * scale, out.map((text) => text.textContent)];
})"""


@pytest.mark.parametrize("width", [1280, 400])
def test_a_table_scrolls_within_where_it_must(shown_report, width):
    page = shown_report(a_class(60))
    page.set_viewport_size({"width": width, "height": 900})
    scrolls = "all => all.some((one) => one.scrollWidth > one.clientWidth)"
    assert page.locator(".scroll").evaluate_all(scrolls) == (width == 400)
