"""Who signed as whom: where it is odd, and where the ids that were signed are just of another kind.

A platform hands files in by its own numbers, while students sign with the ids that they know. Then
nearly every signature differs from the id, and says nothing; what two students share still does.
"""

import ast
from dataclasses import dataclass

from backprop.grading.results import UNREAD

SIGNED, UNSIGNED = "signed as ", "not signed"  # flags, as the grader words them
PAIR = 2  # students may have swapped their ids: these are no kind of their own


@dataclass(frozen=True)
class Signatures:
    """What the signatures of a class come to.

    Of `signed` submissions, `others` are signed by another id than they are handed in by. `shared`
    has pairs: a signature, and the students (two or more) who signed so. `flags` are those worth a
    line, by the student; where the ids are `of_two_kinds`, a signature alone is not.
    """

    signed: int
    others: int
    shared: tuple
    flags: dict

    @property
    def of_two_kinds(self):
        return _two_kinds(self.others, self.signed)

    @property
    def flagged(self):
        """How many students are named in `flags` or `shared`."""
        return len({*self.flags}.union(*(students for _, students in self.shared)))


def signatures(results):
    """The Signatures of the Results of an assignment.

    Who is not flagged as having signed otherwise, or not at all, signed as who they are.

    >>> from backprop.grading.results import Result
    >>> fields = ("sheet", "0" * 64, "1.0", "ab12", "2026-01-31T12:00:00Z", 1.0)
    >>> found = signatures([
    ...     Result("4711", *fields), Result("4730", *fields, flags=["signed as '4711'"])])
    >>> found.shared, found.flags, found.of_two_kinds
    ((('4711', ('4711', '4730')),), {'4730': ("signed as '4711'",)}, False)
    """
    signed, others, groups = 0, 0, {}
    for result in results:
        if UNREAD in result.flags or UNSIGNED in result.flags:
            continue
        name = next((_name(flag) for flag in result.flags if flag.startswith(SIGNED)), None)
        signed += 1
        others += name is not None
        name = result.student if name is None else name
        groups.setdefault(name.casefold(), []).append((name, result.student))
    shared = tuple(
        (pairs[0][0], tuple(student for _, student in pairs))
        for pairs in (sorted(pairs, key=lambda pair: pair[1]) for pairs in groups.values())
        if others and len(pairs) > 1
    )
    flags = {
        result.student: tuple(
            flag
            for flag in result.flags
            if not (flag.startswith(SIGNED) and _two_kinds(others, signed))
        )
        for result in results
    }
    return Signatures(
        signed,
        others,
        tuple(sorted(shared, key=lambda pair: (-len(pair[1]), pair[0]))),
        {student: left for student, left in flags.items() if left},
    )


def _two_kinds(others, signed):
    return others > PAIR and 2 * others > signed


def _name(flag):
    """The id in a flag; its words as they stand where they are no text in quotes."""
    words = flag.removeprefix(SIGNED)
    try:
        return str(ast.literal_eval(words))
    except (ValueError, SyntaxError):
        return words
