"""A curve and its slope, with one point to move along them: for activations and for losses."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from backprop.activations import ACTIVATIONS, Activation, activation, identity, sigmoid
from backprop.axes import italic, plot
from backprop.diagram import number
from backprop.equations import output_delta
from backprop.inputs import look_up
from backprop.losses import Loss, binary_cross_entropy, squared_error
from backprop.widgets.controls import choice, group, slider
from backprop.widgets.mathml import mathml
from backprop.widgets.panels import (
    Formula,
    around,
    letter,
    panels,
    tangent,
    touch,
    z_slider,
)
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

    return Scene(OnActivation(f, 1.0), lambda state: _activation_view(state, choices), react)


def explore_loss(name="squared_error"):
    """The loss of one sigmoid unit over its weighted sum z, and its slope δ = ∂E/∂z below.

    `name` is "squared_error" or "binary_cross_entropy", or an elementwise Loss of one's own. The
    slope of the other one is drawn too: a badly wrong unit learns slowly with the one and fast with
    the other. Raises ValueError for a name that there is not.

    >>> explore_loss()
    z = −5.00 gives the output 0.0067, and the target is 1.00: badly wrong. With squared error \
E = 0.493330 and δ = −0.006604: the unit learns slowly. With binary cross-entropy δ would be \
−0.993307, 150 times as large.
    """
    loss = look_up(name, LOSSES, Loss)
    choices = LOSSES | {loss.name: loss}

    def react(state, control, value):
        if control == "loss":
            return replace(state, loss=choices[value])
        return replace(state, **{control: float(value)}) if control in ("z", "y") else state

    return Scene(OnLoss(loss, -5.0, 1.0), lambda state: _loss_view(state, choices), react)


# — activations —


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


def _activation_view(state, choices):
    words = _activation_words(state)
    upper, lower = _activation_axes(state)
    picture = plot(f"{state.f.name} and its slope", words, upper, lower)
    controls = choice("f", "Function", {name: name for name in choices}, state.f.name)
    controls += z_slider(lower, state.z)
    value, slope = _activation_formulas(state.f)
    numbers = {"z": state.z, "a": state.a}
    rows = value.row("a = f(z)", numbers, state.a) + slope.row("f'(z)", numbers, state.slope)
    return View(
        picture=picture,
        controls=group("Activation, and where on it", controls),
        words=words,
        text=f"<table><tbody>{rows}</tbody></table>",
        over=touch(lower, state.z),
    )


def _activation_words(state):
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


def _activation_axes(state):
    f, z, a, slope = state.f, state.z, state.a, state.slope
    upper, lower = (ax.copy().across(x=z) for ax in _activation_curves(f))
    upper.line(*tangent(z, a, slope), "minus dashed").marks(z, a, size=8)
    upper.text(z, a, f"slope {number(slope, 4)}", *_beside(upper, z, slope))
    lower.marks(z, slope, "minus", "diamond", size=7)
    flat = f"{_flat(state).lower()}: slope below {FLAT}" if abs(slope) < FLAT else ""
    lower.badge(flat)
    return upper, lower


@lru_cache(maxsize=32)
def _activation_curves(f):
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
def _activation_formulas(f):
    z, a = letter("z"), letter("a")
    return Formula.of(f.value(z)), Formula.of(f.slope(z, a))


# — losses —

LOSSES = {loss.name: loss for loss in (squared_error, binary_cross_entropy)}


@dataclass(frozen=True)
class OnLoss:
    """The loss of one unit that is looked at, its weighted sum z and its target y."""

    loss: Loss
    z: float
    y: float

    @property
    def a(self):
        return _unit(self.loss).value(np.array([[self.z]]))

    @property
    def output(self):
        return float(self.loss.predict(self.a).item())

    @property
    def E(self):
        return float(_losses(self.loss, self.y, np.array([self.z])).item())

    @property
    def delta(self):
        return float(_deltas(self.loss, self.y, np.array([self.z])).item())

    @property
    def other(self):
        return replace(self, loss=_other(self.loss))


def _unit(loss):
    """The activation of the unit: a loss on logits makes the sigmoid itself."""
    return identity if loss.logits else sigmoid


def _other(loss):
    """The loss to compare with."""
    return squared_error if loss is binary_cross_entropy else binary_cross_entropy


def _loss_view(state, choices):
    words = _loss_words(state)
    upper, lower = _loss_axes(state)
    picture = plot(f"{_spoken(state.loss)} of one unit and its slope", words, upper, lower)
    names = {name: _spoken(loss) for name, loss in choices.items()}
    look = choice("loss", "Loss", names, state.loss.name)
    unit = z_slider(lower, state.z)
    unit += slider("y", mathml("y"), state.y, 0, 1, 0.05, number(state.y, 2), "target y")
    tables = ""
    for one in (state, state.other):
        E, delta = _loss_formulas(one.loss)
        numbers = {"z": one.z, "a": one.a.item(), "y": one.y}
        rows = E.row("E", numbers, one.E) + delta.row(r"\delta", numbers, one.delta)
        caption = f"<caption>{_spoken(one.loss).capitalize()}</caption>"
        tables += f"<table>{caption}<tbody>{rows}</tbody></table>"
    return View(
        picture=picture,
        controls=group("Loss", look) + group("Weighted sum and target", unit),
        words=words,
        text=f'<div class="bp-tables">{tables}</div>',
        over=touch(lower, state.z),
    )


def _spoken(loss):
    return loss.name.replace("_", " ").replace("cross entropy", "cross-entropy")


def _loss_words(state):
    output, delta, other = state.output, state.delta, state.other
    wrong, times = abs(output - state.y), other.delta / delta if delta else 1
    how = "badly wrong" if wrong >= 0.5 else "wrong" if wrong >= 0.1 else "nearly right"
    said = f"z = {number(state.z, 2)} gives the output {number(output, 4)}, "
    said += f"and the target is {number(state.y, 2)}: {how}. "
    said += f"With {_spoken(state.loss)} E = {number(state.E, 6)} and δ = {number(delta, 6)}: "
    if wrong < 0.1:
        said += "there is little left to learn. "
    elif abs(delta) < 0.1 * wrong:
        said += "the unit learns slowly. "
    else:
        said += f"a step {'raises' if delta < 0 else 'lowers'} z. "
    said += f"With {_spoken(other.loss)} δ would be {number(other.delta, 6)}"
    worth = wrong >= 0.1 and times > 2
    return f"{said}, {number(times, 2)} times as large." if worth else f"{said}."


def _loss_axes(state):
    z, E, delta = state.z, state.E, state.delta
    upper, lower = (ax.copy().across(x=z) for ax in _loss_curves(state.loss, state.y))
    upper.line(*tangent(z, E, delta), "minus dashed").marks(z, E, size=8)
    left = z > 3 or (z > -3 and delta > 0)  # above the curve, on the side where it falls
    place = ("over end", -12, -16) if left else ("over", 12, -16)
    upper.text(z, E, f"slope {number(delta, 4)}", *place)
    lower.marks(z, delta, "minus", "diamond", size=7)
    return upper, lower


@lru_cache(maxsize=64)
def _loss_curves(loss, y):
    """The panels with what stays while z moves: the loss, its slope, and that of the other loss."""
    z = np.linspace(-8, 8, 161)
    most = max(_losses(loss, end, z).max() for end in (0.0, 1.0))
    upper, lower = panels(
        (-8, 8),
        (f"loss {italic('E')}", (0, 1.25 * most)),
        (f"its slope {italic('δ = ∂E/∂z')}", (-1.2, 1.2)),
    )
    other = _other(loss)
    upper.line(z, _losses(loss, y, z))
    lower.across(y=0, kind="rim thin")
    lower.line(z, _deltas(other, y, z), "rim dotted").line(z, _deltas(loss, y, z), "minus dashed")
    lower.legend(("minus dashed", _spoken(loss)), ("rim dotted", _spoken(other)))
    return upper, lower


def _losses(loss, y, z):
    """E of one unit for each z by itself."""
    a, y = _unit(loss).value(z[None]), np.array([[y]])
    return np.array([loss.value(a[:, [k]], y) for k in range(z.size)])


def _deltas(loss, y, z):
    """δ of one unit for each z by itself: m times its part of the batch's mean."""
    f, z = _unit(loss), z[None]
    return (output_delta(loss, f, z, f.value(z), y) * z.size)[0]


@lru_cache
def _loss_formulas(loss):
    z, y, f = letter("z"), letter("y"), _unit(loss)
    a = f.value(z) if loss.logits else letter("a")
    return Formula.of(loss.value(a, y)), Formula.of(output_delta(loss, f, z, a, y))
