"""Is the matrix form the neuron-by-neuron form, and does width cost nothing?"""

import re

import numpy as np
import pytest
from cases import KINDS, in_letters
from latex import well_formed

from backprop import Activation, Letters, Loss, Network, letters
from backprop.derivation import derive
from backprop.generated import ArrayPrinter
from backprop.matrixform import matrix_form
from backprop.proof import is_zero

kinds = pytest.mark.parametrize("kind", KINDS, ids=" ".join)


@kinds
@pytest.mark.parametrize("sizes", [[2, 3], [3, 2, 2], [1, 2, 1, 2]], ids=str)
def test_run_on_letters_each_matrix_formula_is_the_formula_of_each_unit(kind, sizes):
    """The NumPy code of a matrix formula, on arrays of letters, gives the formulas unit by unit."""
    net = in_letters(kind, sizes)
    units, arrays = derive(net), {"np": np, "numpy": np, "m": 1}
    arrays |= {"x": letters("x", (sizes[0],))[:, None], "y": letters("y", (sizes[-1],))[:, None]}
    arrays |= {f"{letter}{l}": v for letter in "Wb" for l, v in getattr(net, letter).items()}
    arrays |= {"eta": letters("eta")}
    printer = ArrayPrinter({"allow_unknown_functions": True})
    for step in matrix_form(net):
        name = step.symbol.name
        found = eval(printer.doprint(step.formula), arrays)
        found = found if isinstance(found, Letters) else Letters(found)
        below = name.replace("W", "w")
        shape = found.shape if "W" in name else found.shape[:1]
        arrays[name] = letters(below, shape).reshape(found.shape)
        for letter, formula in zip(arrays[name].entries.flat, found.entries.flat, strict=True):
            difference = formula - units[letter.name].formula
            assert is_zero(difference) == (True, "identity"), letter


@kinds
def test_width_costs_nothing(kind):
    narrow, wide = (matrix_form(in_letters(kind, sizes)) for sizes in ([1, 2, 1], [9, 20, 3]))
    assert [s.formula for s in narrow] == [s.formula for s in wide]


@pytest.mark.parametrize("L", [1, 2, 5])
def test_depth_costs_seven_steps_a_layer(L):
    assert len(matrix_form(Network.random([2] * (L + 1), "sigmoid"))) == 7 * L + 1


def test_the_four_equations_as_on_the_slide():
    steps = matrix_form(Network.random([2, 3, 2], "sigmoid"))
    formulas = {s.symbol.name: s.latex().split(" = ")[1] for s in steps}
    assert formulas["z1"] == r"W^{(1)} x + b^{(1)}"
    assert formulas["delta1"] == (
        r"a^{(1)} \odot \left(1 - a^{(1)}\right) \odot \left({W^{(2)}}^{T} \delta^{(2)}\right)"
    )
    assert formulas["dE_db2"] == r"\delta^{(2)} \, \mathbf{1}"
    assert formulas["dE_dW2"] == r"\delta^{(2)} {a^{(1)}}^{T}"
    assert formulas["new_W2"] == r"W^{(2)} - \eta \frac{\partial E}{\partial W^{(2)}}"


def test_powers_and_minus_signs_of_arrays():
    tanh, softplus = (matrix_form(Network.random([2, 2, 1], f)) for f in ("tanh", "softplus"))
    for steps, slope in (
        (tanh, r"\left(1 - \left(a^{(1)}\right)^{\odot 2}\right)"),
        (softplus, r"\left(1 - e^{-a^{(1)}}\right)"),
    ):
        back = r"\left({W^{(2)}}^{T} \delta^{(2)}\right)"
        assert steps["delta1"].latex() == rf"\delta^{{(1)}} = {slope} \odot {back}"
        assert not re.search(r"= ?-", steps["delta2"].latex())


@kinds
def test_every_step_is_well_formed_latex_without_names_of_the_code(kind):
    for step in matrix_form(in_letters(kind, [2, 2, 2])):
        assert well_formed(step.latex().replace(r"\mathbf{1}", "1")), step.latex()
        assert step.words and not step.chain and step.value is None


def test_the_way_back_to_a_layers_weights():
    steps = matrix_form(Network.random([2, 2, 2], "sigmoid"))
    assert [s.symbol.name for s in steps.of("W1")] == ["delta2", "delta1", "dE_dW1"]
    names = [s.symbol.name for s in steps.gradient_steps]
    assert names == ["dE_dW1", "dE_db1", "dE_dW2", "dE_db2"]
    with pytest.raises(KeyError, match="delta3 is not derived here; did you mean delta2"):
        steps["delta3"]


def test_an_activation_and_a_loss_of_ones_own():
    swish = Activation(
        "swish",
        lambda z: z / (1 + np.exp(-z)),
        lambda z, a: (1 + z - a) / (1 + np.exp(-z)),
    )
    quartic = Loss(
        "quartic",
        value=lambda a, y: np.sum((a - y) ** 4) / a.shape[1],
        slope=lambda a, y: 4 * (a - y) ** 3 / a.shape[1],
    )
    steps = matrix_form(Network.random([2, 2], swish, quartic))
    assert steps["delta1"].latex() == (
        r"\delta^{(1)} = \frac{4}{m} \frac{1}{1 + e^{-z^{(1)}}} \odot "
        r"\left(a^{(1)} - y\right)^{\odot 3} \odot \left(1 + z^{(1)} - a^{(1)}\right)"
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (lambda z: np.floor(z), "np.floor, called so, has no matrix form"),
        (lambda z: np.maximum.reduce(z), "np.maximum, called so, has no matrix form"),
        (lambda z: np.clip(z, 0, 1), "np.clip has no matrix form"),
        (lambda z: z / z.sum(axis=0, keepdims=True), r"sum\(axis=0, keepdims=True\) has no matrix"),
        (lambda z: z / z.shape[0], r"holds for every width: it cannot use shape\[0\]"),
    ],
)
def test_what_has_no_matrix_form_is_named(value, message):
    with pytest.raises(TypeError, match=message):
        matrix_form(Network.random([2, 1], Activation("odd", value, lambda z, a: 1)))
