"""Does a check survive whatever a student's code does, and say what happened?"""

import html.parser
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy

from backprop.check import NotRight, Session
from backprop.check.formulas import LONGEST, beside, compared
from backprop.check.running import within
from backprop.letters import letters
from backprop.questions import Function, Mistake, Numbers
from backprop.questions.course import Course
from backprop.questions.kinds import Formula

COURSE = Course.of_package()


def right(W_next, delta_next, a):
    return (W_next.T @ delta_next) * a * (1 - a)


def check(answer, id="hidden_delta"):
    return Session(answers={id: answer}).check(id)


# — right, whatever it does besides —


def prints(W_next, delta_next, a):
    print("delta is", delta_next)
    print("not good", file=sys.stderr)
    return right(W_next, delta_next, a)


def warns(W_next, delta_next, a):
    np.log(np.zeros(2)) + np.array([1e308]) * 10
    return right(W_next, delta_next, a)


def plots(W_next, delta_next, a):
    import matplotlib.pyplot as plt

    plt.figure()
    return right(W_next, delta_next, a)


def tampers(W_next, delta_next, a):
    result = right(W_next, delta_next, a)
    W_next *= 0
    a[:] = 5
    return result


def gives_lists(W_next, delta_next, a):
    return right(W_next, delta_next, a).tolist()


def gives_fortran(W_next, delta_next, a):
    return np.asfortranarray(right(W_next, delta_next, a))


def gives_long_double(W_next, delta_next, a):
    return right(W_next, delta_next, a).astype(np.longdouble)


class Callable:
    def __call__(self, W_next, delta_next, a):
        return right(W_next, delta_next, a)


@pytest.mark.parametrize(
    "function",
    [prints, warns, plots, tampers, gives_lists, gives_fortran, gives_long_double, Callable()],
)
def test_a_right_answer_is_right(function, capfd):
    assert check(function).ok
    assert capfd.readouterr() == ("", "")


def test_plots_of_a_checked_function_are_closed_and_the_students_own_stay():
    import matplotlib.pyplot as plt

    mine = plt.figure().number
    check(plots)
    assert plt.get_fignums() == [mine]
    plt.close(mine)


def test_who_changes_his_arguments_is_told_which():
    feedback = check(tampers)
    assert "changes what it is given (W_next, a)" in repr(feedback)


# — wrong, in every way —


def endless(W_next, delta_next, a):
    return endless(W_next, delta_next, a)


def leaves(W_next, delta_next, a):
    sys.exit("bye")


def divides(W_next, delta_next, a):
    return 1 / 0


def too_many(W_next, delta_next):
    return delta_next


class Grumpy(Exception):
    def __str__(self):
        raise ValueError("no")


def grumbles(W_next, delta_next, a):
    raise Grumpy


class Liar:
    shape, dtype, ndim = (3, 1), float, 2

    def __array__(self, *_, **__):
        raise Grumpy

    def __len__(self):
        raise Grumpy

    def __eq__(self, other):
        raise Grumpy

    __hash__ = None


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (endless, "RecursionError: the function calls itself without an end"),
        (leaves, "SystemExit: the function ends the program"),
        (divides, "ZeroDivisionError: division by zero"),
        (too_many, "TypeError: too_many() takes 2 positional arguments but 3 were given"),
        (grumbles, "Your code stopped: Grumpy"),
        (lambda *_: Liar(), "is a Liar"),
        (lambda *_: "0.5", "is text, '0.5'"),
        (lambda W, d, a: right(W, d, a).ravel(), "has shape (3,); it should be (3, 1)"),
        (lambda W, d, a: right(W, d, a) * np.nan, "at index (0, 0) is NaN"),
        (lambda W, d, a: right(W, d, a) * 1j, "made of complex128"),
        (lambda W, d, a: [right(W, d, a), 1], "rows differ in length"),
        (lambda W, d, a: {"delta": 1}, "a dict"),
        (0.5, "hidden_delta is float; define it: def hidden_delta(...)"),
        (lambda W, d, a: 3 * right(W, d, a), "Every number is 3 times what it should be."),
        (lambda W, d, a: -right(W, d, a), "Every number has the wrong sign."),
        (lambda W, d, a: 0 * right(W, d, a), "Every number is 0."),
    ],
)
def test_what_is_wrong_is_said(function, words):
    feedback = check(function)
    assert feedback.status == "wrong"
    assert words in repr(feedback)
    assert well_formed(feedback._repr_html_())


def test_an_interrupt_stops_the_check_and_changes_nothing():
    def waits(W_next, delta_next, a):
        signal.raise_signal(signal.SIGINT)

    before = sys.stdout, np.geterr()
    with pytest.raises(KeyboardInterrupt):
        check(waits)
    assert (sys.stdout, np.geterr()) == before


def test_the_line_that_failed_is_the_students_own():
    namespace, source = {}, "def hidden_delta(W_next, delta_next, a):\n    b = 1\n    return np_dot"
    exec(compile(source, "<ipython-input-1>", "exec"), namespace)
    feedback = Session(answers=namespace).check("hidden_delta")
    assert feedback.verdict.error.line == 3
    assert "name 'np_dot' is not defined" in repr(feedback)


def test_what_a_student_wrote_is_never_html():
    def attacks(W_next, delta_next, a):
        raise ValueError("<script>alert(1)</script>")

    for answer in (attacks, lambda *_: "<img src=x>"):
        page = check(answer)._repr_html_()
        assert "<script" not in page and "<img" not in page
        assert well_formed(page)


def well_formed(page):
    """Whether every tag that is opened is closed, in order."""
    stack = []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag, attrs):
            stack.append(tag)

        def handle_endtag(self, tag):
            assert stack.pop() == tag

    Reader().feed(page)
    return not stack


def test_an_unknown_question_is_an_error_that_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'hidden_delta'"):
        Session(answers={}).check("hiden_delta")


def test_in_a_graders_run_a_wrong_answer_raises(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check(right).ok
    with pytest.raises(NotRight, match="ZeroDivisionError"):
        check(divides)
    with pytest.raises(NotRight, match="Not answered"):
        check(None)


def test_the_readme_shows_what_a_check_says():
    page = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    block = "✗" + page.split("```\n✗")[1].split("```")[0]
    said = repr(check(lambda W_next, delta_next, a: W_next.T @ delta_next)).splitlines()
    assert "missing factor" in block
    assert [line for line in said if line in block.splitlines()] == block.splitlines()


def test_in_a_graders_run_a_part_of_the_answer_is_a_part_of_the_points(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert check(solved() | {"dE_dw": ...}, "chain_by_hand") == pytest.approx(1.6)


# — numbers and formulas as students write them —


def solved(id="chain_by_hand"):
    return {name: float(value) for name, value in COURSE[id].solve("").items()}


def test_a_value_that_is_still_open_is_said_by_name_and_the_others_count():
    feedback = check(solved() | {"dE_dw": ...}, "chain_by_hand")
    assert '"dE_dw" is still open' in repr(feedback)
    assert feedback.verdict.points == pytest.approx(1.6)


@pytest.mark.parametrize("junk", [None, "x", [1, 2], np.nan, {}, len, 10**400, Liar()])
def test_a_step_may_be_anything(junk):
    for name in solved():
        feedback = check(solved() | {name: junk}, "chain_by_hand")
        assert feedback.status == "wrong"
        assert repr(feedback) and well_formed(feedback._repr_html_())


def test_a_list_for_the_dict_is_told_how_to_write_it():
    assert 'a dict such as {"u": 0.5}' in repr(check([1, 2, 3], "chain_by_hand"))


def test_a_formula_may_be_written_with_letters_or_symbols():
    w, x, y = Session().given("chain_formula")
    for formula in (x * (w * x - y), w * x**2 - x * y, sympy.sympify("(w*x - y)*x")):
        assert check(formula, "chain_formula").ok


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("(w*x - y)*x", "without quotes"),
        (letters("q"), "q is not given; there are w, x, y"),
        (letters("w", 3), "an array of shape (3,)"),
        (sympy.zoo, "It is not the same formula"),
        (sympy.Eq(letters("w").item(), 1), "an expression in letters"),
        (lambda w: w, ""),
    ],
)
def test_what_is_no_formula_is_told(formula, words):
    feedback = check(formula, "chain_formula")
    assert feedback.status == "wrong" and words in repr(feedback)


def test_a_formula_that_takes_for_ever_is_given_up():
    tower = letters("w").item()
    for _ in range(40):
        tower = tower * tower + tower
    assert check(tower, "chain_formula").status == "wrong"


# — formulas side by side —


def test_the_missing_factor_is_named():
    found = beside(COURSE["hidden_delta"], lambda W, d, a: (W.T @ d) * a)
    assert (found.by, str(found.missing), found.extra) == ("factor", "1 - a1_1", None)


def test_a_function_that_asks_for_numbers_has_no_formula():
    assert beside(COURSE["hidden_delta"], lambda W, d, a: float(a[0, 0])) is None
    assert beside(COURSE["hidden_delta"], right) is None


def test_a_formula_too_long_to_read_is_not_shown():
    x = sympy.Symbol("x")
    assert compared("", sum(sympy.cos(k * x) for k in range(LONGEST)), x) is None


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such timer")
def test_what_takes_too_long_is_stopped():
    with pytest.raises(TimeoutError), within(0.05):
        while True:
            pass


# — questions that cannot be —


def a_question(**changed):
    fields = {"id": "q", "title": "Q", "points": 1, "section": "s", "shows": "S."}
    return Function(**(fields | {"reference": abs, "cases": list} | changed))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"id": "two words"}, "is no name"),
        ({"points": 0}, "whole number from 1"),
        ({"points": 0.5}, "whole number from 1"),
        ({"mistakes": (Mistake("m", abs, "?", "!"),) * 2}, "two mistakes are called 'm'"),
        ({"mistakes": (Mistake("m", abs, "?", "!", twins=("n",)),)}, "unknown twins"),
    ],
)
def test_a_question_that_cannot_be_is_refused(changed, words):
    with pytest.raises(ValueError, match=words):
        a_question(**changed)


def test_two_questions_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two questions have the id 'q'"):
        Course({"sheet": [a_question(), a_question()]})


def test_a_folder_of_questions_is_a_course(tmp_path):
    with pytest.raises(FileNotFoundError, match="no Python file"):
        Course.of_folder(tmp_path)
    (tmp_path / "questions").mkdir()
    source = "from backprop.questions import Function\n"
    source += "twice = Function(id='twice', title='Twice', points=1, section='', shows='S.',"
    source += " reference=lambda x: 2 * x, cases=lambda rng: [(3.0,)])\n"
    (tmp_path / "questions" / "one.py").write_text(source)
    session = Session(Course.of_folder(tmp_path), {"twice": lambda x: x + x})
    assert session.check("twice").ok
    assert [*session.course] == ["twice"]
    assert {Numbers, Formula}.isdisjoint(map(type, session.course.values()))
