"""Does generated code compute what the equations do, for every kind of network, whatever the z?"""

import math
import re

import numpy as np
import pytest
from cases import KINDS, in_letters, in_numbers

from backprop import Activation, Network, backward, forward, letters, update
from backprop.generated import gradient_function, scalar_step
from backprop.proof import is_zero

kinds = pytest.mark.parametrize("kind", KINDS, ids=" ".join)
DEPTHS = ([3, 2], [2, 3, 2], [2, 3, 1, 2], [3, 2, 4, 2, 3])
CLOSE = {"float32": {"rtol": 1e-4, "atol": 1e-6}, "float64": {"rtol": 1e-11, "atol": 1e-14}}

swish = Activation(
    "swish",
    lambda z: z / (1 + np.exp(-z)),
    lambda z, a: (1 + z - a) / (1 + np.exp(-z)),
)


def arguments(net):
    return [parameter for l in net.W for parameter in (net.W[l], net.b[l])]


# — NumPy, from the matrix form —


@kinds
@pytest.mark.parametrize("dtype", CLOSE)
@pytest.mark.parametrize("sizes", DEPTHS, ids=str)
def test_the_gradient_function_is_backward(kind, sizes, dtype):
    f = gradient_function(in_letters(kind, sizes))
    for m in (1, 7):
        net, x, y = in_numbers(kind, sizes, m, dtype)
        grads = backward(net, forward(net, x), y)
        expected = [g for l in net.W for g in (grads.W[l], grads.b[l])]
        for found, gradient in zip(f(x, y, *arguments(net)), expected, strict=True):
            assert (found.shape, found.dtype) == (gradient.shape, gradient.dtype)
            assert np.allclose(found, gradient, **CLOSE[dtype])


@kinds
@pytest.mark.parametrize("dtype", CLOSE)
def test_the_gradient_function_stays_finite_where_z_is_a_thousand(kind, dtype):
    net, x, y = in_numbers(kind, [2, 2, 2], 4, dtype, scale=1000)
    found = gradient_function(net)(x, y, *arguments(net))
    grads = backward(net, forward(net, x), y)
    for l in net.W:
        assert np.isfinite(found[2 * l - 2]).all()
        assert np.allclose(found[2 * l - 2], grads.W[l], **CLOSE[dtype])
        assert np.allclose(found[2 * l - 1], grads.b[l], **CLOSE[dtype])


@kinds
def test_the_gradient_function_of_letters_is_backward_of_letters(kind):
    net = in_letters(kind, [1, 2, 2])
    x, y = letters("x", (1, 2)), letters("y", (2, 2))
    grads = backward(net, forward(net, x), y)
    found = gradient_function(net)(x, y, *arguments(net))
    for one, other in ((found[0], grads.W[1]), (found[3], grads.b[2])):
        assert is_zero(one.entries[0, 0] - other.entries[0, 0]) == (True, "identity")


def test_one_function_does_for_every_width():
    narrow, wide = (gradient_function(Network.random(n, "tanh")) for n in ([1, 1], [30, 20]))
    assert narrow.source == wide.source


def test_the_source_is_short_and_runs_by_itself():
    net, x, y = in_numbers(("leaky_relu", "squared_error"), [2, 3, 1], 4)
    f = gradient_function(net)
    names = {"np": np}
    exec(f.source, names)
    for one, other in zip(
        names["generated"](x, y, *arguments(net)), f(x, y, *arguments(net)), strict=True
    ):
        assert np.array_equal(one, other)
    assert f.source.count("\n") == 12
    assert "delta1 = np.where(z1 > 0, np.full_like(z1, 1), 1/100)*(W2.T @ delta2)" in f.source


# — plain Python, from the neuron-by-neuron form —


def both_ways(net, x, y, eta):
    step = scalar_step(net)
    found = step(net.flat().tolist(), x[:, 0].tolist(), y[:, 0].tolist(), eta)
    return found, update(net, backward(net, forward(net, x), y), eta).flat().tolist()


@kinds
@pytest.mark.parametrize("sizes", [[1, 1], [2, 2, 1], [3, 2, 2], [2, 1, 2, 3]], ids=str)
def test_the_scalar_step_is_the_update(kind, sizes):
    net, x, y = in_numbers(kind, sizes)
    found, expected = both_ways(net, x, y, 0.3)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-14)
    assert all(type(value) is float for value in found)


@kinds
@pytest.mark.parametrize("scale", [1000, -1000, 1e-8])
def test_the_scalar_step_is_the_update_where_z_is_a_thousand_or_almost_zero(kind, scale):
    net, x, y = in_numbers(kind, [2, 2, 2], scale=scale)
    found, expected = both_ways(net, x, y, 0.3)
    assert all(map(math.isfinite, found))
    assert found == pytest.approx(expected, rel=1e-12)


def test_the_scalar_step_leaves_its_arguments_alone():
    step = scalar_step(Network.random([1, 1], "sigmoid"))
    parameters, x, y = [1.0, 2.0], [3.0], [4.0]
    step(parameters, x, y, 0.5)
    assert (parameters, x, y) == ([1.0, 2.0], [3.0], [4.0])


def test_the_scalar_source_is_straight_and_the_same_each_time():
    net = Network.random([2, 2, 1], "relu")
    source = scalar_step(net).source
    assert source == scalar_step(net).source
    assert not re.search(r"\b(for|while|import|def)\b", source.split("\n", 1)[1])
    assert "    a1_2 = (z1_2 if z1_2 > 0 else 0)\n" in source
    assert "    new_b2_1 = b2_1 - eta*dE_db2_1\n" in source


def test_scalar_code_takes_forms_that_neither_overflow_nor_cancel():
    net = Network.random([1, 1, 2], ["softplus", "identity"], "softmax_cross_entropy")
    source = scalar_step(net).source
    assert "a1_1 = logaddexp(0, z1_1)" in source
    assert "delta2_1 = exp(a2_1 - logaddexp(a2_1, a2_2)) - y_1" in source
    assert "delta1_1 = (-expm1(-a1_1))*(w2_1_1*delta2_1 + w2_2_1*delta2_2)" in source


def test_an_activation_of_ones_own():
    net, x, y = in_numbers(("tanh", "squared_error"), [2, 3, 1])
    net = Network(list(net.W.values()), list(net.b.values()), swish)
    found, expected = both_ways(net, x, y, 0.3)
    assert found == pytest.approx(expected, rel=1e-12)
    grads = backward(net, forward(net, x), y)
    assert np.allclose(gradient_function(net)(x, y, *arguments(net))[0], grads.W[1], rtol=1e-12)


def test_every_numpy_function_that_letters_know_can_be_generated(rng):
    """Each stands in an activation; its slope is not asked to be right here, only the same."""
    functions = {
        "sqrt": lambda z: np.sqrt(1 + z**2),
        "abs": np.abs,
        "sign": lambda z: np.sign(z) * z,
        "arctan": np.arctan,
        "sin": lambda z: np.sin(z) + np.cos(z),
        "sinh": lambda z: np.sinh(z) / np.cosh(z),
        "max": lambda z: np.maximum(z, 0) - np.minimum(z, 0),
        "log": lambda z: np.log(1 + np.exp(z)),
        "log1p": lambda z: np.log1p(z**2),
        "powers": lambda z: 2.0**z + 1 / (1 + z**2) ** 2,
        "nested": lambda z: np.where(z > 1, 1, np.where(z < -1, -1, z)),
        "both": lambda z: np.where((z > -1) & (z < 1), z, 0),
    }
    net, x, y = in_numbers(("tanh", "squared_error"), [2, 3, 1])
    for name, value in functions.items():
        f = Activation(name, value, lambda z, a, value=value: 1 + value(z) * a)
        other = Network(list(net.W.values()), list(net.b.values()), f)
        grads = backward(other, forward(other, x), y)
        gradient = gradient_function(other)(x, y, *arguments(other))
        assert np.allclose(gradient[0], grads.W[1], rtol=1e-12), name
        found, expected = both_ways(other, x, y, 0.3)
        assert found == pytest.approx(expected, rel=1e-12), name
