"""Networks of every kind with data that fit: every activation with every loss."""

import itertools

import numpy as np

from backprop import ACTIVATIONS, LOSSES, Network

KINDS = tuple(itertools.product(ACTIVATIONS, LOSSES))


def activations(kind, L):
    """The activations of L layers: a loss on logits takes them from an identity."""
    activation, loss = kind
    last = "identity" if LOSSES[loss].logits else activation
    return [activation] * (L - 1) + [last]


def in_letters(kind, sizes):
    return Network.letters(sizes, activations(kind, len(sizes) - 1), kind[1])


def in_numbers(kind, sizes, m=1, dtype=float, scale=1):
    """A network with biases that are not zero, a batch x and its targets y."""
    rng = np.random.default_rng(len(sizes) + m)
    net = Network.random(sizes, activations(kind, len(sizes) - 1), kind[1], seed=1, dtype=dtype)
    net = net.with_flat(scale * (net.flat() + 0.3 * rng.standard_normal(net.n_parameters)))
    x, y = rng.standard_normal((sizes[0], m)), rng.uniform(0.1, 0.9, (sizes[-1], m))
    return net, x.astype(dtype), (y / y.sum(axis=0)).astype(dtype)
