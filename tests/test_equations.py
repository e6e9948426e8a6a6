"""Do the four equations obey the laws of gradients?"""

import numpy as np
import pytest

from backprop import ACTIVATIONS, Network, backward, forward, letters, loss_of, update
from backprop.equations import bias_gradient, weight_gradient


def problem(rng, sizes=(3, 4, 2), activation="tanh", loss="squared_error", m=5, seed=1):
    names = [activation] * (len(sizes) - 2) + ["identity"]
    net = Network.random(sizes, names, loss, seed=seed)
    y = rng.random((sizes[-1], m))
    return net, rng.standard_normal((sizes[0], m)), y / y.sum(axis=0)


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy", "softmax_cross_entropy"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_small_step_downhill_lowers_the_loss(activation, loss, rng):
    net, x, y = problem(rng, activation=activation, loss=loss)
    grads = backward(net, forward(net, x), y)
    assert loss_of(update(net, grads, 1e-3), x, y) < loss_of(net, x, y)


def test_the_gradient_of_a_batch_is_the_mean_of_its_examples(rng):
    net, x, y = problem(rng)
    whole = backward(net, forward(net, x), y).flat()
    each = [backward(net, forward(net, x[:, i]), y[:, i]).flat() for i in range(5)]
    np.testing.assert_allclose(whole, np.mean(each, axis=0))


def test_the_order_of_the_examples_does_not_matter(rng):
    net, x, y = problem(rng)
    order = rng.permutation(5)
    shuffled = backward(net, forward(net, x[:, order]), y[:, order]).flat()
    np.testing.assert_allclose(shuffled, backward(net, forward(net, x), y).flat())


def test_hidden_units_may_change_places(rng):
    net, x, y = problem(rng)
    order = rng.permutation(4)
    moved = net.with_parameters(
        {1: net.W[1][order], 2: net.W[2][:, order]}, {1: net.b[1][order], 2: net.b[2]}
    )
    grads, there = (backward(n, forward(n, x), y) for n in (net, moved))
    np.testing.assert_allclose(there.delta[1], grads.delta[1][order])
    np.testing.assert_allclose(there.W[2], grads.W[2][:, order])


def test_a_layer_of_delta_is_the_change_of_loss_with_z(rng):
    """By moving the biases, which move z one for one."""
    net, x, y = problem(rng, m=1)
    grads, eps = backward(net, forward(net, x), y), 1e-6
    for l in (1, 2):
        for j in range(net.sizes[l]):
            losses = []
            for step in (eps, -eps):
                b = {k: v.copy() for k, v in net.b.items()}
                b[l][j] += step
                losses.append(loss_of(net.with_parameters(dict(net.W), b), x, y))
            assert grads.delta[l][j, 0] == pytest.approx((losses[0] - losses[1]) / (2 * eps), 1e-5)


def test_equal_hidden_units_stay_equal(rng):
    net, x, y = problem(rng)
    net = Network.random([3, 4, 2], "sigmoid", init="zeros")
    for _ in range(20):
        net = update(net, backward(net, forward(net, x), y), 0.5)
    assert (net.W[1] == net.W[1][0]).all()
    assert np.abs(net.W[2]).max() > 0


def test_an_update_leaves_the_old_network_alone(rng):
    net, x, y = problem(rng)
    before = net.flat()
    update(net, backward(net, forward(net, x), y), 0.5)
    np.testing.assert_array_equal(net.flat(), before)


def test_letters_and_numbers_give_the_same_gradients(rng):
    net, x, y = problem(rng, sizes=(2, 3, 2), activation="sigmoid", m=1)
    formal = Network.letters(net.sizes, list(net.f.values()))
    X, Y = letters("x", 2), letters("y", 2)
    formulas = backward(formal, forward(formal, X), Y).flat()
    numbers = formulas.numbers((formal.flat(), net.flat()), (X, x[:, 0]), (Y, y[:, 0]))
    np.testing.assert_allclose(numbers, backward(net, forward(net, x), y).flat(), rtol=1e-12)


def test_sums_over_the_batch(rng):
    delta, a = rng.random((3, 5)), rng.random((4, 5))
    np.testing.assert_allclose(bias_gradient(delta)[:, 0], delta.sum(axis=1))
    expected = sum(np.outer(delta[:, i], a[:, i]) for i in range(5))
    np.testing.assert_allclose(weight_gradient(delta, a), expected)


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy", "softmax_cross_entropy"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_stays_float32(activation, loss, rng):
    last = "identity" if loss != "squared_error" else activation
    net = Network.random([3, 4, 2], [activation, last], loss, dtype=np.float32)
    y = np.array([[0.0, 1.0], [1.0, 0.0]])
    trace = forward(net, rng.standard_normal((3, 2)))
    grads = backward(net, trace, y)
    after = update(net, grads, 0.1)
    arrays = [*trace.z.values(), *trace.a.values(), *grads.delta.values(), after.flat()]
    assert {array.dtype for array in [*arrays, grads.flat()]} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("loss", "y", "words"),
    [
        ("squared_error", [[1.0, 2.0]], "must be (2,) or (2, m)"),
        ("squared_error", [1.0, 2.0, 3.0], "must be (2,) or (2, m)"),
        ("squared_error", [1.0, np.nan], "finite"),
        ("squared_error", ["1", "0"], "real numbers"),
        ("squared_error", np.ones((2, 3)), "as many"),
        ("binary_cross_entropy", [0.0, 1.5], "between 0 and 1"),
        ("softmax_cross_entropy", [1.0, 1.0], "must sum to 1"),
        ("softmax_cross_entropy", [2], "must be (2,) or (2, m)"),
        ("softmax_cross_entropy", [0, 1, 1], "pass np.eye(2)[y].T"),
        ("softmax_cross_entropy", [0, 2], "pass np.eye(2)[y].T"),
    ],
)
def test_a_target_that_does_not_fit_is_refused(loss, y, words):
    last = "identity" if loss != "squared_error" else "sigmoid"
    net = Network.random([3, 2], last, loss)
    with pytest.raises((ValueError, TypeError)) as refusal:
        backward(net, forward(net, np.ones(3)), y)
    assert words in str(refusal.value)


@pytest.mark.parametrize("eta", [0.5, 1, np.float64(0.5), np.float32(0.5)])
def test_a_learning_rate_of_any_kind_keeps_the_dtype(eta, rng):
    net = Network.random([3, 4, 2], "tanh", dtype=np.float32)
    grads = backward(net, forward(net, rng.random(3)), rng.random(2))
    assert update(net, grads, eta).flat().dtype == np.float32


@pytest.mark.parametrize(
    ("eta", "words"),
    [("0.1", "a number; got '0.1'"), (None, "got None"), (np.inf, "finite"), ([0.1], "a number")],
)
def test_a_learning_rate_that_is_no_number_is_refused(eta, words, rng):
    net, x, y = problem(rng)
    grads = backward(net, forward(net, x), y)
    with pytest.raises((ValueError, TypeError)) as refusal:
        update(net, grads, eta)
    assert f"eta must be {words}" in str(refusal.value) or words in str(refusal.value)


def test_a_letter_for_the_learning_rate_gives_the_formula():
    net = Network.letters([1, 1], "identity")
    grads = backward(net, forward(net, letters("x", 1)), letters("y", 1))
    for eta in (letters("eta"), letters("eta").item()):
        assert str(update(net, grads, eta).b[1]) == "[[b1_1 - eta*(w1_1_1*x_1 + b1_1 - y_1)]]"


def test_what_belongs_to_another_network_is_refused(rng):
    net, x, y = problem(rng)
    other = Network.random([3, 1, 2], "tanh")  # NumPy would stretch its one unit to four
    with pytest.raises(
        ValueError, match="the trace came from a network 3-4-2; this network is 3-1"
    ):
        backward(other, forward(net, x), y)
    with pytest.raises(ValueError, match="the gradients came from a network 3-4-2"):
        update(other, backward(net, forward(net, x), y), 0.1)
