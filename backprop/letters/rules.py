"""NumPy's elementwise functions on the left, on the right their formulas for single entries."""

import numpy as np
import sympy
from sympy import Piecewise
from sympy.functions.elementary.piecewise import ExprCondPair

from backprop.letters.budget import digits, spend


class Cases(Piecewise):
    """Cases whose conditions hold cases: those of SymPy would be tried all, 2ⁿ of them for n."""

    def __new__(cls, *cases, **_):
        kept = []
        for value, condition in cases:
            if condition != sympy.false:
                kept.append(_Case(value, condition))
            if condition == sympy.true:
                break
        same = all(value == kept[0].expr for value, _ in kept)
        return kept[0].expr if same else sympy.Basic.__new__(cls, *kept)


class _Case(ExprCondPair):
    def __new__(cls, value, condition):
        return sympy.Tuple.__new__(cls, value, condition)


def case(value, condition, other):
    """`value` where the condition holds, else `other`."""
    cases = Cases if condition.has(Piecewise) else Piecewise
    return cases((value, condition), (other, sympy.true))


def power(base, exponent):
    if base.is_Rational and exponent.is_Rational and base not in (-1, 0, 1):
        spend((1 + digits(base)) * int(abs(exponent)) // 8)  # all digits of 3 ** 1000
    return sympy.Pow(base, exponent)


RULES = {
    np.add: sympy.Add,
    np.subtract: lambda x, y: x - y,
    np.multiply: sympy.Mul,
    np.true_divide: lambda x, y: x / y,
    np.power: power,
    np.float_power: power,
    np.negative: lambda x: -x,
    np.positive: lambda x: x,
    np.reciprocal: lambda x: 1 / x,
    np.square: lambda x: x**2,
    np.sqrt: sympy.sqrt,
    np.exp: sympy.exp,
    np.exp2: lambda x: power(sympy.S(2), x),
    np.expm1: lambda x: sympy.exp(x) - 1,
    np.log: sympy.log,
    np.log1p: lambda x: sympy.log(1 + x),
    np.log2: lambda x: sympy.log(x, 2),
    np.log10: lambda x: sympy.log(x, 10),
    np.logaddexp: lambda *exponents: sympy.log(sympy.Add(*map(sympy.exp, exponents))),
    np.sin: sympy.sin,
    np.cos: sympy.cos,
    np.tan: sympy.tan,
    np.arctan: sympy.atan,
    np.sinh: sympy.sinh,
    np.cosh: sympy.cosh,
    np.tanh: sympy.tanh,
    np.absolute: sympy.Abs,
    np.fabs: sympy.Abs,
    np.sign: sympy.sign,
    np.maximum: sympy.Max,
    np.minimum: sympy.Min,
    np.fmax: sympy.Max,
    np.fmin: sympy.Min,
    np.heaviside: lambda x, at_zero: case(1, x > 0, case(at_zero, sympy.Eq(x, 0), 0)),
    np.greater: sympy.Gt,
    np.greater_equal: sympy.Ge,
    np.less: sympy.Lt,
    np.less_equal: sympy.Le,
    np.equal: sympy.Eq,
    np.not_equal: sympy.Ne,
    np.logical_and: sympy.And,
    np.logical_or: sympy.Or,
    np.logical_xor: sympy.Xor,
    np.logical_not: sympy.Not,
    np.bitwise_and: sympy.And,
    np.bitwise_or: sympy.Or,
    np.bitwise_xor: sympy.Xor,
    np.invert: sympy.Not,
}

# Those whose rule takes any number of entries at once, for sums and the like along an axis.
FOLDS = {np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.logical_and, np.logical_or}

# Those that take numbers as conditions, and those that take conditions only; then what others are
# where all that they are given are conditions: as NumPy has it, the sum of two booleans is "or".
LOGIC = {np.logical_and, np.logical_or, np.logical_xor, np.logical_not}
BITWISE = {np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert}
OF_CONDITIONS = {
    np.bitwise_and: np.logical_and,
    np.bitwise_or: np.logical_or,
    np.bitwise_xor: np.logical_xor,
    np.invert: np.logical_not,
    np.add: np.logical_or,
    np.maximum: np.logical_or,
    np.multiply: np.logical_and,
    np.minimum: np.logical_and,
}


def as_number(entry):
    """In arithmetic a condition counts 1 where it is true and 0 where not, as NumPy's booleans."""
    return entry if isinstance(entry, sympy.Expr) else case(sympy.S.One, entry, 0)


def as_condition(entry):
    """As a condition, a number holds where it is not zero."""
    return sympy.Ne(entry, 0) if isinstance(entry, sympy.Expr) else entry
