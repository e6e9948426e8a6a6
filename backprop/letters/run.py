"""A whole function on letters: arrays that it makes itself can hold letters too."""

import functools
import numbers
import sys
import threading

import numpy as np
import sympy

from backprop.letters.array import FUNCTIONS, Letters, each, filled, holds_letters, lettered


def on_letters(function, *args):
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

    Raises TypeError, naming the function, where the code does what no formula can say.
    """
    args = each(lambda v: v.copy() if isinstance(v, Letters) else lettered(v), args)
    with _REPLACING:
        found = {name: vars(np)[name] for name in REPLACED}
        here = threading.get_ident()
        try:
            vars(np).update({name: _on_letters(f, here) for name, f in REPLACED.items()})
            result = function(*args)
        except ValueError as error:
            if isinstance(error.__cause__, TypeError):  # ours, where NumPy asked for a float
                raise error.__cause__ from None
            raise
        finally:
            vars(np).update(found)
    return each(_returned, result)


def _returned(value):
    if isinstance(value, numbers.Real | sympy.Basic):
        return Letters(value)
    return lettered(value, "biufO")


def _array(a, dtype=None, ndmin=0, **_):
    return a.astype(dtype or a.dtype).reshape((1,) * (ndmin - a.ndim) + a.shape)


def _asarray(a, dtype=None, **_):
    return a if dtype is None or a.dtype == dtype else a.astype(dtype)


MAKERS = {  # what those that NumPy does not dispatch make of letters
    np.array: _array,
    np.asarray: _asarray,
    np.asanyarray: _asarray,
    np.full: lambda shape, value, dtype=None: filled(np.empty(shape, bool), value, dtype),
}
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
        given = any(isinstance(arg, Letters) for arg in args)
        return lettered((MAKERS.get(function, function) if given else function)(*args, **kwargs))

    return called
