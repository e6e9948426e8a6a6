"""What the explorers of curves share: two panels over z, a point to drag, and rows of formulas."""

from dataclasses import dataclass

import numpy as np
import sympy

from backprop.axes import Axes, italic
from backprop.diagram import number
from backprop.letters import letters
from backprop.mathml import fill, mathml
from backprop.printing import typeset
from backprop.widgets.controls import slider
from backprop.widgets.formulas import template

STEP = 0.05  # of z


def panels(x, above, below):
    """Two panels, one above the other: each a label and the range of its axis."""
    upper = Axes(x, above[1], ylabel=above[0], height=165, most=(9, 5))
    lower = Axes(
        upper.x, below[1], italic("z"), below[0], top=upper.bottom + 54, height=105, most=(9, 4)
    )
    return upper, lower


def around(values):
    """A range with a little room around the values."""
    low, high = float(np.min(values)), float(np.max(values))
    room = 0.15 * (high - low)
    return low - room, high + room


def tangent(z, height, slope, reach=2.0):
    """The ends of a straight line through (z, height) with that slope."""
    dz = np.array([-reach, reach])
    return z + dz, height + slope * dz


def z_slider(ax, z):
    return slider("z", mathml("z"), z, ax.x.low, ax.x.high, STEP, number(z, 2), "weighted sum z")


def touch(ax, z):
    """The invisible slider, whose thumb stands where the axes have z."""
    wide, tall = ax.right + 20, ax.bottom + 46
    left, width = 100 * ax.left / wide, 100 * ax.width / wide
    return (
        f'<div style="position: absolute; inset: 0 auto auto 0; pointer-events: none; '
        f'width: min(100%, {wide:g}px); aspect-ratio: {wide:g} / {tall:g}">'
        f'<input type="range" name="z" aria-hidden="true" tabindex="-1" min="{ax.x.low:g}" '
        f'max="{ax.x.high:g}" step="{STEP:g}" value="{z:g}" style="position: absolute; opacity: 0; '
        f"cursor: ew-resize; pointer-events: auto; margin: 0; top: 0; height: 100%; "
        f'left: calc({left:.2f}% - 8px); width: calc({width:.2f}% + 16px)"></div>'
    )


@dataclass(frozen=True)
class Formula:
    """A formula in MathML, and the same with places for numbers: of each case, if it has cases."""

    formula: str
    cases: tuple

    @classmethod
    def of(cls, expression):
        expression = sympy.sympify(expression.item())
        several = isinstance(expression, sympy.Piecewise)
        cases = expression.args if several else [(expression, sympy.true)]
        return cls(mathml(typeset(expression)), tuple((template(e), when) for e, when in cases))

    def row(self, symbol, numbers, value):
        """A row of a table: symbol = formula = formula with numbers = value."""
        template = next(t for t, when in self.cases if _holds(when, numbers))
        parts = [mathml(symbol), self.formula, fill(template, numbers, _short)]
        cells = '</td><td class="equals">=</td><td>'.join(parts)
        result = f'<td class="equals">=</td><td class="number">{number(value, 6)}</td>'
        return f"<tr><td>{cells}</td>{result}</tr>"


def _holds(condition, numbers):
    return bool(condition.subs({letter: numbers[letter.name] for letter in condition.free_symbols}))


def _short(value):
    return number(value, 2 if value == round(value, 2) else 4)


def letter(name):
    """A letter as a batch of one example and one unit."""
    return letters(name, ()).reshape(1, 1)
