"""Does the proof hold for every network that is right, and for none that is wrong?"""

from types import SimpleNamespace

import numpy as np
import pytest
import sympy
from cases import KINDS, in_letters
from mistakes import MISTAKES

from backprop import Activation, Network, letters, loss_of
from backprop.network import target
from backprop.proof import is_zero, prove, written_out

kinds = pytest.mark.parametrize("kind", KINDS, ids=" ".join)
u, v, w = (letters(name).item() for name in "uvw")
exp, log = sympy.exp, sympy.log


@kinds
@pytest.mark.parametrize("sizes", [[2, 2, 2], [3, 1, 2]], ids=str)
def test_backpropagation_is_right_as_an_identity_for_every_activation_and_loss(kind, sizes):
    proof = prove(in_letters(kind, sizes))
    assert proof.ok, proof
    assert {how for _, _, how, _ in proof.rows} == {"identity"}


def test_backpropagation_is_right_for_an_activation_of_ones_own():
    swish = Activation(
        "swish",
        lambda z: z / (1 + np.exp(-z)),
        lambda z, a: (1 + z - a) / (1 + np.exp(-z)),
    )
    assert prove(Network.letters([1, 2, 1], swish)).ok


def test_a_proof_takes_a_network_of_numbers_for_its_kind():
    proof = prove(Network.random([1, 1], "tanh"))
    assert proof.ok
    assert [str(parameter) for parameter, *_ in proof.rows] == ["w1_1_1", "b1_1"]


def wrong(backward):
    """A backward pass of `mistakes` in place of the right one."""

    def instead(net, trace, y):
        dW, db = backward(net, trace, target(net, y, 1))
        parts = [part.ravel() for l in net.W for part in (dW[l], db[l])]
        return SimpleNamespace(flat=lambda: np.concatenate(parts))

    return instead


# Not to be seen on one example, and what cannot be computed on letters.
UNSEEN = {"no mean over the batch", "mean taken twice", "bias averaged, weights summed"}
UNSEEN |= {"bias gradient not reduced", "inverse for transpose"}
UNSEEN |= {"bias gradient summed over the units"}


@pytest.mark.parametrize("mistake", sorted(set(MISTAKES) - UNSEEN))
def test_no_mistake_is_proved_right(monkeypatch, mistake):
    monkeypatch.setattr("backprop.proof.backward", wrong(MISTAKES[mistake]))
    proof = prove(Network.letters([1, 2, 2], "sigmoid"))
    assert not proof.ok, proof
    assert "NOT all the same" in str(proof)
    assert "**no**" in proof._repr_markdown_()


@kinds
def test_a_wrong_slope_of_any_activation_is_found(kind):
    net = in_letters(kind, [1, 1, 2])
    f = net.f[1]
    off = Activation(f"{f.name} with a slope that is off", f.value, lambda z, a: a + f.slope(z, a))
    proof = prove(Network.letters(net.sizes, [off, net.f[2]], kind[1]))
    assert [same for _, same, _, _ in proof.rows] == 2 * [False] + 4 * [True]


# — is it zero? —

IDENTITIES = {
    "powers of e": exp(2 * u + v) - exp(u) ** 2 * exp(v),
    "a third of an exponent": exp(u / 3) ** 3 - exp(u),
    "an inverse": 1 / (1 + exp(-u)) - exp(u) / (1 + exp(u)),
    "a power by a letter": sympy.Pow(1 + exp(v), u) - exp(u * log(1 + exp(v)) + w) / exp(w),
    "a logarithm": (1 + log(u)) ** 2 - 1 - 2 * log(u) - log(u) ** 2,
    "other functions": sympy.tanh(-u) / sympy.tanh(u) + 1,
    "a condition": sympy.Piecewise((u, u > v), (0, True)) ** 2
    - u * sympy.Piecewise((u, u > v), (0, True)),
    "three cases": sympy.Piecewise((1, u > 1), (2, u > 0), (3, True)) ** 0 - 1,
    "nested cases": sympy.Piecewise((sympy.Piecewise((u, v > 0), (v, True)), w > 0), (1, True))
    - sympy.Piecewise((u, (v > 0)), (v, True)) * sympy.Piecewise((1, w > 0), (0, True))
    - sympy.Piecewise((0, w > 0), (1, True)),
}
IDENTITIES |= {
    "floats": u * 0.01
    - u / 100
    + sympy.Piecewise((0.1, v > 0), (0, True)) * 3
    - sympy.Piecewise((0.3, v > 0), (0, True)),
    "a number": 0,
}
DIFFERENT = {
    "a sign": exp(u) - exp(-u),
    "a small term": exp(u) * (1 + sympy.Rational(1, 10**12)) - exp(u),
    "another condition": sympy.Piecewise((u, v > 0), (0, True))
    - sympy.Piecewise((u, v < 0), (0, True)),
    "another case": sympy.Piecewise((u, v > 0), (u, True), evaluate=False)
    - sympy.Piecewise((u, v > 0), (0, True)),
    "a number": 1,
    "floats": 0.3 * u - 0.30000001 * u,
    "a half": (u - v) ** 2 / 2 - (u - v) ** 2,
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_an_identity_is_shown_to_be_one(name):
    assert is_zero(IDENTITIES[name]) == (True, "identity")


@pytest.mark.parametrize("name", DIFFERENT)
def test_what_is_not_zero_is_never_called_zero(name):
    for seed in range(5):
        assert is_zero(DIFFERENT[name], seed) == (False, "a point where they differ")


def test_what_no_rule_decides_is_decided_by_points():
    assert is_zero(sympy.cos(u) ** 2 + sympy.sin(u) ** 2 - 1) == (True, "three points, 40 digits")
    assert is_zero(sympy.cos(u) ** 2 + sympy.sin(u) - 1)[0] is False


def test_an_array_is_zero_where_every_entry_is():
    z, y = letters("z", 2), letters("y", 2)
    by_points = sympy.cos(u) ** 2 + sympy.sin(u) ** 2 - 1
    assert is_zero((z + y) ** 2 - z**2 - 2 * z * y - y**2) == (True, "identity")
    assert is_zero(letters("z") - letters("z")) == (True, "identity")
    assert is_zero(z[0] * (z - z[0])) == (False, "a point where they differ")
    assert is_zero(0 * z + by_points) == (True, "three points, 40 digits")
    assert is_zero(np.stack([z[0], 0 * z[0] + by_points])) == (False, "a point where they differ")
    with pytest.raises(ValueError, match=r"shape \(0, 2\) has no entries"):
        is_zero(letters("w", (0, 2)))


@pytest.mark.parametrize("expression", [sympy.nan, sympy.zoo, u * sympy.oo, sympy.oo], ids=str)
def test_what_is_no_number_is_not_zero(expression):
    assert is_zero(expression) == (False, "a point where it is no number")


def test_the_difference_of_deep_functions_is_decided():
    def deep(e):
        for _ in range(30):
            e = sympy.tanh(w * e + 1)
        return e

    assert is_zero(deep(u) - deep(v)) == (False, "a point where they differ")
    assert is_zero(deep(u) * (w + 1) - deep(u) * w - deep(u)) == (True, "identity")


# — written out —


@kinds
def test_written_out_derivatives_are_those_of_the_loss(kind):
    net = in_letters(kind, [2, 1, 2])
    loss = loss_of(net, letters("x", 2), letters("y", 2)).item()
    derivatives = written_out(net)
    assert list(derivatives) == net.flat().tolist()
    assert all(derivatives[p] == loss.diff(p) for p in derivatives)


def test_a_proof_is_shown_as_a_table():
    proof = prove(Network.letters([1, 1], "sigmoid"))
    head, line, *rows = proof._repr_markdown_().split("\n")
    assert head == "| parameter | the same? | operations, written out | shown by |"
    assert line == "|-|-|-|-|"
    assert rows[0].startswith("| $w^{(1)}_{11}$ | yes | ")
    assert len(rows) == 2
