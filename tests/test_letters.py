"""Does NumPy code give its formula, the same numbers when they are put in, or a clear refusal?

The law that all of this is held to: a function run on letters, with numbers put in for them, gives
what it gives on the numbers.
"""

import builtins
import copy
import math
import pickle
import sys
import threading
import warnings
from collections import namedtuple
from fractions import Fraction

import numpy as np
import pytest
import sympy
from laws import assert_law, drawn, listed
from numpy import zeros as zeros_of_numpy

from backprop import Letters, letters, on_letters
from backprop.letters import FUNCTIONS, RULES, STRUCTURE, Letter, exact
from backprop.letters.rules import BITWISE, FOLDS, LOGIC, OF_CONDITIONS

# — the tables, entry by entry —


def by_name(functions):
    functions = sorted(functions, key=lambda f: f.__name__)
    return pytest.mark.parametrize("f", functions, ids=lambda f: f.__name__)


POSITIVE = {np.sqrt, np.log, np.log2, np.log10, np.power, np.float_power}


@by_name(RULES.keys() - BITWISE)
def test_every_rule_is_what_numpy_computes(f):
    a, b, c = drawn([(2, 3), 3, ()], low=0.2 if f in POSITIVE else -0.9)
    if f.nin == 1:
        for array in (a, b, c, a[:0]):
            assert_law(f, array)
        return
    for pair in ((a, a + 0.1), (a, b), (b, a), (a, c), (c, c), (a, a), (a[:0], b)):
        assert_law(f, *pair)
    assert_law(lambda x: [f(x, 0.5), f(2.0, x), f(x, np.float32(0.25))], abs(a))
    assert_law(f.outer, a, b)


@by_name(LOGIC | OF_CONDITIONS.keys())
def test_conditions_are_combined_as_numpy_combines_booleans(f):
    a, b = drawn([4, 4], -1, 1)
    both = (lambda x, y: f(x > 0, y > 0)) if f.nin == 2 else (lambda x, y: f(x > 0))
    assert assert_law(both, a, b).dtype == bool
    assert_law(lambda x, y: 0 + both(x, y), a, b)


@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1), (-1, 0), (0, 2)], ids=str)
@by_name(FOLDS)
def test_every_fold_goes_along_any_axis(f, axis):
    (a,) = drawn([(2, 3, 2)], -0.9)
    assert_law(lambda x: [f.reduce(x, axis=axis, keepdims=k) for k in (False, True)], a)


def test_folds_of_nothing_and_of_a_single_number():
    for empty in (np.ones((0, 3)), np.ones((3, 0)), np.ones(0)):
        assert_law(lambda x: [np.sum(x), np.sum(x, axis=0), x.prod(axis=-1)], empty)
    assert_law(lambda x: [x.sum(), x.max(), np.mean(x), np.sum(x, axis=0)], np.array(0.3))
    with pytest.raises(ValueError, match="no identity"):
        np.max(letters("z", 0))
    with pytest.raises(np.exceptions.AxisError):
        letters("z", (2, 2)).sum(axis=2)


# How each function f in the tables is called here: on a (2, 3), b (3,), c (2, 3) and s (3, 3).
CALLS = {
    np.where: "f(a > b, a, b), f(a > 0.5, 1, 0), f(a < c, 0.5, c), f(a, 1, c)",
    np.dot: "f(a, b), f(b, b), f(a, s), f(2, a), f(b[0], b), f(b, [1, 2, 0.5])",
    np.vdot: "f(a, c), f(b, b), f(b, [1, 2, 3.0])",
    np.inner: "f(a, b), f(a, c), f(b, b), f(3, b)",
    np.outer: "f(a, b), f(b, [1.0, 2]), f(b, b[0]), f([1, 2], b)",
    np.linalg.norm: "f(b), f(a), f(a - c, axis=1), f(a, axis=0, keepdims=True)",
    np.sum: "f(a), f(a, 0), f(a, axis=-1), f(a, axis=1, keepdims=True), f(b), f(b[0])",
    np.mean: "f(a), f(a, 0), f(a, axis=-1), f(a, axis=(0, 1)), a.mean(1, keepdims=True)",
    np.prod: "f(a), f(a, 0), f(a, axis=1), a.prod(axis=0, keepdims=True)",
    np.max: "f(a), f(a, 0), f(a, axis=1, keepdims=True), a.max(), a.max(axis=-1)",
    np.min: "f(a), f(a, 0), f(a, axis=1, keepdims=True), a.min(), a.min(axis=-1)",
    np.amax: "f(a), f(a, axis=0, keepdims=True)",
    np.amin: "f(a), f(a, axis=0, keepdims=True)",
    np.clip: "f(a, 0.3, 0.5), f(a, b, None), f(a, None, 0.4), f(a, a_min=0.4, a_max=1)",
    np.zeros_like: "f(a), f(a, dtype=float), f(b[0]), f(a, float)",
    np.empty_like: "0 * f(a)",
    np.ones_like: "f(a), f(a[:, :0]), f(b[0], dtype=np.float32)",
    np.full_like: "f(a, 0.5), f(a, b), f(b, a[0, 1]), f(a, fill_value=2)",
    np.copy: "f(a), a.copy(), f(b[0])",
    np.shape: "len(f(a)) * b, f(a)[0] * b",
    np.ndim: "f(a) * b",
    np.size: "f(a) * b, f(a, 0) * b, f(a, axis=1) * b",
    np.reshape: (
        "f(a, (3, 2)), f(a, -1), a.reshape(3, 2), a.reshape((1, -1)), "
        "a.reshape(-1, 1, order='F')"
    ),
    np.ravel: "f(a), a.ravel(), a.flatten(), f(a.T)",
    np.transpose: "f(a), a.T, a.transpose(), a.transpose(1, 0), a.transpose((1, 0)), f(b)",
    np.swapaxes: "f(a, 0, 1), a.swapaxes(0, -1)",
    np.moveaxis: "f(a, 0, 1)",
    np.squeeze: "f(a[:1]), a[:, :1].squeeze(), a[:1].squeeze(axis=0)",
    np.expand_dims: "f(a, 0), f(b, -1)",
    np.atleast_1d: "f(b[0]), f(b)",
    np.atleast_2d: "f(b), f(b[0]), f(a)",
    np.broadcast_to: "f(b, (2, 3))",
    np.flip: "f(a), f(a, 0), f(a, axis=1), a[::-1, ::-1]",
    np.fliplr: "f(a)",
    np.flipud: "f(a)",
    np.rot90: "f(a), f(a, 2)",
    np.roll: "f(a, 1), f(a, 1, axis=1)",
    np.concatenate: "f([a, c]), f((a, s), axis=0), f([[1], b]), f([np.ones(1), b]), f([b, b[:0]])",
    np.stack: "f([b, b]), f([a, c], axis=1), f([b[0], b[1]])",
    np.vstack: "f([a, b]), f((a, np.ones((1, 3))))",
    np.hstack: "f([a, c]), f((1, b)), f([b, 0.5])",
    np.column_stack: "f([b, b]), f([np.ones(2), a])",
    np.append: "f(b, 1), f(1, b), f(a, c, axis=0)",
    np.insert: "f(b, 0, 1), f(a, 1, 0.5, axis=1)",
    np.delete: "f(b, 0), f(a, 1, axis=1)",
    np.split: "f(b, 3), f(a, [1], axis=1)",
    np.array_split: "f(b, 2)",
    np.repeat: "f(b, 2), f(a, 2, axis=0), b.repeat(2)",
    np.tile: "f(b, 2), f(b, (2, 1))",
    np.pad: "f(b, 1), f(a, ((0, 1), (1, 0))), f(b, 1, constant_values=0.5), f(a, 1, mode='edge')",
    np.take: "f(a, [0, 2], axis=1), a.take(1)",
    np.take_along_axis: "f(a, np.array([[0], [2]]), axis=1)",
    np.diag: "f(b), f(s), f(s, 1)",
    np.diagonal: "f(s), s.diagonal()",
    np.tril: "f(s), f(a, -1)",
    np.triu: "f(s), f(a, 1)",
    np.lib.stride_tricks.sliding_window_view: "f(b, 2), f(s, (2, 2)) * 2",
    np.cumsum: "f(a), f(a, axis=1), b.cumsum(), f(a > 0.5)",
    np.cumprod: "f(a), f(a, axis=0)",
    np.diff: "f(b), f(a, axis=0), f(b, n=2)",
    np.trace: "f(s), s.trace(), f(a)",
    np.tensordot: "f(a, b, axes=1), f(a, c, axes=([1], [1])), f(a, c), f(b, b, 0)",
    np.einsum: (
        "f('ij,j->i', a, b), f('ij,kj->ik', a, c), f('ij->', a), f('ii', s), "
        "f('ij,ij->j', a > 0.5, c), f('i,j->ij', b, [0.5, 2]), f('ij,jk,k', a, s, b), "
        "f('ij,j->i', np.ones((2, 3)), b), f('ij,jk,k', a, s, b, optimize=True), f('ij->ji', a)"
    ),
    np.kron: "f(b, b), f(a, s)",
    np.convolve: "f(b, [1, 0.5]), f(b, b[:2], 'valid'), f(b, b, mode='same')",
    np.correlate: "f(b, [1, 0.5]), f(b, b[:2], mode='full')",
}  # fmt: skip


@by_name(FUNCTIONS.keys() | STRUCTURE)
def test_every_function_in_the_tables_is_what_numpy_computes(f):
    def calls(a, b, c, s):
        return eval(f"[{CALLS[f]}]", {"np": np, "f": f, "a": a, "b": b, "c": c, "s": s})

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_law(calls, *drawn([(2, 3), 3, (2, 3), (3, 3)]))


# — what letters cannot do, and say —


def if_branch(z):
    return z if z > 0 else 0 * z


vectorized = np.vectorize(lambda v: 2 * v)


def while_loop(z):
    while z[0] > 0:
        z -= 1
    return z


def floats_of_the_import(z):
    a = zeros_of_numpy(2)
    a[0] = z[0]
    return a


def in_place_into_floats(z):
    a = zeros_of_numpy(2)
    a += z
    return a


def rows_of_floats(z):
    a = zeros_of_numpy((2, 2))
    a[0] = z
    return a


def integers(z):
    a = np.zeros(2, dtype=int)
    a[0] = z[0]
    return a


def masked_pick(z):
    return z[z > 0]


def masked_product(z):
    z[z > 0] *= 2
    return z


def mask_of_many_values(z):
    z[z > 0] = np.array([1.0, 2.0])
    return z


def mask_of_another_shape(z):
    z[(z[:1] > 0)] = 0
    return z


def index_of_letters(z):
    z[z] = 0
    return z


REFUSED = {
    "if": (lambda z: if_branch(z[0]), "`if`", "np.where"),
    "if on an array": (if_branch, "np.where"),
    "while": (while_loop, "`while`", "np.where"),
    "and": (lambda z: z[0] > 0 and z[1] > 0, "`and`", "np.where"),
    "a chain of comparisons": (lambda z: 0 < z[0] < 1, "np.where"),
    "max": (builtins.max, "`max`", "np.maximum"),
    "sorted": (sorted, "np.where"),
    "in": (lambda z: 1 in z, "has no value yet"),
    "math.exp": (lambda z: math.exp(z[0]), "`math`", "np.exp"),
    "float": (lambda z: float(z[0]), "float()", "`float`"),
    "int": (lambda z: int(z[0]), "int()"),
    "range": (lambda z: range(z[0]), "int()", "integers"),
    "zeros from NumPy": (floats_of_the_import, "from numpy import zeros", "np.zeros(n)"),
    "+= into floats": (in_place_into_floats, "float64", "np.zeros_like", "on_letters"),
    "rows of floats": (rows_of_floats, "on_letters"),
    "entries of integers": (integers, "integers"),
    "a mask that picks": (masked_pick, "mask", "np.where(mask, value, 0)"),
    "a mask that picks columns": (lambda z: np.array([z, z])[:, z > 0], "mask", "np.where"),
    "a mask in place": (masked_product, "mask", "np.where"),
    "a mask of many values": (mask_of_many_values, "np.where(mask, values, array)"),
    "np.r_": (lambda z: np.r_[1, z], "np.r_", "np.concatenate"),
    "np.c_": (lambda z: np.c_[z, z], "np.c_", "np.stack"),
    "np.float64": (lambda z: np.float64(z[0]), "np.float64"),
    "np.vectorize outside": (lambda z: vectorized(z), "np.vectorize", "on_letters"),
    "np.vectorize with if": (lambda z: np.vectorize(if_branch)(z), "`if`", "np.where"),
    "if on an entry taken out": (lambda z: if_branch(z.item(0)), "`if`", "np.where"),
    "math.exp of an entry taken out": (lambda z: math.exp(z.tolist()[0]), "`math`", "np.exp"),
    "np.exp of an entry taken out": (lambda z: np.exp(z.item(0)), ".item()", "z[0]"),
    "np.frompyfunc": (lambda z: np.frompyfunc(lambda v: v * 2, 1, 1)(z), "no formula is known"),
    "a ufunc on a list": (lambda z: np.exp([z[0], z[1]]), "np.array works"),
    "asarray of integers": (lambda z: np.asarray(z, dtype=int), "int64", "use float"),
    "zeros_like of booleans": (lambda z: np.zeros_like(z, bool), "np.zeros_like", "bool"),
    "zeros_like of a shape": (lambda z: np.zeros_like(z, shape=3), "np.zeros_like", "shape"),
    "astype(int)": (lambda z: z.astype(int), "int64", "use float"),
    "integer powers": (lambda z: np.add(z, z, dtype=int), "np.add", "int64", "use float"),
    "where=": (lambda z: np.exp(z, where=z > 0), "np.exp", "where"),
    "initial=": (lambda z: np.sum(z, initial=3.0), "np.sum", "initial"),
    "sum(where=)": (lambda z: z.sum(where=z > 0), "np.sum", "where"),
    "sum(dtype=int)": (lambda z: z.sum(dtype=int), "np.sum", "int64"),
    "norm(ord=1)": (lambda z: np.linalg.norm(z, ord=1), "np.linalg.norm", "ord"),
    "& of numbers": (lambda z: z & z, "np.bitwise_and", "conditions"),
    "~ of numbers": (lambda z: ~z, "np.invert", "conditions"),
    "words": (lambda z: z + "1", "np.add", "'1'"),
    "complex numbers": (lambda z: z * 1j, "np.multiply", "1j"),
    "None": (lambda z: z - None, "np.subtract", "None"),
    "stacks": (lambda z: np.ones((2, 2, 2)) @ z, "np.matmul", "stacks"),
    "argmax": (lambda z: z.argmax(), "np.argmax", "which entry is larger"),
    "sort": (np.sort, "np.sort", "which entry is larger"),
    "isnan": (np.isnan, "np.isnan", "asks about values"),
    "allclose": (lambda z: np.allclose(z, 0), "np.allclose", "asks about values"),
    "all": (lambda z: (z > 0).all(), "np.all", "asks about values"),
    "rounding": (lambda z: z.round(3), "np.round", "no gradient"),
    "round": (lambda z: round(z[0], 3), "np.round", "no gradient"),
    "//": (lambda z: z // 2, "np.floor_divide", "no gradient"),
    "%": (lambda z: z % 2, "np.remainder", "no gradient"),
    "inverse": (lambda z: np.linalg.inv(np.array([z, z])), "np.linalg.inv", "numerical algorithms"),
    "add.at": (lambda z: np.add.at(z, [0], 1), "np.add.at", "Write a loop"),
    "accumulate": (np.add.accumulate, "np.add.accumulate", "np.cumsum"),
    "select": (lambda z: np.select([z > 0], [z]), "np.select", "np.where"),
    "where of one": (lambda z: np.where(z > 0), "np.where"),
    "divmod": (lambda z: divmod(z, 2), "np.divmod"),
    "fft": (np.fft.fft, "np.fft.fft", "no formula is known"),
    "an unknown option": (lambda z: np.mean(z, weights=z), "weights"),
    "a list of words": (lambda z: np.array([z[0], "word"]), "'word'"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("function", *["words"]), [(f, w) for f, *w in REFUSED.values()], ids=REFUSED
)
def test_what_has_no_formula_is_refused_by_name(function, words):
    with pytest.raises(TypeError) as refusal:
        on_letters(function, letters("z", 2))
    assert all(word in str(refusal.value) for word in words), refusal.value


def every_function():
    """NumPy's public functions, by name."""
    for module in (np, np.linalg, np.fft, np.lib.stride_tricks, np.emath, np.random):
        for name in sorted(vars(module)):
            function = vars(module)[name]
            if not name.startswith("_") and callable(function) and not isinstance(function, type):
                yield f"{module.__name__}.{name}", function


def tried(function, *args):
    """What comes out, or the error where there is one."""
    with warnings.catch_warnings(), np.printoptions():
        warnings.simplefilter("ignore")
        try:
            return function(*args)
        except Exception as error:
            return error


SKIPPED = (
    "bmat",
    "trapz",
    "isfortran",
    "input",
    "load",
    "save",
    "file",
    "txt",
    "from",
    "seed",
    "state",
    "bit_generator",
    "print",
    "test",
    "info",
    "show",
)


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(f, id=name)
        for name, f in every_function()
        if not any(w in name for w in SKIPPED)
    ],
)
def test_no_function_of_numpy_is_silently_wrong(function):
    for arguments in (
        lambda x: [x],
        lambda x: [x, x],
        lambda x: [x, 1],
        lambda x: [1, x],
        lambda x: [x, x, x],
    ):
        p, (a,) = letters("p", (2, 2)), drawn([(2, 2)])
        ours, expected = tried(function, *arguments(p)), tried(function, *arguments(a))
        p, (a,) = letters("p", (2, 2)), drawn([(2, 2)])  # the function may have changed its input
        if isinstance(expected, Exception) or function in (np.empty, np.empty_like):
            continue
        if isinstance(ours, Exception):
            assert isinstance(ours, TypeError | ValueError), repr(ours)
            assert function.__name__ in str(ours) or "on_letters" in str(ours), ours
            continue
        for got, right in zip(listed(ours), listed(expected), strict=True):
            if isinstance(got, Letters):
                assert np.allclose(got.numbers((p, a)), np.asarray(right, float))
            else:
                assert got is right or got == right


# — a whole function on letters —


def changes_its_input(w, layers, table):
    w[0] = 0
    layers[0] *= 2
    table["b"] -= 1
    return [w, layers, table]


def test_a_function_that_changes_its_input_changes_nothing_here():
    w, a, b = letters("w", 2), letters("a", 2), letters("b", 2)
    results = on_letters(changes_its_input, w, [a], {"b": b})
    assert (
        str(results)
        == "[Letters([0, w_2]), [Letters([2*a_1, 2*a_2])], {'b': Letters([b_1 - 1, b_2 - 1])}]"
    )
    assert [str(v) for v in (w, a, b)] == ["[w_1, w_2]", "[a_1, a_2]", "[b_1, b_2]"]


def test_floats_given_become_letters_and_integers_stay_indices():
    def pick(w, x, chosen):
        x *= w
        return x[chosen]

    x = np.array([0.5, 2, 3])
    assert str(on_letters(pick, letters("w", 3), x, np.array([0, 2]))) == "[w_1/2, 3*w_3]"
    assert x[0] == 0.5


def test_results_come_back_in_their_containers():
    Pair = namedtuple("Pair", ["sum", "shape"])
    z = letters("z", 2)
    result = on_letters(
        lambda z: (Pair(z.sum(), z.shape), {"a": [np.ones(1), 1.5, "text", None]}), z
    )
    assert result[0].sum.item() == z.sum().item() and list(result[0].shape) == [Letters(2)]
    assert str(result[1]) == "{'a': [Letters([1]), Letters(3/2), 'text', None]}"


def row_sums(w):
    total = np.zeros(w.shape[0])
    for j, row in enumerate(w):
        total[j] += np.sum([row[0], row[1]])
    return total


NAMES = ("zeros", "array", "asarray", "full", "sum", "where", "zeros_like")


def test_numpy_is_itself_again_afterwards():
    before = [vars(np)[name] for name in NAMES]
    on_letters(lambda z: np.zeros(2) + z, letters("z", 2))
    with pytest.raises(ZeroDivisionError):
        on_letters(lambda z: 1 / 0, letters("z"))
    with pytest.raises(KeyboardInterrupt):
        on_letters(lambda z: (_ for _ in ()).throw(KeyboardInterrupt), letters("z"))
    assert all(vars(np)[name] is own for name, own in zip(NAMES, before, strict=True))


def test_on_letters_may_be_nested():
    before = [vars(np)[name] for name in NAMES]

    def outer(z):
        inner = on_letters(row_sums, letters("w", (1, 2)))
        return inner + np.zeros(1) + np.array([z[0]]) + np.full(1, z[1])

    assert str(on_letters(outer, letters("z", 2))) == "[w_1_1 + w_1_2 + z_1 + z_2]"
    assert all(vars(np)[name] is own for name, own in zip(NAMES, before, strict=True))


def test_other_threads_see_numpy_as_it_is():
    inside, go_on = threading.Event(), threading.Event()

    def waits(z):
        inside.set()
        assert go_on.wait(10)
        return np.zeros(2) + z

    results = []
    thread = threading.Thread(target=lambda: results.append(on_letters(waits, letters("z", 2))))
    thread.start()
    assert inside.wait(10)
    others = np.zeros(2), np.array([1.0]), np.full(1, 0.5), np.sum([0.5, 1]), np.asarray([[2.0]])
    go_on.set()
    thread.join()
    assert [type(v) for v in others] == [np.ndarray] * 3 + [np.float64, np.ndarray]
    assert isinstance(results[0], Letters)


def test_many_threads_leave_numpy_as_it_was():
    before = [vars(np)[name] for name in NAMES]
    failures, interval = [], sys.getswitchinterval()

    def work():
        try:
            for _ in range(5):
                assert str(on_letters(row_sums, letters("w", (1, 2)))) == "[w_1_1 + w_1_2]"
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failures
    assert all(vars(np)[name] is own for name, own in zip(NAMES, before, strict=True))


def test_numpys_own_code_makes_its_own_arrays_meanwhile():
    def pads(z):
        constants = np.cov(np.ones(3).entries.astype(float)), np.pad(np.arange(3), 1)
        return np.pad(z, 1) + float(constants[0]) + constants[1][0]

    assert str(on_letters(pads, letters("z", 1))) == "[0, z_1, 0]"


# — where formulas would grow without end —


def squares(z):
    for _ in range(1000):
        z = z * z + z
    return z


def trains(w):
    for _ in range(1000):
        a = 1 / (1 + np.exp(-w))
        w = w - 0.5 * (a - 1) * a * (1 - a)
    return w


def recurs(z):
    h = z
    for _ in range(1000):
        h = np.tanh(z * h + 1)
    return h


def adds_powers(z):
    return sum(z[0] ** i for i in range(10_000))


def waits_for_a_sum(z):
    while True:
        z = z + 1


def waits_for_nothing(z):
    while True:
        z = 1 * z


def nested_cases(z):
    for i in range(1000):
        z = np.where(z > i, z * z[::-1], 0)
    return z


def squares_numbers(z):
    number = np.full(2, 1.5)
    for _ in range(1000):
        number = number * number + 1
    return number * z


def squares_what_it_took_out(z):
    total = z.item(0)
    for _ in range(60):
        total = total * total + total
    return total


ENDLESS = [
    squares, trains, recurs, adds_powers, waits_for_a_sum, waits_for_nothing, nested_cases,
    squares_numbers, squares_what_it_took_out,
    lambda z: np.full(2, 3.0) ** 10**8 * z,
    lambda z: np.exp2(np.full(2, 10.0**9)) * z,
    lambda z: np.zeros((10**4, 10**4)) + z[0],
    lambda z: np.arange(1e7).prod() * z,
]  # fmt: skip


@pytest.mark.parametrize("function", ENDLESS, ids=lambda f: f.__name__)
def test_what_would_not_end_is_stopped(function):
    with pytest.raises(OverflowError, match=r"formulas of this function .* for fewer"):
        on_letters(function, letters("z", 2))
    assert str(on_letters(np.copy, letters("z", 2))) == "[z_1, z_2]"  # it is over


def test_a_budget_is_counted_in_symbols_written_out():
    w, x = letters("w", 2), letters("x", 2)
    assert str(on_letters(np.multiply, w, x, most=100)) == "[w_1*x_1, w_2*x_2]"
    for function, most in ((np.multiply, 20), (lambda w, x: np.ones(99)[:2] * w, 90)):
        with pytest.raises(OverflowError, match=f"beyond {most} symbols"):
            on_letters(function, w, x, most=most)


def test_deep_choices_are_formulas_too():
    def network(x):
        for _ in range(12):
            x = np.where(x @ np.ones((2, 2)) > 1, x @ np.array([[1, 2], [0.5, -1]]), 0)
        return x

    def sums(x):
        return np.where(np.where(x > 0.3, x, 0).sum() > 0, x, np.where(x > 0.5, 1, 0))

    with pytest.raises(OverflowError):
        on_letters(network, letters("x", 2))
    for x in ([0.1, 0.2], [0.4, 0.9], [0.1, 0.7]):
        formula = assert_law(sums, np.array(x))
        x_1 = letters("p", 2)[0].item()
        assert formula.entries[0].diff(x_1).xreplace({x_1: 1, letters("p", 2)[1].item(): 2}) == 1


# — an array of letters among arrays —


def test_what_an_array_is_asked():
    w = letters("w", (2, 3))
    assert (w.shape, w.ndim, w.size, len(w), w.dtype, (w > 0).dtype) == (
        (2, 3),
        2,
        6,
        2,
        float,
        bool,
    )
    assert [str(row) for row in w[:, :1]] == ["[w_1_1]", "[w_2_1]"]
    assert f"{w[0, 0]:.3f} {w[0]}" == "w_1_1 [w_1_1, w_1_2, w_1_3]"
    with pytest.raises(AttributeError, match="no 'strides'"):
        w.strides  # noqa: B018
    with pytest.raises(TypeError, match="unhashable"):
        hash(w)


def test_a_name_must_be_a_letter():
    for name in ("", "2w", "w-1", "w_1", 3, None):
        with pytest.raises(ValueError, match="cannot name letters"):
            letters(name, 2)


def test_a_slice_is_a_view_and_an_entry_is_a_value():
    z = letters("z", 3)
    entry, row = z[0], z[1:]
    same = entry
    entry += 1
    row += 1
    assert [str(v) for v in (same, entry, z)] == ["z_1", "1 + z_1", "[z_1, 1 + z_2, 1 + z_3]"]


def test_an_entry_takes_one_value():
    z = letters("z", 3)
    z[0] = np.ones(1)
    z[1:] = [0.5, Fraction(1, 3)]
    assert str(z) == "[1, 1/2, 1/3]"
    with pytest.raises(ValueError, match="size 1"):
        z[0] = letters("y", 2)
    with pytest.raises(ValueError, match="broadcast"):
        z[:2] = letters("y", 3)


def test_an_entry_taken_from_an_array_is_stored_as_what_it_is():
    z, b, w = letters("z", 2), letters("b", 2), letters("w", (2, 2))
    z[0] = b[1]
    z[1:] = b[0]
    w[0, 1] = w[..., 0] = np.array(b[0].item(), object)
    w[1][1] = b[1]
    assert str(z) == "[b_2, b_1]"
    assert str(w) == "[[b_1, b_1], [b_1, b_2]]"
    assert all(isinstance(entry, sympy.Expr) for array in (z, w) for entry in array.entries.flat)
    z[...] = b[0]
    z.fill(b[1])
    assert z.tolist() == [b[1].item()] * 2


def test_a_mask_covers_the_first_axes():
    def silence(d, z):
        d[z > 0.5] = 0
        return d

    assert_law(silence, *drawn([(3, 2), 3]))
    assert_law(silence, *drawn([(3, 3), 3]))
    for wrong in (2, (3, 1), (3, 2, 1)):
        with pytest.raises(IndexError, match=r"did not match|too many indices"):
            on_letters(silence, letters("d", (3, 2)), letters("z", wrong))
    with pytest.raises(IndexError, match="no index"):
        letters("z", 2)[letters("y", 2)] = 0


def test_conditions_count_one_where_they_hold():
    z = letters("z", 2)
    assert str((z > 0) * z[0]) == "[z_1*(1 if z_1 > 0 else 0), z_1*(1 if z_2 > 0 else 0)]"
    assert ((z > 0) + 0).numbers((z, [1, -1])).tolist() == [1, 0]
    assert (z > 0).numbers((z, [1, -1])).tolist() == [1, 0]
    assert (z > 0).astype(bool).dtype == bool and (z > 0).astype(np.int8).dtype == float


def test_letters_meet_numbers_exactly():
    z = letters("z")
    assert str(
        [0.5 * z, z * Fraction(1, 3), np.float32(0.25) * z, np.int8(3) * z, True * z, z * sympy.pi]
    ) == ("[Letters(z/2), Letters(z/3), Letters(z/4), Letters(3*z), Letters(z), Letters(pi*z)]")
    assert (np.e**z).item() == sympy.exp(z.item()) and exact(math.pi) == sympy.pi
    assert exact(0.1) == sympy.Float(0.1) and exact(1e300) == sympy.Float(1e300)
    assert exact(-np.inf) == -sympy.oo and exact(np.nan) == sympy.nan
    assert exact(2.0**53 - 1) == 2**53 - 1 and exact(np.uint8(200)) == 200


def test_symbols_and_arrays_of_numbers_stand_on_either_side():
    z = letters("z", 2)
    other = sympy.Symbol("c")
    assert str([other * z, z * other]) == "[Letters([c*z_1, c*z_2]), Letters([c*z_1, c*z_2])]"
    assert str(np.ones((1, 2)) @ z) == str(np.array([[1, 1]]) @ z) == "[z_1 + z_2]"
    assert str(np.array([0.5, 2]) * z) == "[z_1/2, 2*z_2]"


def test_another_array_type_may_take_over():
    class Other:
        def __array_ufunc__(self, ufunc, method, *inputs, **options):
            return "taken over"

    assert letters("z", 2) + Other() == Other() * letters("z", 2) == "taken over"


def test_letters_can_be_copied_and_pickled():
    z = letters("z", 2)
    for twin in (copy.copy(z), copy.deepcopy(z), pickle.loads(pickle.dumps(z)), z.copy()):
        assert str(twin - z) == "[0, 0]"
    shallow = z.copy()
    shallow[0] = 0
    assert str(z) == "[z_1, z_2]"


def test_numbers_must_be_given_for_every_letter_and_be_real():
    z, y = letters("z", 2), letters("y", 2)
    with pytest.raises(ValueError, match="no number was given for y_1, z_2"):
        (z * y).numbers((z[0], 1), (y[1], 2))
    for wrong in (1 / z, np.log(z - 1), np.sqrt(z - 1)):
        with pytest.raises(ValueError, match="no real number"):
            wrong.numbers((z, [0, 0]))
    with pytest.raises(ValueError, match="broadcast"):
        z.numbers((z, [1, 2, 3]))
    assert (1 / (1 + np.exp(-z))).numbers((z, [-1000, 1000])).tolist() == [0, 1]
    assert str(z.subs((z, y[::-1]))) == "[y_2, y_1]"


# — as on the slides —


def test_products_are_written_as_on_slides():
    w, delta, a, z, eta = (letters(name) for name in ("w2", "delta2", "a1", "z1", "eta"))
    assert str(a * delta * w * eta) == "w2*eta*delta2*a1"
    assert str(a**2 * w**2 * delta) == "w2**2*delta2*a1**2"
    assert str(-2 * z * w) == "-2*w2*z1"
    row = letters("w", 12) @ letters("x", 12)
    assert str(row).startswith("Letters(w_1*x_1 + w_2*x_2") or "w_2*x_2 + w_3*x_3" in str(row)


@pytest.mark.parametrize("seed", range(20))
def test_letters_and_other_expressions_sort_together(seed):
    """SymPy asks for an order of everything where it chooses a sign, for -e if not for e."""
    rng = np.random.default_rng(seed)
    pool = [Letter(n) for n in ("w1_1_2", "a1_1", "delta2_1", "x")] + [
        sympy.Symbol("a"),
        sympy.Dummy("x"),
        sympy.S(2),
    ]
    for _ in range(30):
        operation = [
            sympy.Add,
            sympy.Mul,
            sympy.Pow,
            lambda p, q: p - q,
            lambda p, _: sympy.tanh(p),
        ]
        pool.append(operation[rng.integers(5)](*(pool[i] for i in rng.integers(0, len(pool), 2))))
        if pool[-1].count_ops() > 40 or not pool[-1].is_finite:
            pool.pop()
    for e in pool:
        assert e.is_number or e.could_extract_minus_sign() != (-e).could_extract_minus_sign()
    sorted(pool, key=sympy.default_sort_key)


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("w2_1_3", "w^{(2)}_{13}"), ("w1_10_2", "w^{(1)}_{10,2}"), ("x_1", "x_{1}"), ("E", "E"),
        ("delta1_2", r"\delta^{(1)}_{2}"), ("eta", r"\eta"),
        ("beta", r"\beta"), ("rho1_2", r"\rho^{(1)}_{2}"), ("lambda", r"\lambda"),
        ("alpha_1", r"\alpha_{1}"), ("mu2", r"\mu^{(2)}"), ("epsilon", r"\varepsilon"),
        ("dE_dw1_1_2", r"\frac{\partial E}{\partial w^{(1)}_{12}}"),
        ("new_w1_1_2", r"w^{(1)\,\mathrm{new}}_{12}"),
    ],
)  # fmt: skip
def test_a_letter_is_typeset(name, latex):
    assert sympy.latex(Letter(name)) == latex
    assert sympy.latex(Letter(name), symbol_names={Letter(name): "7"}) == "7"


def test_arrays_are_typeset():
    assert letters("z").latex() == "z"
    assert letters("z", 2).latex() == r"\left[\begin{matrix}z_{1}\\z_{2}\end{matrix}\right]"
    assert letters("w", (1, 2)).latex() == r"\left[\begin{matrix}w_{11} & w_{12}\end{matrix}\right]"
    assert (letters("z", 1) > 0).latex() == r"\left[\begin{matrix}z_{1} > 0\end{matrix}\right]"
    assert letters("k", (1, 1, 1)).latex().count("matrix") == 4
    assert (letters("a") - letters("y")).latex() == "a - y"
    assert str(1 / (1 + np.exp(-letters("z"))) - letters("y")) == "1/(1 + exp(-z)) - y"
    assert letters("z")._repr_latex_() == r"$\displaystyle z$"
    assert letters("z", 0).latex() == r"\left[\begin{matrix}\end{matrix}\right]"
