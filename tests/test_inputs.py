"""Is what comes from outside refused where it does not fit, with a word on what would?"""

import numpy as np
import pytest
import sympy

from backprop import Letters, letters
from backprop.inputs import batch, floats, layer_sizes, look_up, named, number


def refusal(error, function, *args):
    with pytest.raises(error) as refused:
        function(*args)
    return str(refused.value)


# — names —


def test_a_thing_of_the_right_kind_needs_no_name():
    assert look_up(3.5, {"pi": 3.14}, float) == 3.5
    assert look_up("pi", {"pi": 3.14}, float) == 3.14


@pytest.mark.parametrize(
    ("name", "near"),
    [("Momentum", "momentum"), ("adma", "adam"), ("gradient-descent", "gradient_descent")],
)
def test_the_nearest_name_is_offered(name, near):
    table = dict.fromkeys(("momentum", "adam", "gradient_descent"))
    words = refusal(ValueError, named, "descent", name, table)
    assert words == (
        f"there is no descent {name!r}; did you mean {near!r}? "
        f"There are: momentum, adam, gradient_descent"
    )


def test_where_no_name_is_near_all_are_listed():
    assert refusal(ValueError, named, "colour", "qqq", {"red": 1, "green": 2}) == (
        "there is no colour 'qqq'. There are: red, green"
    )
    assert "got list" in refusal(TypeError, named, "colour", ["red"], {"red": 1})
    assert "(red) or of type int; got NoneType" in refusal(
        TypeError, look_up, None, {"red": 1}, int
    )


# — numbers —


@pytest.mark.parametrize("value", [0.5, 1, -2, np.float32(0.5), np.int8(3), np.float64(1e300)])
def test_a_number_is_a_float(value):
    assert number("eta", value) == value
    assert type(number("eta", value)) is float


def test_a_letter_is_a_number_too():
    eta = letters("eta")
    assert number("eta", eta) is eta
    assert number("eta", sympy.Symbol("eta")) == sympy.Symbol("eta")


@pytest.mark.parametrize("value", ["0.1", None, True, 1j, [0.1], np.array([0.1]), np.array(0.1)])
def test_what_is_no_number_is_refused(value):
    assert "eta must be a number; got " in refusal(TypeError, number, "eta", value)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_is_finite(value):
    assert refusal(ValueError, number, "eta", value) == f"eta must be finite; got {value}"


# — arrays —


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("given", [[1, 2], (1.5, 2), [True, False], np.arange(3), np.ones((2, 0))])
def test_arrays_are_copied_as_floats(given, dtype):
    array = floats("x", given, dtype)
    assert array.dtype == dtype
    np.testing.assert_array_equal(array, given)
    assert not np.shares_memory(array, given)


def test_letters_are_copied_as_letters():
    x = letters("x", 2)
    copy = floats("x", x)
    copy[0] = 0
    assert isinstance(copy, Letters) and str(x) == "[x_1, x_2]"


@pytest.mark.parametrize("large", [1e200, -1e308, 3e38])
def test_large_numbers_are_finite(large):
    assert floats("x", [large, large])[1] == large


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ([[1, 2], [3]], ValueError, "x is no array: its rows differ in length"),
        (["1"], TypeError, "it holds str"),
        ([None], TypeError, "it holds object"),
        (None, TypeError, "it holds object"),
        ([1j], TypeError, "it holds complex128"),
        (np.array(["2020-01-01"], "M8[D]"), TypeError, "it holds datetime64"),
        ([[0, np.nan]], ValueError, "x holds nan at index (0, 1); it must be a finite float64"),
        ([np.inf, -np.inf], ValueError, "x holds inf at index (0,)"),
        ([letters("x"), 1.0], TypeError, "letters"),
    ],
)
def test_what_is_no_array_of_finite_numbers_is_refused(given, error, words):
    assert words in refusal(error, floats, "x", given)


def test_what_is_too_large_for_the_dtype_is_refused_without_a_warning():
    words = refusal(ValueError, floats, "W[1]", [1.0, 1e39], np.float32)
    assert words == "W[1] holds 1e+39 at index (1,); it must be a finite float32"


@pytest.mark.parametrize(
    ("given", "n", "words"),
    [
        ([1, 2], 3, "x has shape (2,); the layer has 3 units, so x must be (3,) or (3, m)"),
        (np.ones((2, 1)), 3, "x has shape (2, 1); "),
        ([[1, 2, 3]] * 5, 3, "Its rows seem to be examples: pass np.array(x).T"),
        (np.ones((5, 3)), 3, "Its rows seem to be examples: pass x.T"),
        (np.ones(5), 1, "the layer has 1 unit, so x must be (1,) or (1, m)"),
        (np.ones(5), 1, "If it holds an example in each place, pass x[None, :]"),
        (np.ones((3, 0)), 3, "x has shape (3, 0)"),
        (np.ones((3, 1, 1)), 3, "x has shape (3, 1, 1)"),
        (1.0, 1, "x has shape ()"),
        (letters("x", 2), 3, "x has shape (2,)"),
    ],
)
def test_a_batch_has_its_examples_as_columns(given, n, words):
    assert words in refusal(ValueError, batch, "x", given, n, "the layer has")


@pytest.mark.parametrize(
    ("y", "n"),
    [
        (np.array([0.0, 1.0, 1.0]), 1),
        ([0.0, 1.0, 1.0], 1),
        (letters("y", 3), 1),
        (np.ones((3, 2)), 2),
        ([[1.0, 0.0]] * 3, 2),
    ],
    ids=["array", "list", "letters", "rows", "lists"],
)
def test_what_the_refusal_tells_to_pass_does_fit(y, n):
    words = refusal(ValueError, batch, "y", y, n, "the layer has")
    suggestion = words.rpartition("pass ")[2]
    assert batch("y", eval(suggestion, {"np": np, "y": y}), n, "").shape == (n, 3)


def test_a_vector_is_a_batch_of_one():
    assert batch("x", [1, 2], 2, "").shape == (2, 1)
    assert batch("x", letters("x", 2), 2, "").shape == (2, 1)
    assert batch("x", np.ones((2, 5)), 2, "").shape == (2, 5)


# — sizes —


@pytest.mark.parametrize("sizes", [[2, 3, 1], (2, 3, 1), np.array([2, 3, 1]), iter([2, 3, 1])])
def test_sizes_are_whole_numbers(sizes):
    assert layer_sizes(sizes) == (2, 3, 1)
    assert {type(n) for n in layer_sizes([np.int64(2), 1])} == {int}


@pytest.mark.parametrize(
    ("sizes", "error", "words"),
    [
        (3, TypeError, "a list of numbers of units such as [2, 3, 1]; got 3"),
        (None, TypeError, "got None"),
        ("231", TypeError, "'2' is not"),
        ([2, 1.0], TypeError, "1.0 is not"),
        ([2, True], TypeError, "True is not"),
        ([2, [3], 1], TypeError, "[3] is not"),
        ([2, 0, 1], ValueError, "at least one unit; sizes has 0"),
        ([2, -1], ValueError, "sizes has -1"),
        ([2], ValueError, "such as [2, 1]; got [2]"),
        ([], ValueError, "got []"),
    ],
)
def test_sizes_that_make_no_network_are_refused(sizes, error, words):
    assert words in refusal(error, layer_sizes, sizes)
