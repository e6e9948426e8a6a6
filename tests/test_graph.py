"""Is the gradient of any graph right: each slope in the table, each path once, twice over?"""

import math

import numpy as np
import pytest
import sympy

from backprop import Letters, Network, activation, backward, forward, letters, loss_of
from backprop.graph import FLAT, SLOPES, Node, adjoints, gradient, topological_order

POINT = (0.7, 1.9)  # where every operation in the table is defined and smooth


def random_function(seed):
    """A random program of smooth operations on (x, y), of which each result may be used again."""
    rng = np.random.default_rng(seed)
    recipe = [(rng.integers(6), rng.integers(0, k, 2)) for k in range(2, 12)]

    def f(x, y):
        values = [x, y]
        for operation, (i, j) in recipe:
            a, b = values[i], values[j]
            values.append(
                [a + b, a * b, a - b, np.tanh(a), np.exp(-a * a), a / (1 + b**2)][operation]
            )
        return sum(values)

    return f


@pytest.mark.parametrize("operation", SLOPES, ids=lambda operation: operation.__name__)
def test_every_slope_is_the_derivative_that_sympy_takes(operation):
    x = [letters(name) for name in ("x", "y")[: operation.nin]]
    z = operation(*x)
    for variable, slope in zip(x, SLOPES[operation], strict=True):
        expected = sympy.diff(z.item(), variable.item())
        at_point = [(symbol, value) for symbol, value in zip(x, POINT, strict=False)]
        ours = (1 * Letters(slope(*x, z))).numbers(*at_point)
        assert ours == pytest.approx(Letters(expected).numbers(*at_point), rel=1e-14)


@pytest.mark.parametrize("operation", SLOPES, ids=lambda operation: operation.__name__)
def test_every_slope_is_what_a_small_step_measures(operation):
    point, eps = POINT[: operation.nin], 1e-6
    for i, ours in enumerate(np.atleast_1d(gradient(lambda *x: operation(*x))(*point))):
        up, down = (
            operation(*(x + sign * eps * (i == j) for j, x in enumerate(point))) for sign in (1, -1)
        )
        assert ours == pytest.approx((up - down) / (2 * eps), rel=1e-8)


@pytest.mark.parametrize("seed", range(20))
def test_a_random_program_has_the_gradient_that_sympy_takes_of_its_formula(seed):
    f, (x, y) = random_function(seed), (letters("x"), letters("y"))
    formula = f(x, y).item()
    ours = gradient(f)(*POINT)
    for symbol, slope in zip((x, y), ours, strict=True):
        expected = sympy.diff(formula, symbol.item())
        expected = expected.xreplace({x.item(): POINT[0], y.item(): POINT[1]})
        assert slope == pytest.approx(float(expected.evalf(30)), rel=1e-11)


@pytest.mark.parametrize("seed", range(10))
def test_a_gradient_is_linear_and_the_hessian_symmetric(seed):
    f, g = random_function(seed), random_function(seed + 100)
    both = gradient(lambda x, y: 2 * f(x, y) - 3 * g(x, y))(*POINT)
    expected = 2 * np.array(gradient(f)(*POINT)) - 3 * np.array(gradient(g)(*POINT))
    assert np.allclose(both, expected, rtol=1e-12)
    hessian = [gradient(lambda x, y, i=i: gradient(f)(x, y)[i])(*POINT) for i in range(2)]
    assert hessian[0][1] == pytest.approx(hessian[1][0], rel=1e-11, abs=1e-13)


def test_the_equations_of_backpropagation_are_this_sweep_on_a_network():
    net = Network.random([3, 4, 2], ["tanh", "sigmoid"], seed=4)
    x, y = np.random.default_rng(4).uniform(size=(2, 3, 2))
    y = y[:2]

    def written_out(W1, b1, W2, b2):
        a = np.tanh(W1 @ x + b1)
        a = activation("sigmoid").value(W2 @ a + b2)
        return np.sum((a - y) ** 2) / (2 * x.shape[1])

    parameters = net.W[1], net.b[1], net.W[2], net.b[2]
    assert written_out(*parameters) == pytest.approx(float(loss_of(net, x, y)), rel=1e-14)
    by_graph = gradient(written_out)(*parameters)
    grads = backward(net, forward(net, x), y)
    for ours, expected in zip(
        by_graph, (grads.W[1], grads.b[1], grads.W[2], grads.b[2]), strict=True
    ):
        assert ours.shape == expected.shape
        assert np.allclose(ours, expected, rtol=1e-12, atol=0)


def test_each_node_is_visited_once_however_many_paths_lead_through_it():
    x = node = Node(1.0)
    for _ in range(200):  # 2²⁰⁰ paths
        node = node + node
    assert len(topological_order(node)) == 201
    assert adjoints(node)[x] == 2.0**200


def test_contributions_over_all_paths_are_summed():
    """6, where a node visited once per path gives 7 (b = 2a is reached over c and over d)."""
    a = Node(1.0)
    b = 2 * a
    c, d = b + 1, 2 * b
    assert adjoints(c + d)[a] == 6.0


def test_a_second_gradient_does_not_add_to_the_first():
    """1 and 1, where gradients that are kept and not cleared give 1, then 3."""
    x = Node(5.0)
    y = x + 2
    assert [float(adjoints(y)[x]), float(adjoints(y)[x])] == [1.0, 1.0]


def test_a_graph_may_be_deeper_than_python_can_recurse():
    assert gradient(lambda x: sum(x * 1.0 for _ in range(20_000)))(2.0) == 20_000


def test_derivatives_of_derivatives():
    derivative = fourth = lambda x: x**4
    for expected in (4 * 2**3, 12 * 2**2, 24 * 2, 24, 0):
        derivative = gradient(derivative)
        assert derivative(2.0) == expected
    assert gradient(gradient(gradient(fourth)))(0.0) == 0


def test_a_variable_of_the_outer_function_is_a_constant_to_the_inner_one():
    """d/dx x · (d/dy (x + y) at y = x) is 1; counting x as y too would give 2."""
    assert gradient(lambda x: x * gradient(lambda y: x + y)(x))(2.0) == 1.0


def test_arrays_broadcast_and_gradients_have_the_shapes_of_the_arguments():
    columns = np.arange(6.0).reshape(2, 3)
    to_matrix, to_column, to_number = gradient(lambda a, b, c: np.mean((a + b) * c))(
        columns, np.ones((2, 1)), 2.0
    )
    assert np.allclose(to_matrix, np.full((2, 3), 2 / 6))
    assert np.allclose(to_column, np.ones((2, 1)))
    assert to_number == pytest.approx(np.mean(columns + 1))


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (lambda x: np.maximum(x, 0), 0.0, 0.0),
        (lambda x: np.where(x > 0, x, x / 100), -2.0, 0.01),
        (lambda x: x if x > 0 else 0, -2.0, 0.0),
        (lambda x: max(x, 3.0), 4.0, 1.0),
        (lambda x: x * np.sign(x), -4.0, -1.0),
        (lambda x: abs(x), -4.0, -1.0),
        (lambda x: np.logaddexp(0, x), 1000.0, 1.0),
    ],
)
def test_kinks_and_branches(f, x, expected):
    assert gradient(f)(x) == expected


def test_in_place_operators_name_new_nodes_and_arrays_of_objects_hold_nodes():
    def f(v):
        total = np.zeros(2, dtype=object)
        for i in range(2):
            total[i] += v[i] * v[i]
        total += v[0]
        return total.sum()

    assert np.allclose(gradient(f)(np.array([1.0, 2.0])), [4.0, 4.0])
    a = b = Node(1.0)
    b += 1
    assert (float(a.value), float(b.value)) == (1.0, 2.0)


def test_a_node_never_changes():
    with pytest.raises(AttributeError):
        Node(1.0).value = 2.0


def test_letters_give_formulas():
    w, x = letters("w", 2), letters("x", 2)
    dw = gradient(lambda w: np.tanh((w * x.entries).sum()))(w)
    expected = x * (1 - np.tanh((w * x).sum()) ** 2)
    assert all(sympy.expand(d) == 0 for d in (dw - expected).tolist())


def test_what_has_no_slope_is_named_with_what_there_is():
    with pytest.raises(TypeError, match=r"np\.arctan has no slope .* These have: absolute, add"):
        gradient(np.arctan)(1.0)
    with pytest.raises(TypeError, match=r"np\.arctan has no slope"):
        gradient(lambda v: np.arctan(v).sum())(np.ones(2))


def test_a_line_added_to_the_table_is_one_more_operation(monkeypatch):
    monkeypatch.setitem(SLOPES, np.arctan, (lambda x, z: 1 / (1 + x * x),))
    assert gradient(np.arctan)(1.0) == 0.5
    assert gradient(lambda v: np.arctan(v).sum())(np.ones(1)) == [0.5]


@pytest.mark.parametrize(
    ("f", "x", "message"),
    [
        (math.exp, 1.0, r"np\.exp instead of math\.exp"),
        (lambda x: np.zeros(2) + np.array(x, dtype=float), 1.0, r"np\.zeros\(n, dtype=object\)"),
        (lambda x: None, 1.0, "this is None"),
        (lambda v: 2 * v, [1.0, 2.0], "or their sum"),
        (lambda x: x, "one", "not at 'one'"),
        (lambda x: np.add(x, 1, where=True), 1.0, r"the plain call np\.add"),
    ],
)
def test_errors_say_what_to_do(f, x, message):
    with pytest.raises(TypeError, match=message):
        gradient(f)(x)


def test_no_operation_is_both_flat_and_sloped():
    assert not FLAT & set(SLOPES)
