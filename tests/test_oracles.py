"""Are the oracles exact where they say so, and is the checker neither blind nor given to alarms?"""

import dataclasses

import numpy as np
import pytest

from backprop import (
    ACTIVATIONS,
    LOSSES,
    Activation,
    Network,
    backward,
    forward,
    loss_of,
    relu,
    sigmoid,
    softmax_cross_entropy,
    squared_error,
)
from backprop.gradcheck import check_gradient, gradient_check
from backprop.oracles import (
    ANALYTIC,
    by_sympy,
    central_differences,
    complex_step,
    epsilon_sweep,
    loss_function,
)

X, Y = np.array([[0.5, -1.0, 2.0], [1.5, 0.3, -0.7]]), np.array([[0.2, 0.9, 0.4]])


@pytest.fixture
def net():
    return Network.random([2, 3, 1], "tanh", seed=1)


def gradients(net, x=X, y=Y):
    return backward(net, forward(net, x), y)


# — the oracles —


def test_the_loss_as_a_function_of_one_vector_is_the_loss_of_the_network(net):
    assert loss_function(net, X, Y)(net.flat()) == loss_of(net, X, Y)


@pytest.mark.parametrize("oracle", [by_sympy, central_differences, complex_step])
def test_an_oracle_gives_arrays_in_the_shapes_of_the_parameters_that_nobody_changes(net, oracle):
    found = oracle(net, X, Y)
    for l in net.W:
        assert (found.W[l].shape, found.b[l].shape) == (net.W[l].shape, net.b[l].shape)
    assert np.allclose(found.flat(), gradients(net).flat(), rtol=1e-7)
    with pytest.raises(ValueError, match="read-only"):
        found.W[1][0, 0] = 0


@pytest.mark.parametrize("oracle", [by_sympy, central_differences, complex_step])
def test_an_oracle_computes_in_float64_whatever_the_network_is(net, oracle):
    single = Network.random([2, 3, 1], "tanh", seed=1, dtype=np.float32)
    double = Network(*([p.astype(float) for p in d.values()] for d in (single.W, single.b)), "tanh")
    assert np.array_equal(oracle(single, X, Y).flat(), oracle(double, X, Y).flat())
    assert oracle(single, X, Y).flat().dtype == np.float64


@pytest.mark.parametrize("oracle", [by_sympy, central_differences, complex_step, gradient_check])
def test_letters_are_refused(oracle):
    with pytest.raises(TypeError, match="letters has no numbers to vary"):
        oracle(Network.letters([2, 1], "tanh"), [1.0, 2.0], [1.0])


@pytest.mark.parametrize("oracle", [central_differences, complex_step, gradient_check])
@pytest.mark.parametrize("eps", [0, -1e-5, float("nan")])
def test_a_step_that_is_not_positive_is_refused(net, oracle, eps):
    with pytest.raises(ValueError, match="ε must be positive, such as 1e-5"):
        oracle(net, X, Y, eps=eps)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("f", [f for f in ANALYTIC if isinstance(f, Activation)], ids=str)
def test_a_complex_step_is_exact_and_silent_where_units_are_saturated(f, loss):
    last = "identity" if LOSSES[loss].logits else f.name
    net = Network(
        [[[900.0], [-900.0]], [[1.0, 2.0], [0.5, -1.0]]], [[0, 0], [0, 0]], [f, last], loss
    )
    y = [0.3, 0.7]
    assert np.allclose(
        complex_step(net, [1.0], y).flat(), gradients(net, [1.0], y).flat(), rtol=1e-12
    )


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_a_complex_step_names_the_activation_that_is_not_analytic(name):
    with pytest.raises(ValueError, match=rf"analytic .* {name} is not .* sigmoid, .*central_diff"):
        complex_step(Network.random([2, 3, 1], [name, "tanh"]), [1.0, 2.0], [1.0])


def test_central_differences_draw_a_v_and_a_complex_step_does_not(net):
    sweep = epsilon_sweep(net, X, Y)
    error = dict(
        zip(np.round(-np.log10(sweep.eps)).astype(int).tolist(), sweep.central, strict=True)
    )
    for k in (1, 2, 3):  # truncation: a tenth of the step, a hundredth of the error
        assert 80 < error[k] / error[k + 1] < 120
    for k in (8, 10):  # rounding: a hundredth of the step, some hundred times the error
        assert 10 < error[k + 2] / error[k] < 1000
    assert 1e-7 < sweep.best < 1e-3
    assert (sweep.one_sided[:5] > 10 * sweep.central[:5]).all()
    assert sweep.complex_step[-5:].max() < 1e-14
    assert "one-sided" in repr(sweep)


def test_a_sweep_goes_without_complex_steps_where_there_are_none():
    sweep = epsilon_sweep(Network.random([2, 3, 1], ["relu", "identity"]), X, Y, eps=(1e-3, 1e-5))
    assert np.isnan(sweep.complex_step).all()
    assert sweep.central[1] < 1e-9


# — the check: no false alarm —


@pytest.mark.parametrize("eps", [1e-1, 1e-3, 1e-5, 1e-7, 1e-9, 1e-11])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_right_gradient_passes_whatever_the_step(activation, eps):
    net = Network.random([2, 5, 1], [activation, "identity"], seed=3)
    assert gradient_check(net, X, Y, eps=eps)


def test_a_right_gradient_passes_where_inputs_are_large_or_units_saturated():
    assert gradient_check(Network.random([2, 5, 1], "tanh", seed=3), 255 * X, Y)
    assert gradient_check(Network.random([2, 5, 1], ["softplus", "identity"]), 100 * X, 1e3 * Y)


def test_single_precision_is_judged_as_such():
    net = Network.random([2, 30, 1], "tanh", seed=3, dtype=np.float32)
    assert gradient_check(net, X, Y)
    grads = gradients(net)
    assert grads.W[1].dtype == np.float32
    assert gradient_check(net, X, Y, grads=grads)
    assert not gradient_check(net, X, Y, grads=grads.flat() * np.float32(1.001))


def test_a_gradient_at_a_kink_is_left_out_and_counted():
    net = Network.random([2, 3, 1], ["relu", "identity"], init="zeros")
    net = net.with_parameters({1: net.W[1], 2: np.ones((1, 3))}, net.b)  # every hidden z is 0
    check = gradient_check(net, [1.0, 2.0], [1.0])
    assert check.ok
    assert [part.kinks for part in check.parts] == [6, 3, 0, 0]
    assert any("9 of 13 entries were left out" in sentence for sentence in check.diagnosis)


def test_a_kink_within_reach_is_seen_too():
    for distance in np.linspace(0, 1e-5, 11):
        for sign in (1, -1):
            net = Network([[[1.0]], [[1.0]]], [[sign * distance], [0]], ["relu", "identity"])
            assert gradient_check(net, [0.0], [1.0]), (sign, distance)


def test_where_nothing_can_be_measured_nothing_is_right():
    net = Network([[[0.0]]], [[0.0]], "relu")
    check = gradient_check(net, [1.0], [1.0])
    assert not check.ok
    assert check.worst is None


def test_a_part_of_which_nothing_was_measured_is_named():
    net = Network([[[1.0], [1.0]], [[1.0, 1.0]]], [[1.0, 2.0], [-7.0]], "relu")
    check = gradient_check(net, [2.0], [1.0])  # z[2] = 0
    assert not check.ok
    net = Network([[[1.0], [1.0]], [[1.0, 1.0]]], [[-2.0, 2.0], [0.0]], ["relu", "identity"])
    check = gradient_check(net, [2.0], [1.0])  # the first of two hidden units is at 0
    assert check.ok
    assert not any("Nothing of" in sentence for sentence in check.diagnosis)
    net = Network([[[1.0]], [[1.0]]], [[-2.0], [0.0]], ["relu", "identity"])
    check = gradient_check(net, [2.0], [1.0])
    assert check.ok
    assert check.diagnosis[-1] == (
        "Nothing of W[1], b[1] could be checked: every entry was left out."
    )
    verdicts = {line.split()[0]: line for line in str(check).splitlines()[2:6]}
    for name, line in verdicts.items():
        assert line.endswith("not checked") == ("[1]" in name), line


def test_beside_a_kink_a_mistake_is_still_seen():
    net = Network([[[1.0, 2.0], [3.0, 1.0]], [[1.0, 1.0]]], [[-3.0, 0], [0]], ["relu", "identity"])
    x, y = [1.0, 1.0], [0.0]  # z = (0, 4)
    assert gradient_check(net, x, y)
    check = gradient_check(net, x, y, grads=2 * gradients(net, x, y).flat())
    assert not check
    assert any("exactly 2 times" in sentence for sentence in check.diagnosis)


# — the check: not blind —


@pytest.mark.parametrize("k", range(13))
def test_one_wrong_entry_is_found_and_named(net, k):
    grads = gradients(net).flat()
    grads[k] *= 1 + 1e-4
    check = gradient_check(net, X, Y, grads=grads)
    names = [f"W[1][{j}, {i}]" for j in range(3) for i in range(2)]
    names += [f"b[1][{j}, 0]" for j in range(3)] + [f"W[2][0, {i}]" for i in range(3)]
    assert not check
    assert check.worst.name == [*names, "b[2][0, 0]"][k]
    assert check.worst.given == grads[k]
    assert check.worst.error == pytest.approx(5e-5, rel=0.02)


def test_twice_the_gradient_differs_by_exactly_a_third(net):
    check = gradient_check(net, X, Y, grads=2 * gradients(net).flat())
    assert all(part.worst.error == pytest.approx(1 / 3, rel=1e-6) for part in check.parts)


def test_a_small_gradient_is_not_too_small_to_check():
    net = Network([[[1.0]], [[1e-6]]], [[0.0], [0.0]], ["tanh", "identity"])
    grads = gradients(net, [1.0], [1.0])
    assert abs(grads.W[1].item()) < 1e-6
    assert gradient_check(net, [1.0], [1.0], grads=grads)
    wrong = {1: 1.01 * grads.W[1], 2: grads.W[2]}, grads.b
    assert not gradient_check(net, [1.0], [1.0], grads=wrong)


@pytest.mark.parametrize(
    ("m", "words"), [(2, r"½ of the loss .* or .* \(m = 2\)"), (4, r"\(m = 4\)")]
)
def test_where_two_mistakes_give_one_number_both_are_named(net, m, words):
    x, y = np.resize(X, (2, m)), np.resize(Y, (1, m))
    check = gradient_check(net, x, y, grads=m * gradients(net, x, y).flat())
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(*check.diagnosis)


def test_a_factor_without_a_name_is_told(net):
    check = gradient_check(net, X, Y, grads=0.37 * gradients(net).flat())
    assert "Each entry there is 0.37 times what it should be, one for all." in check.diagnosis


def test_a_square_gradient_that_is_transposed_is_told():
    net = Network.random([3, 3], "tanh", seed=1)
    x, y = [1.0, -2.0, 0.5], [0.5, 0.1, -0.2]
    grads = gradients(net, x, y)
    check = gradient_check(net, x, y, grads=({1: grads.W[1].T}, grads.b))
    assert check.diagnosis == (
        "W[1]: the transpose of what it should be: the outer product is δ aᵀ (BP4).",
    )


# — the check: what it takes, and leaves alone —


def test_a_gradient_comes_as_gradients_as_a_pair_or_as_a_vector(net):
    grads = gradients(net)
    W, b = ([d[l] for l in (1, 2)] for d in (grads.W, grads.b))
    flat_biases = [v.ravel() for v in b]
    for given in (grads, (grads.W, grads.b), (W, b), [W, flat_biases], grads.flat()):
        assert gradient_check(net, X, Y, grads=given)
        assert gradient_check(net, X, Y, backward=lambda *args, given=given: given)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda W, b: ({2: W[2]}, b), r"^W\[1\]: missing\."),
        (lambda W, b: ({1: W[1], 2: W[2] * np.nan}, b), r"^W\[2\]: it holds NaN or infinity\."),
        (lambda W, b: ({1: W[1][:2], 2: W[2]}, b), r"^W\[1\]: shape \(2, 2\) where \(3, 2\)"),
        (lambda W, b: (W, {1: "none", 2: b[2]}), r"^b\[1\]: not an array of real numbers\."),
        (lambda W, b: (W, {1: 1j * b[1], 2: b[2]}), r"^b\[1\]: not an array of real numbers\."),
    ],
)
def test_what_cannot_be_compared_is_told_and_raises_nothing(net, spoil, words):
    grads = gradients(net)
    check = gradient_check(net, X, Y, grads=spoil(grads.W, grads.b))
    assert not check
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(*check.diagnosis)


def test_what_is_no_gradient_at_all_is_a_type_error(net):
    with pytest.raises(TypeError, match=r"a pair .* of all 13 entries; this is of type NoneType"):
        gradient_check(net, X, Y, backward=lambda net, trace, y: None)


def test_the_function_checked_can_disturb_nothing(net):
    parameters, x, y = net.flat(), X.copy(), Y.copy()

    def meddling(net, trace, y):
        y += 1
        for array in (*net.W.values(), *net.b.values(), *trace.z.values(), *trace.a.values()):
            with pytest.raises(ValueError, match="read-only"):
                array += 1
        return gradients(net)

    assert gradient_check(net, x, y, backward=meddling)
    assert np.array_equal(net.flat(), parameters)
    assert np.array_equal(x, X)
    assert np.array_equal(y, Y)


# — the check: how it reads —


def test_the_report_reads_as_a_table_and_never_changes(net):
    check = gradient_check(net, X, Y)
    assert str(check) == repr(check)
    assert str(check).startswith(
        "Gradient of Network 2-3-1 (tanh, tanh; squared_error), 3 examples"
    )
    assert [line.split()[0] for line in str(check).splitlines()[2:]] == [
        "W[1]", "b[1]", "W[2]", "b[2]",
    ]  # fmt: skip
    assert "WRONG" not in str(check)
    assert "WRONG" in str(gradient_check(net, X, Y, grads=0 * net.flat()))
    with pytest.raises(dataclasses.FrozenInstanceError):
        check.title = "all is well"


def test_the_report_as_html_is_escaped(net):
    name = "<script>alert(1)</script>"
    own = Activation(name, np.tanh, lambda z, a: 1 - a**2)
    text = gradient_check(Network.random([2, 1], own), X, Y)._repr_html_()
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert text.count("<tr>") == 3


# — any function —


@pytest.mark.parametrize("f", ACTIVATIONS.values(), ids=str)
def test_every_activation_passes_the_check_of_any_function(f):
    assert check_gradient(f.value, lambda z: f.slope(z, f.value(z)), np.linspace(-3, 3, 12))


@pytest.mark.parametrize("loss", LOSSES.values(), ids=str)
def test_every_loss_passes_the_check_of_any_function(loss, rng):
    y = np.array([[0.1, 0.6], [0.9, 0.4]])
    a = rng.standard_normal((2, 2))
    assert check_gradient(lambda a: loss.value(a, y), lambda a: loss.slope(a, y), a)


def test_the_corner_of_relu_is_left_out_and_a_wrong_slope_elsewhere_is_not():
    def slope(z):
        return relu.slope(z, None)

    check = check_gradient(relu.value, slope, [-1.0, 0.0, 2.0])
    assert check
    assert check.parts[0].kinks == 1
    assert not check_gradient(relu.value, lambda z: slope(-z), [-1.0, 0.0, 2.0])


def test_a_jacobian_is_wanted_where_entries_mix():
    p = softmax_cross_entropy.predict
    z = np.log([0.2, 0.3, 0.5])
    elementwise = check_gradient(p, lambda z: p(z) * (1 - p(z)), z)
    assert not elementwise
    assert elementwise.diagnosis[-1].endswith("df must be the Jacobian.")
    assert check_gradient(p, lambda z: np.diag(p(z)) - np.outer(p(z), p(z)), z)
    assert check_gradient(sigmoid.value, lambda z: np.diag(sigmoid.slope(z, sigmoid.value(z))), z)
    wide = np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]])
    assert check_gradient(lambda x: wide @ x, lambda x: wide, z)
    assert not check_gradient(lambda x: wide @ x, lambda x: wide.T, z)


def test_a_student_s_own_loss_is_diagnosed():
    y = np.array([[1.0, 0.0, 0.5, 0.2]])
    a = np.array([[0.3, 0.1, 0.9, 0.4]])

    def loss(a):
        return squared_error.value(a, y)

    for factor, words in (
        (4, "no mean over the batch"),
        (1 / 4, "twice"),
        (2, "½"),
        (-1, "uphill"),
    ):
        check = check_gradient(loss, lambda a, factor=factor: factor * (a - y) / 4, a)
        assert not check
        assert words in check.diagnosis[0]


def test_a_number_is_an_array_without_axes():
    assert check_gradient(lambda x: x**3, lambda x: 3 * x * x, 2)
    check = check_gradient(lambda x: x**3, lambda x: 3 * x, 2)
    assert not check
    assert check.worst.name == "df"


def test_a_function_that_changes_its_input_changes_a_copy():
    def f(x):
        x *= x
        return x.sum()

    x = np.array([1.0, 2.0])
    assert check_gradient(f, lambda x: 2 * x, x)
    assert x.tolist() == [1.0, 2.0]
