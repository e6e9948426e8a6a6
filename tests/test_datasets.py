"""Are the data sets the same for everybody, and is nothing held out also learned from?"""

from importlib.resources import files

import numpy as np
import pytest

from backprop.datasets import cats_dogs, digits, two_moons, xor

ALL = [xor, two_moons, digits, cats_dogs]
IMAGES = [digits, cats_dogs]


def arrays(data):
    return data.x_train, data.y_train, data.x_test, data.y_test


def classes(y):
    """Labels from targets: 0 or 1 in a single row, else the row of the 1."""
    return y[0].astype(int) if len(y) == 1 else y.argmax(axis=0)


@pytest.mark.parametrize("load", ALL)
def test_a_column_is_an_example(load):
    data = load()
    assert data.x_train.shape[1] == data.y_train.shape[1]
    assert data.x_test.shape[1] == data.y_test.shape[1]
    assert len(data.x_train) == len(data.x_test)
    assert len(data.y_train) == len(data.y_test) == (1 if len(data.names) == 2 else len(data.names))
    assert all(array.dtype == np.float64 for array in arrays(data))


@pytest.mark.parametrize("load", ALL)
def test_targets_are_probabilities_of_classes(load):
    for y in (load().y_train, load().y_test):
        assert set(np.unique(y)) == {0, 1}
        assert len(y) == 1 or np.all(y.sum(axis=0) == 1)


@pytest.mark.parametrize("load", ALL)
def test_every_class_is_learned_and_held_out_in_equal_measure(load):
    data = load()
    learned, held_out = (
        np.bincount(classes(y), minlength=len(data.names)) / y.shape[1]
        for y in (data.y_train, data.y_test)
    )
    assert np.allclose(learned, held_out, atol=0.005)


@pytest.mark.parametrize("load", IMAGES)
def test_images_are_pixels_from_0_to_1(load):
    data = load()
    x = np.hstack([data.x_train, data.x_test])
    assert (x.min(), x.max()) == (0, 1)
    assert len(x) == np.prod(data.image_shape)


@pytest.mark.parametrize("load", IMAGES)
def test_no_image_is_both_learned_and_held_out(load):
    data = load()
    learned, held_out = (
        {column.tobytes() for column in x.T.copy()} for x in (data.x_train, data.x_test)
    )
    assert len(learned) == data.x_train.shape[1]
    assert len(held_out) == data.x_test.shape[1]
    assert not learned & held_out


@pytest.mark.parametrize("load", IMAGES)
def test_the_examples_come_shuffled(load):
    y = load().y_train
    start = classes(y[:, :100])
    assert set(start) == set(range(len(load().names)))


def test_the_split_is_the_same_in_every_version():
    """Ours: the first ten labels of each part, so that a change of the split is seen."""
    assert classes(digits().y_train)[:10].tolist() == [8, 1, 8, 5, 6, 9, 4, 2, 0, 1]
    assert classes(digits().y_test)[:10].tolist() == [0, 6, 3, 8, 1, 4, 5, 9, 7, 2]
    assert classes(cats_dogs().y_train)[:10].tolist() == [0, 0, 0, 1, 1, 1, 0, 1, 1, 1]
    assert classes(cats_dogs().y_test)[:10].tolist() == [0, 1, 1, 0, 1, 1, 0, 1, 0, 0]


def test_a_mirror_image_is_learnt_from_and_never_tested_on():
    data = cats_dogs()
    twice = data.mirrored()
    m = data.x_train.shape[1]
    first, second = (twice.x_train[:, i].reshape(28, 28) for i in (0, m))
    np.testing.assert_array_equal(first[:, ::-1], second)
    np.testing.assert_array_equal(twice.y_train[:, m:], data.y_train)
    assert twice.x_test is data.x_test
    with pytest.raises(ValueError, match="only images"):
        xor().mirrored()


@pytest.mark.parametrize("load", ALL)
def test_twice_is_the_same(load):
    once, twice = map(arrays, (load(), load()))
    assert all(np.array_equal(a, b) for a, b in zip(once, twice, strict=True))


@pytest.mark.parametrize("load", ALL)
def test_arrays_are_read_only(load):
    for array in arrays(load()):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_a_seed_is_other_moons():
    assert not np.array_equal(two_moons(seed=0).x_train, two_moons(seed=1).x_train)
    assert not np.array_equal(two_moons().x_train, two_moons().x_test)


def test_moons_without_noise_are_half_circles():
    data = two_moons(m=50, noise=0)
    upper = data.x_train[:, data.y_train[0] == 0]
    lower = data.x_train[:, data.y_train[0] == 1] - [[1], [0.5]]
    for moon, sign in ((upper, 1), (lower, -1)):
        assert np.allclose((moon**2).sum(axis=0), 1)
        assert np.all(sign * moon[1] >= 0)


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ({"m": 0}, ValueError, "m is 0; it must be 2 or more"),
        ({"m": -5}, ValueError, "m is -5; it must be 2 or more"),
        ({"m": 10.0}, TypeError, "m is 10.0; it must be an integer"),
        ({"noise": -0.1}, ValueError, "noise is -0.1; a standard deviation must be finite"),
        ({"noise": float("nan")}, ValueError, "noise is nan; a standard deviation must be finite"),
        ({"noise": "much"}, TypeError, "noise is 'much'; it must be a number"),
        ({"seed": -1}, ValueError, "seed is -1; it must be 0 or more"),
        ({"seed": "mine"}, TypeError, "seed is 'mine'; it must be an integer"),
    ],
)
def test_bad_moons(bad, error, message):
    with pytest.raises(error, match=message):
        two_moons(**bad)


@pytest.mark.parametrize("name", ["cats_dogs", "digits"])
def test_data_ship_with_their_licence(name):
    data = files("backprop") / "data"
    assert (data / f"{name}.npz").is_file()
    assert "licen" in (data / f"{name}.LICENSE.txt").read_text(encoding="utf-8").lower()
