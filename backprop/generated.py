"""Code that SymPy makes of a derivation: NumPy for any width, plain Python for tiny networks.

The source of a generated function is its `source` attribute, to be read.
"""

import inspect
import math

import numpy as np
import sympy
from sympy.printing.numpy import NumPyPrinter

from backprop.derivation import derive
from backprop.letters import Letter, letters
from backprop.matrixform import BatchSize, m, matrix_form

PASSES = ("z", "a", "BP1", "BP2", "BP3", "BP4")


class ArrayPrinter(NumPyPrinter):
    """NumPy code for whole arrays, conditions as `where`."""

    def _print_Piecewise(self, e):
        *cases, (other, _) = e.args
        code = self._print(other)
        for value, condition in reversed(cases):
            code = f"numpy.where({self._print(condition)}, {self._print(value)}, {code})"
        return code


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
        z1 = b1 + (W1 @ x)
        a1 = z1
        delta1 = (a1 - y)/m
        dE_dW1 = (delta1 @ x.T)
        dE_db1 = delta1.sum(axis=1, keepdims=True)
        return [dE_dW1, dE_db1]
    """
    parameters = [f"{letter}{l}" for l in net.W for letter in "Wb"]
    rows = [(s.symbol, s.formula) for s in matrix_form(net) if s.equation in PASSES]
    function = _compiled(
        [Letter(name) for name in ("x", "y", *parameters)],
        [Letter(f"dE_d{parameter}") for parameter in parameters],
        [(m, BatchSize(Letter("x"))), *rows],
        modules="numpy",
        printer=ArrayPrinter({"fully_qualified_modules": False, "allow_unknown_functions": True}),
    )
    quiet = np.errstate(over="ignore")(function)  # exp overflows to inf, and 1/inf is the right 0
    quiet.source = function.source
    return quiet


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
    parameters = [Letter(s.symbol.name.removeprefix("dE_d")) for s in derivation.gradient_steps]
    x, y = (letters(name, net.sizes[l]).tolist() for name, l in (("x", 0), ("y", -1)))
    rows = [(s.symbol, s.formula) for s in derivation if s.equation in (*PASSES, "update")]
    return _compiled(
        [parameters, x, y, Letter("eta")],
        [Letter(f"new_{parameter}") for parameter in parameters],
        rows,
        modules=[{"exp": _exp}, "math"],
    )


def _compiled(arguments, results, rows, **options):
    """SymPy's `lambdify`, handed the ready steps in place of a search for common subexpressions."""
    function = sympy.lambdify(arguments, results, cse=lambda _: (rows, results), **options)
    function.source = inspect.getsource(function).replace(function.__name__, "generated").rstrip()
    return function


def _exp(u):
    try:
        return math.exp(u)
    except OverflowError:
        return math.inf
