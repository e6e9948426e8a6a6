"""Code that SymPy makes of a derivation: NumPy for any width, plain Python for tiny networks.

The source of a generated function is its `source` attribute, to be read.
"""

import linecache
import math
import zlib
from functools import reduce
from types import FunctionType

import numpy as np
import sympy
from sympy.printing.numpy import NumPyPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.pycode import PythonCodePrinter

from backprop.derivation import derive
from backprop.letters import letters
from backprop.matrixform import matrix_form
from backprop.printing import CodeStyle

PASSES = ("z", "a", "BP1", "BP2", "BP3", "BP4")


def gradient_function(net):
    """A NumPy function generated from the matrix form: `f(x, y, W1, b1, W2, b2, ...)`.

    It takes a batch x (n_0, m), y (n_L, m) and the parameters, arrays of the right shapes (that is
    not checked), and returns [∂E/∂W1, ∂E/∂b1, ∂E/∂W2, ...]. Every z, a and delta is computed once.

    >>> from backprop import Network
    >>> net = Network([[[1.0, 2.0]]], [[0.0]], "identity")
    >>> f = gradient_function(net)
    >>> f(np.array([[1.0], [1.0]]), np.array([[2.0]]), net.W[1], net.b[1])
    [array([[1., 1.]]), array([[1.]])]
    >>> print(f.source)
    def generated(x, y, W1, b1):
        m = x.shape[1]
        z1 = W1 @ x + b1
        a1 = z1
        delta1 = (a1 - y)/m
        dE_dW1 = delta1 @ x.T
        dE_db1 = delta1.sum(axis=1, keepdims=True)
        return [dE_dW1, dE_db1]
    """
    derivation, parameters = matrix_form(net), [f"{letter}{l}" for l in net.W for letter in "Wb"]
    lines = ["m = x.shape[1]", *_assignments(derivation, PASSES, ArrayPrinter)]
    source = _source(["x", "y", *parameters], lines, [f"dE_d{name}" for name in parameters])
    return _with_source(np.errstate(over="ignore")(_run(source, {"np": np})), source)


def scalar_step(net):
    """One training step on one example as straight-line Python: `f(parameters, x, y, eta)`.

    It takes lists of floats, the parameters in the order of `Network.flat`, and returns the updated
    parameters as a list. For networks of a few units this is faster than any array library.

    >>> from backprop import Network
    >>> step = scalar_step(Network([[[2.0]]], [[0.0]], "identity"))
    >>> step([2.0, 0.0], [1.0], [1.0], 0.5)
    [1.5, -0.5]
    """
    derivation = derive(net)
    parameters = [s.symbol.name.removeprefix("dE_d") for s in derivation.gradient_steps]
    x, y = (letters(name, net.sizes[l]).tolist() for name, l in (("x", 0), ("y", -1)))
    lines = [
        f"[{', '.join(map(str, names))}] = {given}"
        for names, given in ((parameters, "parameters"), (x, "x"), (y, "y"))
    ]
    lines += _assignments(derivation, (*PASSES, "update"), ScalarPrinter)
    new = [f"new_{name}" for name in parameters]
    source = _source(["parameters", "x", "y", "eta"], lines, new)
    names = vars(math) | {"logaddexp": _logaddexp}
    fast = _run(source, names)
    safe = FunctionType(fast.__code__, names | {"exp": _exp})

    def step(parameters, x, y, eta):
        try:
            return fast(parameters, x, y, eta)
        except OverflowError:  # exp(1000): the same once more, with infinity for it
            return safe(parameters, x, y, eta)

    return _with_source(step, source)


def _assignments(derivation, equations, printer):
    settings = {"fully_qualified_modules": printer is ArrayPrinter, "allow_unknown_functions": True}
    code = printer(settings).doprint
    return [f"{s.symbol} = {code(s.formula)}" for s in derivation if s.equation in equations]


def _source(arguments, lines, results):
    body = [*lines, f"return [{', '.join(results)}]"]
    head = f"def generated({', '.join(arguments)}):\n    "
    return head + "\n    ".join(body).replace("numpy.", "np.")


def _run(source, names):
    file = f"<generated {zlib.crc32(source.encode()):08x}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file  # for tracebacks
    exec(compile(source, file, "exec"), names)
    return names["generated"]


def _with_source(function, source):
    function.source = source
    return function


# — printers: formulas as one would write them by hand —


class ArrayPrinter(CodeStyle, NumPyPrinter):
    """NumPy code for whole arrays."""

    def _print_Pow(self, e, rational=False):
        if e.exp == -1:  # NumPyPrinter writes u**(-1.0)
            return f"1/{self.parenthesize(e.base, PRECEDENCE['Pow'])}"
        return super()._print_Pow(e, rational)

    def _print_Max(self, e):
        return reduce("numpy.maximum({}, {})".format, map(self._print, e.args))

    def _print_Min(self, e):
        return reduce("numpy.minimum({}, {})".format, map(self._print, e.args))

    def choice(self, value, condition, other):
        code = self._print(value)
        if value.is_number:  # float32 stays float32: a number takes the type of what is compared
            compared = min(condition.atoms(sympy.core.relational.Relational), key=str).lhs
            code = f"numpy.full_like({self._print(compared)}, {code})"
        return f"numpy.where({self._print(condition)}, {code}, {other})"


class ScalarPrinter(CodeStyle, PythonCodePrinter):
    """Python code for floats, in forms that neither overflow nor cancel."""

    def _print_log(self, e):
        exponents = _exponents(e.args[0])  # log(eᵘ + eᵛ + ...)
        return self._print(logaddexp(*exponents)) if exponents else super()._print_log(e)

    def _print_Mul(self, e):
        for total in e.args:  # eᵘ / (eᵛ + eʷ + ...) = e^(u − log(eᵛ + eʷ + ...))
            exponents = total.is_Pow and total.exp == -1 and _exponents(total.base)
            if exponents and isinstance(e / total, sympy.exp):
                return self._print(sympy.exp((e / total).exp - logaddexp(*exponents)))
        return super()._print_Mul(e)

    def _print_Add(self, e, order=None):
        if len(e.args) == 2 and isinstance(1 - e, sympy.exp):  # 1 − eᵘ
            return f"-expm1({self._print((1 - e).exp)})"
        return super()._print_Add(e, order)


logaddexp = sympy.Function("logaddexp")


def _exponents(total):
    """u, v, ... of eᵘ + eᵛ + ..., a 1 being e⁰; nothing for what is no such sum."""
    terms = sympy.Add.make_args(total)
    found = [sympy.log(t) for t in terms if t == 1 or isinstance(t, sympy.exp)]
    return found if len(found) == len(terms) > 1 else []


def _logaddexp(*exponents):
    top, *others = sorted(exponents, reverse=True)
    return top + math.log1p(sum(math.exp(u - top) for u in others))


def _exp(u):
    try:
        return math.exp(u)
    except OverflowError:
        return math.inf
