"""Are formulas written in the order of a slide, and do they say the same as before?"""

import pytest
import sympy
from cases import KINDS, in_letters

from backprop.derivation import derive
from backprop.letters import Letter
from backprop.printing import text, typeset

a, b, eta, w, y, z = (Letter(name) for name in ("a", "b", "eta", "w", "y", "z"))

WRITTEN = {
    1 - a: "1 - a",
    1 - a**2: "1 - a**2",
    w * a + b: "w*a + b",
    b - eta * Letter("dE_db"): "b - eta*dE_db",
    1 / (1 + sympy.exp(-z)) - y: "1/(1 + exp(-z)) - y",
    sympy.log(1 + sympy.exp(z)) - y: "log(1 + exp(z)) - y",
    -a - y: "-a - y",
    sympy.Piecewise((z, z > 0), (z / 100, True)): "(z if z > 0 else z/100)",
    sympy.Piecewise((1, z > 1), (-1, z < -1), (z, True)): "(1 if z > 1 else (-1 if z < -1 else z))",
}


@pytest.mark.parametrize("formula", WRITTEN, ids=str)
def test_terms_stand_in_the_order_of_a_slide(formula):
    assert text(formula) == WRITTEN[formula]


def test_latex_has_the_same_order_and_sympys_settings():
    assert typeset(w * a + b - y) == "w a + b - y"
    assert typeset(b - w * a, mul_symbol="dot", symbol_names={w: "2"}) == r"b - 2 \cdot a"


@pytest.mark.parametrize("kind", KINDS, ids=" ".join)
def test_what_is_written_is_the_formula(kind):
    for step in derive(in_letters(kind, [2, 2, 2])):
        if not step.formula.has(sympy.Piecewise):
            names = {s.name: s for s in step.formula.free_symbols}
            assert sympy.sympify(text(step.formula), locals=names) == step.formula
