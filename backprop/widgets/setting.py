"""What a reader sets in a training step, and everything that is computed from it."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.diagram import named
from backprop.equations import backward, update
from backprop.inputs import number
from backprop.losses import LOSSES, softmax_cross_entropy
from backprop.network import Network, forward, target
from backprop.widgets.parameters import check_few, parameters, place


@dataclass(frozen=True, eq=False)
class Setting:
    """A network, one example, a learning rate, and the parameter that is looked at."""

    net: Network
    x: np.ndarray
    y: np.ndarray
    eta: float
    chosen: str

    @classmethod
    def of(cls, net, x, y, eta, chosen=None):
        """Checked: ValueError or TypeError for what does not fit, and for more than one example.

        >>> from backprop.examples import mazur
        >>> round(Setting.of(*mazur()).numbers["E"], 6)
        0.298371
        """
        check_few(net)
        x = forward(net, x).a[0]
        if x.shape[1] != 1:
            raise ValueError(
                f"a training step is followed for one example and x holds {x.shape[1]}: "
                f"give one column of x and of y, x[:, k] and y[:, k]"
            )
        chosen = chosen or parameters(net.sizes)[0]
        place(net, chosen)
        return cls(net, x, target(net, y, 1), number("eta", eta), chosen)

    # — what is computed from it —

    @cached_property
    def trace(self):
        return forward(self.net, self.x)

    @cached_property
    def grads(self):
        return backward(self.net, self.trace, self.y)

    @cached_property
    def after(self):
        """The network after the update."""
        return update(self.net, self.grads, self.eta)

    @cached_property
    def numbers(self):
        """Every number of this training step by the name of its letter."""
        numbers = named(self.net, self.trace, self.y, self.grads) | {"eta": self.eta}
        return numbers | {f"new_{name}": value for name, value in named(self.after).items()}

    # — moves —

    def looking_at(self, part):
        """With that weight or bias chosen, or that of this gradient; as it is for other parts."""
        name = parameter_of(part)
        return replace(self, chosen=name) if name in parameters(self.net.sizes) else self

    def moved(self, control, value):
        """With what a control sets; ValueError where there is no such control."""
        letter, _, index = control.partition("_")
        if letter in ("x", "y"):
            column = getattr(self, letter).copy()
            column[int(index) - 1] = number(control, float(value))
            column = column if letter == "x" else target(self.net, column, 1)
            return replace(self, **{letter: column})
        if letter == "f":
            return replace(self, net=_with_activation(self.net, int(index), value))
        if control == "value":
            flat = self.net.flat()
            flat[place(self.net, self.chosen)] = number(self.chosen, float(value))
            return replace(self, net=self.net.with_flat(flat))
        if control == "eta":
            return replace(self, eta=number("eta", float(value)))
        if control == "class":
            return replace(self, y=np.eye(len(self.y))[:, [int(value) - 1]])
        if control == "loss":
            net = _with_loss(self.net, value)
            return replace(self, net=net, y=_fitting(net.loss, self.y))
        raise ValueError(f"there is no control {control!r}")


def parameter_of(part):
    """The weight or bias that a part of a picture is about, if it is about one."""
    return part.removeprefix("dE_d").removeprefix("new_")


def _with_activation(net, l, name):
    f = dict(net.f) | {l: with_own(ACTIVATIONS, net.f.values())[name]}
    return Network(net.W, net.b, list(f.values()), net.loss)


def _with_loss(net, name):
    """With another loss; one on logits wants z itself, so the last activation is the identity."""
    loss = with_own(LOSSES, [net.loss])[name]
    last = "identity" if loss.logits else net.f[net.L]
    return Network(net.W, net.b, [*list(net.f.values())[:-1], last], loss)


def _fitting(loss, y):
    """Targets that the loss can take: probabilities for one on logits, one class for softmax."""
    if loss is softmax_cross_entropy:
        return np.eye(len(y))[:, [int(y.argmax())]]
    return np.clip(y, 0, 1) if loss.logits else y


def with_own(table, used):
    """The functions to choose from, those of one's own among them."""
    return table | {f.name: f for f in used}
