"""What an answer came to, and where it first differs from what was expected."""

import numbers
from dataclasses import dataclass
from decimal import Decimal

import numpy as np


@dataclass(frozen=True)
class Error:
    """An exception in the student's code: its type, its message, and the line where it was raised.

    `line` is the number in the student's cell, 0 where it is not known; `code` is that line.
    """

    kind: str
    message: str = ""
    line: int = 0
    code: str = ""

    def __str__(self):
        where = f"line {self.line}, `{self.code}`: " if self.line else ""
        return f"{where}{self.kind}{': ' if self.message else ''}{self.message}"


@dataclass(frozen=True, eq=False)
class Reply:
    """What came back for one request: a value, or an error; or the name was not there at all.

    `changed` names the arguments that the function changed.
    """

    value: object = None
    error: Error | None = None
    missing: bool = False
    changed: tuple = ()

    @property
    def empty(self):
        """Whether nothing was answered: no such name, None, `...`, or NotImplementedError."""
        if self.error:
            return self.error.kind == "NotImplementedError"
        return self.missing or blank(self.value)


def blank(value, depth=0):
    """Whether a value is a place that nobody filled: None or `...`, or nothing but these.

    >>> blank(...), blank({"z": ..., "a": ...}), blank((None, None)), blank([]), blank(0)
    (True, True, True, False, False)
    """
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, list | tuple):
        return depth < 8 and bool(value) and all(blank(v, depth + 1) for v in value)
    return value is None or value is Ellipsis


@dataclass(frozen=True)
class Difference:
    """The first place where an answer is not what was expected, and a sentence that says so.

    `kind` is "structure" (no numbers, or too few parts), "shape" or "value".
    """

    kind: str
    sentence: str
    part: str = ""
    index: tuple = ()
    yours: float = 0.0
    expected: float = 0.0


@dataclass(frozen=True)
class Ruler:
    """When two numbers count as the same: within `tolerance` times the largest one expected.

    Or within `least`, whatever is expected. With `flat`, a vector (n,) also counts for a column
    (n, 1) or a row (1, n). An array of one number counts for the number.

    >>> Ruler().difference(np.array([1.0, 2.5]), np.array([1.0, 2.0])).sentence
    'at index 1 stands 2.5; it should be 2'
    >>> Ruler(flat=True).difference([[1.0], [2.0]], np.array([1.0, 2.0]))
    >>> Ruler().same([np.inf, np.nan], np.array([np.inf, np.nan])), Ruler().same(1.0, np.inf)
    (True, False)
    >>> Ruler().difference([[1.0], [2.0]], np.array([1.0, 2.0]), "db").sentence
    'db has shape (2, 1); it should be (2,)'
    """

    tolerance: float = 1e-4
    flat: bool = False
    least: float = 0.0

    def difference(self, yours, expected, name=""):
        """The first Difference of two values, arrays or tuples and lists of them; None if none."""
        if isinstance(expected, tuple | list):
            return self._of_parts(yours, expected, name)
        problem, yours = as_floats(yours)
        if problem:
            return Difference("structure", f"{name or 'the answer'} is {problem}", name)
        return self._of_arrays(yours, np.asarray(expected, dtype=float), name)

    def same(self, yours, expected):
        """Whether there is no difference."""
        return self.difference(yours, expected) is None

    def _of_parts(self, yours, expected, name):
        names = part_names(name, len(expected))
        what = name if name and ", " not in name else "the answer"
        should = f"it should be {len(expected)} things: {', '.join(names)}"
        if not isinstance(yours, tuple | list | np.ndarray) or getattr(yours, "ndim", 1) == 0:
            return Difference("structure", f"{what} is {_what(yours)}; {should}", name)
        if len(yours) != len(expected):
            got = f"a {type(yours).__name__} of {len(yours)}"
            if isinstance(yours, np.ndarray) and yours.dtype != object:
                got = f"one array, of shape {yours.shape}"
            return Difference("structure", f"{what} is {got}; {should}", name)
        for mine, right, part in zip(yours, expected, names, strict=True):
            if found := self.difference(mine, right, part):
                return found
        return None

    def _of_arrays(self, yours, expected, name):
        said = f"{name} " if name else ""
        shape = yours.shape
        if expected.ndim == 0 and yours.size == 1:
            yours = yours.reshape(())
        if self.flat and yours.size == expected.size and max(yours.ndim, expected.ndim) <= 2:
            long = [sum(n != 1 for n in a.shape) for a in (yours, expected)]
            if max(long) <= 1:
                yours = yours.reshape(expected.shape)
        if yours.shape != expected.shape:
            should = expected.shape if expected.ndim else "one number"
            told = f"{name or 'the answer'} has shape {shape}; it should be {should}"
            return Difference("shape", told, name)
        scale = float(np.abs(expected[np.isfinite(expected)]).max(initial=0)) or 1.0
        with np.errstate(all="ignore"):
            near = np.abs(yours - expected) <= max(self.tolerance * scale, self.least)
        wrong = ~(near | (yours == expected) | (np.isnan(yours) & np.isnan(expected)))
        if not wrong.any():
            return None
        index = tuple(map(int, np.argwhere(wrong)[0]))
        mine, right = float(yours[index]), float(expected[index])
        place = f"at index {index[0] if len(index) == 1 else index} " if index else ""
        verb = "is" if name else "stands" if index else "the answer is"
        told = f"{said}{place}{verb} {shown(mine)}; it should be {shown(right)}"
        return Difference("value", told, name, index, mine, right)


def part_names(name, n):
    """Names for n parts: those of `name`, such as "dW, db", or name[0], name[1], ...

    >>> part_names("dW, db", 2), part_names("dW", 2)
    (['dW', 'db'], ['dW[0]', 'dW[1]'])
    """
    names = name.split(", ") if ", " in name else []
    return names if len(names) == n else [f"{name or 'part'}[{k}]" for k in range(n)]


def shown(value):
    """A number as it is told to a student.

    >>> shown(0.1 + 0.2), shown(1e-9), shown(float("nan"))
    ('0.3', '1e-09', 'NaN')
    """
    return "NaN" if np.isnan(value) else f"{value + 0.0:.6g}"  # + 0.0 makes 0 of −0


def as_floats(value):
    """What keeps a value from being an array of real numbers ('' if nothing does), and the array.

    >>> as_floats([1, 2])
    ('', array([1., 2.]))
    >>> as_floats("0.5")[0], as_floats([[1], [2, 3]])[0]
    ("text, '0.5'; it should be numbers", 'a list whose rows differ in length')
    """
    if blank(value):
        return "not there yet", None
    if isinstance(value, str | bytes):
        return f"text, {value[:20]!r}; it should be numbers", None
    if isinstance(value, dict | set) or callable(value):
        return f"{_what(value)}; it should be numbers", None
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and array.size:
            real = numbers.Real | Decimal
            kinds = {_what(v) for v in array.ravel() if not isinstance(v, real)}
            if kinds and not array.ndim:
                return f"{_what(value)}; it should be numbers", None
            if kinds:
                return f"an array that holds {sorted(kinds)[0]}; it should hold numbers", None
        if array.dtype.kind not in "fiubO":
            return f"made of {array.dtype.name}; it should be real numbers", None
        return "", array.astype(float)
    except ValueError:
        return "a list whose rows differ in length", None
    except Exception:  # whatever an object of the student's own does when it is asked for numbers
        return f"{_what(value)}; it should be numbers", None


def _what(value):
    kind = type(value).__name__
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and not value.ndim):
        return "one number"
    return "nothing" if value is None else f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"


# — what a wrong answer looks like, when no mistake of the catalogue fits —


def resemblance(pairs, ruler):
    """A sentence on how all answers relate to what was expected, '' where nothing simple fits.

    `pairs` holds (yours, expected), a case each.

    >>> pairs = [(np.array([2.0, 4.0]), np.array([1.0, 2.0]))]
    >>> resemblance(pairs, Ruler())
    'Every number is 2 times what it should be.'
    """
    pairs = [pair for case in pairs for pair in _leaves(*case)]
    if not pairs or any(yours is None for yours, _ in pairs):
        return ""
    if all(a.ndim == 2 and ruler.same(a.T, b) for a, b in pairs):
        return "Every array is the transpose of what it should be."
    if any(a.shape != b.shape for a, b in pairs):
        sizes = all(a.size == b.size and ruler.same(a.ravel(), b.ravel()) for a, b in pairs)
        return "The numbers are right; only the shape is not." if sizes else ""
    yours, expected = (
        np.concatenate([side.ravel() for side in sides]) for sides in zip(*pairs, strict=True)
    )
    if not np.isfinite(yours).all():
        return ""
    if not yours.any():
        return "Every number is 0." if expected.any() else ""
    factor = float(yours @ expected / (expected @ expected)) if expected.any() else 0.0
    if factor and ruler.same(yours, factor * expected) and abs(factor - 1) > ruler.tolerance:
        if abs(factor + 1) < ruler.tolerance:
            return "Every number has the wrong sign."
        return f"Every number is {factor:.4g} times what it should be."
    if ruler.same(np.sort(yours), np.sort(expected)):
        return "The numbers are right; they stand in other places."
    return ""


def _leaves(yours, expected):
    """Pairs of arrays (None for what is no array); nothing where the parts do not correspond."""
    if isinstance(expected, tuple | list):
        if not isinstance(yours, tuple | list) or len(yours) != len(expected):
            return [(None, None)]
        both = zip(yours, expected, strict=True)
        return [pair for mine, right in both for pair in _leaves(mine, right)]
    return [(as_floats(yours)[1], np.asarray(expected, dtype=float))]
