"""Do SymPy, finite differences and the four equations agree, and is every mistake seen?"""

import itertools
import re

import numpy as np
import pytest
from mistakes import MISTAKES, backward_with

from backprop import ACTIVATIONS, LOSSES, Network, backward, forward
from backprop.gradcheck import gradient_check
from backprop.oracles import ANALYTIC, by_sympy, central_differences, complex_step

SHAPES = ((2, 3), (3, 4, 2), (4, 3, 3, 3, 2), (2, 5, 1, 4, 3, 1))
SMALL = ((2, 3, 2), 1), ((2, 1, 2, 2), 1), ((2, 2), 3)


def random_case(sizes, activation, loss, m, seed=0):
    """A network with biases that are not zero, a batch of inputs and of targets."""
    rng = np.random.default_rng(seed)
    hidden = [activation] * (len(sizes) - 2)
    last = "identity" if LOSSES[loss].logits else activation
    net = Network.random(sizes, [*hidden, last], loss, seed=seed)
    net = net.with_flat(net.flat() + 0.3 * rng.standard_normal(net.n_parameters))
    x, y = rng.standard_normal((sizes[0], m)), rng.uniform(0.1, 0.9, (sizes[-1], m))
    return net, x, y / y.sum(axis=0) if loss == "softmax_cross_entropy" else y


def analytic(net):
    return all(f in ANALYTIC for f in net.f.values())


@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize("sizes", SHAPES, ids=lambda sizes: "-".join(map(str, sizes)))
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_finite_differences_and_complex_steps_agree_with_the_equations(activation, loss, sizes, m):
    net, x, y = random_case(sizes, activation, loss, m)
    check = gradient_check(net, x, y)
    assert check.ok, check
    assert sum(part.kinks for part in check.parts) == 0
    if analytic(net):
        g = backward(net, forward(net, x), y).flat()
        assert np.allclose(complex_step(net, x, y).flat(), g, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("sizes", "m"), SMALL)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_sympy_finite_differences_and_the_equations_agree(activation, loss, sizes, m):
    net, x, y = random_case(sizes, activation, loss, m)
    g = backward(net, forward(net, x), y).flat()
    assert np.allclose(by_sympy(net, x, y).flat(), g, rtol=1e-12, atol=1e-15)
    assert np.allclose(central_differences(net, x, y).flat(), g, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_pytorch_agrees(activation, loss, torch):
    functional = torch.nn.functional
    functions = {"identity": lambda z: z, "sigmoid": torch.sigmoid, "tanh": torch.tanh} | {
        name: getattr(functional, name) for name in ("relu", "leaky_relu", "softplus")
    }
    losses = {
        "squared_error": lambda a, y: ((a - y) ** 2).sum() / 2,
        "binary_cross_entropy": lambda z, y: functional.binary_cross_entropy_with_logits(
            z, y, reduction="sum"
        ),
        "softmax_cross_entropy": lambda z, y: functional.cross_entropy(z.T, y.T, reduction="sum"),
    }
    for sizes, m in itertools.product(SHAPES, (1, 3)):
        net, x, y = random_case(sizes, activation, loss, m)
        W, b = (
            [torch.tensor(p.copy(), requires_grad=True) for p in d.values()] for d in (net.W, net.b)
        )
        a = torch.tensor(x)
        for weights, bias, f in zip(W, b, net.f.values(), strict=True):
            a = functions[f.name](weights @ a + bias)
        (losses[loss](a, torch.tensor(y)) / m).backward()
        grads = backward(net, forward(net, x), y)
        for l in net.W:
            assert np.allclose(grads.W[l], W[l - 1].grad.numpy(), rtol=1e-12, atol=1e-15)
            assert np.allclose(grads.b[l], b[l - 1].grad.numpy(), rtol=1e-12, atol=1e-15)


# — every mistake makes the check fail, and says what it is —

DIAGNOSES = {
    "hidden delta from the updated weights": "Right down to layer 2, .* look at BP2",
    "slope forgotten at the output": "Wrong from the output layer on: look at BP1",
    "slope forgotten in the output weights' gradient": r"^W\[2\]: wrong.*look at BP4",
    "raw error passed back": "Right down to layer 2, .* look at BP2",
    "hidden slope forgotten": "Right down to layer 2, .* look at BP2",
    "slope taken at a": "look at BP1",
    "slope's formula applied to z": "look at BP1",
    "transpose forgotten": "look at BP2",
    "inverse for transpose": "look at BP2",
    "outer product the wrong way round": r"W\[2\]: shape \(4, 2\) where \(2, 4\) .* transpose",
    "uphill": "^All parts: every entry is exactly -1 times .* uphill",
    "half lost": "^All parts: every entry is exactly 2 times .* ½ of the loss was lost, .* 2ε",
    "half too many": "^All parts: every entry is exactly 1/2 times",
    "no mean over the batch": r"^All parts: every entry is exactly 3 times .* no mean .*m = 3",
    "mean taken twice": "^All parts: every entry is exactly 1/3 times .* mean .* taken twice",
    "bias gradient summed over the units": "^All biases: every entry is the sum over all units",
    "bias gradient not reduced": r"b\[1\]: shape \(4, 3\) where \(4, 1\) belongs: sum",
    "bias averaged, weights summed": "^All biases: every entry is exactly 1/3 times",
    "bias gradient times the input": "^All biases: wrong.*look at BP3",
    "bias gradient never computed": "^All biases: every entry is zero",
    "decay of the weights, not in the loss": "^All weights: off by 0.01 times .* weight decay",
    "decay of the biases too": "^All biases: off by 0.01 times .* weight decay",
    "last path wins": "look at BP2",
    "first path only": "look at BP2",
    "activation passed back": "look at BP2",
    "upstream error dropped": "look at BP2",
    "mask on the wrong side": "look at BP2",
    "divided by the slope": "look at BP2",
}
SQUARE_ONLY = ("transpose forgotten", "inverse for transpose")
RECTIFIER = ("upstream error dropped", "mask on the wrong side")


def test_without_a_mistake_the_check_passes():
    assert gradient_check(
        *random_case((3, 4, 2), "sigmoid", "squared_error", 3), backward=backward_with()
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_makes_the_check_fail_and_is_diagnosed(name):
    sizes = (3, 3, 3) if name in SQUARE_ONLY else (3, 4, 2)
    activation = "leaky_relu" if name in RECTIFIER else "sigmoid"
    check = gradient_check(
        *random_case(sizes, activation, "squared_error", 3), backward=MISTAKES[name]
    )
    assert not check
    assert re.search(DIAGNOSES[name], " ".join(check.diagnosis)), check
