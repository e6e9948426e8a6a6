"""Networks with a history: small, with every number known, to compare with."""

from typing import NamedTuple

import numpy as np

from backprop.network import Network


class Example(NamedTuple):
    """A network, an input x, a target y and a learning rate η: all that one training step needs."""

    net: Network
    x: np.ndarray
    y: np.ndarray
    eta: float


def mazur():
    """The 2-2-2 network of the best-known worked example, sigmoid and squared error, η = ½.

    Source: M. Mazur, "A step by step backpropagation example" (2015). The loss it prints after one
    step comes of a mistake; the right one is 0.291027774, with the biases left as they are.

    >>> from backprop import loss_of
    >>> net, x, y, eta = mazur()
    >>> round(float(loss_of(net, x, y)), 9)
    0.298371109
    """
    net = Network(
        W=[[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]],
        b=[[0.35, 0.35], [0.60, 0.60]],
        activations="sigmoid",
        loss="squared_error",
    )
    return Example(net, np.array([0.05, 0.10]), np.array([0.01, 0.99]), 0.5)
