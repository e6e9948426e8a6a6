"""What an entry of an array of letters is: a letter or a number, from which formulas are made."""

import functools
import math
import numbers
import re

import numpy as np
import sympy

NAMES = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
SIGNS = dict(zip(NAMES, "αβγδεζηθικλμνξπρστυφχψω", strict=True))
GREEK = {name: rf"\{name}" for name in NAMES} | {"epsilon": r"\varepsilon"}  # ε, as in prose
PLACE = {"w": 1, "W": 1, "b": 2, "eta": 3, "delta": 4, "y": 9}  # as slides write: w before δ
CONSTANTS = {math.e: sympy.E, math.pi: sympy.pi}


class Letter(sympy.Symbol):
    r"""A symbol, ASCII in code and typeset as on the slides: the letter, its layer, its indices.

    >>> sympy.latex(Letter("w2_1_3")), sympy.latex(Letter("delta1_2")), sympy.latex(Letter("y_1"))
    ('w^{(2)}_{13}', '\\delta^{(1)}_{2}', 'y_{1}')
    """

    __slots__ = ()

    def __new__(cls, name, **assumptions):
        return super().__new__(cls, name, **{"real": True, **assumptions})

    @property
    def parts(self):
        """The letter, its layer (a string, '' for none) and its indices: ('w', '2', ('1', '3'))."""
        return _parts(self.name)

    def _latex(self, printer):
        chosen = printer._settings["symbol_names"]
        if self in chosen:
            return chosen[self]
        letter, layer, indices = self.parts
        if letter.startswith("dE_d"):
            return rf"\frac{{\partial E}}{{\partial {printer._print(Letter(self.name[4:]))}}}"
        new = r"\,\mathrm{new}" if letter.startswith("new_") else ""
        letter = letter.removeprefix("new_")
        above = (f"({layer})" if layer else "") + new
        below = ("," if any(len(index) > 1 for index in indices) else "").join(indices)
        above, below = above and f"^{{{above}}}", below and f"_{{{below}}}"
        return GREEK.get(letter, letter) + above + below

    def class_key(self):
        """What SymPy sorts by first, so that powers and multiples of a letter keep its place."""
        letter, layer, indices = self.parts
        return 2, PLACE.get(letter, 5), letter, *map(int, (layer or 0, *indices))


@functools.cache
def _parts(name):
    letter, layer, indices = re.fullmatch(r"(\w*?[A-Za-z])(\d*)((?:_\d+)*)", name).groups()
    return letter, layer, tuple(indices.split("_")[1:])


def exact(number):
    """A number as SymPy's: integers and halves, quarters, ... exactly, other floats as floats.

    >>> exact(0.5), exact(-3.0)
    (1/2, -3)
    """
    if isinstance(number, sympy.Basic):
        return number
    if isinstance(number, bool | np.bool_):
        return sympy.true if number else sympy.false
    if isinstance(number, numbers.Rational):
        return sympy.Rational(int(number.numerator), int(number.denominator))
    if not isinstance(number, numbers.Real):
        raise TypeError(f"letters compute with real numbers and SymPy expressions, not {number!r}")
    number = float(number)
    if math.isfinite(number) and abs(number) < 2**53 and number.as_integer_ratio()[1] <= 1024:
        return sympy.Rational(*number.as_integer_ratio())
    return CONSTANTS.get(number, sympy.sympify(number))
