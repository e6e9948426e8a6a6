"""Answers that are the same in several submissions, to look at. Their code is never run.

Texts are compared without what says nothing: white space, comments, docstrings, a function's first
line. A line that more than half of a class has was handed out, or is the natural way: where there
are at least `CLASS` files, it does not count when an answer must be long enough to say something.
"""

import math
import re
from collections import Counter
from dataclasses import dataclass

CODE, WORDS, WHOLE = 80, 60, 200  # characters that say something: code, words, all code together
CLASS = 10
TOKEN = re.compile(
    r'''[fFrRbBuU]{0,2}(?:"""[\s\S]*?(?:"""|\Z)|\'\'\'[\s\S]*?(?:\'\'\'|\Z))'''
    r"""|"(?:\\.|[^"\\\n])*+"?|'(?:\\.|[^'\\\n])*+'?"""  # an open string ends with its line
    r"""|\#[^\n]*|\n|[^\S\n]+|\w+|."""
)
SIGNATURE = re.compile(r"(async)?def\w+\(")


@dataclass(frozen=True)
class Alike:
    """Submissions that share something: `what` is "file", "code" (all of it) or "answer".

    `text` is what they share as the first of the students wrote it, '' for a file.
    """

    what: str
    students: tuple
    question: str = ""
    text: str = ""


def alike(results, chosen=()):
    """All groups of at least two students in the Results of an assignment, the largest first.

    First the same file; then submissions in which all code is the same; then wrong answers, and
    answers in words, that are the same. Who shares more is not told again for a part of it.
    Submissions without an answer, and answers to the questions `chosen` from a list, say nothing.
    """
    handed_in = [r for r in results if any(a.status != "not answered" for a in r.answers)]
    files = _groups((result.sha256, result) for result in handed_in)
    found = [Alike("file", _students(group)) for group in files.values() if len(group) > 1]
    firsts = [group[0] for group in files.values()]
    forms = {
        result.student: {
            answer.question: lines(answer)
            for answer in result.answers
            if answer.status != "not answered"
        }
        for result in firsts
    }
    common = _common(forms.values())

    def length(question, form):
        return 0 if question in chosen else sum(map(len, {*form} - common[question]))

    wholes = {}
    for result in firsts:
        form = forms[result.student]
        code = [(a.question, form[a.question]) for a in _code(result) if a.question in form]
        enough = len(code) > 1 and sum(length(*answer) for answer in code) >= WHOLE
        wholes.setdefault(tuple(code) if enough else result.student, []).append(result)
    for group in wholes.values():
        if len(group) > 1:
            text = "\n\n".join(a.text for a in _code(group[0]) if a.question not in chosen)
            found.append(Alike("code", _students(group), text=text))
    same = {result.student: group[0].student for group in wholes.values() for result in group}
    answers = _groups(
        ((answer.question, form), (result, answer))
        for result in firsts
        for answer in result.answers
        if (answer.by_hand or answer.status == "wrong")
        and (form := forms[result.student].get(answer.question))
        and length(answer.question, form) >= (WORDS if answer.by_hand else CODE)
    )
    for (question, _), group in answers.items():
        people = [result for result, _ in group]
        # the same file counts once, and so do submissions in which all code is the same …
        known = {same[result.student] for result in people}
        if len(people) > 1 and (len(known) > 1 or group[0][1].by_hand):  # … but not the words
            found.append(Alike("answer", _students(people), question, group[0][1].text))
    return sorted(found, key=_order)


def lines(answer):
    """The lines of an answer without what says nothing: a tuple.

    >>> from backprop.grading.results import Answer
    >>> lines(Answer("q", 0, 1, "wrong", text="def q(a):\\n  '''½'''\\n  return a / 2  # ½"))
    ('returna/2',)
    >>> lines(Answer("q", 0, 1, "by hand", by_hand=True, text="It  MOVES.\\n"))
    ('it moves.',)
    """
    if answer.by_hand:
        found = (" ".join(line.split()) for line in answer.text.casefold().split("\n"))
    else:
        found = _code_lines(answer.text)
    return tuple(line for line in found if line)


def _code_lines(text):
    line = []
    for token in TOKEN.findall(text + "\n"):
        if token != "\n":
            if not (token.isspace() or token.startswith("#")):
                line.append(token)
            continue
        alone = len(line) == 1 and line[0][-1] in "\"'"  # a docstring
        if not alone and not SIGNATURE.match(joined := "".join(line)) and joined != "...":
            yield joined
        line = []


def _common(forms):
    """For each question the lines that more than half of its answers have; see `CLASS`."""
    counts, n = {}, Counter()
    for form in forms:
        for question, found in form.items():
            n[question] += 1
            counts.setdefault(question, Counter()).update({*found})
    common = {}
    for question, count in counts.items():
        most = n[question] / 2 if n[question] >= CLASS else math.inf
        common[question] = {line for line, k in count.items() if k > most}
    return common


def _code(result):
    return [answer for answer in result.answers if not answer.by_hand]


def _groups(pairs):
    groups = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups


def _students(results):
    return tuple(sorted(result.student for result in results))


def _order(group):
    rank = ("file", "code", "answer").index(group.what)
    return rank, -len(group.students), group.question, group.students
