"""Are the derived steps the chain rule, do their numbers fit, and can they be read?"""

import numpy as np
import pytest
import sympy
from cases import KINDS, in_letters, in_numbers
from latex import well_formed

from backprop import Activation, Network, backward, forward, hidden_delta, letters, loss_of, update
from backprop.derivation import derive, general_gradients, general_hidden_delta, growth
from backprop.letters import Letter
from backprop.proof import is_zero

kinds = pytest.mark.parametrize("kind", KINDS, ids=" ".join)
sizes = pytest.mark.parametrize("sizes", ([1, 1], [3, 2], [2, 2, 2], [3, 1, 2, 2]), ids=str)


# — formulas —


def chain_rule(steps, step):
    """A step of the way back as a product of slopes, each taken by SymPy of a step forward."""

    def slope(of, by):
        return steps[of].formula.diff(Letter(by))

    _, l, (j, *_) = step.symbol.parts
    if step.equation == "BP1":
        return slope("E", f"a{l}_{j}") * slope(f"a{l}_{j}", f"z{l}_{j}")
    if step.equation == "BP2":
        above, units = int(l) + 1, range(1, steps.net.sizes[int(l) + 1] + 1)
        through = (Letter(f"delta{above}_{k}") * slope(f"z{above}_{k}", f"a{l}_{j}") for k in units)
        return sum(through) * slope(f"a{l}_{j}", f"z{l}_{j}")
    return Letter(f"delta{l}_{j}") * slope(f"z{l}_{j}", step.symbol.name.removeprefix("dE_d"))


@kinds
@sizes
def test_each_formula_is_the_product_of_the_slopes_in_its_chain(kind, sizes):
    steps = derive(in_letters(kind, sizes))
    a = {step.symbol: step.formula for step in steps if step.equation == "a"}
    for step in steps:
        if step.chain:
            difference = (chain_rule(steps, step) - step.formula).xreplace(a)
            assert is_zero(difference) == (True, "identity"), step


def test_the_formulas_of_the_slide():
    steps = derive(Network.letters([2, 2, 2], "sigmoid"))
    assert (
        steps["delta1_1"]
        .latex()
        .endswith(
            r" = a^{(1)}_{1} \left(1 - a^{(1)}_{1}\right) "
            r"\left(w^{(2)}_{11} \delta^{(2)}_{1} + w^{(2)}_{21} \delta^{(2)}_{2}\right)"
        )
    )
    assert steps["delta2_1"].chain == (
        r"\frac{\partial E}{\partial a^{(2)}_{1}} \cdot "
        r"\frac{\partial a^{(2)}_{1}}{\partial z^{(2)}_{1}}"
    )
    assert str(steps["new_b2_1"]) == "update  new_b2_1 = b2_1 - eta*dE_db2_1"


def test_there_is_a_step_for_everything_that_is_computed_and_each_uses_only_what_came_before():
    steps = derive(Network.letters([3, 1, 2, 2], "tanh"))
    known = {*steps.net.flat().entries, *letters("x", 3).entries, *letters("y", 2).entries}
    known |= {Letter("eta")}
    for step in steps:
        assert step.formula.free_symbols <= known
        assert step.symbol not in known
        known.add(step.symbol)
    units, parameters = 1 + 2 + 2, steps.net.n_parameters
    assert len(steps) == 3 * units + 1 + 2 * parameters


def test_the_way_back_to_a_parameter_holds_all_that_its_gradient_needs_and_nothing_else():
    steps = derive(Network.letters([2, 3, 1, 2], "sigmoid"))
    assert [s.symbol.name for s in steps.of("b3_2")] == ["delta3_2", "dE_db3_2"]
    assert [s.symbol.name for s in steps.of("w1_3_2")] == [
        *("delta3_1", "delta3_2", "delta2_1", "delta1_3", "dE_dw1_3_2")
    ]


def test_gradient_steps_are_in_the_order_of_the_flat_network():
    net = Network.letters([2, 3, 1], "sigmoid")
    names = [f"dE_d{parameter}" for parameter in net.flat().entries]
    assert [step.symbol.name for step in derive(net).gradient_steps] == names


@pytest.mark.parametrize(("n", "p", "j"), [(1, 1, 1), (2, 3, 2), (4, 2, 3)])
def test_the_general_hidden_delta_is_the_equations_hidden_delta_for_each_width(n, p, j):
    swish = Activation("f", lambda z: z * np.tanh(z), lambda z, a: np.tanh(z) + z * (1 - a**2))
    w, z, delta = letters("w2", (p, n)), letters("z1", n), letters("delta2", p)
    _, general = general_hidden_delta()
    widths = {s: {"j": j, "n": n, "p": p}.get(str(s), s) for s in general.free_symbols}
    concrete = general.subs(widths).doit()
    entries = {f"w[{k + 1}, {i + 1}]": w.entries[k, i] for k in range(p) for i in range(n)}
    entries |= {f"z[{i + 1}]": z.entries[i] for i in range(n)}
    entries |= {f"delta[{k + 1}]": delta.entries[k] for k in range(p)}
    concrete = concrete.replace(lambda e: str(e) in entries, lambda e: entries[str(e)])
    slope = swish.slope(z, letters("a1", n))[j - 1].item()
    concrete = concrete.replace(lambda e: str(e).startswith("f'("), lambda e: slope)
    equation = hidden_delta(w, delta[:, None], swish, z[:, None], letters("a1", n)[:, None])
    assert is_zero(concrete - equation.entries[j - 1, 0]) == (True, "identity")


def test_the_general_hidden_delta_is_typeset_as_on_the_slide():
    loss, delta = general_hidden_delta()
    assert sympy.latex(delta) == (r"f'{\left(z_{j}\right)} \sum_{k=1}^{p} w_{kj} \delta_{k}")
    assert sympy.latex(loss) == (
        r"\sum_{k=1}^{p} \delta_{k} "
        r"\left(b_{k} + \sum_{i=1}^{n} w_{ki} f{\left(z_{i}\right)}\right)"
    )


@pytest.mark.parametrize(("n", "p"), [(1, 1), (3, 2), (2, 4)])
def test_the_general_gradients_are_those_derived_for_each_width(n, p):
    steps = derive(Network.letters([1, n, p], "tanh"))
    _, *general = general_gradients()
    for j, i in np.ndindex(p, n):
        for formula, name in zip(general, (f"w2_{j + 1}_{i + 1}", f"b2_{j + 1}"), strict=True):
            places = {s: {"j": j + 1, "i": i + 1}.get(str(s), s) for s in formula.free_symbols}
            entries = {f"delta[{j + 1}]": f"delta2_{j + 1}", f"a[{i + 1}]": f"a1_{i + 1}"}
            found = formula.subs(places).replace(
                lambda e, entries=entries: str(e) in entries,
                lambda e, entries=entries: Letter(entries[str(e)]),
            )
            assert found == steps[f"dE_d{name}"].formula


def test_the_general_gradients_are_typeset_as_on_the_slide():
    loss, by_weight, by_bias = general_gradients()
    assert sympy.latex(by_weight) == r"\delta_{j} a_{i}"
    assert sympy.latex(by_bias) == r"\delta_{j}"
    assert sympy.latex(loss) == (
        r"\sum_{k=1}^{p} \delta_{k} \left(b_{k} + \sum_{h=1}^{n} w_{kh} a_{h}\right)"
    )


# — numbers —


@kinds
@sizes
def test_numbers_put_into_the_formulas_one_after_the_other_give_their_values(kind, sizes):
    net, x, y = in_numbers(kind, sizes)
    steps = derive(net, x, y, 0.3)
    known = dict(zip(in_letters(kind, sizes).flat().entries, net.flat(), strict=True))
    known |= {Letter("eta"): 0.3}
    for letter, column in (("x", x), ("y", y)):
        known |= dict(zip(letters(letter, len(column)).entries, column[:, 0], strict=True))
    for step in steps:
        result = float(step.formula.xreplace({k: sympy.Float(v) for k, v in known.items()}))
        assert result == pytest.approx(step.value, rel=1e-9, abs=1e-14), step
        known[step.symbol] = step.value


@kinds
@sizes
def test_the_numbers_are_the_equations(kind, sizes):
    net, x, y = in_numbers(kind, sizes)
    steps, trace = derive(net, x, y, 0.3), forward(net, x)
    grads = backward(net, trace, y)
    new = update(net, grads, 0.3)
    assert steps["E"].value == pytest.approx(loss_of(net, x, y), rel=1e-15)
    assert [s.value for s in steps.gradient_steps] == grads.flat().tolist()
    for name, arrays in (("z", trace.z), ("a", trace.a), ("delta", grads.delta)):
        for l in net.W:
            found = [steps[f"{name}{l}_{j + 1}"].value for j in range(net.sizes[l])]
            assert found == arrays[l][:, 0].tolist()
    for parameter, value in zip(in_letters(kind, sizes).flat().entries, new.flat(), strict=True):
        assert steps[f"new_{parameter}"].value == value


def test_without_a_learning_rate_nothing_is_updated():
    net = Network.random([2, 1], "tanh")
    steps = derive(net, [1.0, 2.0], [0.5])
    assert all((step.value is None) == (step.equation == "update") for step in steps)
    assert all((step.numbers is None) == (step.equation == "update") for step in steps)
    assert all(step.value is None and step.numbers is None for step in derive(net))


def test_numbers_are_written_as_factors_and_sums_need_them():
    net = Network([[[-2.0, 1e-5]]], [[-0.0]], "identity")
    step = derive(net, [-3.0, 1.0], [0.0])["z1_1"]
    assert step.numbers == (
        r"\left(-2\right) \cdot \left(-3\right) + \left(1 \cdot 10^{-5}\right) \cdot 1 + 0"
    )
    assert step.latex().endswith(" + 0 = 6")


# — to be read —


@kinds
def test_every_step_is_well_formed_latex_without_names_of_the_code(kind):
    net, x, y = in_numbers(kind, [2, 2, 2])
    for steps in (derive(net), derive(net, x, y, 0.5)):
        assert all(well_formed(step.latex()) for step in steps)
        assert well_formed(steps.latex().replace("{aligned}", "{text}"))


def test_a_derivation_is_shown_as_a_table_with_a_row_for_each_step():
    net = Network.random([2, 2, 2], ["relu", "identity"], "softmax_cross_entropy")
    for steps in (derive(net), derive(net, [1.0, 2.0], [0.0, 1.0], 0.5), derive(net).of("b1_1")):
        _, _, *rows = table = steps._repr_markdown_().split("\n")
        assert len({row.count("|") for row in table}) == 1
        assert len(rows) == len(steps)
        for row, step in zip(rows, steps, strict=True):
            assert row.startswith(f"| {step.equation} | $\\displaystyle ")
            assert (step.words in row) == (not step.given)


def test_words_say_which_unit_and_layer():
    steps = derive(Network.letters([2, 3, 1], "tanh"))
    assert steps["z1_3"].words == "the weighted sum into unit 3 of layer 1"
    assert steps["delta1_2"].words.startswith("the deltas of layer 2,")
    assert steps["E"].words == "the loss"


# — cost —


@pytest.mark.parametrize("sizes", [[1, 1], [4, 4, 4], [16, 3, 16]], ids=str)
def test_operations_are_few_for_each_weight_and_each_unit(sizes):
    steps = derive(Network.letters(sizes, "sigmoid"))
    units = sum(sizes[1:])
    weights = steps.net.n_parameters - units
    assert steps.operations() <= 5 * weights + 8 * units  # w a, w δ, their sums, δ a


def test_written_out_derivatives_grow_faster_than_backpropagation():
    rows = growth([Network.letters([2] * depth, "sigmoid") for depth in (2, 3, 4)])
    ratios = [written_out / backprop for _, written_out, backprop in rows]
    assert ratios[1] > 2 * ratios[0] and ratios[2] > 2 * ratios[1]


# — what does not fit —


@pytest.fixture
def net():
    return Network.random([2, 2, 1], "sigmoid")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1.0, 2.0],), ValueError, "both the input x and the target y"),
        ((None, [1.0]), ValueError, "both the input x and the target y"),
        ((None, None, 0.5), ValueError, "both the input x and the target y"),
        (
            (np.ones((2, 3)), np.ones((1, 3))),
            ValueError,
            r"one example and x holds 3: .* x\[:, 0\]",
        ),
        (([1.0, 2.0, 3.0], [1.0]), ValueError, r"x has shape \(3,\)"),
        (([1.0, 2.0], [1.0, 2.0]), ValueError, r"y has shape \(2,\)"),
        (([1.0, 2.0], [1.0], "fast"), TypeError, "eta must hold real numbers"),
        (
            ([1.0, 2.0], [1.0], [0.1, 0.2]),
            ValueError,
            r"eta must be one number; it has shape \(2,\)",
        ),
        (([1.0, 2.0], [1.0], np.nan), ValueError, "eta holds nan"),
        ((letters("x", 2), [1.0]), TypeError, "numbers, not letters"),
        (([1.0, 2.0], letters("y", 1)), TypeError, "numbers, not letters"),
    ],
)
def test_numbers_that_do_not_fit_are_refused(net, arguments, error, message):
    with pytest.raises(error, match=message):
        derive(net, *arguments)


def test_a_network_of_letters_gives_no_numbers():
    with pytest.raises(TypeError, match="numbers, not letters"):
        derive(Network.letters([2, 1], "tanh"), [1.0, 2.0], [0.5])


def test_an_unknown_name_is_answered_with_the_nearest(net):
    with pytest.raises(KeyError, match=r"delta1_3 is not derived here; did you mean delta1_\d"):
        derive(net)["delta1_3"]
    with pytest.raises(KeyError, match=r"dE_dw1_12 is not derived here; did you mean dE_dw1_\d_2"):
        derive(net).of("w1_12")
    with pytest.raises(KeyError, match=r"gradient is not derived here\. Symbols look like z2_1, "):
        derive(net)["gradient"]
