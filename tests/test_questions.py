"""Does every question pass what is right, and know every mistake of its catalogue by name?"""

import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import sympy

from backprop.check import Session
from backprop.letters import letters
from backprop.proof import is_zero
from backprop.questions import Choice, Formula, Function, Match, Numbers, Written
from backprop.questions.asking import Call, Look
from backprop.questions.course import Course
from backprop.questions.kinds import attempt
from backprop.questions.outcomes import Error, Reply

ROOT = Path(__file__).parents[1]
COURSE = Course.of_package()
SEEDS = [f"seed {k}" for k in range(200)]
STUDENTS = [f"student {k}" for k in range(200)]


def of(kind):
    return pytest.mark.parametrize(
        "question", [q for q in COURSE.values() if isinstance(q, kind)], ids=lambda q: q.id
    )


def names(mistakes):
    return {mistake.name for mistake in mistakes}


def known_as(mistake):
    return {mistake.name, *mistake.twins}


# — all kinds —


@of(object)
def test_what_a_question_says(question):
    assert question.title and question.shows.endswith(".")
    for mistake in question.mistakes:
        assert mistake.nudge and mistake.formula and mistake.nudge != mistake.formula
        assert mistake.nudge[-1] in ".?!:" and mistake.formula[-1] in ".?!"


@of(object)
def test_the_sections_it_points_to_are_in_the_lessons(question):
    for section in {question.section, *(m.section for m in question.mistakes)} - {""}:
        lesson, heading = section.split("#")
        cells = json.loads((ROOT / "notebooks" / lesson).read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
        headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        assert heading in [h.strip().replace(" ", "-") for h in headings]


@of(object)
@pytest.mark.parametrize("answers", [{}, {"it": None}, {"it": ...}, {"it": lambda *_: None}])
def test_an_untouched_answer_is_not_answered(question, answers):
    if isinstance(question, Written):
        return
    if not isinstance(question, Function) and callable(answers.get("it")):
        return
    mine = dict.fromkeys([question.id] if answers else [], answers.get("it"))
    feedback = Session(answers=mine).check(question.id)
    assert feedback.status == "not answered"
    assert feedback.verdict.points == 0


@of(object)
@pytest.mark.parametrize(
    "junk", [float("nan"), "0.5", b"x", [], {}, object(), 1j, np.array([None])], ids=repr
)
def test_junk_is_wrong_and_no_traceback(question, junk):
    if isinstance(question, Written):
        return
    for value in (junk, lambda *_: junk):
        feedback = Session(answers={question.id: value}).check(question.id)
        assert feedback.status == "wrong" or (junk == {} and feedback.status != "right")
        assert feedback.verdict.points == 0
        assert repr(feedback) and feedback._repr_html_()


# — functions —


def brought(function, calls):
    """Replies to calls, without the plumbing."""
    return [attempt(function, call) for call in calls]


@of(Function)
def test_the_reference_is_right(question):
    for seed in SEEDS[:20]:
        calls = question.requests(seed)
        assert calls and all(isinstance(call, Call) for call in calls)
        assert question.judge(brought(question.reference, calls), seed).status == "right"
    assert Session(answers={question.id: question.reference}).check(question.id).ok


@of(Function)
def test_another_right_way_is_right(question):
    for k, function in enumerate(question.right):
        for seed in SEEDS[:50]:
            verdict = question.judge(brought(function, question.requests(seed)), seed)
            assert verdict.ok, f"right way {k}, {seed}: {verdict.place} {verdict.error}"


@of(Function)
def test_every_mistake_is_known_by_its_name_alone(question):
    for seed in SEEDS:
        calls = question.requests(seed)
        for mistake in question.mistakes:
            verdict = question.judge(brought(mistake.makes, calls), seed)
            assert verdict.status == "wrong", f"{mistake.name} is right on {seed}"
            assert names(verdict.mistakes) == known_as(mistake), f"{mistake.name} on {seed}"


@of(Function)
def test_it_never_changes_its_cases(question):
    first, again = question.requests("a"), question.requests("a")
    brought(question.reference, first)
    assert repr([c.args for c in first]) == repr([c.args for c in again])


@of(Function)
def test_its_formula_is_found_and_a_mistakes_formula_differs(question):
    if question.on_letters is None:
        return
    session = Session(answers={question.id: question.reference})
    verdict = session.verdict(question.id)
    assert session._formulas(verdict) is None
    shown = 0
    for mistake in question.mistakes:
        session = Session(answers={question.id: mistake.makes})
        verdict = session.verdict(question.id)
        both = session._formulas(verdict)
        if both is not None:
            assert not is_zero(both.beside.yours - both.beside.expected)[0]
            shown += 1
    assert shown, "letters are given, and no mistake shows its formula"


# — numbers —


@of(Numbers)
def test_the_right_numbers_are_right_for_everybody(question):
    first, second = (question.solve(student) for student in STUDENTS[:2])
    assert any(not np.array_equal(first[name], second[name]) for name in first)
    for student in STUDENTS:
        solved = question.solve(student)
        assert all(np.isfinite(value).all() for value in solved.values())
        assert question.judge([Reply(solved)], student=student).ok
        assert question.judge([Reply(rounded(solved))], student=student).ok


def rounded(solved):
    """As one copies from a pocket calculator: four digits."""
    four = np.vectorize(lambda v: float(f"{v:.4g}"))
    return {name: four(value).tolist() for name, value in solved.items()}


@of(Numbers)
def test_a_mistake_in_a_step_is_known_by_its_name_alone(question):
    for student in STUDENTS:
        for mistake in question.mistakes:
            verdict = question.judge(
                [Reply(question.solve(student, mistake.makes))], student=student
            )
            assert verdict.status == "wrong", f"{mistake.name} is right for {student}"
            assert names(verdict.mistakes) == known_as(mistake), f"{mistake.name} for {student}"
            assert 0 <= verdict.points < question.points


@of(Numbers)
def test_a_slip_costs_one_step(question):
    for slipped in question.steps:
        value = np.asarray(question.solve("ada")[slipped]) * 1.1 + 0.1
        wrong = {slipped: lambda g, s, value=value: value}
        verdict = question.judge([Reply(question.solve("ada", wrong))], student="ada")
        assert verdict.status == "wrong" and verdict.difference.part.startswith(slipped)
        n = len(question.steps)
        assert verdict.points == pytest.approx(question.points * (n - 1) / n, abs=0.01)


# — formulas —


@of(Formula)
def test_every_form_of_the_formula_is_right(question):
    given = Session().given(question.id)
    given = given if isinstance(given, tuple) else (given,)
    formula = sympy.sympify(question.reference(*given).item())
    for form in (formula, sympy.expand(formula), sympy.factor(formula), 2 * formula / 2):
        session = Session(answers={question.id: form})
        assert session.check(question.id).ok
    plain = form.xreplace({s: sympy.Symbol(s.name) for s in form.free_symbols})
    assert Session(answers={question.id: plain}).check(question.id).ok
    assert not Session(answers={question.id: formula + 0.01}).check(question.id).ok
    assert not Session(answers={question.id: formula * letters("q")}).check(question.id).ok


@of(Formula)
def test_a_wrong_formula_is_known_by_its_name_alone(question):
    for seed in SEEDS:
        for mistake in question.mistakes:
            verdict = question.judge([Reply(question.values(mistake.makes, seed))], seed)
            assert verdict.status == "wrong", f"{mistake.name} is right on {seed}"
            assert names(verdict.mistakes) == known_as(mistake), f"{mistake.name} on {seed}"


# — choices —


@of(Choice)
def test_each_option_is_right_or_told_why_not(question):
    answers = {question.answer(student) for student in STUDENTS}
    assert answers <= set(question.options)
    assert len(answers) > 1 or isinstance(question.right, str)
    for student in STUDENTS[:20]:
        for option in question.options:
            verdict = question.judge([Reply(f" {option.upper()} ")], student=student)
            assert verdict.ok == (option == question.answer(student))
            if not verdict.ok:
                assert verdict.mistakes[0].nudge.endswith((".", "?"))
    assert "no option" in question.judge([Reply("something else")]).place


@of(Match)
def test_a_match_gives_points_for_each_item(question):
    assert set(question.right) == set(question.items)
    assert set(question.right.values()) <= set(question.options)
    assert question.judge([Reply(dict(question.right))]).ok
    for item in question.items:
        for option in set(question.options) - {question.right[item]}:
            verdict = question.judge([Reply(question.right | {item: option})])
            n = len(question.items)
            assert verdict.points == pytest.approx(question.points * (n - 1) / n, abs=0.01)
            assert item in verdict.mistakes[0].name


@of(Written)
def test_what_is_written_is_left_to_a_person(question):
    assert Session(answers={}).check(question.id).status == "by hand"
    assert question.criteria


# — what all rests on —


def test_hints_grow_and_then_point_to_the_lesson():
    mistake = COURSE["hidden_delta"].mistakes[0]
    session = Session(answers={"hidden_delta": mistake.makes})
    said = [repr(session.check("hidden_delta")) for _ in range(4)]
    assert mistake.nudge in said[0] and mistake.formula not in said[0]
    assert mistake.formula in said[1] and "notebooks/" in said[1]
    assert "notebooks/" in said[2]
    assert said[2] == said[3]
    assert all(a != b for a, b in pairwise(said[:3]))


def test_other_numbers_for_another_student_and_the_same_for_the_same():
    question = next(q for q in COURSE.values() if isinstance(q, Numbers))
    ada, again, other = (Session(student=s).given(question.id) for s in ("ada", " ADA ", "bob"))
    assert repr(ada) == repr(again) != repr(other)


def test_an_error_is_told_with_its_type():
    question = COURSE["hidden_delta"]
    replies = [Reply(error=Error("NameError", "name 'w' is not defined", 3, "return w"))] * 3
    verdict = question.judge(replies)
    assert verdict.status == "wrong" and "NameError" in verdict.place
    assert isinstance(Look("x"), Look)
