"""The loss of one unit and its slope over the weighted sum, with one point to move along them."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from backprop.activations import identity, sigmoid
from backprop.axes import italic, plot
from backprop.diagram import number
from backprop.equations import output_delta
from backprop.inputs import look_up
from backprop.losses import Loss, binary_cross_entropy, squared_error
from backprop.mathml import mathml
from backprop.widgets.controls import choice, group, slider
from backprop.widgets.formulas import tables
from backprop.widgets.panels import Formula, letter, panels, tangent, touch, z_slider
from backprop.widgets.scene import Scene, View

LOSSES = {loss.name: loss for loss in (squared_error, binary_cross_entropy)}


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

    return Scene(OnLoss(loss, -5.0, 1.0), lambda state: _view(state, choices), react)


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


def _view(state, choices):
    words = _words(state)
    upper, lower = _axes(state)
    picture = plot(f"{_spoken(state.loss)} of one unit and its slope", words, upper, lower)
    names = {name: _spoken(loss) for name, loss in choices.items()}
    look = choice("loss", "Loss", names, state.loss.name)
    unit = z_slider(lower, state.z)
    unit += slider("y", mathml("y"), state.y, 0, 1, 0.05, number(state.y, 2), "target y")
    rows = {}
    for one in (state, state.other):
        E, delta = _formulas(one.loss)
        numbers = {"z": one.z, "a": one.a.item(), "y": one.y}
        of_delta = delta.row(r"\delta", numbers, one.delta)
        rows[_spoken(one.loss).capitalize()] = E.row("E", numbers, one.E) + of_delta
    return View(
        picture=picture,
        controls=group("Loss", look) + group("Weighted sum and target", unit),
        words=words,
        text=tables(rows),
        over=touch(lower, state.z),
    )


def _spoken(loss):
    return loss.name.replace("_", " ").replace("cross entropy", "cross-entropy")


def _words(state):
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


def _axes(state):
    z, E, delta = state.z, state.E, state.delta
    upper, lower = (ax.copy().across(x=z) for ax in _curves(state.loss, state.y))
    upper.line(*tangent(z, E, delta), "minus dashed").marks(z, E, size=8)
    left = z > 3 or (z > -3 and delta > 0)  # above the curve, on the side where it falls
    place = ("over end", -12, -16) if left else ("over", 12, -16)
    upper.text(z, E, f"slope {number(delta, 4)}", *place)
    lower.marks(z, delta, "minus", "diamond", size=7)
    return upper, lower


@lru_cache(maxsize=64)
def _curves(loss, y):
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
def _formulas(loss):
    z, y, f = letter("z"), letter("y"), _unit(loss)
    a = f.value(z) if loss.logits else letter("a")
    return Formula.of(loss.value(a, y)), Formula.of(output_delta(loss, f, z, a, y))
