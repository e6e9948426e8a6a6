"""What comes from outside, checked: errors say what was wrong, what was expected, what to do."""

import difflib
from math import isfinite
from numbers import Real

import numpy as np
import sympy

from backprop.letters import Letters


def look_up(name, table, kind):
    """`table[name]`, or `name` itself where it is already of that kind.

    Raises ValueError for a name that is not in the table, TypeError for what is no name.
    """
    if isinstance(name, kind):
        return name
    return named(kind.__name__.lower(), name, table, f" or of type {kind.__name__}")


def named(noun, name, table, instead=""):
    """`table[name]`; ValueError with the nearest name there is, TypeError for what is no name."""
    if not isinstance(name, str):
        raise TypeError(
            f"{noun} must be a name ({', '.join(table)}){instead}; got {type(name).__name__}"
        )
    if name not in table:
        plain = name.lower().replace("-", "_").replace(" ", "_")
        near = difflib.get_close_matches(plain, table, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"there is no {noun} {name!r}{hint} There are: {', '.join(table)}")
    return table[name]


def number(name, value):
    """`value` as a finite float; a letter, or a formula, comes back as it is."""
    if isinstance(value, float) and isfinite(value):
        return float(value)
    if isinstance(value, Letters | sympy.Expr):
        return value
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number; got {value!r}")
    if not isfinite(value):
        raise ValueError(f"{name} must be finite; got {value}")
    return float(value)


def floats(name, array, dtype=float):
    """A copy of `array`: letters, or finite floats of that dtype."""
    if isinstance(array, Letters):
        return array.copy()
    try:
        given = np.asarray(array)
    except ValueError as error:
        raise ValueError(f"{name} is no array: its rows differ in length") from error
    if given.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers; it holds {given.dtype.name}")
    copy = given.astype(dtype) if given.dtype == dtype else _cast(given, dtype)
    if not isfinite(np.vdot(copy, copy)) and not np.isfinite(copy).all():  # one product is quick
        index = tuple(map(int, np.argwhere(~np.isfinite(copy))[0]))
        raise ValueError(
            f"{name} holds {given[index]} at index {index}; it must be a finite {copy.dtype}"
        )
    return copy


@np.errstate(over="ignore")  # what is too large for the dtype becomes inf, and is found
def _cast(array, dtype):
    return array.astype(dtype)


def batch(name, array, n, having, dtype=float):
    """`array` as a matrix (n, m) of finite floats (or of letters), a column an example.

    A vector (n,) is one example. `having` says in the error why there must be n rows.
    """
    given = name if hasattr(array, "T") else f"np.array({name})"
    array = floats(name, array, dtype)
    vector = array.ndim == 1
    if vector:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or array.shape[0] != n or array.shape[1] == 0:
        hint = ""
        if vector and n == 1:
            hint = f". If it holds an example in each place, pass {given}[None, :]"
        elif not vector and array.shape[1:] == (n,):
            hint = f". Its rows seem to be examples: pass {given}.T"
        raise ValueError(
            f"{name} has shape {array.shape[:1] if vector else array.shape}; {having} {n} "
            f"{'unit' if n == 1 else 'units'}, so {name} must be ({n},) or ({n}, m), a column an "
            f"example{hint}"
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
