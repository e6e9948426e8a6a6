"""Is every loss a mean, its slope its derivative, and stable where logits are large?"""

import pickle

import numpy as np
import pytest
import sympy

from backprop import LOSSES, Loss, letters, loss
from backprop.losses import binary_cross_entropy, softmax_cross_entropy, squared_error

ALL = list(LOSSES.values())
SHAPES = [(1, 1), (2, 1), (3, 2), (2, 3)]


def targets(kind, shape, rng):
    y = rng.random(shape)
    return y / y.sum(axis=0) if kind is softmax_cross_entropy else y


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ALL, ids=repr)
def test_sympy_proves_the_slope(kind, shape):
    a, y = letters("a", shape), letters("y", shape)
    E, slope = kind.value(a, y).item(), kind.slope(a, y)
    for index, letter in np.ndenumerate(a.entries):
        assert sympy.simplify(sympy.diff(E, letter) - slope[index].item()) == 0


@pytest.mark.parametrize("kind", ALL, ids=repr)
def test_a_batch_has_the_mean_of_its_examples(kind, rng):
    a, y = rng.standard_normal((3, 5)), targets(kind, (3, 5), rng)
    single = [(a[:, [i]], y[:, [i]]) for i in range(5)]
    assert kind.value(a, y) == pytest.approx(np.mean([kind.value(*one) for one in single]))
    slopes = np.hstack([kind.slope(*one) for one in single])
    np.testing.assert_allclose(kind.slope(a, y), slopes / 5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ALL, ids=repr)
def test_far_out_it_is_finite_silent_and_of_the_same_kind(kind, dtype):
    a = np.array([[-1000, 1000, 0], [1000, -1000, 0]], dtype)
    y = np.array([[1, 1, 0], [0, 0, 1]], dtype)
    for result in (kind.value(a, y), kind.slope(a, y), kind.predict(a)):
        assert np.isfinite(result).all()
        assert result.dtype == dtype


def test_a_perfect_output_costs_nothing():
    y = np.array([[1.0], [0.0]])
    assert squared_error.value(y, y) == 0
    assert binary_cross_entropy.value(np.where(y > 0, 50, -50), y) < 1e-20
    assert softmax_cross_entropy.value(np.where(y > 0, 50.0, -50.0), y) < 1e-40


def test_cross_entropy_is_minus_the_log_of_the_probability(rng):
    z = rng.standard_normal((4, 3))
    y = np.eye(4)[:, [2, 0, 1]]
    p = softmax_cross_entropy.predict(z)
    np.testing.assert_allclose(p.sum(axis=0), 1)
    expected = -np.log(p[y.astype(bool)]).sum() / 3
    assert softmax_cross_entropy.value(z, y) == pytest.approx(expected)


def test_two_classes_are_the_same_to_both_cross_entropies(rng):
    z, y = rng.standard_normal((1, 6)), rng.integers(0, 2, (1, 6)).astype(float)
    both = softmax_cross_entropy.value(np.vstack([z, 0 * z]), np.vstack([y, 1 - y]))
    assert both == pytest.approx(binary_cross_entropy.value(z, y))


def test_an_unknown_name_is_told_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'squared_error'"):
        loss("squared error")
    with pytest.raises(TypeError, match="got float"):
        loss(0.5)


def test_a_pickled_loss_is_the_one_in_the_table():
    for kind in ALL:
        assert pickle.loads(pickle.dumps(kind)) is kind
    mine = Loss("product", np.multiply, np.add)
    assert pickle.loads(pickle.dumps(mine)).value is np.multiply
