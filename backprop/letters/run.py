"""A whole function on letters: arrays that it makes itself can hold letters too."""

import functools
import numbers
import sys
import threading

import numpy as np
import sympy

from backprop.letters.array import (
    FUNCTIONS,
    NO_BRANCH,
    NO_FLOAT,
    Letters,
    each,
    filled,
    holds_letters,
    lettered,
)
from backprop.letters.budget import budget, pay

# What SymPy and NumPy say where a single entry, taken out by .item() or .tolist(), is no number.
SAID_ELSEWHERE = {
    "cannot determine truth value": f"bool() {NO_BRANCH}",
    "Cannot convert expression to float": f"float() {NO_FLOAT}",
    "loop of ufunc does not support": "NumPy's functions know letters in their array only, and "
    ".item() and .tolist() take them out. Write z[0] for z.item(0), and z for z.tolist()",
}


def on_letters(function, *args, most=200_000):
    """Run an ordinary NumPy function on letters: arrays made inside it can hold letters too.

    While the function runs, and for it alone, `np.zeros`, `np.array`, `np.full` and the like make
    Letters (arrays of integers stay arrays: they are indices), and `np.sum([...])` takes lists of
    letters. Arguments are copied: a function that changes its input changes nothing here. Arrays
    of floats, given or returned, become Letters.

    >>> from backprop import letters
    >>> def weighted_sum(w, x):
    ...     z = np.zeros(w.shape[0])
    ...     for j in range(w.shape[0]):
    ...         for i in range(w.shape[1]):
    ...             z[j] += w[j, i] * x[i]
    ...     return z
    >>> on_letters(weighted_sum, letters("w", (2, 2)), letters("x", 2))
    Letters([w_1_1*x_1 + w_1_2*x_2, w_2_1*x_1 + w_2_2*x_2])

    Raises TypeError, naming the function, where the code does what no formula can say, and
    OverflowError where its formulas, written out, would take more than `most` symbols together:
    a loop of many training steps would never end otherwise.
    """
    args = each(lambda v: v.copy() if isinstance(v, Letters) else lettered(v), args)
    with _REPLACING, budget(most):
        found = {name: vars(np)[name] for name in REPLACED}
        here = threading.get_ident()
        try:
            vars(np).update({name: _on_letters(f, here) for name, f in REPLACED.items()})
            return each(_returned, function(*args))
        except ValueError as error:
            if isinstance(error.__cause__, TypeError):  # ours, where NumPy asked for a float
                raise error.__cause__ from None
            raise
        except TypeError as error:
            for beginning, words in SAID_ELSEWHERE.items():
                if str(error).startswith(beginning):
                    raise TypeError(words) from error
            raise
        finally:
            vars(np).update(found)


def _returned(value):
    if isinstance(value, numbers.Real | sympy.Basic):
        value = Letters(value)
    value = lettered(value, "biufO")
    if isinstance(value, Letters):
        pay(value.entries)
    return value


def _array(a, dtype=None, ndmin=0, **_):
    return a.astype(dtype or a.dtype).reshape((1,) * (ndmin - a.ndim) + a.shape)


def _asarray(a, dtype=None, **_):
    return a if dtype is None or a.dtype == dtype else a.astype(dtype)


def _vectorize(function):
    """A function of single numbers, called with each entry by itself."""

    @functools.wraps(function)
    def called(*arrays):
        def entry(*entries):
            return Letters(function(*map(Letters, entries))).item()

        arrays = [Letters(array).entries for array in arrays]
        return Letters(np.frompyfunc(entry, len(arrays), 1)(*arrays))

    return called


MAKERS = {  # what those that NumPy does not dispatch make of letters
    np.array: _array,
    np.asarray: _asarray,
    np.asanyarray: _asarray,
    np.full: lambda shape, value, dtype=None: filled(np.empty(shape, bool), value, dtype),
    np.vectorize: _vectorize,
}
VECTORIZE = np.vectorize
OF_FLOATS = (np.zeros, np.ones, np.empty, np.eye, np.identity, np.linspace, np.arange)
REPLACED = {f.__name__: f for f in (*OF_FLOATS, *MAKERS, *FUNCTIONS) if f is not np.linalg.norm}
_REPLACING = threading.RLock()


def _on_letters(function, thread):
    """A function of NumPy that makes and takes letters where code in that thread calls it."""

    @functools.wraps(function)
    def called(*args, **kwargs):
        caller = sys._getframe(1).f_globals.get("__name__", "")
        if caller.startswith("numpy.") or threading.get_ident() != thread:
            return function(*args, **kwargs)
        args = [Letters(arg) if holds_letters(arg) else arg for arg in args]
        given = function is VECTORIZE or any(isinstance(arg, Letters) for arg in args)
        return lettered((MAKERS.get(function, function) if given else function)(*args, **kwargs))

    return called
