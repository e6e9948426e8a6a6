"""Descents: what is done with a gradient, as pure updates of one array of parameters w.

With g = ∂E/∂w, the learning rate η and a state that the descent hands from step to step:

    gradient descent   w ← w − η g
    momentum           v ← β v + g,               w ← w − η v
    Nesterov           v ← β v + g,               w ← w − η (g + β v)
    RMSProp            s ← ρ s + (1 − ρ) g²,      w ← w − η g / (√s + ε)
    Adam               m ← β₁ m + (1 − β₁) g,     w ← w − η m̂ / (√v̂ + ε)
                       v ← β₂ v + (1 − β₂) g²,    m̂ = m / (1 − β₁ᵗ),  v̂ = v / (1 − β₂ᵗ)

They are ordinary NumPy, so on letters they are formulas:

>>> from backprop.letters import letters
>>> Momentum(letters("eta"), letters("beta")).step(letters("w"), letters("g"), letters("v"))[1]
Letters(beta*v + g)
"""

from dataclasses import dataclass, fields
from numbers import Real
from typing import ClassVar

import numpy as np

from backprop.inputs import look_up
from backprop.letters import Letters


def _check(what, name, value):
    if name not in ("eta", "epsilon", "beta", "beta1", "beta2", "rho"):
        return  # a hyper-parameter of a descent of one's own
    if isinstance(value, Letters) and value.shape == ():
        return
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{what} must be a number or one letter; got {type(value).__name__}")
    step = name in ("eta", "epsilon")
    if not (0 < value < np.inf if step else 0 <= value < 1):
        wanted = "above 0 and finite" if step else "at least 0 and below 1"
        raise ValueError(f"{what} must be {wanted}; got {value}")


@dataclass(frozen=True)
class Descent:
    """A rule for stepping downhill; a subclass states `start` and `step`.

    `start(w)` is the state before the first step, and `step(w, g, state)` gives the new w and the
    new state; w and g have any one shape, and neither is changed. Raises ValueError or TypeError
    for hyper-parameters out of range; letters pass, for the formula.

    >>> class Signs(Descent):
    ...     def step(self, w, g, state):
    ...         return w - np.sign(g) / 8, state
    >>> w, state = Signs().step(np.zeros(2), np.array([3.0, -0.1]), None)
    >>> w
    array([-0.125,  0.125])
    """

    name: ClassVar[str]

    def __post_init__(self):
        for field in fields(self):
            _check(f"{type(self).__name__}'s {field.name}", field.name, getattr(self, field.name))

    def start(self, w):
        """The state before the first step: nothing, where none is kept."""
        return None

    def step(self, w, g, state):
        """The new w and the new state from w, the gradient g of the same shape, and the state."""
        raise NotImplementedError(f"{type(self).__name__} must say what a step is")


@dataclass(frozen=True)
class GradientDescent(Descent):
    """Straight down the slope: w ← w − η g.

    A. Cauchy, "Méthode générale pour la résolution des systèmes d'équations simultanées", Comptes
    rendus 25, 1847. With the gradient of a mini-batch it is stochastic gradient descent.

    >>> GradientDescent(eta=0.5).step(np.array([1.0]), np.array([4.0]), None)[0]
    array([-1.])
    """

    name: ClassVar[str] = "gradient_descent"
    eta: float = 0.1

    def step(self, w, g, state):
        return w - self.eta * g, state


@dataclass(frozen=True)
class Momentum(Descent):
    """A velocity v remembers earlier gradients: v ← β v + g, then w ← w − η v.

    B. T. Polyak, "Some methods of speeding up the convergence of iteration methods", USSR
    Computational Mathematics and Mathematical Physics 4, 1964. Where the slope stays the same the
    step grows to η / (1 − β) times the gradient.

    >>> rule, w, g = Momentum(eta=0.5, beta=0.5), np.array([1.0]), np.array([4.0])
    >>> w, v = rule.step(w, g, rule.start(w))
    >>> rule.step(w, g, v)
    (array([-4.]), array([6.]))
    """

    name: ClassVar[str] = "momentum"
    eta: float = 0.01
    beta: float = 0.9

    def start(self, w):
        return np.zeros_like(w)

    def step(self, w, g, state):
        v = self.beta * state + g
        return w - self.eta * v, v


@dataclass(frozen=True)
class Nesterov(Descent):
    """Momentum that looks ahead: v ← β v + g, then w ← w − η (g + β v).

    I. Sutskever, J. Martens, G. Dahl and G. Hinton, "On the importance of initialization and
    momentum in deep learning", ICML 2013, section 2, after Y. Nesterov, 1983. Stated, as PyTorch
    states it, for the point that has already looked ahead, so that g is the gradient at w itself.

    >>> rule, w, g = Nesterov(eta=0.5, beta=0.5), np.array([1.0]), np.array([4.0])
    >>> rule.step(w, g, rule.start(w))
    (array([-2.]), array([4.]))
    """

    name: ClassVar[str] = "nesterov"
    eta: float = 0.01
    beta: float = 0.9

    def start(self, w):
        return np.zeros_like(w)

    def step(self, w, g, state):
        v = self.beta * state + g
        return w - self.eta * (g + self.beta * v), v


@dataclass(frozen=True)
class RMSProp(Descent):
    """Each parameter at its own scale: s ← ρ s + (1 − ρ) g², then w ← w − η g / (√s + ε).

    G. Hinton, N. Srivastava and K. Swersky, "Neural networks for machine learning", Coursera 2012,
    lecture 6e; ε outside the root, as in PyTorch.

    >>> rule, w, g = RMSProp(eta=0.5, rho=0.75), np.array([1.0]), np.array([4.0])
    >>> rule.step(w, g, rule.start(w))[1]
    array([4.])
    """

    name: ClassVar[str] = "rmsprop"
    eta: float = 0.001
    rho: float = 0.9
    epsilon: float = 1e-8

    def start(self, w):
        return np.zeros_like(w)

    def step(self, w, g, state):
        s = self.rho * state + (1 - self.rho) * g**2
        return w - self.eta * g / (np.sqrt(s) + self.epsilon), s


@dataclass(frozen=True)
class Adam(Descent):
    """Momentum at each parameter's own scale: w ← w − η m̂ / (√v̂ + ε).

    m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g² are running means that start at zero;
    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for that start in step t. The state is
    (t, m, v). D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR 2015,
    algorithm 1.

    >>> rule, w = Adam(eta=0.5), np.zeros(2)
    >>> w, state = rule.step(w, np.array([3.0, -0.01]), rule.start(w))
    >>> w.round(5)  # the first step is η against the sign, however large the gradient
    array([-0.5,  0.5])
    """

    name: ClassVar[str] = "adam"
    eta: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def start(self, w):
        return 0, np.zeros_like(w), np.zeros_like(w)

    def step(self, w, g, state):
        t, m, v = state
        t = t + 1
        m = self.beta1 * m + (1 - self.beta1) * g
        v = self.beta2 * v + (1 - self.beta2) * g**2
        m_hat, v_hat = m / (1 - self.beta1**t), v / (1 - self.beta2**t)
        return w - self.eta * m_hat / (np.sqrt(v_hat) + self.epsilon), (t, m, v)


DESCENTS = {kind.name: kind() for kind in (GradientDescent, Momentum, Nesterov, RMSProp, Adam)}


def descent(name):
    """The descent of that name with its usual hyper-parameters; a Descent comes back as it is.

    >>> descent("momentum")
    Momentum(eta=0.01, beta=0.9)
    >>> descent("adams")
    Traceback (most recent call last):
    ValueError: there is no descent 'adams'; did you mean 'adam'? There are: gradient_descent, \
momentum, nesterov, rmsprop, adam
    """
    return look_up(name, DESCENTS, Descent)
