"""The four data sets of the course, the same columns for everybody: x is (n0, m), y is (n_L, m)."""

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from math import isfinite
from numbers import Real
from operator import index

import numpy as np


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples to learn from and examples held out, as read-only arrays: a column an example.

    `x_train` and `x_test` are (n0, m); `y_train` and `y_test` are (1, m) with 0 or 1 where there
    are two classes, (10, m) with a single 1 in a column where there are ten. `names[k]` names
    class k; `image_shape` is the (height, width) of a column that is an image, else None; `source`
    says where the data come from.

    >>> xor()
    Dataset(x_train=(2, 4), y_train=(1, 4), x_test=(2, 4), y_test=(1, 4), names=('0', '1'))
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    names: tuple[str, ...]
    image_shape: tuple[int, int] | None
    source: str

    def __post_init__(self):
        for array in (self.x_train, self.y_train, self.x_test, self.y_test):
            array.setflags(write=False)

    def mirrored(self):
        """The same with each image to learn from once more, left and right exchanged.

        A cat in a mirror is still a cat: this says so without a single new photograph. Raises
        ValueError where the columns are no images.

        >>> cats_dogs().mirrored().x_train.shape
        (784, 3180)
        """
        if self.image_shape is None:
            raise ValueError("only images can be mirrored; these columns are none")
        image = self.x_train.reshape(*self.image_shape, -1)
        x = np.hstack([self.x_train, image[:, ::-1].reshape(self.x_train.shape)])
        return replace(self, x_train=x, y_train=np.hstack([self.y_train, self.y_train]))

    def __repr__(self):
        arrays = ("x_train", "y_train", "x_test", "y_test")
        shapes = ", ".join(f"{name}={getattr(self, name).shape}" for name in arrays)
        return f"Dataset({shapes}, names={self.names})"


def xor():
    """Exclusive or, y = x₁ ⊕ x₂, whole: test and train are the same four columns.

    Shapes: x (2, 4), y (1, 4).

    >>> data = xor()
    >>> data.x_train
    array([[0., 0., 1., 1.],
           [0., 1., 0., 1.]])
    >>> data.y_train
    array([[0., 1., 1., 0.]])

    Source: M. Minsky and S. Papert, Perceptrons (1969): no single layer computes it.
    """
    x = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])
    y = np.array([[0.0, 1.0, 1.0, 0.0]])
    return Dataset(x, y, x, y, ("0", "1"), None, "the truth table of exclusive or")


def two_moons(m=200, noise=0.1, seed=0):
    """Two interleaved half circles, m points of them to learn from and m others held out.

    With t uniform in [0, π], the upper moon is (cos t, sin t), the lower (1 − cos t, ½ − sin t),
    and every coordinate gets normal noise of standard deviation `noise`. Shapes: x (2, m),
    y (1, m): 0 the upper moon, 1 the lower, in turn.

    Raises a TypeError where m or seed is no integer or noise no number, a ValueError where m is
    below 2 (a point of each moon), seed below 0, or noise negative or not finite.

    >>> data = two_moons(m=4, noise=0)
    >>> data.y_train
    array([[0., 1., 0., 1.]])
    >>> upper = data.x_train[:, 0]
    >>> bool(np.isclose(upper @ upper, 1))
    True
    """
    m, seed = _integer("m", m, at_least=2), _integer("seed", seed, at_least=0)
    if not isinstance(noise, Real):
        raise TypeError(f"noise is {noise!r}; it must be a number, a standard deviation")
    if not (isfinite(noise) and noise >= 0):
        raise ValueError(f"noise is {noise}; a standard deviation must be finite, and 0 or more")
    rng = np.random.default_rng(seed)

    def draw():
        y = np.arange(m) % 2
        t = np.pi * rng.random(m)
        upper, lower = (np.cos(t), np.sin(t)), (1 - np.cos(t), 1 / 2 - np.sin(t))
        x = np.where(y == 0, upper, lower) + noise * rng.normal(size=(2, m))
        return x, y[np.newaxis].astype(float)

    return Dataset(*draw(), *draw(), ("upper moon", "lower moon"), None, "drawn at random")


@cache
def digits():
    """Handwritten digits: 1,797 grey images of 8×8 pixels, 0 the paper and 1 full ink.

    Shapes: x (64, m), y (10, m), where y[k] = 1 says that the column is the digit k.

    >>> digits()
    Dataset(x_train=(64, 1433), y_train=(10, 1433), x_test=(64, 364), y_test=(10, 364),
            names=('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))

    Source: E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0.
    """
    images, labels = _stored("digits.npz")
    one_hot = np.eye(10)[:, labels]
    source = "E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository, CC BY 4.0"
    return _split(images / 16, one_hot, labels, tuple("0123456789"), source)


@cache
def cats_dogs():
    """Cats and dogs: 1,989 silhouettes of 28×28 pixels, 0 the ground and 1 the animal.

    Shapes: x (784, m), y (1, m): 0 a cat, 1 a dog.

    >>> cats_dogs()
    Dataset(x_train=(784, 1590), y_train=(1, 1590), x_test=(784, 399), y_test=(1, 399),
            names=('cat', 'dog'))

    Source: Animal-MNIST by SinaSR-6 (2025), MIT licence.
    """
    images, labels = _stored("cats_dogs.npz")
    source = "Animal-MNIST by SinaSR-6 (2025), MIT licence"
    return _split(images / 255, labels[np.newaxis].astype(float), labels, ("cat", "dog"), source)


def _stored(name):
    with (files("backprop") / "data" / name).open("rb") as file, np.load(file) as arrays:
        return arrays["images"], arrays["labels"]


def _split(images, y, labels, names, source):
    """Shuffle the columns, always in the same way, and hold out every fifth of each class."""
    x = images.reshape(len(images), -1).T
    # The raw stream of PCG64 is what NumPy promises never to change; a Generator's methods may.
    order = np.random.PCG64(seed=0).random_raw(len(labels)).argsort(kind="stable")
    held_out = np.zeros(len(labels), dtype=bool)
    for k in range(len(names)):
        held_out[order[labels[order] == k][::5]] = True
    train, test = order[~held_out[order]], order[held_out[order]]
    parts = [np.ascontiguousarray(part) for i in (train, test) for part in (x[:, i], y[:, i])]
    return Dataset(*parts, names, images.shape[1:], source)


def _integer(name, value, at_least):
    try:
        number = index(value)
    except TypeError:
        raise TypeError(f"{name} is {value!r}; it must be an integer") from None
    if number < at_least:
        raise ValueError(f"{name} is {number}; it must be {at_least} or more")
    return number
