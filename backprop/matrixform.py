"""Backpropagation in matrix form: one letter for each whole array, so that width costs nothing.

The same equations once more, on a third kind of array: a `Whole` is a matrix of any size with one
letter for a name. It knows `@`, `.T`, sums and NumPy's elementwise functions, and has no entries.
"""

import numpy as np
import sympy
from sympy.printing.precedence import PRECEDENCE

from backprop.derivation import Derivation, Step, walk
from backprop.letters import FUNCTIONS, RULES, Letter, exact
from backprop.printing import SlidePrinter

n, m = sympy.symbols("n m", positive=True)  # the numbers of units and of examples, a column each


def _operation(name, latex, code, precedence=PRECEDENCE["Func"]):
    """A SymPy function of whole arrays that is printed as LaTeX and as NumPy code."""

    def _latex(self, printer):
        return latex.format(*(printer.parenthesize(a, PRECEDENCE["Mul"]) for a in self.args))

    def _numpycode(self, printer):
        return code.format(*(printer.parenthesize(a, PRECEDENCE["Func"], True) for a in self.args))

    printed = {"_latex": _latex, "_numpycode": _numpycode, "_sympystr": _numpycode}
    return type(name, (sympy.Function,), {**printed, "precedence": precedence})


Product = _operation("Product", "{} {}", "{} @ {}", PRECEDENCE["Add"])  # in brackets beside *
Transposed = _operation("Transposed", "{{{}}}^{{T}}", "{}.T")
BatchSum = _operation("BatchSum", r"{} \, \mathbf{{1}}", "{}.sum(axis=1, keepdims=True)")
UnitSum = _operation("UnitSum", r"\mathbf{{1}}^{{T}} {}", "{}.sum(axis=0)")
Total = _operation("Total", r"\sum \, {}", "{}.sum()")
LogSumExp = _operation("LogSumExp", r"\log \sum e^{{{}}}", "np.logaddexp.reduce({}, axis=0)")

# Two of NumPy's functions keep their names here: code printed from them must not overflow.
LogAddExp = _operation("LogAddExp", r"\log\left(e^{{{}}} + e^{{{}}}\right)", "np.logaddexp({}, {})")
Expm1 = _operation("Expm1", r"\left(e^{{{}}} - 1\right)", "np.expm1({})")
WHOLE_RULES = RULES | {np.logaddexp: LogAddExp, np.expm1: Expm1}
SUMS = {(None, False): Total, (0, False): UnitSum, (1, True): BatchSum}  # axis, keepdims


class Whole(np.lib.mixins.NDArrayOperatorsMixin):
    """A matrix of any size as one expression, products of letters being elementwise.

    >>> W, a = Whole(Letter("W2")), Whole(Letter("a1"))
    >>> (W @ a + 1).formula
    W2 @ a1 + 1
    """

    __slots__ = ("formula",)
    shape = (n, m)
    T = property(lambda self: Whole(Transposed(self.formula)))

    def __init__(self, formula):
        self.formula = formula

    def sum(self, axis=None, keepdims=False):
        if (axis, keepdims) not in SUMS:
            raise TypeError(f"sum(axis={axis}, keepdims={keepdims}) has no matrix form here")
        return Whole(SUMS[axis, keepdims](self.formula))

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        formulas = map(_formula, inputs)
        if ufunc is np.matmul:
            return Whole(Product(*formulas))
        if (ufunc, method, options) == (np.logaddexp, "reduce", {"axis": 0}):
            return Whole(LogSumExp(*formulas))
        if method != "__call__" or ufunc not in WHOLE_RULES:
            raise TypeError(f"np.{ufunc.__name__}, called so, has no matrix form here")
        return Whole(WHOLE_RULES[ufunc](*formulas))

    def __array_function__(self, function, types, args, kwargs):
        if function is np.sum:
            return args[0].sum(*args[1:], **kwargs)
        if function is np.where:
            condition, x, y = map(_formula, args)
            return Whole(sympy.Piecewise((x, condition), (y, True)))
        if function in (np.ones_like, np.zeros_like):
            return Whole(FUNCTIONS[function](0).item())
        raise TypeError(f"np.{function.__name__} has no matrix form here")


class MatrixPrinter(SlidePrinter):
    """LaTeX in which products and powers of arrays, entry by entry, are written with ⊙."""

    def doprint(self, e):
        for function, rule in ((LogAddExp, RULES[np.logaddexp]), (Expm1, RULES[np.expm1])):
            e = e.replace(function, rule)
        return super().doprint(e)

    def bracketed(self, e):
        simple = not isinstance(e, sympy.Add | sympy.Mul | sympy.Piecewise | Product)
        return self._print(e) if simple else rf"\left({self._print(e)}\right)"

    def _print_Mul(self, e):
        factors = e.as_ordered_factors()
        arrays = [factor for factor in factors if factor.atoms(Letter) - {Letter("eta")}]
        if not arrays or not e.is_Mul:
            return super()._print_Mul(e)
        number = sympy.Mul(*(factor for factor in factors if factor not in arrays))
        differences = [f for f in arrays if f.is_Add and any(map(_negative, f.args))]
        if _negative(number) and differences:  # −(u − v) ⊙ w = (v − u) ⊙ w
            number, arrays = -number, [-f if f is differences[0] else f for f in arrays]
        text = r" \odot ".join(map(self.bracketed, arrays))
        sign = {1: "", -1: "-"}.get(number)
        return (f"{self._print(number)} " if sign is None else sign) + text

    def _print_Pow(self, e):
        if e.exp.is_Integer and e.exp > 1 and e.atoms(Letter):
            return rf"\left({self._print(e.base)}\right)^{{\odot {e.exp}}}"
        return super()._print_Pow(e)


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


class MatrixStep(Step):
    """One step in matrix form: `symbol` and `formula` stand for whole arrays."""

    _words, _printer, chain = WORDS, MatrixPrinter, ""


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

    def name(symbol, result, equation):
        formula = _formula(result)
        if n in formula.free_symbols:
            raise TypeError("a matrix form holds for every width: it cannot use shape[0]")
        steps.append(MatrixStep(Letter(symbol), formula, equation))
        return Whole(Letter(symbol))

    W, b = ({l: Whole(Letter(f"{letter}{l}")) for l in net.W} for letter in "Wb")
    x, y = Whole(Letter("x")), Whole(Letter("y"))
    walk(net.with_parameters(W, b), x, y, Letter("eta"), name)
    return Derivation(net, steps)


def _formula(value):
    return value.formula if isinstance(value, Whole) else exact(value)


def _negative(term):
    return term.could_extract_minus_sign()
