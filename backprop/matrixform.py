"""Backpropagation in matrix form: one letter for each whole array, so that width costs nothing.

The same equations once more, on a third kind of array: a `Whole` is a matrix of any size with one
letter for a name. It knows `@`, `.T`, sums and NumPy's elementwise functions, and has no entries.
"""

import numpy as np
import sympy
from sympy.codegen.cfunctions import expm1
from sympy.codegen.numpy_nodes import logaddexp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from backprop.derivation import Derivation, Step, walk
from backprop.letters import FUNCTIONS, RULES, Letter, exact

m = sympy.Symbol("m", positive=True)  # the number of examples, a column each


def _operation(name, latex, code):
    """A SymPy function of whole arrays that is printed as LaTeX and as NumPy code."""

    def _latex(self, printer):
        return latex.format(*map(printer.bracketed, self.args))

    def _numpycode(self, printer):
        return code.format(*(printer.parenthesize(a, PRECEDENCE["Func"], True) for a in self.args))

    members = {"_latex": _latex, "_numpycode": _numpycode, "_sympystr": _numpycode}
    return type(name, (sympy.Function,), members)


Product = _operation("Product", "{} {}", "({} @ {})")
Transposed = _operation("Transposed", "{{{}}}^{{T}}", "{}.T")
BatchSum = _operation("BatchSum", r"{} \, \mathbf{{1}}", "{}.sum(axis=1, keepdims=True)")
UnitSum = _operation("UnitSum", r"\mathbf{{1}}^{{T}} {}", "{}.sum(axis=0)")
Total = _operation("Total", r"\sum \, {}", "{}.sum()")
LogSumExp = _operation("LogSumExp", r"\log \sum e^{{{}}}", "numpy.logaddexp.reduce({}, axis=0)")
BatchSize = _operation("BatchSize", "m", "{}.shape[1]")

# Two of NumPy's functions keep their names here: code printed from them must not overflow.
WHOLE_RULES = RULES | {np.logaddexp: logaddexp, np.expm1: expm1}
SUMS = {None: Total, 0: UnitSum, 1: BatchSum}


class Whole(np.lib.mixins.NDArrayOperatorsMixin):
    """A matrix of any size as one expression, products of letters being elementwise.

    >>> W, a = Whole(Letter("W2")), Whole(Letter("a1"))
    >>> (W @ a + 1).formula
    (W2 @ a1) + 1
    """

    __slots__ = ("formula",)
    shape = (sympy.Symbol("n", positive=True), m)
    T = property(lambda self: Whole(Transposed(self.formula)))

    def __init__(self, formula):
        self.formula = formula

    def sum(self, axis=None, keepdims=False):
        return Whole(SUMS[axis](self.formula))

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        formulas = [x.formula if isinstance(x, Whole) else exact(x) for x in inputs]
        if ufunc is np.matmul:
            return Whole(Product(*formulas))
        if (ufunc, method, options) == (np.logaddexp, "reduce", {"axis": 0}):
            return Whole(LogSumExp(*formulas))
        if method != "__call__" or ufunc not in WHOLE_RULES:
            raise TypeError(f"np.{ufunc.__name__}, called so, has no matrix form here")
        return Whole(WHOLE_RULES[ufunc](*formulas))

    def __array_function__(self, function, types, args, kwargs):
        if function is np.where:
            condition, x, y = (v.formula if isinstance(v, Whole) else exact(v) for v in args)
            return Whole(sympy.Piecewise((x, condition), (y, True)))
        if function in (np.ones_like, np.zeros_like):
            return Whole(FUNCTIONS[function](0).item())
        raise TypeError(f"np.{function.__name__} has no matrix form here")


class MatrixPrinter(LatexPrinter):
    """LaTeX in which the product of arrays, entry by entry, is written ⊙."""

    def doprint(self, e):
        for function, rule in ((logaddexp, RULES[np.logaddexp]), (expm1, RULES[np.expm1])):
            e = e.replace(function, rule)
        return super().doprint(e)

    def bracketed(self, e):
        text = self._print(e)
        simple = not isinstance(e, sympy.Add | sympy.Mul | sympy.Piecewise | Product)
        return text if simple else rf"\left({text}\right)"

    def _as_ordered_terms(self, e, order=None):
        terms = super()._as_ordered_terms(e, order)
        return sorted(terms, key=lambda t: (t.could_extract_minus_sign(), not t.has(Product)))

    def _print_Mul(self, e):
        numbers, arrays = [], []
        for factor in e.as_ordered_factors():
            (arrays if factor.atoms(Letter) - {Letter("eta")} else numbers).append(factor)
        if not arrays or not e.is_Mul:
            return super()._print_Mul(e)
        text = r" \odot ".join(map(self.bracketed, arrays)) if len(arrays) > 1 else None
        number = sympy.Mul(*numbers)
        text = text or (self.bracketed(arrays[0]) if number != 1 else self._print(arrays[0]))
        if number == 1:
            return text
        return f"-{text}" if number == -1 else f"{self._print(number)} {text}"


class MatrixStep(Step):
    """One step in matrix form: `symbol` and `formula` stand for whole arrays."""

    def latex(self):
        """The step as one line of LaTeX, the elementwise product written ⊙."""
        parts = [sympy.latex(self.symbol), self.chain, MatrixPrinter().doprint(self.formula)]
        return " = ".join(part for part in parts if part)


def matrix_form(net):
    """Derive one training step of a network in matrix form, for a batch: a few steps a layer.

    Only the number of layers, the activations and the loss count; widths do not.

    >>> from backprop import Network
    >>> steps = matrix_form(Network.random([784, 128, 10], "sigmoid"))
    >>> print(steps["delta1"])
       BP2  delta1 = a1*(1 - a1)*(W2.T @ delta2)
    >>> print(steps["dE_dW2"].latex())
    \\frac{\\partial E}{\\partial W^{(2)}} = \\delta^{(2)} {a^{(1)}}^{T}
    """
    steps = []

    def name(symbol, formula, equation, l):
        letter = Letter(symbol)
        formula = formula.formula if isinstance(formula, Whole) else formula
        steps.append(MatrixStep(letter, formula, equation, WORDS[equation].format(l=l, next=l + 1)))
        return Whole(letter)

    whole = net.with_parameters(
        {l: Whole(Letter(f"W{l}")) for l in net.W}, {l: Whole(Letter(f"b{l}")) for l in net.b}
    )
    walk(whole, Whole(Letter("x")), Whole(Letter("y")), name)
    return Derivation(net, steps)


WORDS = {
    "z": "the weighted sums into layer {l}, a column an example",
    "a": "the activations of layer {l}",
    "E": "the loss, the mean over the batch",
    "BP1": "the slope of the loss at the output, times the slope of the activation",
    "BP2": "the deltas of layer {next} through the transposed weights, times the slope here",
    "BP3": "the deltas, summed over the batch",
    "BP4": "deltas times the activations that came in, summed over the batch by the product",
    "update": "one step downhill, the learning rate times the gradient",
}
