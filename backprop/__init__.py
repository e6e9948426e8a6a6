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
from backprop.datasets import Dataset, cats_dogs, digits, two_moons, xor
from backprop.derivation import derive
from backprop.descent import DESCENTS, Adam, Descent, GradientDescent, Momentum, Nesterov, RMSProp
from backprop.equations import (
    backward,
    bias_gradient,
    hidden_delta,
    output_delta,
    update,
    weight_gradient,
)
from backprop.examples import mazur
from backprop.gradcheck import GradientCheck, check_gradient, gradient_check
from backprop.letters import Letters, letters, on_letters
from backprop.losses import (
    LOSSES,
    Loss,
    binary_cross_entropy,
    loss,
    softmax_cross_entropy,
    squared_error,
)
from backprop.matrixform import matrix_form
from backprop.network import Gradients, Network, Trace, forward, loss_of, weighted_sum
from backprop.proof import prove
from backprop.training import Diverged, History, Loop, accuracy, train

__version__ = "0.1.0"

__all__ = [
    "ACTIVATIONS",
    "DESCENTS",
    "LOSSES",
    "Activation",
    "Adam",
    "Dataset",
    "Descent",
    "Diverged",
    "GradientCheck",
    "GradientDescent",
    "Gradients",
    "History",
    "Letters",
    "Loop",
    "Loss",
    "Momentum",
    "Nesterov",
    "Network",
    "RMSProp",
    "Trace",
    "accuracy",
    "activation",
    "backward",
    "bias_gradient",
    "binary_cross_entropy",
    "cats_dogs",
    "check_gradient",
    "derive",
    "digits",
    "forward",
    "gradient_check",
    "hidden_delta",
    "identity",
    "leaky_relu",
    "letters",
    "loss",
    "loss_of",
    "matrix_form",
    "mazur",
    "on_letters",
    "output_delta",
    "prove",
    "relu",
    "sigmoid",
    "softmax_cross_entropy",
    "softplus",
    "squared_error",
    "tanh",
    "train",
    "two_moons",
    "update",
    "weight_gradient",
    "weighted_sum",
    "xor",
]
