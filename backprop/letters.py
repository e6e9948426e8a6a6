"""Arrays of letters that NumPy computes with: run NumPy code on them, and out comes its formula.

A `Letters` is an array whose entries are SymPy expressions and which takes part in NumPy's own
dispatch protocols, so `@`, `*`, `.T`, `.sum`, `np.exp`, `np.where`, `np.einsum`, slices and loops
work on it:

>>> w, x = letters("w", (2, 2)), letters("x", 2)
>>> np.tanh(w @ x)
Letters([tanh(w_1_1*x_1 + w_1_2*x_2), tanh(w_2_1*x_1 + w_2_2*x_2)])

What can be written as a formula stands in three tables: `RULES` (NumPy's elementwise functions),
`FUNCTIONS` and `STRUCTURE`. Everything else raises a TypeError that names
the function and says why.
"""

import functools
import math
import numbers
import re
import threading
from unittest import mock

import numpy as np
import sympy
from sympy.logic.boolalg import Boolean

# NumPy's own, whatever on_letters puts in their place
_asarray, _empty, _zeros = np.asarray, np.empty, np.zeros

GREEK = {"delta": r"\delta", "eta": r"\eta"}
PLACE = {
    "w": 1,
    "W": 1,
    "eta": 2,
    "delta": 3,
    "y": 9,
}  # as slides write products: w before δ, δ before a


class Letter(sympy.Symbol):
    r"""A symbol, ASCII in code and typeset as on the slides: the letter, its layer, its indices.

    >>> sympy.latex(Letter("w2_1_3")), sympy.latex(Letter("delta1_2")), sympy.latex(Letter("y_1"))
    ('w^{(2)}_{13}', '\\delta^{(1)}_{2}', 'y_{1}')
    """

    __slots__ = ()

    def __new__(cls, name, **assumptions):
        return super().__new__(cls, name, **{"real": True, **assumptions})

    @property
    def parts(self):
        """The letter, its layer (a string, '' for none) and its indices: ('w', '2', ('1', '3'))."""
        letter, layer, indices = re.fullmatch(r"(\w*?[A-Za-z])(\d*)((?:_\d+)*)", self.name).groups()
        return letter, layer, tuple(indices.split("_")[1:])

    def _latex(self, printer):
        chosen = printer._settings["symbol_names"]
        if self in chosen:
            return chosen[self]
        letter, layer, indices = self.parts
        if letter.startswith("dE_d"):
            return rf"\frac{{\partial E}}{{\partial {printer._print(Letter(self.name[4:]))}}}"
        new = r"\mathrm{new}" if letter.startswith("new_") else ""
        letter = letter.removeprefix("new_")
        comma = "," if any(len(index) > 1 for index in indices) else ""
        above = (f"({layer})" if layer else "") + (rf"\,{new}" if new else "")
        below = comma.join(indices)
        return (
            GREEK.get(letter, letter)
            + (f"^{{{above}}}" if above else "")
            + (f"_{{{below}}}" if below else "")
        )

    def sort_key(self, order=None):
        letter, layer, indices = self.parts
        numbers = "".join(f"_{number:0>4}" for number in (layer or "0", *indices))
        name = (
            f"{PLACE.get(letter, 5)}{letter}{numbers}"  # a string, as SymPy compares it with others
        )
        return self.class_key(), (1, (name,)), sympy.S.One.sort_key(), sympy.S.One


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
    entries = _empty(shape, dtype=object)
    for index in np.ndindex(entries.shape):
        entries[index] = Letter("_".join([name, *(str(i + 1) for i in index)]))
    return Letters(entries)


class Letters(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of SymPy expressions that NumPy computes with.

    `entries` is the object array of the expressions; numbers are taken in exactly (0.5 becomes ½).

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
    dtype = property(lambda self: self.entries.dtype)
    T = property(lambda self: Letters(self.entries.T))

    def __len__(self):
        return len(self.entries)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __getitem__(self, key):
        if isinstance(key, Letters):
            raise TypeError(
                "a mask of letters cannot pick entries: which ones are true is not known yet, so "
                "neither is how many. Write np.where(mask, value, 0)"
            )
        return Letters(self.entries[key])

    def __setitem__(self, key, value):
        if isinstance(key, Letters):
            self.entries[...] = np.where(key, value, self).entries
        else:
            self.entries[key] = _number(_entries(value))

    def __repr__(self):
        return f"Letters({_text(self.entries.tolist())})"

    def _repr_latex_(self):
        return rf"$\displaystyle {self.latex()}$"

    def latex(self):
        """The array typeset, a matrix in brackets: LaTeX without the dollar signs."""
        return sympy.latex(self.item() if not self.ndim else sympy.Matrix(self.entries))

    # — where letters stop and numbers would have to begin —

    def _value(self, kind, instead):
        if self.size == 1 and (self.item().is_number or self.item() in (sympy.true, sympy.false)):
            return kind(self.item())
        raise TypeError(
            f"{kind.__name__}() needs a number; {_text(self.entries.tolist())} has no value yet: "
            f"{instead}"
        )

    def __bool__(self):
        return self._value(
            bool, "for `if`, `and`, `or`, `while` write np.where(condition, value, other)"
        )

    def __float__(self):
        return self._value(
            float,
            "`math.exp`, `float` and an array of floats made outside on_letters take numbers. "
            "Write np.exp(z) and np.zeros_like(z)",
        )

    def __int__(self):
        return self._value(int, "an index or a count must be an ordinary integer")

    __index__ = __int__

    def _sympy_(self):
        raise sympy.SympifyError(self)  # so that symbol * letters is NumPy's multiplication

    def __array__(self, dtype=None, copy=None):
        raise TypeError(
            "np.array, np.asarray and np.float64 would make plain objects of letters. Leave them "
            "as they are, join them with np.stack, or run the function with on_letters"
        )

    # — methods of an array —

    def sum(self, axis=None, dtype=None, out=None, keepdims=False):
        return np.add.reduce(self, axis=axis, keepdims=keepdims)

    def prod(self, axis=None, dtype=None, out=None, keepdims=False):
        return np.multiply.reduce(self, axis=axis, keepdims=keepdims)

    def max(self, axis=None, out=None, keepdims=False):
        return np.maximum.reduce(self, axis=axis, keepdims=keepdims)

    def min(self, axis=None, out=None, keepdims=False):
        return np.minimum.reduce(self, axis=axis, keepdims=keepdims)

    def mean(self, axis=None, dtype=None, out=None, keepdims=False):
        total = self.sum(axis=axis, keepdims=keepdims)
        return total * total.size / self.size

    def dot(self, other):
        return np.dot(self, other)

    def reshape(self, *shape):
        return Letters(self.entries.reshape(*shape))

    def transpose(self, *axes):
        return Letters(self.entries.transpose(*axes))

    def squeeze(self, axis=None):
        return Letters(self.entries.squeeze(axis))

    def ravel(self):
        return Letters(self.entries.ravel())

    def flatten(self):
        return Letters(self.entries.flatten())

    def copy(self):
        return Letters(self.entries.copy())

    def fill(self, value):
        self[...] = value

    def clip(self, low, high):
        return np.minimum(np.maximum(self, low), high)

    def astype(self, dtype, copy=True):
        """As floats, letters stay what they are; a condition becomes 1 where true and 0 else."""
        if not np.issubdtype(dtype, np.floating):
            raise TypeError(
                f"letters are real numbers and cannot become {np.dtype(dtype).name}; use float"
            )
        return Letters(_number(self.entries))

    def item(self):
        """The one SymPy expression of an array that has one entry."""
        return self.entries.item()

    def tolist(self):
        return self.entries.tolist()

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
        """The same, as an array of floats; a letter left over is named in a ValueError.

        >>> z = letters("z", 2)
        >>> np.tanh(z).numbers((z, [0, 1]))
        array([0.        , 0.76159416])
        """
        result = self.subs(*pairs)
        left = sorted({str(s) for entry in result.entries.flat for s in entry.free_symbols})
        if left:
            raise ValueError(f"no number was given for {', '.join(left)}: add a pair (letters, it)")
        return _elementwise(lambda entry: float(sympy.N(entry, 17)), result.entries).astype(float)

    # — NumPy's protocols —

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        if ufunc is np.matmul:
            result = _matmul(*map(_entries, inputs))
        elif ufunc not in RULES:
            raise _no_formula(f"np.{ufunc.__name__}", ufunc.__name__)
        elif method in ("__call__", "outer"):
            arrays = [_entries(x) if ufunc in LOGIC else _number(_entries(x)) for x in inputs]
            if method == "outer":
                arrays[0] = arrays[0].reshape(arrays[0].shape + (1,) * arrays[1].ndim)
            result = _elementwise(RULES[ufunc], *arrays)
        elif method == "reduce" and ufunc in FOLDS:
            result = _fold(
                RULES[ufunc], _entries(inputs[0]), options.get("axis", 0), options.get("keepdims")
            )
        else:
            raise _no_formula(f"np.{ufunc.__name__}.{method}", method)
        if out is None:
            return Letters(result)
        if not isinstance(out[0], Letters):
            raise TypeError(
                f"np.{ufunc.__name__} was to write letters into an array of {out[0].dtype}, as "
                f"`+=` does. Make that array with np.zeros_like, or run all of it with on_letters"
            )
        out[0].entries[...] = result
        return out[0]

    def __array_function__(self, function, types, args, kwargs):
        if function in FUNCTIONS:
            return FUNCTIONS[function](*args, **kwargs)
        if function in STRUCTURE:
            return _wrapped(function(*_unwrapped(args), **_unwrapped(kwargs)))
        module = function.__module__.replace("numpy", "np", 1).removesuffix("._core.multiarray")
        raise _no_formula(f"{module}.{function.__name__}", function.__name__)


# — rules: a NumPy function on the left, its formula on the right —


def _logaddexp(*exponents):
    return sympy.log(sympy.Add(*map(sympy.exp, exponents)))


RULES = {
    np.add: sympy.Add,
    np.subtract: lambda x, y: x - y,
    np.multiply: sympy.Mul,
    np.true_divide: lambda x, y: x / y,
    np.power: sympy.Pow,
    np.float_power: sympy.Pow,
    np.negative: lambda x: -x,
    np.positive: lambda x: x,
    np.reciprocal: lambda x: 1 / x,
    np.square: lambda x: x**2,
    np.sqrt: sympy.sqrt,
    np.absolute: sympy.Abs,
    np.sign: sympy.sign,
    np.exp: sympy.exp,
    np.exp2: lambda x: 2**x,
    np.expm1: lambda x: sympy.exp(x) - 1,
    np.log: sympy.log,
    np.log1p: lambda x: sympy.log(1 + x),
    np.log2: lambda x: sympy.log(x, 2),
    np.log10: lambda x: sympy.log(x, 10),
    np.logaddexp: _logaddexp,
    np.sin: sympy.sin,
    np.cos: sympy.cos,
    np.tan: sympy.tan,
    np.arctan: sympy.atan,
    np.sinh: sympy.sinh,
    np.cosh: sympy.cosh,
    np.tanh: sympy.tanh,
    np.maximum: sympy.Max,
    np.minimum: sympy.Min,
    np.heaviside: lambda x, at_zero: sympy.Piecewise(
        (1, x > 0), (at_zero, sympy.Eq(x, 0)), (0, True)
    ),
    np.greater: sympy.Gt,
    np.greater_equal: sympy.Ge,
    np.less: sympy.Lt,
    np.less_equal: sympy.Le,
    np.equal: sympy.Eq,
    np.not_equal: sympy.Ne,
    np.logical_and: sympy.And,
    np.logical_or: sympy.Or,
    np.logical_not: sympy.Not,
    np.bitwise_and: sympy.And,
    np.bitwise_or: sympy.Or,
    np.invert: sympy.Not,
}
LOGIC = {np.logical_and, np.logical_or, np.logical_not, np.bitwise_and, np.bitwise_or, np.invert}
FOLDS = {np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.logical_and, np.logical_or}


def _where(condition, x, y):
    def choose(c, x, y):
        return sympy.Piecewise((x, c), (y, True))

    return Letters(
        _elementwise(choose, _entries(condition), _number(_entries(x)), _number(_entries(y)))
    )


def _dot(a, b):
    a, b = Letters(a), Letters(b)
    return a * b if 0 in (a.ndim, b.ndim) else a @ b


def _outer(a, b):
    return np.multiply.outer(Letters(a).ravel(), Letters(b).ravel())


def _filled(value):
    def like(a, fill_value=value, dtype=None, **_):
        return Letters(np.full(np.shape(a), exact(fill_value), dtype=object))

    return like


def _method(name):
    return lambda a, *args, **kwargs: getattr(Letters(a), name)(*args, **kwargs)


FUNCTIONS = {
    np.where: _where,
    np.dot: _dot,
    np.vdot: lambda a, b: _dot(Letters(a).ravel(), Letters(b).ravel()),
    np.inner: lambda a, b: _dot(a, Letters(b).T),
    np.outer: _outer,
    np.zeros_like: _filled(0),
    np.empty_like: _filled(0),
    np.ones_like: _filled(1),
    np.full_like: _filled(0),
    np.copy: _method("copy"),
    np.clip: _method("clip"),
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
} | {getattr(np, name): _method(name) for name in ("sum", "prod", "max", "min", "mean")}

# Functions that only move, add and multiply entries: NumPy's own, run on the array of objects.
STRUCTURE = {
    np.reshape, np.ravel, np.transpose, np.swapaxes, np.moveaxis, np.squeeze, np.expand_dims,
    np.atleast_1d, np.atleast_2d, np.broadcast_to, np.flip, np.fliplr, np.flipud, np.rot90, np.roll,
    np.concatenate, np.stack, np.vstack, np.hstack, np.column_stack, np.append, np.insert,
    np.delete, np.split, np.array_split, np.repeat, np.tile, np.pad, np.take, np.diag, np.diagonal,
    np.trace, np.tril, np.triu, np.cumsum, np.cumprod, np.diff, np.tensordot, np.einsum, np.kron,
}  # fmt: skip

REASONS = (
    ({"sort", "argsort", "argmax", "argmin", "median", "partition", "unique", "nonzero"},
     "it must know which entry is larger, and letters have no values yet"),
    ({"isclose", "allclose", "array_equal", "isnan", "isfinite", "isinf"},
     "it asks about values, and letters have none yet. Do the check on numbers"),
    ({"floor", "ceil", "round", "rint", "trunc", "floor_divide", "remainder"},
     "it is flat almost everywhere, so no gradient comes through it"),
    ({"inv", "solve", "pinv", "det", "lstsq", "eig", "svd", "norm"},
     "letters know sums, products and elementary functions, not numerical algorithms"),
    ({"at"}, "it changes an array in place entry by entry. Write a loop with `+=`"),
    ({"accumulate", "reduceat"}, "running results are known for np.cumsum and np.cumprod only"),
)  # fmt: skip


def _no_formula(name, word):
    why = next((why for words, why in REASONS if word in words), "no formula is known for it here")
    return TypeError(f"{name} cannot be computed on letters: {why}")


# — below the rules: entries —


def exact(number):
    """A number as SymPy's: integers and halves, quarters, ... exactly, other floats as floats.

    >>> exact(0.5), exact(-3.0)
    (1/2, -3)
    """
    if isinstance(number, sympy.Basic):
        return number
    if isinstance(number, bool | np.bool_):
        return sympy.true if number else sympy.false
    if isinstance(number, numbers.Integral):
        return sympy.Integer(int(number))
    if isinstance(number, numbers.Real):
        number = float(number)
        if not math.isfinite(number):
            return sympy.sympify(number)
        numerator, denominator = number.as_integer_ratio()
        return (
            sympy.Rational(numerator, denominator) if denominator <= 1024 else sympy.Float(number)
        )
    raise TypeError(
        f"letters compute with real numbers and SymPy expressions; {number!r} is neither"
    )


def _entries(array):
    if isinstance(array, Letters):
        return array.entries
    if isinstance(array, list | tuple):
        array = gather(array)
        return array.entries if isinstance(array, Letters) else _entries(array)
    array = _asarray(array, dtype=object)
    if (
        array.size
        and isinstance(array.flat[0], sympy.Basic)
        and all(isinstance(e, sympy.Basic) for e in array.flat)
    ):
        return array
    return _elementwise(exact, array)


def _elementwise(function, *arrays):
    result = np.frompyfunc(function, len(arrays), 1)(*arrays)
    if not isinstance(result, np.ndarray):  # NumPy unpacks an array without axes
        box = _empty((), dtype=object)
        box[()] = result
        return box
    return result


def _number(entries):
    """In arithmetic a condition counts 1 where it is true and 0 where not, as NumPy's booleans."""

    def number(entry):
        condition = isinstance(entry, Boolean) and not isinstance(entry, sympy.Symbol)
        return sympy.Piecewise((1, entry), (0, True)) if condition else entry

    return _elementwise(number, entries)


def _fold(combine, entries, axis, keepdims):
    axes = tuple(range(entries.ndim)) if axis is None else np.atleast_1d(axis).tolist()
    axes = tuple(ax % entries.ndim for ax in axes) if entries.ndim else ()
    kept = [n for ax, n in enumerate(entries.shape) if ax not in axes]
    rows = np.moveaxis(entries, axes, range(-len(axes), 0)).reshape(
        -1 if 0 not in kept else 0, *[math.prod(entries.shape[ax] for ax in axes)]
    )
    result = _empty(len(rows), dtype=object)
    result[:] = [combine(*_number(row)) for row in rows]
    return result.reshape(
        [1 if ax in axes else n for ax, n in enumerate(entries.shape)] if keepdims else kept
    )


def _matmul(a, b):
    shape = np.matmul(_zeros(a.shape), _zeros(b.shape)).shape  # NumPy's own rules and message
    a = a if a.ndim > 1 else a[None, :]
    b = b if b.ndim > 1 else b[:, None]
    if a.ndim > 2 or b.ndim > 2:
        raise TypeError(
            "np.matmul of letters takes vectors and matrices, not stacks of them: write a loop"
        )
    result = _empty((len(a), b.shape[1]), dtype=object)
    for i, row in enumerate(_number(a)):
        for j, column in enumerate(_number(b.T)):
            result[i, j] = sympy.Add(*map(sympy.Mul, row, column))  # one sum, not a chain of them
    return result.reshape(shape)


def gather(nested, dtype=None, **_):
    """`np.array` for letters: nested letters and floats become Letters, integers do not."""
    if isinstance(nested, Letters):
        return nested.copy()
    if isinstance(nested, list | tuple) and _has_letters(nested):
        return Letters(np.stack([_entries(part) for part in nested]))
    array = _asarray(nested, dtype)
    return Letters(array) if array.dtype.kind in "fO" else array


def _has_letters(nested):
    if isinstance(nested, list | tuple):
        return any(map(_has_letters, nested))
    return isinstance(nested, Letters | sympy.Basic)


def _unwrapped(value):
    if isinstance(value, Letters):
        return value.entries
    if isinstance(value, list | tuple):
        return type(value)(map(_unwrapped, value))
    return {key: _unwrapped(v) for key, v in value.items()} if isinstance(value, dict) else value


def _wrapped(value):
    return type(value)(map(_wrapped, value)) if isinstance(value, list | tuple) else Letters(value)


def _text(nested):
    return (
        f"[{', '.join(map(_text, nested))}]"
        if isinstance(nested, list)
        else sympy.sstr(nested, full_prec=False)
    )


# — a whole function on letters —


def on_letters(function, *args):
    """Run an ordinary NumPy function on letters: arrays made inside it can hold letters too.

    `np.zeros`, `np.empty`, `np.ones`, `np.full`, `np.eye` and `np.array` make Letters while the
    function runs (arrays of integers stay arrays: they are indices). Arguments are copied: a
    function that changes its input changes nothing here. Arrays come back as Letters.

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
    copies = [arg.copy() if isinstance(arg, Letters) else arg for arg in args]
    with mock.patch.multiple(np, **_makers()):
        result = function(*copies)
    if isinstance(result, list | tuple):
        return type(result)(map(_letters_if_array, result))
    return _letters_if_array(result)


def _letters_if_array(value):
    return Letters(value) if isinstance(value, np.ndarray | numbers.Real | sympy.Basic) else value


def _makers():
    """NumPy's makers of arrays with letters in place of floats, for this thread only."""
    here = threading.get_ident()

    def lettered(make):
        @functools.wraps(make)
        def made(*args, **kwargs):
            array = make(*args, **kwargs)
            floats = isinstance(array, np.ndarray) and array.dtype.kind == "f"
            return Letters(array) if floats and threading.get_ident() == here else array

        return made

    makers = {
        name: lettered(getattr(np, name)) for name in ("zeros", "ones", "empty", "eye", "identity")
    }
    makers |= {"full": lettered(_full), "array": lettered(gather)}
    return makers | dict.fromkeys(("asarray", "asanyarray"), lettered(_as_letters))


def _full(shape, fill_value, dtype=None, **_):
    return gather(np.broadcast_to(_entries(fill_value), shape))


def _as_letters(array, dtype=None, **_):
    return array if isinstance(array, Letters) else gather(array, dtype)
