"""Losses: how wrong an output is, E, the mean over the m columns of a batch, and its slope.

For one example, with output a (or logits z, of which the loss itself makes probabilities):

    squared error           ½ Σ (a − y)²                       slope  a − y
    binary cross-entropy    Σ log(1 + eᶻ) − y z                slope  σ(z) − y
    softmax cross-entropy   log Σ eᶻ − Σ y z,  Σ y = 1         slope  softmax(z) − y
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop.activations import sigmoid
from backprop.inputs import look_up


def _as_it_is(a):
    return a


@dataclass(frozen=True)
class Loss:
    """A loss E(a, y) of a network's output a and the target y, both of shape (n, m).

    `value(a, y)` gives E, the mean over the m examples; `slope(a, y)` gives ∂E/∂a, of shape (n, m),
    the 1/m of the mean included. `predict(a)` turns an output into what it predicts. A loss on
    `logits` makes the probabilities itself, so the network's last activation must be the identity.

    >>> a, y = np.array([[0.8], [0.4]]), np.array([[1.0], [0.0]])
    >>> round(float(squared_error.value(a, y)), 3)
    0.1
    """

    name: str
    value: Callable
    slope: Callable
    predict: Callable = _as_it_is
    logits: bool = False

    def __repr__(self):
        return self.name

    def __reduce__(self):  # functions are pickled by their names, and these have none
        if LOSSES.get(self.name) is self:
            return loss, (self.name,)
        return Loss, (self.name, self.value, self.slope, self.predict, self.logits)


def _softmax(z):
    return np.exp(z - np.logaddexp.reduce(z, axis=0))


squared_error = Loss(
    "squared_error",
    value=lambda a, y: ((a - y) ** 2).sum() / (2 * a.shape[1]),
    slope=lambda a, y: (a - y) / a.shape[1],
)
binary_cross_entropy = Loss(
    "binary_cross_entropy",
    value=lambda z, y: (np.logaddexp(0, z) - y * z).sum() / z.shape[1],
    slope=lambda z, y: (sigmoid.value(z) - y) / z.shape[1],
    predict=sigmoid.value,
    logits=True,
)
softmax_cross_entropy = Loss(
    "softmax_cross_entropy",
    value=lambda z, y: (np.logaddexp.reduce(z, axis=0) - (y * z).sum(axis=0)).sum() / z.shape[1],
    slope=lambda z, y: (_softmax(z) - y) / z.shape[1],
    predict=_softmax,
    logits=True,
)

LOSSES = {loss.name: loss for loss in (squared_error, binary_cross_entropy, softmax_cross_entropy)}


def loss(name):
    """The loss of that name; a Loss of one's own comes back as it is.

    >>> loss("squared_error")
    squared_error
    """
    return look_up(name, LOSSES, Loss)
