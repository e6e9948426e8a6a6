"""A submission to a Result: examined in a sandbox, judged here, told in words.

Each function and formula is tried twice: on the cases that the notebook shows, and on hidden ones
from a secret seed. Points come from both; what is told, from the first alone, and from names of the
catalogue: never a hidden case, never a value that was expected.
"""

import builtins
import threading
import warnings
from datetime import UTC, datetime
from time import monotonic

from backprop.grading.examination import Examination
from backprop.grading.findings import Findings
from backprop.grading.results import UNREAD, Answer, Result, fingerprint
from backprop.questions.asking import VISIBLE, Call
from backprop.questions.choices import Choice, Match
from backprop.questions.kinds import Formula, Function
from backprop.questions.outcomes import Error, Reply
from backprop.questions.verdicts import Verdict

JUDGE = threading.Lock()  # questions set how NumPy and Python warn, for the whole process
NO_SHA = "0" * 64
KINDS = {name for name, kind in vars(builtins).items() if isinstance(kind, type)} | {
    "AxisError",
    "Ended",
    "LinAlgError",
    "Overtime",
}


class Grader:
    """Grades submissions to an assignment, with hidden cases from a seed, in a sandbox.

    Same submission, same seed: same Result, but for its times.
    """

    def __init__(self, assignment, seed, sandbox):
        self.assignment, self.seed, self.sandbox = assignment, f"hidden {seed}", sandbox
        self.fingerprint = fingerprint(seed)

    def grade(self, submission):
        """The Result of a Submission, whatever it holds."""
        content = submission.read()
        started, begun = datetime.now(UTC).isoformat(timespec="seconds"), monotonic()
        if content.problem:
            answers, told, flags = self._nothing(), (content.problem,), (UNREAD,)
        else:
            answers, told, flags = self._examined(content.data, submission.student)
        return Result(
            student=submission.student,
            assignment=self.assignment.name,
            sha256=content.sha256 or NO_SHA,
            version=self.assignment.version,
            fingerprint=self.fingerprint,
            started=started,
            seconds=round(monotonic() - begun, 3),
            answers=answers,
            notes=(*submission.notes, *told),
            flags=flags,
        )

    def _nothing(self):
        return [
            Answer(q.id, 0, q.points, "not answered", by_hand=q.by_hand)
            for q in self.assignment.questions.values()
        ]

    def _examined(self, data, student):
        with Examination(self.sandbox, self.assignment, data) as examination:
            notebook = examination.read()
            if notebook.problem:
                notes = (notebook.problem, *notebook.notes)
                return self._nothing(), notes, (UNREAD,)
            examination.run()
            verdicts = self._verdicts(examination)
            found = Findings(examination, self.assignment)
        answers = [self._answer(q, verdicts, found) for q in self.assignment.questions.values()]
        return answers, (*notebook.notes, *found.notes), [*found.flags(student)]

    def _verdicts(self, examination):
        """Two Verdicts on each question: on the visible cases, and on the hidden ones.

        All that is visible is asked before anything hidden, so that nothing hidden can be told.
        """
        questions = [q for q in self.assignment.questions.values() if not q.by_hand]
        seen = _tried(examination, questions, VISIBLE)
        drawn = [q for q in questions if isinstance(q, Function | Formula)]
        drawn = [q for q in drawn if seen[q.id].status == "right"]  # else no point is left to lose
        hidden = _tried(examination, drawn, self.seed, _without_words, last=True)
        return {id: (verdict, hidden.get(id, verdict)) for id, verdict in seen.items()}

    def _answer(self, question, verdicts, found):
        if question.by_hand:
            answer = found.words[question.id]
            status = "by hand" if answer.text else "not answered"
            words = {"said": answer.notes, "by_hand": True, "text": answer.text}
            return Answer(question.id, 0, question.points, status, **words)
        seen, hidden = verdicts[question.id]
        worse = min((seen, hidden), key=lambda verdict: verdict.points)
        status, broken = worse.status, found.broken(question.id)
        if status == "not answered" and broken:
            status = "wrong"
        said = [*found.about(question.id, status != "not answered"), *told(seen, hidden)]
        return Answer(
            question=question.id,
            points=worse.points,
            of=question.points,
            status=status,
            mistakes=[mistake.name for mistake in worse.mistakes],
            hints=list(dict.fromkeys(hint for m in worse.mistakes[:1] for hint in _hints(m))),
            said=said,
            output=found.output(question.id),
            text=found.source(question.id),
        )


def _tried(examination, questions, seed, heard=lambda reply: reply, last=False):
    """The Verdict on each question, by id.

    They are asked together, since that is quick; what is not right then is asked once more by
    itself, lest one answer be wrong for what another has done.
    """
    who, verdicts = examination.name, {}
    with JUDGE:
        asked = {q.id: q.requests(seed, who) for q in questions}
    replies, first = examination.replies(asked, last)
    for question in questions:
        id = question.id
        verdict = _judged(question, [*map(heard, replies[id])], seed, who)
        if verdict.status == "wrong" and id not in first and not _late(verdict):
            again, _ = examination.replies({id: asked[id]}, last)
            verdict = _judged(question, [*map(heard, again[id])], seed, who)
        verdicts[id] = verdict
    return verdicts


def _late(verdict):
    """Whether it was time that an answer took: it would only take it again."""
    return verdict.error is not None and verdict.error.kind in ("Overtime", "TimeoutError")


def _judged(question, replies, seed, student):
    """The Verdict; where an answer is such that it cannot even be compared, it is wrong."""
    with JUDGE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return question.judge(replies, seed, student)
        except Exception as error:
            place = f"the answer cannot be compared ({type(error).__name__})"
            return Verdict(question, "wrong", place=place)


def _without_words(reply):
    """A reply to a hidden case without what the student's code could say of it."""
    if not reply.error:
        return reply
    kind = reply.error.kind if reply.error.kind in KINDS else "Exception"
    return Reply(error=Error(kind))


def _hints(mistake):
    return [hint for hint in (mistake.nudge, mistake.formula) if hint]


# — what is told —


def told(seen, hidden):
    """What there is to say of an answer to its student, in sentences, from its two Verdicts."""
    if seen.status == "not answered":
        return [*seen.notes]
    if seen.status == "right" and hidden.status != "right":
        return [*_on_others(hidden), *seen.notes]
    if seen.status == "right":
        return [*seen.notes]
    question, lines = seen.question, []
    if seen.error and isinstance(question, Formula):
        lines.append(f"{seen.error.message or seen.error.kind}.")
    elif seen.error:
        lines.append(f"Your code stopped: {seen.error}.")
    elif isinstance(question, Choice | Match):
        lines.append(f"{seen.place}.")
    elif seen.place:
        lines.append(f"First difference: {_place(seen)}.")
    if seen.case is not None:
        lines.append(f"Asked: {_asked(seen.case)}.")
    if seen.resembles:
        lines.append(seen.resembles)
    return [*lines, *seen.notes]


def _on_others(hidden):
    """What is wrong on hidden cases only; a factor could tell what these are, so there is none."""
    lines = ["Right on the cases that the notebook shows, but not on others of the same kind."]
    if hidden.error:
        lines.append(f"On one of these your code stopped with {hidden.error.kind}.")
    return lines


def _place(verdict):
    """Where an answer first differs, without the value that was expected."""
    difference = verdict.difference
    if difference and difference.kind == "value":
        return difference.sentence.partition("; it should be")[0] + ", and that is not the value"
    return verdict.place


def _asked(call):
    label = f", {call.label}" if isinstance(call, Call) and call.label else ""
    return f"`{call.name}` on a case that the check in the notebook shows{label}"
