"""Lesson 4: blame flows back through every edge that leaves a unit, and is summed."""

import numpy as np

from backprop.letters import letters
from backprop.questions import Function, Mistake


def _delta(W_next, delta_next, a):
    return (W_next.T @ delta_next) * a * (1 - a)


def _cases(rng):
    def one(n, below, m=1):
        W = rng.uniform(-1, 1, (n, below)).round(2)
        delta, a = rng.uniform(-1, 1, (n, m)).round(2), rng.uniform(0.1, 0.9, (below, m)).round(2)
        return W, delta, a

    return [one(2, 3), ("a square layer", one(2, 2)), ("a batch of 3", one(4, 2, 3))]


def _loops(W_next, delta_next, a):
    delta = np.zeros_like(a)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(W_next.shape[0]):
                delta[i, k] += W_next[j, i] * delta_next[j, k]
            delta[i, k] *= a[i, k] * (1 - a[i, k])
    return delta


def _last_path(W_next, delta_next, a):
    delta = np.zeros_like(a)
    for j in range(W_next.shape[0]):
        delta = W_next[j][:, None] * delta_next[j] * a * (1 - a)
    return delta


hidden_delta = Function(
    id="hidden_delta",
    title="Pass the blame back",
    points=3,
    section="04_hidden_delta.ipynb#In-code",
    shows="A hidden unit collects the deltas of all the units it feeds, times its own slope.",
    reference=_delta,
    cases=_cases,
    on_letters=lambda: (
        letters("w2", (2, 2)),
        letters("delta2", 2)[:, None],
        letters("a1", 2)[:, None],
    ),
    right=(
        _loops,
        lambda W, d, a: np.einsum("ji,jk,ik,ik->ik", W, d, a, 1 - a),
        lambda W, d, a: ((d.T @ W).T * (a - a**2)).astype(np.float32),
    ),
    mistakes=(
        Mistake(
            "hidden slope forgotten",
            lambda W, d, a: W.T @ d,
            "How far does a unit move when its z is pushed?",
            "Multiply by the slope of the sigmoid, a(1 − a).",
        ),
        Mistake(
            "transpose forgotten",
            lambda W, d, a: (W @ d) * a * (1 - a),
            "Row j of W leads *into* unit j. Which numbers lead out of unit i?",
            "Blame goes back along the same edges: W.T @ delta_next.",
        ),
        Mistake(
            "only the last path counts",
            _last_path,
            "Does what one output says replace what the others said?",
            "Sum over all the units of the next layer.",
        ),
    ),
)
