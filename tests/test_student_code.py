"""However a student writes it, is it the same formula as on the slide, and the same numbers?"""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy
from laws import assert_law, drawn

from backprop import Letters, letters, on_letters

W, X, B, Y = (2, 3), 3, 2, 2  # one layer: two units, three inputs; sigmoid, squared error


def logistic(z):
    return 1 / (1 + np.exp(-z))


def z_loops(w, x, b):
    z = np.zeros(w.shape[0])
    for j in range(w.shape[0]):
        for i in range(w.shape[1]):
            z[j] += w[j, i] * x[i]
        z[j] += b[j]
    return z


def z_loops_with_a_scalar_total(w, x, b):
    result = []
    for j in range(len(w)):
        total = 0.0
        for i in range(len(x)):
            total += w[j][i] * x[i]
        result.append(total + b[j])
    return np.array(result)


def z_rows(w, x, b):
    z = np.empty(len(b), dtype=float)
    for j, row in enumerate(w):
        z[j] = np.dot(row, x) + b[j]
    return z


def z_with_zip_and_builtin_sum(w, x, b):
    return np.array(
        [
            sum(wi * xi for wi, xi in zip(row, x, strict=True)) + bj
            for row, bj in zip(w, b, strict=True)
        ]
    )


def z_in_place(w, x, b):
    z = np.dot(w, x)
    z += b
    return z


def z_accumulated_in_the_bias(w, x, b):
    for i in range(len(x)):
        b += w[:, i] * x[i]
    return b


def z_of_a_bias_input(w, x, b):
    return np.concatenate([b[:, None], w], axis=1) @ np.concatenate([[1], x])


def z_of_a_bias_row(w, x, b):
    with_bias = np.hstack((w, b.reshape(-1, 1)))
    return (with_bias @ np.vstack([x.reshape(-1, 1), np.ones((1, 1))])).flatten()


def z_filled_by_rows(w, x, b):
    z = np.zeros_like(b)
    z[:] = [w[0] @ x, w[1] @ x]
    z[...] = z + b
    return z


def z_of_the_book(w, x, b):
    inputs = np.array(x, ndmin=2).T
    return (np.dot(w, inputs) + np.array(b, ndmin=2).T)[:, 0]


def z_with_a_helper(w, x, b):
    def unit(j):
        return np.sum(w[j] * x) + b[j]

    return np.array([unit(j) for j in range(2)])


FORWARD = (W, X, B), lambda w, x, b: w @ x + b, [
    z_loops, z_loops_with_a_scalar_total, z_rows, z_with_zip_and_builtin_sum, z_in_place,
    z_accumulated_in_the_bias, z_of_a_bias_input, z_of_a_bias_row, z_filled_by_rows,
    z_of_the_book, z_with_a_helper,
    lambda w, x, b: np.dot(w, x) + b,
    lambda w, x, b: w.dot(x) + b,
    lambda w, x, b: np.matmul(w, x) + b,
    lambda w, x, b: x @ w.T + b,
    lambda w, x, b: np.add(np.einsum("ji,i->j", w, x), b),
    lambda w, x, b: np.tensordot(w, x, axes=1) + b,
    lambda w, x, b: np.inner(w, x) + b,
    lambda w, x, b: np.sum(w * x, axis=1) + b,
    lambda w, x, b: (w * x[None, :]).sum(axis=-1) + b,
    lambda w, x, b: (w * x).T.sum(0) + b,
    lambda w, x, b: np.sum(w * x, axis=1, keepdims=True)[:, 0] + b,
    lambda w, x, b: (w @ x[:, np.newaxis] + b[:, np.newaxis]).ravel(),
    lambda w, x, b: (w @ x.reshape(-1, 1) + b.reshape(-1, 1)).squeeze(),
    lambda w, x, b: (np.atleast_2d(x) @ w.T)[0] + b,
    lambda w, x, b: np.array([w[j].dot(x) for j in range(2)]) + b,
    lambda w, x, b: np.asarray([np.sum([w[j, i] * x[i] for i in range(3)]) for j in range(2)]) + b,
    lambda w, x, b: np.stack([np.vdot(row, x) for row in w]) + b,
    lambda w, x, b: np.column_stack([w, b]) @ np.append(x, 1),
    lambda w, x, b: b + [row @ x for row in w],
    lambda w, x, b: np.array(w.tolist()) @ np.array(x.tolist()) + b,
    lambda w, x, b: np.full(2, 1.0) * (w @ x) + b.copy(),
    lambda w, x, b: np.where(True, w @ x + b, 0),
]  # fmt: skip


def a_in_a_loop(z):
    a = np.zeros(z.shape)
    for j in range(z.size):
        a[j] = logistic(z[j])
    return a


def a_in_place(z):
    z *= -1
    np.exp(z, out=z)
    z += 1
    z **= -1
    return z


def a_for_both_signs(z):
    return np.where(
        z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-abs(z)) / (1 + np.exp(-np.abs(z)))
    )


SIGMOID = (B,), logistic, [
    a_in_a_loop, a_in_place, a_for_both_signs,
    lambda z: 1.0 / (1.0 + np.exp(-z)),
    lambda z: np.exp(z) / (1 + np.exp(z)),
    lambda z: (1 + np.tanh(z / 2)) / 2,
    lambda z: 0.5 * (1 + np.tanh(0.5 * z)),
    lambda z: 1 / (1 + np.e**-z),
    lambda z: np.reciprocal(1 + np.exp(-1.0 * z)),
    lambda z: np.power(1 + np.exp(-z), -1),
    lambda z: (1 + np.exp(-z)) ** -1,
    lambda z: np.divide(np.ones(len(z)), np.add(1, np.exp(np.negative(z)))),
    lambda z: np.exp(-np.logaddexp(0, -z)),
    lambda z: np.exp(-np.log(1 + np.exp(-z))),
    lambda z: np.exp(-np.log1p(np.exp(-z))),
    lambda z: 1 / (2 + np.expm1(-z)),
    lambda z: np.vectorize(logistic)(z),
    lambda z: np.vectorize(lambda v: 1 / (1 + np.exp(-v)))(z.reshape(-1, 1))[:, 0],
    lambda z: np.array(list(map(logistic, z))),
    lambda z: np.array([1 / (1 + np.exp(-v)) for v in z]),
    lambda z: Fraction(1, 2) * (1 + np.tanh(z / 2)),
    lambda z: np.float64(1.0) / (np.float32(1) + np.exp(np.float64(-1) * z)),
]  # fmt: skip


def relu_masked(z):
    a = z.copy()
    a[a < 0] = 0
    return a


def relu_in_a_loop_of_maxima(z):
    return np.array([np.maximum(0, v) for v in z])


def relu_in_place(z):
    z *= z > 0
    return z


RELU = (B,), lambda z: np.where(z > 0, z, 0), [
    relu_masked, relu_in_a_loop_of_maxima, relu_in_place,
    lambda z: np.maximum(0, z),
    lambda z: np.maximum(z, 0.0),
    lambda z: np.maximum(z, np.zeros_like(z)),
    lambda z: np.fmax(z, np.zeros(2)),
    lambda z: z * (z > 0),
    lambda z: z * (z > 0).astype(float),
    lambda z: z * (z > 0).astype(int),
    lambda z: (z > 0) * 1.0 * z,
    lambda z: z * np.heaviside(z, 0),
    lambda z: z.clip(0, None),
    lambda z: np.clip(z, 0, np.inf),
    lambda z: (z + np.abs(z)) / 2,
    lambda z: (abs(z) + z) * 0.5,
    lambda z: np.where(z <= 0, 0, z),
    lambda z: np.where(np.logical_not(z > 0), np.zeros(2), z),
    lambda z: np.where(~(z > 0) | (z < -1), 0, z),
    lambda z: np.max([z, 0 * z], axis=0),
    lambda z: np.stack([z, np.zeros(len(z))]).max(axis=0),
    lambda z: np.vectorize(np.maximum)(z, 0),
]  # fmt: skip


def loss_in_a_loop(a, y):
    total = 0
    for ai, yi in zip(a, y, strict=True):
        total += (ai - yi) ** 2
    return total / 2


LOSS = (Y, Y), lambda a, y: ((a - y) ** 2).sum() / 2, [
    loss_in_a_loop,
    lambda a, y: 0.5 * np.sum((a - y) ** 2),
    lambda a, y: 1 / 2 * np.sum(np.square(y - a)),
    lambda a, y: np.mean((a - y) ** 2),
    lambda a, y: 0.5 * (a - y).dot(a - y),
    lambda a, y: (a - y) @ (a - y) / 2,
    lambda a, y: 0.5 * np.linalg.norm(y - a) ** 2,
    lambda a, y: np.sqrt(np.sum((a - y) ** 2)) ** 2 / 2,
    lambda a, y: np.einsum("i,i", a - y, a - y) / 2,
    lambda a, y: np.power(np.subtract(a, y), 2).sum().item() / 2,
    lambda a, y: sum((y - a) ** 2) / 2,
    lambda a, y: np.abs(a - y).T @ np.abs(a - y) / 2.0,
    lambda a, y: np.inner(a, a) / 2 - np.inner(a, y) + np.inner(y, y) / 2,
]  # fmt: skip

CROSS_ENTROPY = (Y, Y), lambda z, y: np.logaddexp.reduce(z) - (y * z).sum(), [
    lambda z, y: np.log(np.sum(np.exp(z))) - np.sum(y * z),
    lambda z, y: np.log(sum(np.exp(z))) - y @ z,
    lambda z, y: z[0] + np.log(np.exp(z - z[0]).sum()) - np.dot(y, z),
    lambda z, y: np.logaddexp(z[0], z[1]) - np.sum([yi * zi for yi, zi in zip(y, z, strict=True)]),
    lambda z, y: np.log(np.exp(z).sum()) * 1 - np.einsum("i,i->", y, z),
]  # fmt: skip


def softmax_in_loops(z):
    e = []
    for v in z:
        e.append(np.exp(v))
    total = sum(e)
    p = np.zeros(len(z))
    for k, v in enumerate(e):
        p[k] = v / total
    return p


def softmax_shifted_in_place(z):
    z -= np.max(z)
    np.exp(z, out=z)
    z /= z.sum()
    return z


SOFTMAX = (B,), lambda z: np.exp(z) / np.exp(z).sum(), [
    softmax_in_loops, softmax_shifted_in_place,
    lambda z: np.exp(z) / np.sum(np.exp(z), axis=0),
    lambda z: np.exp(z - z.max()) / np.sum(np.exp(z - z.max())),
    lambda z: np.exp(z - np.logaddexp.reduce(z)),
    lambda z: np.exp(z[:, None] - z[:, None].max(axis=0, keepdims=True)).ravel() / sum(
        np.exp(v - z.max()) for v in z
    ),
    lambda z: 1 / np.sum(np.exp(z[None, :] - z[:, None]), axis=1),
]  # fmt: skip


def softmax_slope_in_loops(s):
    jacobian = np.zeros((len(s), len(s)))
    for j in range(len(s)):
        for k in range(len(s)):
            if j == k:
                jacobian[j, k] = s[j] * (1 - s[k])
            else:
                jacobian[j, k] = -s[j] * s[k]
    return jacobian


JACOBIAN = (B,), lambda s: np.diag(s) - np.outer(s, s), [
    softmax_slope_in_loops,
    lambda s: np.eye(2) * s - s[:, None] * s,
    lambda s: s * (np.identity(len(s)) - s[:, np.newaxis]),
    lambda s: s.reshape(-1, 1) * (np.eye(2) - s),
    lambda s: np.einsum("i,ij->ij", s, np.eye(2)) - np.einsum("i,j->ij", s, s),
]  # fmt: skip


class Layer:
    """As students write it who have met classes: weights and what forward kept are attributes."""

    def __init__(self, weights):
        self.weights = np.array(weights, dtype=float)
        self.cache = {}

    def forward(self, x):
        self.cache["x"] = np.asarray(x, dtype=float)
        return np.tanh(self.weights @ self.cache["x"])

    def backward(self, delta):
        self.cache["delta"] = delta.copy()
        return self.weights.T.dot(self.cache["delta"])


def through_a_class(w, x, d):
    layer = Layer(w)
    a = layer.forward(x)
    return layer.backward(d * (1 - a**2))


BACK_THROUGH_TANH = (W, X, B), lambda w, x, d: w.T @ (d * (1 - np.tanh(w @ x) ** 2)), [
    through_a_class,
    lambda w, x, d: (d / np.cosh(w @ x) ** 2) @ w,
    lambda w, x, d: d * (1 - (np.sinh(w @ x) / np.cosh(w @ x)) ** 2) @ w,
]  # fmt: skip


def delta_in_a_loop(w, d, a):
    result = np.zeros(len(a))
    for i in range(len(a)):
        s = 0
        for k in range(len(d)):
            s += w[k, i] * d[k]
        result[i] = s * a[i] * (1 - a[i])
    return result


def delta_in_place(w, d, a):
    delta = w.T @ d
    delta *= a
    delta *= 1 - a
    return delta


def delta_by_a_matrix_in_place(w, d, a):
    delta = d[None, :]
    slopes = np.eye(3) * (a * (1 - a))
    delta = delta @ w
    delta @= slopes
    return np.asarray(delta, dtype=float)[0].copy()


def delta_with_a_nested_helper(w, d, a):
    def slope(v):
        return v * (1.0 - v)

    def back(i):
        return (w[:, i] * d).sum()

    return np.array([back(i) * slope(a[i]) for i in range(a.shape[0])])


def delta_over_paths(w, d, a):
    paths = w * d[:, None]
    back = paths[0]
    for path in paths[1:]:
        back = back + path
    return back * a * (1 - a)


HIDDEN_DELTA = (W, B, X), lambda w, d, a: (w.T @ d) * a * (1 - a), [
    delta_in_a_loop, delta_in_place, delta_by_a_matrix_in_place, delta_with_a_nested_helper,
    delta_over_paths,
    lambda w, d, a: d @ w * (a * (1 - a)),
    lambda w, d, a: np.dot(w.T, d) * a * (1 - a),
    lambda w, d, a: np.dot(d, w) * (a - a**2),
    lambda w, d, a: np.einsum("kj,k,j,j->j", w, d, a, 1 - a),
    lambda w, d, a: np.einsum("kj,k->j", w, d) * a * (1 - a),
    lambda w, d, a: (w * d[:, None]).sum(axis=0) * a * (1.0 - a),
    lambda w, d, a: np.transpose(w).dot(d.reshape(-1, 1))[:, 0] * a * (1 - a),
    lambda w, d, a: np.diag(a * (1 - a)) @ w.T @ d,
    lambda w, d, a: np.multiply(np.matmul(w.transpose(), d), np.multiply(a, 1 - a)),
    lambda w, d, a: np.array([np.sum(w[:, i] * d) for i in range(3)]) * a * (1 - a),
    lambda w, d, a: np.sum([w[k] * d[k] for k in range(2)], axis=0) * a * (1 - a),
    lambda w, d, a: np.tensordot(d, w, 1) * a * (1 - a),
    lambda w, d, a: (w.swapaxes(0, 1) @ d) * np.prod([a, 1 - a], axis=0),
]  # fmt: skip

RELU_DELTA = (B, B), lambda d, z: np.where(z > 0, d, 0), [
    lambda d, z: d * (z > 0),
    lambda d, z: d * (z > 0).astype(float),
    lambda d, z: (z > 0) * 1.0 * d,
    lambda d, z: d * np.where(z > 0, 1.0, 0.0),
    lambda d, z: d * np.heaviside(z, 0.0),
    lambda d, z: d - (z <= 0) * d,
    lambda d, z: np.array([np.where(zi > 0, di, 0) for di, zi in zip(d, z, strict=True)]),
]  # fmt: skip


def masked(d, z):
    delta = d.copy()
    delta[z <= 0] = 0
    return delta


def masked_entry_by_entry(d, z):
    delta = np.array(d)
    for j in range(len(z)):
        delta[j] *= z[j] > 0
    return delta


RELU_DELTA[2].extend([masked, masked_entry_by_entry])


def gradient_in_loops(d, a):
    grad = np.zeros((len(d), len(a)))
    for j in range(len(d)):
        for i in range(len(a)):
            grad[j, i] = d[j] * a[i]
    return grad


def gradient_row_by_row(d, a):
    grad = np.empty((d.shape[0], a.shape[0]))
    for j in range(d.shape[0]):
        grad[j, :] = d[j] * a
    return grad


WEIGHT_GRADIENT = (B, X), lambda d, a: np.multiply.outer(d, a), [
    gradient_in_loops, gradient_row_by_row,
    lambda d, a: np.outer(d, a),
    lambda d, a: d[:, None] * a[None, :],
    lambda d, a: d[:, np.newaxis] @ a[np.newaxis, :],
    lambda d, a: d.reshape(-1, 1) @ a.reshape(1, -1),
    lambda d, a: d.reshape((2, 1)) * a,
    lambda d, a: np.expand_dims(d, 1) * a,
    lambda d, a: np.einsum("j,i->ji", d, a),
    lambda d, a: np.kron(d[:, None], a),
    lambda d, a: np.array([[dj * ai for ai in a] for dj in d]),
    lambda d, a: np.array([dj * a for dj in d]),
    lambda d, a: np.vstack([dj * a for dj in d]),
    lambda d, a: np.tensordot(d, a, axes=0),
    lambda d, a: np.dot(np.atleast_2d(d).T, np.atleast_2d(a)),
    lambda d, a: np.array(d, ndmin=2).T @ np.array(a, ndmin=2),
    lambda d, a: np.tile(a, (2, 1)) * np.repeat(d, 3).reshape(2, 3),
    lambda d, a: np.diag(d) @ np.broadcast_to(a, (2, 3)),
]  # fmt: skip


def batch_loop(d, a):
    grad = 0
    for k in range(d.shape[1]):
        grad = grad + np.outer(d[:, k], a[:, k])
    return grad / d.shape[1]


BATCH_GRADIENT = ((2, 4), (3, 4)), lambda d, a: d @ a.T / 4, [
    batch_loop,
    lambda d, a: np.einsum("jm,im->ji", d, a) / d.shape[1],
    lambda d, a: (d[:, None, :] * a[None]).mean(axis=2),
    lambda d, a: np.mean([np.outer(d[:, k], a[:, k]) for k in range(4)], axis=0),
    lambda d, a: 1 / len(d[0]) * np.dot(d, a.T),
    lambda d, a: np.tensordot(d, a, axes=([1], [1])) * 0.25,
]  # fmt: skip


def update_in_place(w, g):
    w -= 0.5 * g
    return w


def update_in_loops(w, g):
    for j in range(w.shape[0]):
        for i in range(w.shape[1]):
            w[j, i] -= 0.5 * g[j, i]
    return w


def update_rows_in_place(w, g):
    for row, slope in zip(w, g, strict=True):
        row -= slope / 2
    return w


def update_through_a_flat_view(w, g):
    flat = w.reshape(-1)
    flat -= 0.5 * g.ravel()
    return w


UPDATE = (W, W), lambda w, g: w - g / 2, [
    update_in_place, update_in_loops, update_rows_in_place, update_through_a_flat_view,
    lambda w, g: w - 0.5 * g,
    lambda w, g: np.subtract(w, np.multiply(0.5, g)),
    lambda w, g: w + -1 / 2 * g,
    lambda w, g: [old - 0.5 * slope for old, slope in zip(w, g, strict=True)],
    lambda w, g: np.array([[w[j][i] - g[j][i] / 2 for i in range(3)] for j in range(2)]),
    lambda w, g: w - np.full(w.shape, 0.5) * g,
    lambda w, g: np.subtract(w, g / 2, out=np.zeros(w.shape)),
]  # fmt: skip

# Task by task: the shapes of the arguments, the lesson's own way, and other people's.
TASKS = {
    "forward": FORWARD,
    "sigmoid": SIGMOID,
    "relu": RELU,
    "loss": LOSS,
    "cross-entropy": CROSS_ENTROPY,
    "softmax": SOFTMAX,
    "softmax's slope": JACOBIAN,
    "back through tanh": BACK_THROUGH_TANH,
    "hidden delta": HIDDEN_DELTA,
    "delta through a ReLU": RELU_DELTA,
    "weight gradient": WEIGHT_GRADIENT,
    "gradient over a batch": BATCH_GRADIENT,
    "update": UPDATE,
}


def same_formula(ours, expected):
    """Whether SymPy shows that two formulas are one; at a kink, for each sign of each letter."""
    difference = (ours - expected).rewrite(sympy.exp)
    if sympy.simplify(difference) == 0 or sympy.simplify(sympy.exp(difference)) == 1:
        return True
    signs = sympy.Symbol("p", positive=True), sympy.Symbol("n", negative=True), sympy.S.Zero
    symbols = difference.free_symbols
    choices = itertools.product(signs, repeat=len(symbols))
    cases = (dict(zip(symbols, choice, strict=True)) for choice in choices)
    return len(symbols) < 3 and all(sympy.simplify(difference.subs(c)) == 0 for c in cases)


@pytest.mark.parametrize(
    ("shapes", "reference", "variant"),
    [(shapes, reference, v) for shapes, reference, variants in TASKS.values() for v in variants],
    ids=[f"{task}-{i}" for task, (_, _, variants) in TASKS.items() for i, _ in enumerate(variants)],
)
def test_however_it_is_written_it_is_the_same_formula(shapes, reference, variant):
    arrays = drawn(shapes, -0.9)
    formula = assert_law(variant, *arrays)
    expected = assert_law(reference, *arrays)
    for ours, right in zip(Letters(formula).entries.flat, expected.entries.flat, strict=True):
        assert same_formula(ours, right), f"{ours} is not {right}"


def test_what_a_function_returns_comes_back_as_it_returned_it():
    z = letters("z", 2)
    returned = {
        "nothing": (lambda z: None, "None"),
        "a number": (lambda z: 0.5, "Letters(1/2)"),
        "an entry": (lambda z: z[1], "Letters(z_2)"),
        "what it took out": (lambda z: z.item(1), "Letters(z_2)"),
        "a list": (lambda z: [2 * v for v in z], "[Letters(2*z_1), Letters(2*z_2)]"),
        "a list of lists": (lambda z: z[:, None].tolist(), "[[Letters(z_1)], [Letters(z_2)]]"),
        "a tuple": (lambda z: (z, z.sum()), "(Letters([z_1, z_2]), Letters(z_1 + z_2))"),
        "a dictionary": (lambda z: {"dW": z[:1]}, "{'dW': Letters([z_1])}"),
        "constants": (lambda z: np.zeros_like(z), "Letters([0, 0])"),
        "a word": (lambda z: "sigmoid", "'sigmoid'"),
    }
    for what, (function, written) in returned.items():
        assert repr(on_letters(function, z)) == written, what


def test_random_numbers_stand_in_the_formula():
    seed = np.random.default_rng
    formula = on_letters(lambda z: seed(1).random() * z, letters("z"))
    assert formula.numbers((letters("z"), 1)) == pytest.approx(seed(1).random(), rel=1e-14)
