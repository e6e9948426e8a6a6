"""NumPy's elementwise functions on the left, on the right their formulas for single entries."""

import numpy as np
import sympy
from sympy import Piecewise

RULES = {
    np.add: sympy.Add,
    np.subtract: lambda x, y: x - y,
    np.multiply: sympy.Mul,
    np.true_divide: lambda x, y: x / y,
    np.power: sympy.Pow,
    np.float_power: sympy.Pow,
    np.negative: lambda x: -x,
    np.positive: lambda x: x,
    np.reciprocal: lambda x: 1 / x,
    np.square: lambda x: x**2,
    np.sqrt: sympy.sqrt,
    np.exp: sympy.exp,
    np.exp2: lambda x: 2**x,
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
    np.heaviside: lambda x, at_zero: Piecewise((1, x > 0), (at_zero, sympy.Eq(x, 0)), (0, True)),
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
    return entry if isinstance(entry, sympy.Expr) else Piecewise((1, entry), (0, True))


def as_condition(entry):
    """As a condition, a number holds where it is not zero."""
    return sympy.Ne(entry, 0) if isinstance(entry, sympy.Expr) else entry
