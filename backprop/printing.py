"""How formulas are written: SymPy's printers, with the terms of a sum in the order of a slide."""

from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter


class SlideOrder:
    """For SymPy's printers: sums as 1 − a, w a + b and b − η g, what is subtracted last."""

    def _as_ordered_terms(self, e, order=None):
        def place(t):
            return t.could_extract_minus_sign(), not t.is_Number, t.is_Symbol

        return sorted(super()._as_ordered_terms(e, order), key=place)


class SlidePrinter(SlideOrder, LatexPrinter):
    """LaTeX for the formula of one unit."""


class CodeStyle(SlideOrder):
    """Sums in that order too where letters are ASCII, and conditions as (z if z > 0 else 0)."""

    def _print_Relational(self, e):
        return f"{self._print(e.lhs)} {e.rel_op} {self._print(e.rhs)}"

    def _print_Piecewise(self, e):
        *cases, (other, _) = e.args
        code = self._print(other)
        for value, condition in reversed(cases):
            code = self.choice(value, condition, code)
        return code

    def choice(self, value, condition, other):
        return f"({self._print(value)} if {self._print(condition)} else {other})"


class TextPrinter(CodeStyle, StrPrinter):
    """Plain text, as in code."""


def typeset(expression, **settings):
    r"""The LaTeX of a formula as on the slides; settings as for `sympy.latex`.

    >>> from backprop.letters import Letter
    >>> b, eta, slope = Letter("b2_1"), Letter("eta"), Letter("dE_db2_1")
    >>> print(typeset(b - eta * slope))
    b^{(2)}_{1} - \eta \frac{\partial E}{\partial b^{(2)}_{1}}
    """
    return SlidePrinter(settings).doprint(expression)


def text(expression):
    """The formula as plain text, as in code.

    >>> from backprop.letters import Letter
    >>> text(-Letter("y_1") + Letter("a2_1"))
    'a2_1 - y_1'
    """
    return TextPrinter({"full_prec": False}).doprint(expression)
