"""The gradient by other ways, none of which knows backpropagation: where they agree, it is right.

sympy.diff            of the loss written out in letters
central differences   (E(θ + ε) − E(θ − ε)) / 2ε     off by about ε² + 10⁻¹⁶/ε
complex step          Im E(θ + iε) / ε               off by about ε²: nothing is subtracted
"""

from dataclasses import dataclass

import numpy as np
import sympy

from backprop.activations import identity, sigmoid, softplus, tanh
from backprop.equations import backward
from backprop.letters import Letters
from backprop.losses import LOSSES
from backprop.network import (
    Layers,
    Network,
    flattened,
    forward,
    frozen,
    loss_of,
    target,
    weighted_sum,
)

ANALYTIC = (identity, sigmoid, tanh, softplus, *LOSSES.values())


@dataclass(frozen=True, eq=False, slots=True)
class ParameterGradients:
    """∂E/∂W[l] and ∂E/∂b[l] for l = 1 ... L, found without any delta."""

    W: Layers
    b: Layers

    def flat(self):
        """All of them in one vector, in the order of `Network.flat`."""
        return flattened(self.W, self.b)


def by_sympy(net, x, y):
    """The gradient that `sympy.diff` takes of the loss written out in letters, in numbers.

    The formula grows with the paths through the network, so this is for small networks only.

    >>> net = Network([[[3.0]]], [[1.0]], "identity")
    >>> by_sympy(net, [2.0], [5.0]).W[1]
    array([[4.]])
    """
    net = in_float64(net)
    formal = Network.letters(net.sizes, list(net.f.values()), net.loss)
    letters, formula = formal.flat(), loss_of(formal, x, y).item()
    slopes = Letters([sympy.diff(formula, letter) for letter in letters.tolist()])
    return by_layer(net, slopes.numbers((letters, net.flat())))


def central_differences(net, x, y, eps=1e-5):
    """The gradient by (E(θ + ε) − E(θ − ε)) / 2ε for each parameter θ in turn, in float64.

    >>> net = Network([[[3.0]]], [[1.0]], "identity")
    >>> central_differences(net, [2.0], [5.0]).W[1].round(8)
    array([[4.]])
    """
    net = in_float64(net)
    return by_layer(net, differences(loss_function(net, x, y), net.flat(), eps))


def complex_step(net, x, y, eps=1e-20):
    """The gradient by Im E(θ + iε) / ε for each parameter θ in turn: exact to rounding.

    Raises ValueError for an activation or a loss that is not known to be analytic, as ReLU is not.
    W. Squire and G. Trapp, "Using complex variables to estimate derivatives of real functions",
    SIAM Review 40(1), 1998.

    >>> net = Network([[[3.0]]], [[1.0]], "identity")
    >>> complex_step(net, [2.0], [5.0]).W[1]
    array([[4.]])
    """
    if other := [part.name for part in (*net.f.values(), net.loss) if part not in ANALYTIC]:
        raise ValueError(
            f"a complex step needs analytic formulas, and {other[0]} is not known to have one, as "
            f"{', '.join(part.name for part in ANALYTIC)} are; use central_differences"
        )
    net = in_float64(net)
    loss, at = loss_function(net, x, y), net.flat()
    slopes = [loss((at + 1j * step).view(_Complex)).imag / eps for step in steps(at, eps)]
    return by_layer(net, np.array(slopes, dtype=float))


class _Complex(np.ndarray):
    """Complex numbers on which np.logaddexp, and np.exp of what is large, go on as on the reals."""

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        inputs = [np.asarray(x) for x in inputs]
        if ufunc is np.logaddexp:
            exponents = inputs[0] if method == "reduce" else np.stack(np.broadcast_arrays(*inputs))
            largest = exponents.real.max(axis=0)
            result = largest + np.log(np.exp(exponents - largest).sum(axis=0))
        elif ufunc is np.exp:
            result = np.exp(np.minimum(inputs[0].real, 700) + 1j * inputs[0].imag)
        else:
            result = getattr(ufunc, method)(*inputs, **options)
        return np.asarray(result).view(_Complex)


# — how small a step? —


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class EpsilonSweep:
    """Relative errors of a gradient for each step ε; NaN where no complex step can be taken."""

    eps: np.ndarray
    one_sided: np.ndarray
    central: np.ndarray
    complex_step: np.ndarray

    @property
    def best(self):
        """The ε with which central differences come closest."""
        return float(self.eps[self.central.argmin()])

    def __repr__(self):
        lines = ["      ε   one-sided     central   complex step"]
        for row in zip(self.eps, self.one_sided, self.central, self.complex_step, strict=True):
            lines.append("{:7.0e}   {:9.1e}   {:9.1e}   {:12.1e}".format(*row))
        return "\n".join(lines)


def epsilon_sweep(net, x, y, eps=tuple(10.0**-k for k in range(1, 13))):
    """How far numerical gradients are from backpropagation's, ‖n − g‖ / ‖g‖, for each step ε.

    The error of central differences falls as ε² (truncation), then rises as 10⁻¹⁶/ε (rounding):
    a V. Nothing is subtracted in a complex step, so its error stays down.

    >>> sweep = epsilon_sweep(Network.random([2, 3, 1], "tanh", seed=1), [1.0, 2.0], [0.5])
    >>> bool(sweep.central.min() < 1e-9), bool(sweep.complex_step[-1] < 1e-14)
    (True, True)
    """
    net = in_float64(net)
    loss, at = loss_function(net, x, y), net.flat()
    g = backward(net, forward(net, x), y).flat()
    analytic = all(part in ANALYTIC for part in (*net.f.values(), net.loss))

    def errors(h):
        ahead = np.array([loss(at + step) for step in steps(at, h)])
        yield (ahead - loss(at)) / h
        yield differences(loss, at, h)
        yield complex_step(net, x, y, h).flat() if analytic else np.full_like(g, np.nan)

    table = [[np.linalg.norm(n - g) / np.linalg.norm(g) for n in errors(h)] for h in eps]
    return EpsilonSweep(np.array(eps), *np.array(table).T)


# — a function of one vector, and its differences —


def in_float64(net):
    """The network in float64, in which alone differences are worth taking."""
    if isinstance(net.W[1], Letters):
        raise TypeError("a network of letters has no numbers to vary: give them, as Network(W, b)")
    W, b = ({l: array.astype(float) for l, array in part.items()} for part in (net.W, net.b))
    return net.with_parameters(W, b)


def by_layer(net, vector):
    """The parts of a vector in the order of `Network.flat`, in the shapes of the parameters."""
    W, b, start = {}, {}, 0
    for l, w in net.W.items():
        end = start + w.size
        W[l] = vector[start:end].reshape(w.shape)
        start = end + w.shape[0]
        b[l] = vector[end:start].reshape(-1, 1)
    return ParameterGradients(frozen(W), frozen(b))


def loss_function(net, x, y):
    """E as a function of all parameters of the network in one vector, real or complex."""
    x = forward(net, x).a[0]
    y = target(net, y, x.shape[1])

    def loss(vector):
        at, a = by_layer(net, vector), x
        for l, f in net.f.items():
            a = f.value(weighted_sum(at.W[l], a, at.b[l]))
        return net.loss.value(a, y)

    return loss


def steps(x, eps):
    """ε along each entry of x in turn; raises ValueError where ε is not positive."""
    if not eps > 0:
        raise ValueError(f"the step ε must be positive, such as 1e-5; got {eps!r}")
    for index in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[index] = eps
        yield step


def differences(f, x, eps):
    """(f(x + ε) − f(x − ε)) / 2ε along each entry of x, of shape f.shape + x.shape."""
    slopes = [np.subtract(f(x + step), f(x - step)) / (2 * eps) for step in steps(x, eps)]
    return np.stack(slopes, axis=-1).reshape(np.shape(slopes[0]) + x.shape)
