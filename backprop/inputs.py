"""What comes from outside, checked: errors say what was wrong, what was expected, what to do."""

import difflib
from math import isfinite

import numpy as np

from backprop.letters import Letters


def look_up(name, table, kind):
    """`table[name]`, or `name` itself where it is already of that kind.

    Raises ValueError for a name that is not in the table, TypeError for what is no name.
    """
    if isinstance(name, kind):
        return name
    noun = kind.__name__.lower()
    if not isinstance(name, str):
        raise TypeError(
            f"{noun} must be a name ({', '.join(table)}) or of type {kind.__name__}; "
            f"got {type(name).__name__}"
        )
    if name not in table:
        plain = name.lower().replace("-", "_").replace(" ", "_")
        near = difflib.get_close_matches(plain, table, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"there is no {noun} {name!r}{hint} There are: {', '.join(table)}")
    return table[name]


def floats(name, array, dtype=float):
    """A copy of `array` as finite floats of that dtype; Letters come back as they are."""
    if isinstance(array, Letters):
        return array
    try:
        given = np.asarray(array)
    except ValueError as error:
        raise ValueError(f"{name} is no array: its rows differ in length") from error
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers; it holds {given.dtype.name}")
    copy = given.astype(dtype)
    flat = copy.ravel()
    if not isfinite(flat @ flat) and not np.isfinite(copy).all():  # one product is quick to ask
        index = tuple(map(int, np.argwhere(~np.isfinite(copy))[0]))
        raise ValueError(f"{name} holds {given[index]} at index {index}; it must be finite")
    return copy


def batch(name, array, n, having, dtype=float):
    """`array` as a matrix (n, m) of finite floats (or of letters), a column an example.

    A vector (n,) is one example. `having` says in the error why there must be n rows.
    """
    array = floats(name, array, dtype)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or array.shape[0] != n or array.shape[1] == 0:
        shape = array.shape[:1] if array.shape[1:] == (1,) else array.shape
        rows = array.shape[1:] == (n,)
        raise ValueError(
            f"{name} has shape {shape}; {having} {n} {'unit' if n == 1 else 'units'}, so {name} "
            f"must be ({n},) or ({n}, m), a column an example"
            + (f". Its rows seem to be examples: pass {name}.T" if rows else "")
        )
    return array


def layer_sizes(sizes):
    """`sizes` as a tuple of the numbers of units (n_0, n_1, ..., n_L), each at least one."""
    try:
        sizes = tuple(sizes)
    except TypeError:
        raise TypeError(
            f"sizes must be a list of numbers of units such as [2, 3, 1]; got {sizes!r}"
        ) from None
    for n in sizes:
        if isinstance(n, bool) or not isinstance(n, int | np.integer):
            raise TypeError(f"sizes must be whole numbers of units; {n!r} is not")
        if n < 1:
            raise ValueError(f"every layer needs at least one unit; sizes has {n}")
    if len(sizes) < 2:
        raise ValueError(
            f"sizes must name the inputs and at least one layer, such as [2, 1]; got {list(sizes)}"
        )
    return tuple(map(int, sizes))
