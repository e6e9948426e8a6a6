"""Backpropagation, derived and computed: one NumPy code for the formula and for the numbers."""

from backprop.activations import (
    ACTIVATIONS,
    Activation,
    activation,
    identity,
    leaky_relu,
    relu,
    sigmoid,
    softplus,
    tanh,
)
from backprop.equations import (
    backward,
    bias_gradient,
    hidden_delta,
    output_delta,
    update,
    weight_gradient,
)
from backprop.letters import Letters, letters, on_letters
from backprop.losses import (
    LOSSES,
    Loss,
    binary_cross_entropy,
    loss,
    softmax_cross_entropy,
    squared_error,
)
from backprop.network import Gradients, Network, Trace, forward, loss_of, weighted_sum

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "Activation",
    "Gradients",
    "Letters",
    "Loss",
    "Network",
    "Trace",
    "activation",
    "backward",
    "bias_gradient",
    "binary_cross_entropy",
    "forward",
    "hidden_delta",
    "identity",
    "leaky_relu",
    "letters",
    "loss",
    "loss_of",
    "on_letters",
    "output_delta",
    "relu",
    "sigmoid",
    "softmax_cross_entropy",
    "softplus",
    "squared_error",
    "tanh",
    "update",
    "weight_gradient",
    "weighted_sum",
]
