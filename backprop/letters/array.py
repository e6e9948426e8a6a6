"""The array of letters, and what NumPy's functions of whole arrays do with it.

`FUNCTIONS` says it; those in `STRUCTURE` only move, or add and multiply, entries: they run as they
are, on the array of objects. What is in neither has no formula, and `REASONS` says why.
"""

import contextlib
import functools
import re

import numpy as np
import sympy
from sympy import Expr

from backprop.letters.budget import pay, spend
from backprop.letters.entry import Letter, exact
from backprop.letters.rules import (
    BITWISE,
    FOLDS,
    LOGIC,
    OF_CONDITIONS,
    RULES,
    as_condition,
    as_number,
    case,
)
from backprop.printing import text, typeset


def letters(name, shape=()):
    """Fresh letters: an array of symbols `name_1_1`, `name_1_2`, ..., counted from 1.

    >>> letters("w1", (2, 3))[1]
    Letters([w1_2_1, w1_2_2, w1_2_3])
    >>> letters("b1", 2)[:, None].shape
    (2, 1)
    """
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_]*[A-Za-z]\d*", name):
        raise ValueError(
            f"{name!r} cannot name letters: write a letter or a word and, where there is one, "
            f'the number of the layer, such as "w", "delta" or "w2"'
        )
    entries = np.empty(shape, object)
    for index in np.ndindex(entries.shape):
        entries[index] = Letter("_".join([name, *(str(i + 1) for i in index)]))
    return Letters(entries)


NO_BRANCH = (
    "needs a number. For `if`, `and`, `or`, `while` write np.where(condition, value, other); for "
    "`max` and `min`, np.maximum and np.minimum"
)
NO_FLOAT = (
    "needs a number. `float` and the functions of `math` take numbers, and so do arrays of floats "
    "that were made by `from numpy import zeros` or outside on_letters. Write np.exp(z), "
    "np.zeros_like(z), and np.zeros(n) in a function that is run with on_letters"
)
NO_COUNT = (
    "needs a number. An index and a count must be integers, and an array of integers holds no "
    "letters"
)


def _only_of_numbers(kind, words):
    def convert(self):
        entry = self.item() if self.size == 1 else sympy.nan
        if entry in (sympy.true, sympy.false) or (entry.is_number and entry != sympy.nan):
            return kind(entry)
        raise TypeError(f"{self} has no value yet, and {kind.__name__}() {words}")

    return convert


class Letters(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of SymPy expressions that NumPy computes with.

    `entries` is the object array of the expressions; numbers are taken in exactly (0.5 becomes ½).
    NumPy's functions are methods too: `z.sum(axis=1)`, `z.clip(0, 1)`, `z.copy()`.

    >>> a = letters("a", 2)
    >>> (a * (1 - a)).sum()
    Letters(a_1*(1 - a_1) + a_2*(1 - a_2))
    """

    __slots__ = ("entries",)

    def __init__(self, entries):
        self.entries = _entries(entries)

    # — what an array is asked —

    shape = property(lambda self: self.entries.shape)
    ndim = property(lambda self: self.entries.ndim)
    size = property(lambda self: self.entries.size)
    dtype = property(lambda self: np.dtype(bool if _are_conditions(self.entries) else float))
    T = property(lambda self: Letters(self.entries.T))

    def __len__(self):
        return len(self.entries)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        if any(isinstance(part, Letters) for part in (key if isinstance(key, tuple) else [key])):
            raise TypeError(
                "a mask of letters cannot pick entries: which ones are true is not known yet, so "
                "neither is how many. Write np.where(mask, value, 0)"
            )
        return Letters(self.entries[key])

    def __setitem__(self, key, value):
        value = _elementwise(as_number, _entries(value))
        if isinstance(key, Letters):
            key, value = ..., _masked(self, key, value)
        elif not isinstance(self.entries[key], np.ndarray):
            value = value.item()  # or the array itself would become an entry
        self.entries[key] = value

    def __getattr__(self, name):
        if name in ("reshape", "transpose", "flatten"):  # called in other ways than NumPy's
            return lambda *args, **options: Letters(getattr(self.entries, name)(*args, **options))
        if callable(getattr(np.ndarray, name, None)) and callable(getattr(np, name, None)):
            return functools.partial(getattr(np, name), self)
        raise AttributeError(f"an array of letters has no {name!r}")

    def fill(self, value):
        self[...] = value

    def astype(self, dtype, copy=True):
        """As floats, letters stay what they are; a condition becomes 1 where true and 0 else."""
        conditions = self.dtype == bool
        if not conditions:
            _check_dtype(dtype)
        keep = conditions and np.dtype(dtype) == bool
        return Letters(self.entries.copy() if keep else _elementwise(as_number, self.entries))

    def item(self, *index):
        """The one SymPy expression of an array that has one entry, or the one at an index."""
        return self.entries.item(*index)

    def tolist(self):
        """The SymPy expressions as nested lists."""
        return self.entries.tolist()

    def __repr__(self):
        return f"Letters({self})"

    def __str__(self):
        return _text(self.entries.tolist())

    def __format__(self, form):
        return str(self)  # where code prints a number, in any form

    def _repr_latex_(self):
        return rf"$\displaystyle {self.latex()}$"

    def latex(self):
        """The array typeset, a matrix in brackets, a vector as a column: LaTeX without dollars."""
        if self.ndim == 0:
            return typeset(self.item())
        lines = self if self.ndim > 2 else np.atleast_2d(self.entries.T).T
        rows = (v.latex() if self.ndim > 2 else " & ".join(map(typeset, v)) for v in lines)
        return r"\left[\begin{matrix}" + r"\\".join(rows) + r"\end{matrix}\right]"

    # — where letters stop and numbers would have to begin —

    __bool__ = _only_of_numbers(bool, NO_BRANCH)
    __float__ = _only_of_numbers(float, NO_FLOAT)
    __int__ = __index__ = _only_of_numbers(int, NO_COUNT)

    def __round__(self, digits=0):
        return np.round(self, digits)

    def _sympy_(self):
        if self.ndim == 0:  # one letter may go into a function of SymPy's, as in sympy.exp(z)
            return self.item()
        raise sympy.SympifyError(self)  # so that symbol * letters is NumPy's multiplication

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "letters are no array of numbers, and that is what np.array, np.float64, np.r_, np.c_, "
            "np.vectorize, SciPy and functions that are given a list want to have. Join letters "
            "with np.stack or np.concatenate, or run your function with on_letters: np.array works "
            "in it"
        )

    # — from letters to numbers —

    def subs(self, *pairs):
        """Put numbers (or other letters) in the place of letters: `f.subs((w, W), (x, [1, 2]))`.

        >>> w, x = letters("w", (1, 2)), letters("x", 2)
        >>> (w @ x).subs((w, [[3, 4]]), (x, [10, 0.5]))
        Letters([32])
        """
        table = {}
        for old, new in pairs:
            new = np.broadcast_to(_entries(new), old.shape)
            table.update(zip(old.entries.flat, new.flat, strict=True))
        return Letters(_elementwise(lambda entry: entry.xreplace(table), self.entries))

    def numbers(self, *pairs):
        """The same, as an array of floats.

        Raises ValueError where a letter is left over, or where there is no real number, as in 1/0.

        >>> z = letters("z", 2)
        >>> np.tanh(z).numbers((z, [0, 1]))
        array([0.        , 0.76159416])
        """
        result = _elementwise(as_number, self.subs(*pairs).entries)
        left = sorted({str(s) for entry in result.flat for s in entry.free_symbols})
        if left:
            raise ValueError(f"no number was given for {', '.join(left)}: add a pair (letters, it)")
        return _elementwise(_float, result).astype(float)

    # — NumPy's protocols —

    def __array_ufunc__(self, ufunc, method, *inputs, out=(None,), dtype=None, **options):
        others = (x for x in inputs if not isinstance(x, Letters | np.ndarray))
        if any(hasattr(x, "__array_ufunc__") for x in others):
            return NotImplemented
        name = f"np.{ufunc.__name__}" + f".{method}".removesuffix(".__call__")
        if method not in METHODS:
            raise _no_formula(name, method)
        with _called(name):
            _check_dtype(dtype)
            result = METHODS[method](ufunc, *map(_entries, inputs), **options)
            pay(result)
            return _delivered(Letters(result), *out)

    def __array_function__(self, function, types, args, kwargs):
        name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
        if function not in FUNCTIONS and function not in STRUCTURE:
            raise _no_formula(name, function.__name__)
        with _called(name):
            out = kwargs.pop("out", None)
            if function in FUNCTIONS:
                return _delivered(FUNCTIONS[function](*args, **kwargs), out)
            plain = functools.partial(_plain, function in SUMS)
            result = function(*each(plain, args), **each(plain, kwargs))
            result = each(Letters, result)
            if function in SUMS:
                pay(result.entries)
            return _delivered(result, out)


# — NumPy's functions of whole arrays —


def _call(ufunc, *arrays):
    if ufunc is np.matmul:
        return _matmul(*arrays)
    if all(map(_are_conditions, arrays)):
        ufunc = OF_CONDITIONS.get(ufunc, ufunc)
    if ufunc not in RULES or ufunc in BITWISE:
        raise _no_formula(f"np.{ufunc.__name__}", ufunc.__name__)
    kind = as_condition if ufunc in LOGIC else as_number
    return _elementwise(lambda *entries: RULES[ufunc](*map(kind, entries)), *arrays)


def _outer(ufunc, a, b):
    return _call(ufunc, a.reshape(a.shape + (1,) * b.ndim), b)


def _reduce(ufunc, entries, axis=0, keepdims=False):
    if ufunc not in FOLDS:
        raise _no_formula(f"np.{ufunc.__name__}.reduce", "reduce")
    shape = _shape(functools.partial(ufunc.reduce, axis=axis, keepdims=keepdims), entries)
    every = np.arange(entries.ndim)
    axes = every if axis is None or not entries.ndim else every[np.atleast_1d(axis)]
    rows = np.moveaxis(entries, axes.tolist(), range(-len(axes), 0))
    result = np.empty(rows.shape[: rows.ndim - len(axes)], object)
    kind = as_condition if ufunc in LOGIC else as_number
    for index in np.ndindex(result.shape):
        result[index] = RULES[ufunc](*map(kind, rows[*index, ...].flat))
    return result.reshape(shape)


def _matmul(a, b):
    shape = _shape(np.matmul, a, b)
    if a.ndim > 2 or b.ndim > 2:
        raise TypeError("letters multiply vectors and matrices, not stacks of them: write a loop")
    a, b = (_elementwise(as_number, array) for array in (a, b))
    rows, columns = np.atleast_2d(a), np.atleast_2d(b.T)
    result = np.empty((len(rows), len(columns)), object)
    for i, j in np.ndindex(result.shape):
        result[i, j] = sympy.Add(*map(sympy.Mul, rows[i], columns[j]))  # one sum, no chain of them
    return result.reshape(shape)


def _shape(function, *arrays):
    """What NumPy makes of arrays of these shapes; where they do not fit, it says so itself."""
    return np.shape(function(*(np.zeros(array.shape, bool) for array in arrays)))


METHODS = {"__call__": _call, "outer": _outer, "reduce": _reduce}


def _where(condition, x, y):
    def choose(condition, x, y):
        return case(as_number(x), as_condition(condition), as_number(y))

    return Letters(_elementwise(choose, *map(_entries, (condition, x, y))))


def _masked(array, mask, value):
    if mask.dtype != bool:
        raise IndexError("letters are no index: use integers, slices or a mask such as z > 0")
    if value.size != 1:
        raise TypeError("a mask of letters sets one value. Write np.where(mask, values, array)")
    array.entries[np.zeros(mask.shape, bool)]  # NumPy's own error where the mask does not fit
    mask = mask.reshape(mask.shape + (1,) * (array.ndim - mask.ndim))
    return np.where(mask, value.item(), array).entries


def _dot(a, b):
    a, b = Letters(a), Letters(b)
    return a * b if 0 in (a.ndim, b.ndim) else a @ b


def _along(ufunc):
    return lambda a, axis=None, **options: ufunc.reduce(a, axis=axis, **options)


def _mean(a, axis=None, **options):
    total = np.sum(a, axis, **options)
    return total / (a.size // max(total.size, 1))


def _clip(a, a_min=None, a_max=None, *, min=None, max=None):
    for low in (a_min, min):
        a = a if low is None else np.maximum(a, low)
    for high in (a_max, max):
        a = a if high is None else np.minimum(a, high)
    return a


def filled(a, fill_value, dtype=None):
    _check_dtype(dtype)
    return Letters(np.broadcast_to(_entries(fill_value), np.shape(a)).copy())


FUNCTIONS = {
    np.where: _where,
    np.dot: _dot,
    np.vdot: lambda a, b: _dot(Letters(a).ravel(), Letters(b).ravel()),
    np.inner: lambda a, b: _dot(a, Letters(b).T if np.ndim(a) else b),
    np.outer: lambda a, b: Letters(a).reshape(-1, 1) * Letters(b).ravel(),
    np.linalg.norm: lambda a, **options: np.sqrt(np.sum(a * a, **options)),
    np.sum: _along(np.add),
    np.prod: _along(np.multiply),
    np.mean: _mean,
    np.max: _along(np.maximum), np.amax: _along(np.maximum),
    np.min: _along(np.minimum), np.amin: _along(np.minimum),
    np.clip: _clip,
    np.full_like: filled,
    np.zeros_like: lambda a, dtype=None: filled(a, 0, dtype),
    np.empty_like: lambda a, dtype=None: filled(a, 0, dtype),
    np.ones_like: lambda a, dtype=None: filled(a, 1, dtype),
    np.copy: lambda a, **_: Letters(a.entries.copy()),
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
}  # fmt: skip

# Functions that only move, or only add and multiply, entries: NumPy's own, on the array of objects.
SUMS = {
    np.cumsum, np.cumprod, np.diff, np.trace, np.tensordot, np.einsum, np.kron, np.convolve,
    np.correlate,
}  # fmt: skip
STRUCTURE = SUMS | {
    np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.squeeze, np.expand_dims,
    np.atleast_1d, np.atleast_2d, np.broadcast_to, np.flip, np.fliplr, np.flipud, np.rot90, np.roll,
    np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack, np.append, np.insert,
    np.delete, np.split, np.array_split, np.repeat, np.tile, np.pad, np.take, np.take_along_axis,
    np.diag, np.diagonal, np.tril, np.triu, np.lib.stride_tricks.sliding_window_view,
}  # fmt: skip

# — and where there is none, the reason —

CANNOT = "cannot be computed on letters:"
REASONS = (
    ({"sort", "argsort", "argmax", "argmin", "median", "partition", "unique", "nonzero"},
     "it must know which entry is larger, and letters have no values yet"),
    ({"isclose", "allclose", "array_equal", "isnan", "isfinite", "isinf", "all", "any"},
     "it asks about values, and letters have none yet. Do the check on numbers"),
    ({"floor", "ceil", "round", "rint", "trunc", "floor_divide", "remainder"},
     "it is flat almost everywhere, so no gradient comes through it"),
    ({"bitwise_and", "bitwise_or", "bitwise_xor", "invert"},
     "it takes conditions such as z > 0, and numbers are none"),
    ({"inv", "solve", "pinv", "det", "lstsq", "eig", "svd"},
     "letters know sums, products and elementary functions, not numerical algorithms"),
    ({"at"}, "it changes an array in place entry by entry. Write a loop with `+=`"),
    ({"accumulate", "reduceat"}, "running results are known for np.cumsum and np.cumprod only"),
    ({"select", "piecewise", "choose"}, "write it with np.where"),
)  # fmt: skip


def _no_formula(name, word):
    why = next((why for words, why in REASONS if word in words), "no formula is known for it here")
    return TypeError(f"{name} {CANNOT} {why}")


@contextlib.contextmanager
def _called(name):
    """An error of type in here names the NumPy function that was called."""
    try:
        yield
    except TypeError as error:
        raise TypeError(f"{name} {CANNOT} {str(error).split(CANNOT)[-1].strip()}") from error


def _check_dtype(dtype):
    if dtype is not None and not np.issubdtype(dtype, np.floating):
        raise TypeError(f"letters are real numbers and cannot become {np.dtype(dtype)}; use float")


def _delivered(result, out):
    if out is None or (isinstance(out, Letters) and out.ndim == 0):
        return result  # NumPy's scalars do not change either: after `s += 1`, s is a new one
    if not isinstance(out, Letters):
        raise TypeError(
            f"letters do not fit into {getattr(out, 'dtype', type(out).__name__)} numbers, where "
            f"`+=` or `out` was to put them. Make that array with np.zeros_like, or run all of it "
            f"with on_letters"
        )
    out.entries[...] = result.entries
    return out


# — below the tables: entries —


def _entries(array):
    if isinstance(array, Letters):
        return array.entries
    if holds_letters(array):
        return np.stack([_entries(part) for part in array])
    spend(np.size(array))
    array = np.asarray(array, object)
    known = all(isinstance(entry, sympy.Basic) for entry in array.flat)
    return array if known else _elementwise(exact, array)


def holds_letters(nested):
    if isinstance(nested, list | tuple):
        return any(isinstance(part, Letters) or holds_letters(part) for part in nested)
    return False


def _elementwise(function, *arrays):
    result = np.empty(np.broadcast_shapes(*(array.shape for array in arrays)), object)
    result[...] = np.frompyfunc(function, len(arrays), 1)(*arrays)
    return result


def _are_conditions(entries):
    return entries.size > 0 and not any(isinstance(entry, Expr) for entry in entries.flat)


def _float(entry):
    try:
        return float(sympy.N(entry, 17))
    except TypeError:
        raise ValueError(f"{_text(entry)} is no real number") from None


def _text(nested):
    if isinstance(nested, list):
        return f"[{', '.join(map(_text, nested))}]"
    return text(nested)


def each(convert, value):
    """`convert` each value in nested lists, tuples and dictionaries."""
    if isinstance(value, dict):
        return {key: each(convert, part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        parts = [each(convert, part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return convert(value)


def _plain(numbers, value):
    """What NumPy's own functions are given: the entries, and floats exactly."""
    value = lettered(value)
    if not isinstance(value, Letters):
        return value
    return _elementwise(as_number, value.entries) if numbers else value.entries


def lettered(value, kinds="f"):
    """An array of floats as letters; anything else as it is."""
    array = isinstance(value, np.ndarray) and value.dtype.kind in kinds
    return Letters(value) if array else value
