"""An activation and its slope, with one point to move along them."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from backprop.activations import ACTIVATIONS, Activation, activation
from backprop.axes import italic, plot
from backprop.diagram import number
from backprop.widgets.controls import choice, group
from backprop.widgets.panels import Formula, around, letter, panels, tangent, touch, z_slider
from backprop.widgets.scene import Scene, View

FLAT = 0.02  # a slope below this is called saturated


def explore_activation(name="sigmoid"):
    """An activation with a point to drag along it, its tangent there, and its slope below.

    `name` is one of `backprop.ACTIVATIONS`, or an Activation of one's own, which then is one of
    the choices. Raises ValueError for a name that there is not.

    >>> explore_activation().move("z", 5)
    sigmoid at z = 5.00: a = 0.993307, and the slope f′(z) is 0.006648. Saturated: the slope is \
below 0.02, so hardly anything of an error that arrives here gets through.
    """
    f = activation(name)
    choices = ACTIVATIONS | {f.name: f}

    def react(state, control, value):
        if control == "f":
            return replace(state, f=choices[value])
        return replace(state, z=float(value)) if control == "z" else state

    return Scene(OnActivation(f, 1.0), lambda state: _view(state, choices), react)


@dataclass(frozen=True)
class OnActivation:
    """The activation that is looked at, and where."""

    f: Activation
    z: float

    @property
    def a(self):
        return float(self.f.value(np.float64(self.z)))

    @property
    def slope(self):
        return float(self.f.slope(np.float64(self.z), np.float64(self.a)))


def _view(state, choices):
    words = _words(state)
    upper, lower = _axes(state)
    picture = plot(f"{state.f.name} and its slope", words, upper, lower)
    controls = choice("f", "Function", {name: name for name in choices}, state.f.name)
    controls += z_slider(lower, state.z)
    value, slope = _formulas(state.f)
    numbers = {"z": state.z, "a": state.a}
    rows = value.row("a = f(z)", numbers, state.a) + slope.row("f'(z)", numbers, state.slope)
    return View(
        picture=picture,
        controls=group("Activation, and where on it", controls),
        words=words,
        text=f"<table><tbody>{rows}</tbody></table>",
        over=touch(lower, state.z),
    )


def _words(state):
    said = f"{state.f.name} at z = {number(state.z, 2)}: a = {number(state.a, 6)}, "
    said += f"and the slope f′(z) is {number(state.slope, 6)}."
    if abs(state.slope) < FLAT:
        what = "hardly anything" if state.slope else "nothing"
        why = f"{what} of an error that arrives here gets through"
        return f"{said} {_flat(state)}: the slope is below {FLAT}, so {why}."
    return f"{said} Move z by a little, and a moves {number(state.slope)} times as much."


def _flat(state):
    if not state.f.kinked:
        return "Saturated"
    return "Nearly switched off" if state.slope else "Switched off"


def _axes(state):
    f, z, a, slope = state.f, state.z, state.a, state.slope
    upper, lower = (ax.copy().across(x=z) for ax in _curves(f))
    upper.line(*tangent(z, a, slope), "minus dashed").marks(z, a, size=8)
    upper.text(z, a, f"slope {number(slope, 4)}", *_beside(upper, z, slope))
    lower.marks(z, slope, "minus", "diamond", size=7)
    flat = f"{_flat(state).lower()}: slope below {FLAT}" if abs(slope) < FLAT else ""
    lower.badge(flat)
    return upper, lower


@lru_cache(maxsize=32)
def _curves(f):
    """The panels with what stays while z moves: both curves, and where the slope is small."""
    z = np.linspace(-6, 6, 241)
    a = f.value(z)
    slope = f.slope(z, a)
    upper, lower = panels(
        (-6, 6),
        (f"activation {italic('a = f(z)')}", around(a)),
        (f"its slope {italic('f ′(z)')}", around(np.append(slope, (0, 1)))),
    )
    for ax in (upper, lower):
        ax.cells([np.where(np.abs(slope) < FLAT, 0, -1)], [("halo", 0.35)])
    upper.line(z, a)
    jump = np.flatnonzero(np.abs(np.diff(slope)) > 0.5) + 1  # at a kink the line has a gap
    lower.line(np.insert(z, jump, np.nan), np.insert(slope, jump, np.nan), "minus dashed")
    return upper, lower


def _beside(ax, z, slope):
    """Where words stand beside a point of a rising curve, so that they are not on it."""
    steep = slope * ax.height / (ax.y.high - ax.y.low) > 0.2 * ax.width / (ax.x.high - ax.x.low)
    if steep and z < 3:
        return "over", 14, 18
    return ("over", 14, -16) if z < -3.5 else ("over end", -14, -16)


@lru_cache
def _formulas(f):
    z, a = letter("z"), letter("a")
    return Formula.of(f.value(z)), Formula.of(f.slope(z, a))
