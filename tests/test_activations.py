"""Is every slope the derivative of its activation, and all of it finite and of the right kind?"""

import pickle

import numpy as np
import pytest
import sympy

from backprop import ACTIVATIONS, Letters, activation, letters
from backprop.activations import Activation

ALL = list(ACTIVATIONS.values())
FLOATS = [np.float32, np.float64]


@pytest.mark.parametrize("f", ALL, ids=repr)
def test_sympy_proves_the_slope(f):
    z = letters("z")
    value = f.value(z)
    slope = f.slope(z, value).item()
    derivative = sympy.diff(value.item(), z.item())
    for point in (-2, sympy.Rational(-1, 3), sympy.Rational(1, 7), 3):
        there = {z.item(): point}
        assert sympy.simplify((derivative - slope).subs(there)) == 0


@pytest.mark.parametrize("f", [f for f in ALL if not f.kinked], ids=repr)
def test_a_smooth_slope_is_the_derivative_as_a_formula(f):
    z = letters("z")
    value = f.value(z)
    difference = sympy.diff(value.item(), z.item()) - f.slope(z, value).item()
    assert sympy.simplify(difference) == 0


@pytest.mark.parametrize("f", [f for f in ALL if f.kinked], ids=repr)
def test_at_a_kink_the_slope_is_the_one_from_the_left(f):
    at_zero = f.slope(np.zeros(1), np.zeros(1))
    left = f.slope(np.full(1, -1e-9), f.value(np.full(1, -1e-9)))
    np.testing.assert_array_equal(at_zero, left)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("f", ALL, ids=repr)
def test_far_out_it_is_finite_silent_and_of_the_same_kind(f, dtype):
    z = np.array([[-1000, -89, -1, 0, 1, 89, 1000]], dtype)
    a = f.value(z)
    slope = f.slope(z, a)
    for result in (a, slope):
        assert np.isfinite(result).all()
        assert result.dtype == dtype
        assert result.shape == z.shape


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softplus"])
def test_a_small_slope_keeps_its_digits(name):
    """Against 40 digits; where 1 − a is rounded to 0 the slope is 0, off by less than 1e-16."""
    f, letter = ACTIVATIONS[name], sympy.Symbol("z", real=True)
    derivative = sympy.diff(f.value(Letters(letter)).item(), letter)
    for z in (-30.0, -10.0, -2.0, 0.5, 5.0):
        exact = float(derivative.subs(letter, sympy.Rational(z)).evalf(40))
        slope = f.slope(np.array(z), f.value(np.array(z)))
        assert slope == pytest.approx(exact, rel=1e-9, abs=1e-15)


def test_a_name_is_looked_up_and_ones_own_is_taken():
    assert activation("relu") is ACTIVATIONS["relu"]
    cube = Activation("cube", lambda z: z**3, lambda z, a: 3 * z**2)
    assert activation(cube) is cube


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("Sigmoid", ValueError, "did you mean 'sigmoid'"),
        ("leaky relu", ValueError, "did you mean 'leaky_relu'"),
        ("gelu", ValueError, "There are: identity"),
        (3, TypeError, "got int"),
        (None, TypeError, "got NoneType"),
        (np.tanh, TypeError, "of type Activation"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(name, error, words):
    with pytest.raises(error, match=words.replace("(", r"\(")):
        activation(name)


@pytest.mark.parametrize("f", ALL, ids=repr)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (0, 2)])
def test_a_shape_is_kept(f, shape, rng):
    z = rng.standard_normal(shape)
    assert np.shape(f.value(z)) == np.shape(f.slope(z, f.value(z))) == shape


def test_a_pickled_activation_is_the_one_in_the_table():
    for f in ALL:
        assert pickle.loads(pickle.dumps(f)) is f
    mine = Activation("root", np.sqrt, np.multiply)
    assert pickle.loads(pickle.dumps(mine)) == mine
