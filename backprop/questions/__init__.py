"""The exercise questions: reference, cases, points, and the known mistakes with their hints."""

from backprop.questions.asking import Source
from backprop.questions.choices import Choice, Match, Written
from backprop.questions.kinds import Formula, Function, Numbers
from backprop.questions.outcomes import Ruler
from backprop.questions.verdicts import Mistake

__all__ = [
    "Choice",
    "Formula",
    "Function",
    "Match",
    "Mistake",
    "Numbers",
    "Ruler",
    "Source",
    "Written",
]
