"""Do the descents step as their formulas, their laws and PyTorch's optimisers say?"""

from dataclasses import fields, replace

import numpy as np
import pytest

from backprop.descent import (
    DESCENTS,
    Adam,
    Descent,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSProp,
    descent,
)
from backprop.letters import letters

every_descent = pytest.mark.parametrize("rule", DESCENTS.values(), ids=DESCENTS)


def path(rule, w, gradient, steps):
    """The points that a descent passes on its way down."""
    state, points = rule.start(w), [w]
    for _ in range(steps):
        w, state = rule.step(w, gradient(w), state)
        points.append(w)
    return np.array(points)


def two_steps(rule, w, g):
    state = rule.start(w)
    for _ in range(2):
        w, state = rule.step(w, g, state)
    return w


def bowl(w):
    """The gradient of ½ (w₁² + 10 w₂²)."""
    return w * np.array([1.0, 10.0])


@every_descent
def test_the_arguments_stay_as_they_were(rule, rng):
    w, g = rng.standard_normal((2, 3, 4))
    _, state = rule.step(w, g, rule.start(w))
    before = [np.copy(part) for part in (w, g, *(state if isinstance(state, tuple) else [state]))]
    rule.step(w, g, state)
    after = [w, g, *(state if isinstance(state, tuple) else [state])]
    for one, other in zip(before, after, strict=True):
        assert np.array_equal(one, other)


@every_descent
@pytest.mark.parametrize("shape", [(), (5,), (2, 3), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shape_and_dtype_are_kept(rule, shape, dtype, rng):
    w, g = rng.standard_normal((2, *shape)).astype(dtype)
    state = rule.start(w)
    for _ in range(2):
        w, state = rule.step(w, g, state)
    assert w.shape == shape
    assert w.dtype == dtype


@every_descent
def test_each_entry_goes_its_own_way(rule, rng):
    w, *gradients = rng.standard_normal((4, 6))
    together, state = w, rule.start(w)
    for g in gradients:
        together, state = rule.step(together, g, state)
    for i in range(6):
        alone, state = w[i], rule.start(w[i])
        for g in gradients:
            alone, state = rule.step(alone, g[i], state)
        assert np.isclose(alone, together[i], rtol=1e-14)


@every_descent
def test_a_zero_gradient_moves_nothing_from_rest(rule):
    w = np.array([1.0, -2.0])
    assert np.array_equal(rule.step(w, np.zeros(2), rule.start(w))[0], w)


@pytest.mark.parametrize(
    "rule",
    [GradientDescent(0.1), Momentum(0.01), Nesterov(0.01), RMSProp(0.01), Adam(0.05)],
    ids=lambda rule: rule.name,
)
def test_it_reaches_the_bottom_of_a_bowl(rule):
    assert np.abs(path(rule, np.array([1.0, 1.0]), bowl, 500)[-1]).max() < 0.01


@pytest.mark.parametrize("kind", [Momentum, Nesterov])
def test_without_momentum_it_is_gradient_descent(kind):
    w = np.array([3.0, -1.0])
    straight = path(GradientDescent(0.05), w, bowl, 5)
    assert np.array_equal(path(kind(0.05, beta=0), w, bowl, 5), straight)


def test_momentum_is_polyaks_heavy_ball():
    """Polyak's own form has no velocity: w′ = w − η g + β (w − w before)."""
    points = path(Momentum(0.05, beta=0.8), np.array([3.0, -1.0]), bowl, 6)
    for before, w, after in zip(points, points[1:], points[2:], strict=False):
        assert np.allclose(after, w - 0.05 * bowl(w) + 0.8 * (w - before), rtol=1e-13)


def test_nesterov_is_the_look_ahead_of_sutskever_et_al():
    """v ← μ v − ε ∇f(θ + μ v), θ ← θ + v; ours is the point θ + μ v."""
    eta, mu, theta, v = 0.05, 0.8, np.array([3.0, -1.0]), np.zeros(2)
    for ours in path(Nesterov(eta, mu), theta, bowl, 6):
        assert np.allclose(ours, theta + mu * v, rtol=1e-13)
        v = mu * v - eta * bowl(theta + mu * v)
        theta = theta + v


@pytest.mark.parametrize("rule", [RMSProp(epsilon=1e-300), Adam(epsilon=1e-300)])
def test_the_scale_of_the_loss_does_not_matter(rule):
    w = np.array([3.0, -1.0])
    once, thousandfold = (path(rule, w, lambda w, c=c: c * bowl(w), 6) for c in (1, 1000))
    assert np.allclose(once, thousandfold, rtol=1e-12)


def test_adams_first_step_is_eta():
    first = path(Adam(0.25), np.zeros(3), lambda w: np.array([7.0, -0.01, 100.0]), 1)[-1]
    assert np.allclose(first, [-0.25, 0.25, -0.25], rtol=1e-5)


@every_descent
def test_on_letters_it_is_the_formula_of_the_numbers(rule):
    """Two steps with every hyper-parameter a letter, and then the numbers put in."""
    values = {field.name: getattr(rule, field.name) for field in fields(rule)}
    names = {name: letters(f"h{i}") for i, name in enumerate(values)}  # beta1 would be of layer 1
    w, g, numbers = letters("w", 2), letters("g", 2), np.array([0.5, -0.25])
    formula = two_steps(type(rule)(**names), w, g)
    assert formula.entries[0].free_symbols >= {w.entries[0], g.entries[0], names["eta"].item()}
    pairs = [(names[name], value) for name, value in values.items()]
    put_in = formula.numbers((w, numbers), (g, 3 * numbers), *pairs)
    assert np.allclose(put_in, two_steps(rule, numbers, 3 * numbers), rtol=1e-12)


@pytest.mark.parametrize(
    ("rule", "theirs", "options"),
    [
        (GradientDescent(0.1), "SGD", {}),
        (Momentum(0.1, 0.8), "SGD", {"momentum": 0.8}),
        (Nesterov(0.1, 0.8), "SGD", {"momentum": 0.8, "nesterov": True}),
        (RMSProp(0.1, 0.95, 1e-6), "RMSprop", {"alpha": 0.95, "eps": 1e-6}),
        (Adam(0.1, 0.8, 0.99, 1e-6), "Adam", {"betas": (0.8, 0.99), "eps": 1e-6}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_pytorch_takes_the_same_steps(rule, theirs, options, rng, torch):
    w, *gradients = rng.standard_normal((21, 3, 4))
    parameter = torch.tensor(w, requires_grad=True)
    optimiser = getattr(torch.optim, theirs)([parameter], lr=0.1, **options)
    state = rule.start(w)
    for g in gradients:
        w, state = rule.step(w, g, state)
        parameter.grad = torch.tensor(g)
        optimiser.step()
        assert np.allclose(w, parameter.detach().numpy(), rtol=1e-12, atol=1e-14)


def test_a_descent_is_found_by_its_name():
    assert descent("adam") == Adam()
    assert {name: kind.name for name, kind in DESCENTS.items()} == {name: name for name in DESCENTS}


def test_a_descent_of_ones_own_comes_back():
    class Own(Descent):
        pass

    own = Own()
    assert descent(own) is own
    assert own.start(np.zeros(2)) is None
    with pytest.raises(NotImplementedError, match="Own must say what a step is"):
        own.step(np.zeros(2), np.zeros(2), None)


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: descent("nestrov"), ValueError, "did you mean 'nesterov'"),
        (lambda: descent(0.1), TypeError, "descent must be a name"),
        (lambda: GradientDescent(0), ValueError, "eta must be above 0 and finite; got 0"),
        (lambda: GradientDescent(np.nan), ValueError, "GradientDescent's eta must be above 0"),
        (lambda: GradientDescent("0.1"), TypeError, "eta must be a number or one letter; got str"),
        (lambda: Momentum(beta=1), ValueError, "beta must be at least 0 and below 1; got 1"),
        (lambda: Adam(beta2=-0.1), ValueError, "Adam's beta2 must be at least 0 and below 1"),
        (lambda: replace(RMSProp(), epsilon=0), ValueError, "epsilon must be above 0"),
        (lambda: Adam(eta=True), TypeError, "got bool"),
    ],
)
def test_what_makes_no_sense_is_refused(make, kind, message):
    with pytest.raises(kind, match=message):
        make()
