"""The formula that a student's own function computes, beside the one it should."""

import contextlib
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import sympy

from backprop.check.running import SECONDS, expression, quietly, within
from backprop.letters import Letter, Letters, on_letters
from backprop.proof import is_zero
from backprop.questions.asking import live
from backprop.questions.outcomes import part_names

LONGEST = 60  # operations in a formula that is still worth showing
CASES = sympy.Piecewise, sympy.Max, sympy.Min, sympy.Abs  # what one does not divide by
SIMPLE = 12  # operations in a quotient that says more than the formulas do


@dataclass(frozen=True, eq=False)
class Beside:
    """Two formulas for one entry: the student's and the expected one, and how they differ.

    `missing` and `extra` are what the student's lacks, or has too much: a product of factors (where
    `by` is "factor") or a sum of terms ("term"); None where the two do not differ so simply.
    """

    place: str
    yours: sympy.Expr
    expected: sympy.Expr
    by: str = ""
    missing: sympy.Expr | None = None
    extra: sympy.Expr | None = None


def beside(question, function):
    """The first entry in which the two formulas differ, as Beside; None where it cannot be had.

    Some functions cannot run on letters: they ask for numbers. The numbers have been judged by
    then; this is only to show more.
    """
    if not getattr(question, "on_letters", None):
        return None
    with contextlib.suppress(Exception), within(SECONDS), quietly():
        args = tuple(map(live, question.on_letters()))
        yours, expected = on_letters(function, *args), on_letters(question.reference, *args)
        for place, mine, right in entries(yours, expected, question.returns or question.id):
            if not is_zero(mine - right)[0]:
                return compared(place, mine, right)
    return None


def beside_formula(question, answer):
    """The student's formula and the one that is asked for, as Beside; None where it has none."""
    with contextlib.suppress(Exception), within(SECONDS):
        given = [Letters(Letter(name)) for name in question.letters.split()]
        mine = expression(answer)
        mine = mine.xreplace({symbol: Letter(symbol.name) for symbol in mine.free_symbols})
        return compared("", mine, expression(question.reference(*given)))
    return None


def entries(yours, expected, name=""):
    """(place, yours, expected) for every entry; nothing where the shapes differ."""
    if isinstance(expected, tuple | list):
        if isinstance(yours, tuple | list) and len(yours) == len(expected):
            parts = zip(yours, expected, part_names(name, len(expected)), strict=True)
            for mine, right, part in parts:
                yield from entries(mine, right, part)
        return
    yours, expected = Letters(yours), Letters(expected)
    if yours.size == expected.size:
        yours = yours.entries.reshape(expected.shape)  # the shapes have been judged by then
        for index, right in np.ndenumerate(expected.entries):
            place = f"{name}{list(index) if index else ''} = "
            yield place, sympy.sympify(yours[index]), sympy.sympify(right)


def compared(place, yours, expected):
    """Two formulas and how they differ: by factors, or else by terms.

    >>> a, y, u, v = sympy.symbols("a y u v")
    >>> found = compared("delta", a - y, a * (1 - a) * (a - y))
    >>> found.by, found.missing, found.extra
    ('factor', a*(1 - a), None)
    >>> found = compared("delta", a * v, a * (u + v))
    >>> found.by, found.missing, found.extra
    ('term', u, None)
    >>> found = compared("b", y - u * (a + v), y - u * a)
    >>> found.by, found.missing, found.extra
    ('term', None, v)
    """
    if max(yours.count_ops(), expected.count_ops()) > LONGEST:
        return None
    as_they_stand = [Counter(sympy.Add.make_args(formula)) for formula in (yours, expected)]
    if as_they_stand[0] & as_they_stand[1]:
        extra, missing = map(_sum, _unshared(*as_they_stand))
        if extra is None or missing is None:
            return Beside(place, yours, expected, "term", missing, extra)
        return replace(compared(place, extra, missing), yours=yours, expected=expected)
    extra, missing = both = _unshared(_factors(yours), _factors(expected))
    if extra and missing and expected and not (yours + expected).has(*CASES):
        above, below = sympy.fraction(sympy.cancel(yours / expected))
        if above.count_ops() + below.count_ops() <= SIMPLE:
            extra, missing = _factors(sympy.factor(above)), _factors(sympy.factor(below))
    terms = [_terms(extra), _terms(missing)]
    if extra and missing and terms[0] & terms[1]:  # a sum lacks some of its terms, or has more
        extra, missing = map(_sum, _unshared(*terms))
        long = all(part is not None and part.count_ops() > SIMPLE for part in (extra, missing))
        extra, missing = (None, None) if long else (extra, missing)
        return Beside(place, yours, expected, "term", missing, extra)
    if extra and missing and both == (_factors(yours), _factors(expected)):  # nothing in common
        return Beside(place, yours, expected)
    return Beside(place, yours, expected, "factor", _product(missing), _product(extra))


def _unshared(one, other):
    """Two Counters without what both hold."""
    shared = one & other
    return one - shared, other - shared


def _product(factors):
    order = sorted(factors.elements(), key=lambda f: (f.is_Add, sympy.default_sort_key(f)))
    return sympy.Mul(*order, evaluate=False) if order else None


def _sum(terms):
    return sympy.Add(*terms.elements()) if terms else None


def _terms(factors):
    return Counter(sympy.Add.make_args(sympy.expand(sympy.Mul(*factors.elements()))))


def _factors(formula):
    """The factors, each as often as it stands there; 1 is none."""
    factors = Counter()
    for factor in sympy.Mul.make_args(sympy.factor_terms(formula)):
        base, power = factor.as_base_exp()
        if power.is_Integer and power > 0 and not base.is_number:
            factors[base] += int(power)
        elif factor != 1:
            factors[factor] += 1
    return factors
