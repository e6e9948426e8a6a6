"""Backward passes with one mistake each: the equation that students get wrong, and how."""

from types import SimpleNamespace

import numpy as np

from backprop.network import forward, target


def bp1(s, l):
    return s.loss.slope(s.a[l], s.y) * s.slope(l)


def bp2(s, l):
    return s.W[l + 1].T @ s.delta[l + 1] * s.slope(l)


def bp3(s, l):
    return s.delta[l].sum(axis=1, keepdims=True)


def bp4(s, l):
    return s.delta[l] @ s.a[l - 1].T


def backward_with(bp1=bp1, bp2=bp2, bp3=bp3, bp4=bp4):
    """The backward pass with some equations replaced: each sees the state s and the layer l."""

    def backward(net, trace, y):
        s = SimpleNamespace(W=net.W, b=net.b, f=net.f, loss=net.loss, L=net.L, z=trace.z, a=trace.a)
        s.y, s.m, s.delta = y, y.shape[1], {}
        s.slope = lambda l: s.f[l].slope(s.z[l], s.a[l])
        for l in range(s.L, 0, -1):
            s.delta[l] = bp1(s, l) if l == s.L else bp2(s, l)
        layers = range(1, s.L + 1)
        return {l: bp4(s, l) for l in layers}, {l: bp3(s, l) for l in layers}

    return backward


def times(factor):
    """Every gradient times factor(m)."""
    return backward_with(
        bp3=lambda s, l: factor(s.m) * bp3(s, l), bp4=lambda s, l: factor(s.m) * bp4(s, l)
    )


def slope_at(place):
    """Every slope f′ taken at the wrong place: `place(s, l)` gives what stands for z and a."""
    return backward_with(
        bp1=lambda s, l: s.loss.slope(s.a[l], s.y) * s.f[l].slope(*place(s, l)),
        bp2=lambda s, l: s.W[l + 1].T @ s.delta[l + 1] * s.f[l].slope(*place(s, l)),
    )


def raw_error(s):
    return s.loss.slope(s.a[s.L], s.y)


MISTAKES = {
    "hidden delta from the updated weights": backward_with(
        bp2=lambda s, l: (s.W[l + 1] - 0.5 * bp4(s, l + 1)).T @ s.delta[l + 1] * s.slope(l)
    ),
    "slope forgotten at the output": backward_with(bp1=lambda s, l: raw_error(s)),
    "slope forgotten in the output weights' gradient": backward_with(
        bp4=lambda s, l: raw_error(s) @ s.a[l - 1].T if l == s.L else bp4(s, l)
    ),
    "raw error passed back": backward_with(
        bp2=lambda s, l: s.W[l + 1].T @ raw_error(s) * s.slope(l) if l == s.L - 1 else bp2(s, l)
    ),
    "hidden slope forgotten": backward_with(bp2=lambda s, l: s.W[l + 1].T @ s.delta[l + 1]),
    "slope taken at a": slope_at(lambda s, l: (s.a[l], s.f[l].value(s.a[l]))),
    "slope's formula applied to z": slope_at(lambda s, l: (s.z[l], s.z[l])),
    "transpose forgotten": backward_with(bp2=lambda s, l: s.W[l + 1] @ s.delta[l + 1] * s.slope(l)),
    "inverse for transpose": backward_with(
        bp2=lambda s, l: np.linalg.inv(s.W[l + 1]) @ s.delta[l + 1] * s.slope(l)
    ),
    "outer product the wrong way round": backward_with(bp4=lambda s, l: s.a[l - 1] @ s.delta[l].T),
    "uphill": times(lambda m: -1),
    "half lost": times(lambda m: 2),
    "half too many": times(lambda m: 1 / 2),
    "no mean over the batch": times(lambda m: m),
    "mean taken twice": times(lambda m: 1 / m),
    "bias gradient summed over the units": backward_with(
        bp3=lambda s, l: np.full((len(s.delta[l]), 1), s.delta[l].sum())
    ),
    "bias gradient not reduced": backward_with(bp3=lambda s, l: s.delta[l]),
    "bias averaged, weights summed": backward_with(bp3=lambda s, l: bp3(s, l) / s.m),
    "bias gradient times the input": backward_with(
        bp3=lambda s, l: bp4(s, l).sum(axis=1, keepdims=True)
    ),
    "bias gradient never computed": backward_with(bp3=lambda s, l: np.zeros((len(s.delta[l]), 1))),
    "decay of the weights, not in the loss": backward_with(
        bp4=lambda s, l: bp4(s, l) + 0.01 * s.W[l]
    ),
    "decay of the biases too": backward_with(bp3=lambda s, l: bp3(s, l) + 0.01 * s.b[l]),
    "last path wins": backward_with(
        bp2=lambda s, l: s.W[l + 1][-1:].T @ s.delta[l + 1][-1:] * s.slope(l)
    ),
    "first path only": backward_with(
        bp2=lambda s, l: s.W[l + 1][:1].T @ s.delta[l + 1][:1] * s.slope(l)
    ),
    "activation passed back": backward_with(
        bp2=lambda s, l: s.W[l + 1].T @ s.a[l + 1] * s.slope(l)
    ),
    "upstream error dropped": backward_with(bp2=lambda s, l: s.slope(l)),
    "mask on the wrong side": backward_with(
        bp2=lambda s, l: s.W[l + 1].T @ s.delta[l + 1] * s.f[l].slope(-s.z[l], -s.a[l])
    ),
    "divided by the slope": backward_with(
        bp2=lambda s, l: s.W[l + 1].T @ s.delta[l + 1] / s.slope(l)
    ),
}


def gradients(mistake, net, x, y):
    """The gradients, W and b by layer, that a mistaken backward pass brings."""
    W, b = mistake(net, forward(net, x), target(net, y, np.shape(x)[1] if np.ndim(x) > 1 else 1))
    return SimpleNamespace(W=W, b=b)
