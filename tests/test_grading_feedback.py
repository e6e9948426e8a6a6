"""Does a student's page say all that is theirs, nothing else, and can no text become markup?"""

import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from test_gradebook import answer, result

from backprop.grading.feedback import page as feedback
from backprop.grading.feedback import pages
from backprop.grading.pages import sentence, visible
from backprop.grading.results import UNREAD
from backprop.questions.course import Course

COURSE = Course.of_package()
SECRET = "identical to another's"
HOSTILE = {
    "script": "<script>window.hit = 1; alert(1)</script>",
    "attribute": '"><img src="https://x.example/y" onerror="window.hit = 1">',
    "quotes": "' onclick='window.hit = 1' \" autofocus onfocus=\"window.hit = 1\"",
    "closing": "</title></style></pre></details></main></bdi><iframe src=//x.example></iframe>",
    "comment": "--><!-- <![CDATA[ <?php ]]>",
    "template": "{{ 7*7 }}{% raw %}{# ${7*7} <%= 7*7 %>",
    "address": "javascript:window.hit=1",
    "entity": "&lt;b&gt; &#x3c;script&#x3e; &amp",
    "refresh": '<meta http-equiv="refresh" content="0;url=https://x.example"><base href="//x">',
    "codes": "a\0b\x1b[31mred\x9b31m\x07\ud800\ufffe",
    "turned": "b\u202etxt.exe\u202d\u2066\u2069\u2069\u200f",
    "accents": "e" + "\u0301\u0489" * 100,
    "from right to left": "שלום 123 (abc) مرحبا",
    "long": "W" * 50_000,
    "wide": "𒐫﷽" * 100,
    "signs": "`<b>` *<i>* `` ` *a* **b** `",
}


def full(text):
    """A result that holds the text wherever there is place for one."""
    short = text[:480]
    every = {"mistakes": (text, text), "hints": (text,), "said": (text, text), "output": text}
    return result(
        short,
        [
            answer(short, **every, text=text),
            answer("hidden_delta", 0, 3, **every, text=text, comment=text),
            answer("why", 0, 4, "by hand", **every, by_hand=True, text=text),
        ],
        assignment=short,
        version=short,
        fingerprint=short,
        notes=(text, text),
        flags=(text, text),
    )


class Read(HTMLParser):
    """The elements of a page with their attributes, and its words."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.words, self.others = [], "", []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, tuple(attrs)))

    def handle_endtag(self, tag):
        self.elements.append(("/" + tag, ()))

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.others.append(data)

    def handle_decl(self, decl):
        if decl != "doctype html":
            self.others.append(decl)

    handle_pi = unknown_decl = handle_comment


# — hostile texts —


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind != "signs"])
def test_a_text_makes_no_element_and_no_attribute(kind):
    tame, read = Read(feedback(full("tame"), COURSE)), Read(feedback(full(HOSTILE[kind]), COURSE))
    assert read.elements == tame.elements and not read.others


def test_signs_of_code_and_emphasis_make_only_these():
    tame, read = Read(feedback(full("tame"))), Read(feedback(full(HOSTILE["signs"])))
    marks = {(mark, ()) for mark in ("code", "/code", "em", "/em")}
    assert set(read.elements) - set(tame.elements) <= marks
    without = [element for element in read.elements if element not in marks]
    assert without == [element for element in tame.elements if element not in marks]


@pytest.mark.parametrize("kind", [kind for kind in HOSTILE if kind != "signs"])
def test_every_text_is_shown_as_it_was_kept(kind):
    kept, words = full(HOSTILE[kind]), Read(feedback(full(HOSTILE[kind]), COURSE)).words
    texts = [kept.student, kept.assignment, kept.version, *kept.notes]
    for a in kept.answers:
        texts += [*a.said, *a.mistakes, *a.hints, a.output, a.text, a.comment or ""]
    assert [text[:99] for text in texts if visible(text) not in words] == []


def test_nothing_turns_what_stands_around_it():
    page = feedback(full(HOSTILE["turned"]))
    assert not set(page) & {*map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))}
    assert "b�txt.exe" in page


def test_markup_stays_markup_where_a_sentence_is_made_visible():
    assert visible(sentence("`a\u202eb`")) == "<p><code>a�b</code></p>"


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_browser_makes_of_it_what_the_template_says(page, tmp_path, kind):
    asked, boxes = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (boxes.append(dialog.message), dialog.dismiss()))
    elements = "[...document.querySelectorAll('*')].map((e) => e.localName)"
    opened(page, tmp_path, feedback(full("tame"), COURSE))
    tame = page.evaluate(elements)
    opened(page, tmp_path, feedback(full(HOSTILE[kind]), COURSE))
    made = [name for name in page.evaluate(elements) if kind != "signs" or name not in MARKS]
    assert made == [name for name in tame if kind != "signs" or name not in MARKS]
    for width in (400, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert kind == "accents" or page.evaluate(BEYOND) == []
    page.keyboard.press("Tab")
    page.mouse.click(200, 200)
    assert page.evaluate("window.hit") is None and not boxes
    assert {url.partition(":")[0] for url in asked} <= {"file", "data"}
    assert {url for url in asked if url.startswith("file")} == {(tmp_path / "page.html").as_uri()}


MARKS = ("code", "em")
BEYOND = """() => [...document.body.querySelectorAll("*")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth || e.getBoundingClientRect().left < 0)
  .map((e) => e.outerHTML.slice(0, 200))"""


def test_were_markup_to_slip_through_no_script_would_run(page, tmp_path):
    slipped = HOSTILE["script"] + HOSTILE["attribute"] + '<img src="x" onerror="window.hit = 1">'
    html = feedback(result())
    reached = []
    page.on("requestfinished", lambda request: reached.append(request.url))
    opened(page, tmp_path, html.replace("</main>", f"{slipped}</main>"))
    assert page.locator("img").count() == 2
    assert page.evaluate("window.hit") is None
    assert not [url for url in reached if not url.endswith("page.html")]


def opened(page, folder, html):
    """Open the page from a file, as a student does, with all that is folded in unfolded."""
    (folder / "page.html").write_text(html, encoding="utf-8")
    page.goto((folder / "page.html").as_uri())
    page.locator("details").evaluate_all("all => all.forEach((one) => (one.open = true))")


# — for everybody —


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_who_cannot_see_the_page_can_use_it(page, tmp_path, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, tmp_path, feedback(every_kind(), COURSE))
    found = Axe().run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], node["html"][:200]) for v in found for node in v["nodes"]] == []
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


@pytest.mark.parametrize("text", ["\n\n  two lines above\t|\n", " <b>\n", "&amp;"])
def test_a_browser_shows_output_and_answer_to_the_letter(page, tmp_path, text):
    opened(page, tmp_path, feedback(result(answers=[answer(output=text, text=text)])))
    assert page.locator("pre").all_text_contents() == [text, text]


def every_kind():
    """A result with an answer of each kind."""
    long = "print(" + "1234567890, " * 30 + ")\n"
    told = {"said": ["`a` is not *all*."], "hints": ["Look."], "output": long, "text": long}
    return result(
        answers=[
            answer("hidden_delta", 3, 3, "right", **told),
            answer("hidden_by_hand", 1.5, 4, **told, mistakes=("the weight left out",)),
            answer("cost", 0, **told, mistakes=("one", "two")),
            answer("delta", 0, 1, "not answered"),
            answer("why", 0, 4, "by hand", by_hand=True, text="As ..."),
            answer("how", 3, 4, "by hand", by_hand=True, text="As ...", comment="Nearly."),
        ]
    )


# — what is said —


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (answer(points=2, status="right"), "✓ Right · 2 of 2 points"),
        (answer(points=1 / 3), "◐ Partly right · 0.33 of 2 points"),
        (answer(points=0, of=1), "✗ Not right · 0 of 1 point\n"),
        (answer(points=0, status="not answered"), "○ Not answered · 0 of 2 points"),
        (answer(points=0, status="by hand", by_hand=True), "✎ Waits for a person · up to 2 points"),
        (answer(status="by hand", by_hand=True, comment=""), "✎ Read by a person · 1 of 2"),
        (answer(points=2, comment="Fine."), "✎ Read by a person · 2 of 2 points"),
        (answer(status="not answered", comment="Ill."), "✎ Read by a person · 1 of 2 points"),
    ],
)
def test_how_it_ended_is_said_in_words_with_a_sign(made, said):
    words = Read(feedback(result(answers=[made]))).words
    assert said in words and said[0] in words.partition(said)[0]  # in the overview too


def test_nothing_is_said_of_answers_that_could_not_be_read():
    """Instead of "Not answered", and the reason is the first thing on the page."""
    none = [answer(id, 0, 3, "not answered") for id in ("hidden_delta", "delta", "cost")]
    unread = result(answers=none, flags=[UNREAD], notes=["It is a picture, `a.png`."])
    html = feedback(unread, COURSE)
    words = Read(html).words
    assert words.count("○ Not read") == 2 * len(none) and "Not answered" not in words
    assert "Read it up" not in words
    first, second = "Your submission could not be read", "It is a picture, a.png."
    assert 0 < words.index(first) < words.index(second) < words.index("Your answers")
    assert first in feedback(replace(unread, notes=())) and first not in feedback(result())
    given = replace(none[0], points=2.0, comment="Shown to me.")
    mixed = Read(feedback(replace(unread, answers=(given, *none[1:])))).words
    assert mixed.count("○ Not read") == 4 and "✎ Read by a person · 2 of 3" in mixed


def test_a_cell_that_could_not_be_run_is_not_right_and_says_why():
    said = "Your cell could not be run: SyntaxError: invalid syntax."
    words = Read(feedback(result(answers=[answer(points=0, said=[said], text="a = = 1")]))).words
    assert "✗ Not right · 0 of 2 points" in words and said in words and "a = = 1" in words


def test_an_assignment_is_called_by_its_title_and_its_name_stands_beside():
    titles = {"sheet": "Exercises 4: the <hidden> delta", "other": "no"}
    html = feedback(result(), titles=titles)
    assert "<title>Exercises 4: the &lt;hidden&gt; delta: feedback for anna</title>" in html
    assert "<h1><bdi>Exercises 4: the &lt;hidden&gt; delta</bdi></h1>" in html
    assert "<code>sheet</code></p>" in html
    assert feedback(result(), titles={"sheet": ""}) == feedback(result())
    assert "<h1><bdi>sheet</bdi></h1>" in feedback(result())
    assert pages([result()], titles=titles) == {"anna.html": html}


def test_the_total_is_the_sum_of_what_is_shown():
    words = Read(feedback(result(answers=[answer(f"q{i}", 1 / 3, 1) for i in range(3)]))).words
    assert words.count("0.33 of 1 point\n") == 3 and "0.99 of 3 points\n" in words


def test_what_waits_is_said_above():
    some = [answer(f"q{i}", 0, 1.5, "by hand", by_hand=True) for i in range(2)]
    one, two = (Read(feedback(result(answers=[answer(), *some[:n]]))).words for n in (1, 2))
    assert "1 of 3.5 points so far" in one and "1.5 points more" in one
    assert "2 answers still wait\nfor a person, who can give 3 points more" in two
    entered = [replace(a, points=1.0, comment="Good.") for a in some]
    done = Read(feedback(result(answers=entered))).words
    assert "2 of 3 points\n" in done and "so far" not in done and "Good." in done


def test_what_is_for_the_lecturer_alone_is_not_there():
    flagged = result(flags=[SECRET, "<b>"], fingerprint="fingerprint-of-the-seed")
    assert feedback(flagged) == feedback(result())
    assert SECRET not in feedback(flagged) and "fingerprint" not in feedback(flagged)


def test_the_course_gives_titles_and_where_to_read_it_up():
    question = COURSE["hidden_by_hand"]
    mistake = next(m for m in question.mistakes if m.section)
    lost = answer("hidden_by_hand", 0, 4)
    words = Read(feedback(result(answers=[lost]), COURSE)).words
    assert question.title in words and "hidden_by_hand" in words
    assert "Read it up: lesson 04 hidden delta, Derive it: one path, two paths, all paths" in words
    known = Read(feedback(result(answers=[replace(lost, mistakes=(mistake.name,))]), COURSE)).words
    assert "Read it up: lesson 03 output delta, Derive it, factor by factor" in known
    assert f"Known mistake: {mistake.name}." in known
    right = answer("hidden_by_hand", 4, 4, "right")
    assert "Read it up" not in feedback(result(answers=[right]), COURSE)


@pytest.mark.parametrize("course", [None, {}, COURSE])
def test_a_question_that_the_course_lacks_is_shown_by_its_id(course):
    read = Read(feedback(result(answers=[answer("of_last_year")]), course))
    assert "of_last_year" in read.words and "Read it up" not in read.words


def test_the_page_says_by_what_it_can_be_asked_about():
    words = Read(feedback(result(version="2.7"))).words
    assert "Graded on 2026-01-31, 12:00 UTC, by version 2.7 of the course" in words
    assert "0123456789ab:" in words and "0123456789abc" not in words


def test_a_submission_without_any_answer_has_a_page():
    none = replace(result(), answers=(), notes=("The file is no notebook.",))
    words = Read(feedback(none)).words
    assert "0 of 0 points" in words and "The file is no notebook." in words


def test_the_page_is_the_same_in_another_zone_and_year(monkeypatch):
    before = feedback(every_kind(), COURSE)
    monkeypatch.setattr(time, "time", lambda: 4e9)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert feedback(every_kind(), COURSE) == before
    finally:
        monkeypatch.undo()
        time.tzset()


# — files —


def test_each_student_has_a_file_by_a_safe_name():
    students = ["0042", "Ada", "ada", "../../etc/passwd", "a/b", ".", "..", "x\\y:*?", "é" * 400]
    made = pages(map(result, students), COURSE)
    assert len({name.casefold() for name in made}) == len(students)
    for student, (name, page) in zip(students, made.items(), strict=True):
        assert name.endswith(".html") and name[0] != "." and len(name.encode()) < 255
        assert not set(name) & set('/\\:*?"<>|')
        assert page == feedback(result(student), COURSE)
    assert "0042.html" in made


def test_the_assignments_of_one_student_are_told_apart():
    made = pages([result("a", assignment="one"), result("b"), result("a", assignment="two")])
    assert list(made) == ["a_one.html", "b.html", "a_two.html"]
    assert "two" in made["a_two.html"]
