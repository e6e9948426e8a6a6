"""The law for letters: with numbers put in, they are what NumPy makes of the numbers."""

import numpy as np

from backprop import letters, on_letters


def drawn(shapes, low=0.2, high=0.9):
    rng = np.random.default_rng(7)
    return [rng.uniform(low, high, shape) for shape in shapes]


def assert_law(function, *arrays):
    """Letters with numbers put in are what NumPy makes of the numbers."""
    names = [letters(name, np.shape(array)) for name, array in zip("pqrstu", arrays, strict=False)]
    formula = on_letters(function, *names)
    pairs = list(zip(names, arrays, strict=True))
    for ours, expected in zip(
        listed(formula), listed(function(*map(np.array, arrays))), strict=True
    ):
        assert ours.shape == np.shape(expected)
        assert np.allclose(
            ours.numbers(*pairs), np.asarray(expected, float), rtol=1e-13, atol=1e-15
        )
    return formula


def listed(value):
    return (
        [part for v in value for part in listed(v)] if isinstance(value, list | tuple) else [value]
    )
