"""Is a check fair: to right answers in odd clothes, and to wrong ones that are no known mistake?"""

import os
import random

import numpy as np
import pytest
import sympy

from backprop.check import Session
from backprop.check.page import Say
from backprop.questions.course import Course
from backprop.questions.kinds import attempt

COURSE = Course.of_package()
SEEDS = [f"seed {k}" for k in range(20)]


def check(id, answer):
    return Session(answers={id: answer}).check(id)


def judged(id, function, seed):
    question = COURSE[id]
    return question.judge([attempt(function, call) for call in question.requests(seed)], seed)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# — right, in clothes that the questions' own right ways do not wear —


def layer_by_inputs(W, a, b):
    z = np.repeat(b, a.shape[1], axis=1)
    for i in range(W.shape[1]):
        z = z + np.outer(W[:, i], a[i])
    return z


def forward_of_lists(W, b, x):
    z, a = [None] * len(W), [x] + [None] * len(W)
    for l in range(len(W)):
        z[l] = np.dot(W[l], a[l]) + b[l]
        up, down = np.exp(z[l]), np.exp(-z[l])
        a[l + 1] = (up - down) / (up + down) if l + 1 < len(W) else up / (1 + up)
    return [p.tolist() for p in z], [np.asarray(p).tolist() for p in a]


def softmax_with_one_subtracted(z, y):
    p = np.exp(z - z.max(axis=0))
    p /= p.sum(axis=0)
    p[y.argmax(axis=0), range(z.shape[1])] -= 1
    return p / z.shape[1]


def mended_by_three_loops(p, y):
    delta, (n, m) = np.zeros_like(p), p.shape
    for k in range(m):
        for j in range(n):
            for i in range(n):
                delta[j, k] += (p[i, k] - y[i, k]) * p[i, k] * ((i == j) - p[j, k]) / m
    return delta


def masked_in_place(W, delta, z):
    delta = W.T @ delta
    delta[z < 0] = 0
    return delta


def deep_in_an_object_array(W, a, y):
    deltas = np.empty(len(W), dtype=object)
    deltas[-1] = (a[-1] - y) * a[-1] * (1 - a[-1]) / y.shape[1]
    for l in range(len(W) - 1, 0, -1):
        deltas[l - 1] = W[l].T @ deltas[l] * a[l] * (1 - a[l])
    return deltas


def gradients_with_a_unit_of_ones(delta, a):
    both = delta @ np.vstack([np.ones(a.shape[1]), a]).T
    return both[:, 1:], both[:, [0]]


def updated_in_copies(W, b, dW, db, eta):
    W, b = [w.copy() for w in W], [c.copy() for c in b]
    for p, g in zip(W + b, dW + db, strict=True):
        p -= eta * g
    return W, b


def rate_of_a_dict(loss, w, g, etas):
    losses = {eta: loss(w - eta * g) for eta in etas}
    best = min(losses, key=losses.get)
    return best, losses[best]


def batches_of_rows(X, Y, order, size):
    X, Y = X.T[order], Y.T[order]
    return tuple((X[k : k + size].T, Y[k : k + size].T) for k in range(0, len(X), size))


def trained_with_a_unit_of_ones(W, b, batches, eta, lam, epochs):
    both = np.hstack([W, b])
    decay = np.append(np.full(W.shape[1], lam), 0)
    for _ in range(epochs):
        for X, Y in batches:
            X = np.vstack([X, np.ones(X.shape[1])])
            both = both - eta * ((both @ X - Y) @ X.T / X.shape[1] + both * decay)
    return both[:, :-1], both[:, -1:]


def moved_there_and_back(loss, w):
    n, eps = np.zeros(w.shape), 1e-5
    for i in np.ndindex(w.shape):
        w[i] += eps
        above = loss(w)
        w[i] -= 2 * eps
        n[i] = (above - loss(w)) / (2 * eps)
        w[i] += eps
    return n


RIGHT = [
    ("slope_of_square", lambda x: ((x + 1e-5) ** 2 - (x - 1e-5) ** 2) / 2e-5),
    ("one_unit", lambda w, a, b: np.matrix(w) @ np.matrix(a).T + b),
    ("one_unit", lambda w, a, b: [np.inner(a, w) + b]),
    ("layer_sum", layer_by_inputs),
    ("layer_sum", lambda W, a, b: np.asmatrix(W) * np.asmatrix(a) + b),
    ("scaled_tanh", lambda z, c, k: np.array([c * np.tanh(k * z), c * k / np.cosh(k * z) ** 2])),
    ("forward_kept", forward_of_lists),
    ("squared_loss", lambda a, y: np.trace((a - y).T @ (a - y)) / (2 * a.shape[1])),
    ("mended_loss", lambda a, y: (a - y[:, None]).T @ (a - y[:, None]) / (2 * len(y))),
    ("mended_loss", lambda a, y: ((a.T - y) ** 2).sum() / (2 * len(y))),
    ("cross_entropy_loss", lambda p, y: -np.log(p**y * (1 - p) ** (1 - y)).sum() / p.shape[1]),
    ("cross_entropy_loss", lambda p, y: -np.log(np.where(y, p, 1 - p) + 1e-9).sum(0).mean()),
    (
        "loss_on_logits",
        lambda z, y: (
            np.logaddexp(0, (1 - 2 * y) * z).sum() / z.shape[1],
            (np.exp(-np.logaddexp(0, -z)) - y) / z.shape[1],
        ),
    ),
    (
        "sigmoid_output_delta",
        lambda z, a, y: (a - y) * sigmoid(z) * sigmoid(-z) / len(y[0]),
    ),
    ("softmax_delta", softmax_with_one_subtracted),
    ("mended_delta", mended_by_three_loops),
    ("hidden_delta", lambda W, d, a: np.tensordot(W, d, axes=([0], [0])) * a * (1 - a)),
    ("hidden_delta", lambda W, d, a: np.ma.masked_invalid(W.T @ d * a * (1 - a))),
    ("relu_hidden_delta", masked_in_place),
    ("relu_hidden_delta", lambda W, d, z: W.T @ d * (np.sign(z) + 1) / 2),
    ("deep_deltas", deep_in_an_object_array),
    ("layer_gradients", gradients_with_a_unit_of_ones),
    ("updated", updated_in_copies),
    ("best_rate", rate_of_a_dict),
    ("mini_batches", batches_of_rows),
    ("train_layer", trained_with_a_unit_of_ones),
    ("numerical_gradient", moved_there_and_back),
]


@pytest.mark.parametrize(("id", "function"), RIGHT)
def test_a_right_way_is_right_on_all_cases(id, function):
    assert check(id, function).ok
    for seed in SEEDS:
        verdict = judged(id, function, seed)
        assert verdict.ok, f"{seed}: {verdict.place}"


def test_a_weight_moved_there_and_back_is_not_called_changed():
    assert not check("numerical_gradient", moved_there_and_back).verdict.notes


def test_a_weight_left_disturbed_is_called_changed():
    def disturbing(loss, w):
        w[...] += 1e-9
        return moved_there_and_back(loss, w - 1e-9)

    assert "changes what it is given (w)" in repr(check("numerical_gradient", disturbing))


# — wrong, and no mistake of the catalogue: nobody is accused of what they did not do —


def beyond_the_end(X, Y, order, size):
    return [(X[:, order[k]], Y[:, order[k]]) for k in range(len(order) + 1)]


NOT_IN_THE_CATALOGUE = [
    ("mini_batches", beyond_the_end),
    ("one_unit", lambda w, a, b: sum(w) + sum(a) + b),
    ("layer_sum", lambda W, a, b: W @ a + b[0]),
    ("scaled_tanh", lambda z, c, k: (np.tanh(c * k * z), c * k * (1 - np.tanh(c * k * z) ** 2))),
    ("squared_loss", lambda a, y: np.sqrt(((a - y) ** 2).sum())),
    ("cross_entropy_loss", lambda p, y: -((1 - y) * np.log(1 - p)).sum() / p.shape[1]),
    ("hidden_delta", lambda W, d, a: W.T @ (d * (1 - d))),
    ("relu_hidden_delta", lambda W, d, z: W.T @ d * (z > 1)),
    ("layer_gradients", lambda d, a: (np.outer(d, a), d.sum(axis=1, keepdims=True))),
    ("updated", lambda W, b, dW, db, eta: (W, b)),
    ("train_layer", lambda W, b, batches, eta, lam, epochs: (W, b)),
    ("numerical_gradient", lambda loss, w: moved_there_and_back(loss, w) + 0.1),
    ("worst_error", lambda loss, W, b, dW, db: 0.5),
]


@pytest.mark.parametrize(("id", "function"), NOT_IN_THE_CATALOGUE)
def test_an_unknown_mistake_has_no_name(id, function):
    for seed in SEEDS:
        verdict = judged(id, function, seed)
        assert verdict.status == "wrong" and not verdict.mistakes


# — what a checked function leaves behind —


def test_a_check_draws_no_random_numbers_from_the_notebook_and_leaves_its_settings(tmp_path):
    def careless(W_next, delta_next, a):
        random.seed(1)
        np.random.seed(1)  # noqa: NPY002
        np.set_printoptions(precision=2)
        np.seterr(all="raise")
        os.chdir(tmp_path)
        return W_next.T @ delta_next * a * (1 - a)

    def state():
        drawn = np.random.get_state()  # noqa: NPY002
        options = repr(np.get_printoptions())
        return random.getstate(), drawn[1].tolist(), drawn[2], options, np.geterr(), os.getcwd()

    before = state()
    assert check("hidden_delta", careless).ok
    assert state() == before


# — what is said —


def test_who_forgets_the_return_is_asked_for_it():
    def prints(x):
        print(2 * x)

    feedback = check("slope_of_square", prints)
    assert feedback.status == "not answered" and "Does it say return?" in repr(feedback)
    assert "return" not in repr(Session(answers={}).check("slope_of_square"))


@pytest.mark.parametrize(
    ("wrap", "words"),
    [
        (lambda formula: (formula,), "this is a tuple; is there a comma at the end of the line?"),
        (lambda formula: [formula], "this is a list."),
        (lambda formula: {"f": formula}, "this is a dict."),
        (lambda formula: lambda w: formula, "this is a function."),
        (lambda formula: "w*x", "without quotes"),
        (lambda formula: sympy.Symbol("q"), "q is not given"),
    ],
)
def test_what_is_no_formula_is_told_plainly(wrap, words):
    w, x, y = Session().given("chain_formula")
    feedback = repr(check("chain_formula", wrap((w * x - y) * x)))
    assert words in feedback and "Your code stopped" not in feedback and "Sympify" not in feedback


def test_a_students_code_is_quoted_as_it_stands():
    line = Say("line 2, `return W *x* y`: is it *this*?")
    assert line.text() == "line 2, return W *x* y: is it this?"
    assert "<code>return W *x* y</code>" in line.html() and "<em>this</em>" in line.html()
