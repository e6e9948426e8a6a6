"""Values over a pipe, as lengths, names and raw bytes: nothing that is read is ever executed.

A message is 8 bytes of length, a header in JSON of at most that length, and the bytes of the arrays
in order. A value in the header is a tree of `[kind, ...]`:

    ["array", dtype, shape]   its bytes follow the header     ["list", [...]], ["tuple", [...]]
    ["text", string]          ["none"]   ["skip"]  (...)      ["dict", [[key, value], ...]]
    ["number", Python's own]  ["scalar", an array of one]
    ["odd", name of a type]   for what is no value to be judged
"""

import json
import math
import struct

import numpy as np

from backprop.questions.outcomes import as_floats

DTYPES = {d: np.dtype(d) for d in ("|b1", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8")}
DTYPES |= {d: np.dtype(d) for d in ("<f2", "<f4", "<f8")}
HEADER, BYTES, DEEP, NODES = 1 << 20, 64 << 20, 12, 5000  # the most that is read of each
ANSWER = 16 << 20  # bytes of all arrays in one answer
FUNCTION = "a function, as text"  # the key by which an argument that is one is known
LENGTH = struct.Struct("<q")


class Garbled(ValueError):
    """What came over the pipe is no message."""


# — values to trees —


def packed(value, arrays, depth=0):
    """The tree of a value; its arrays are appended to `arrays`.

    >>> packed((1.5, [None, "x"]), [])
    ['tuple', [['number', 1.5], ['list', [['none'], ['text', 'x']]]]]
    """
    if value is None or value is Ellipsis:
        return ["none"] if value is None else ["skip"]
    if type(value) in (bool, int, float) and (type(value) is not int or abs(value) < 2**63):
        return ["number", value]
    if depth > DEEP:
        return ["odd", "nested too deeply"]
    if isinstance(value, str):
        return ["text", value[:10_000].encode("utf-8", "replace").decode()]
    if isinstance(value, dict):
        pairs = [[str(k)[:200], packed(v, arrays, depth + 1)] for k, v in [*value.items()][:NODES]]
        return ["dict", pairs]
    if isinstance(value, tuple | list):
        array = _array(value) if len(value) > NODES else None
        if array is None:
            kind = "tuple" if isinstance(value, tuple) else "list"
            return [kind, [packed(v, arrays, depth + 1) for v in value[:NODES]]]
        value = array
    array = _array(value)
    if array is None:
        return ["odd", type(value).__name__[:100]]
    arrays.append(array)
    tree = ["array", array.dtype.str, list(array.shape)]
    return ["scalar", tree] if isinstance(value, np.generic) else tree


def _array(value):
    """The value as an array of a dtype on the list, or None where it does not stand for numbers."""
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":  # of fractions, decimals or SymPy's numbers, it may be
            array = as_floats(array)[1]
        if type(array) is not np.ndarray or array.dtype.kind not in "biuf":
            return None
        if array.dtype.str not in DTYPES:  # long doubles, other byte orders
            array = array.astype(float if array.dtype.kind == "f" else "<i8")
        return np.ascontiguousarray(array).reshape(array.shape)
    except Exception:  # an object of the student's own may fail at anything
        return None


def unpacked(tree, arrays, depth=0):
    """The value of a tree, with its arrays from an iterator. Raises Garbled for what is no tree.

    What was odd comes back as an :class:`Odd`, of a type of the same name.
    """
    if not isinstance(tree, list) or not tree or depth > DEEP + 1:
        raise Garbled("a value is no tree")
    kind, *rest = tree
    if kind in ("none", "skip") and not rest:
        return None if kind == "none" else Ellipsis
    if len(rest) == 1 and kind in ("text", "odd") and isinstance(rest[0], str):
        return rest[0] if kind == "text" else odd(rest[0])
    if len(rest) == 1 and kind == "number" and type(rest[0]) in (bool, int, float):
        return rest[0]
    if len(rest) == 1 and kind in ("list", "tuple") and isinstance(rest[0], list):
        made = [unpacked(item, arrays, depth + 1) for item in rest[0]]
        return made if kind == "list" else tuple(made)
    if len(rest) == 1 and kind == "dict" and isinstance(rest[0], list):
        pairs = [pair for pair in rest[0] if isinstance(pair, list) and len(pair) == 2]
        if len(pairs) == len(rest[0]) and all(isinstance(k, str) for k, _ in pairs):
            return {k: unpacked(v, arrays, depth + 1) for k, v in pairs}
    if kind == "scalar" and len(rest) == 1:
        value = unpacked(rest[0], arrays, depth + 1)
        return value[()] if isinstance(value, np.ndarray) else value
    if kind == "array" and len(rest) == 2:
        return next(arrays)
    raise Garbled("a value is no tree")


class Odd:
    """A value that could not be sent: only the name of its type came."""


def odd(name):
    """An Odd whose type has that name, so that a sentence on it names what it was.

    >>> type(odd("generator")).__name__, type(odd("<b>")).__name__
    ('generator', 'object')
    """
    return type(name if name.isidentifier() else "object", (Odd,), {})()


# — messages —


def message(header, value=None, most=BYTES):
    """The bytes of a message: a dict of plain JSON, and a value, odd if it has more than `most`."""
    arrays = []
    text = json.dumps(header | {"value": packed(value, arrays)}).encode()
    if len(text) > HEADER or sum(a.nbytes for a in arrays) > most:
        arrays, text = [], json.dumps(header | {"value": ["odd", "more than fits"]}).encode()
    return b"".join([LENGTH.pack(len(text)), text, *(array.tobytes() for array in arrays)])


def send(pipe, header, value=None):
    """Write a message."""
    pipe.write(message(header, value))
    pipe.flush()


def receive(pipe, most=BYTES):
    """Read a message: the header, and the value. Raises Garbled; EOFError at the end.

    Lengths, dtypes and shapes are checked before a byte is taken; no more than `HEADER` and `most`
    bytes are read, whatever the header claims.
    """
    (n,) = LENGTH.unpack(_exactly(pipe, LENGTH.size))
    if not 0 < n <= HEADER:
        raise Garbled(f"a header of {n} bytes; at most {HEADER} are read")
    try:
        header = json.loads(_exactly(pipe, n))
        if not isinstance(header, dict):
            raise Garbled("a header that is no object")
        tree = header.pop("value", ["none"])
        shapes = [*_arrays_of(tree)]
    except (ValueError, RecursionError) as error:
        raise Garbled(f"a header that cannot be read: {type(error).__name__}") from None
    if len(shapes) > NODES or sum(dtype.itemsize * n for dtype, _, n in shapes) > most:
        raise Garbled(f"arrays of more than {most} bytes")
    data = [(_exactly(pipe, dtype.itemsize * n), dtype, shape) for dtype, shape, n in shapes]
    try:
        arrays = [np.frombuffer(part, dtype).reshape(shape) for part, dtype, shape in data]
    except ValueError:  # none of one length and too many of another: NumPy has no such shape
        raise Garbled("an array of no possible shape") from None
    return header, unpacked(tree, iter(arrays))


def _arrays_of(tree, depth=0):
    """(dtype, shape, size) of each array in a tree, in order."""
    if depth > 2 * DEEP + 4:
        raise Garbled("a value is nested too deeply")
    if isinstance(tree, list) and tree[:1] == ["array"]:
        _, name, shape = tree if len(tree) == 3 else (0, 0, 0)
        small = isinstance(shape, list) and len(shape) <= 8
        if not isinstance(name, str) or name not in DTYPES or not small:
            raise Garbled("an array of no known kind")
        if not all(type(n) is int and 0 <= n <= BYTES for n in shape):
            raise Garbled("an array of no known shape")
        yield DTYPES[name], tuple(shape), math.prod(shape)
    elif isinstance(tree, list):
        for item in tree:
            yield from _arrays_of(item, depth + 1)


def _exactly(pipe, n):
    chunks = []
    while n:
        chunk = pipe.read(min(n, 1 << 20))
        if not chunk:
            raise EOFError("the pipe was closed")
        chunks.append(chunk)
        n -= len(chunk)
    return b"".join(chunks)
