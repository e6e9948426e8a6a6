"""Activations: each is a value a = f(z) and a slope f′(z), stated in terms of z and a.

Stating the slope with a keeps it finite and exact where the written-out derivative overflows:

    identity     z                       1
    sigmoid      1 / (1 + e⁻ᶻ)           a (1 − a)
    tanh         tanh z                  1 − a²
    relu         z if z > 0 else 0       1 if z > 0 else 0
    leaky_relu   z if z > 0 else z/100   1 if z > 0 else 1/100
    softplus     log(1 + eᶻ)             1 − e⁻ᵃ
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backprop.inputs import look_up


@dataclass(frozen=True)
class Activation:
    """An activation function f and its slope f′, elementwise NumPy on floats or on letters.

    `value(z)` gives a = f(z); `slope(z, a)` gives f′(z), both in the shape of z. `kinked` says that
    f has a corner at z = 0; the slope there is the one from the left.

    >>> swish = Activation("swish", lambda z: z * sigmoid.value(z),
    ...                    lambda z, a: a + sigmoid.value(z) * (1 - a))
    >>> float(swish.value(0.0)), float(swish.slope(0.0, 0.0))
    (0.0, 0.5)
    """

    name: str
    value: Callable
    slope: Callable
    kinked: bool = False

    def __repr__(self):
        return self.name

    def __reduce__(self):  # functions are pickled by their names, and these have none
        if ACTIVATIONS.get(self.name) is self:
            return activation, (self.name,)
        return Activation, (self.name, self.value, self.slope, self.kinked)


@np.errstate(over="ignore")  # exp(1000) is inf, and 1/(1 + inf) is the right 0
def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


identity = Activation("identity", lambda z: z, lambda z, a: np.ones_like(z))
sigmoid = Activation("sigmoid", _sigmoid, lambda z, a: a * (1 - a))
tanh = Activation("tanh", np.tanh, lambda z, a: 1 - a**2)
relu = Activation(
    "relu",
    lambda z: np.where(z > 0, z, 0),
    lambda z, a: np.where(z > 0, np.ones_like(z), 0),
    kinked=True,
)
leaky_relu = Activation(
    "leaky_relu",
    lambda z: np.where(z > 0, z, z / 100),
    lambda z, a: np.where(z > 0, np.ones_like(z), np.ones_like(z) / 100),
    kinked=True,
)
softplus = Activation("softplus", lambda z: np.logaddexp(0, z), lambda z, a: -np.expm1(-a))

ACTIVATIONS = {f.name: f for f in (identity, sigmoid, tanh, relu, leaky_relu, softplus)}


def activation(name):
    """The activation of that name; an Activation of one's own comes back as it is.

    >>> activation("tanh").slope(0.0, 0.0)
    1.0
    >>> activation("sigmoyd")
    Traceback (most recent call last):
    ValueError: there is no activation 'sigmoyd'; did you mean 'sigmoid'? There are: identity,
    sigmoid, tanh, relu, leaky_relu, softplus
    """
    return look_up(name, ACTIVATIONS, Activation)
