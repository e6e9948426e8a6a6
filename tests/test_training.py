"""Does the fast loop do what the equations do, and does training keep its promises?"""

import sys
import tracemalloc

import numpy as np
import pytest

from backprop import (
    ACTIVATIONS,
    LOSSES,
    Activation,
    Loss,
    Network,
    backward,
    forward,
    loss_of,
    squared_error,
    update,
)
from backprop.descent import DESCENTS, Adam, Descent, GradientDescent, Momentum
from backprop.training import (
    ACTIVATIONS_IN_PLACE,
    LOSSES_IN_PLACE,
    Diverged,
    History,
    Loop,
    accuracy,
    batches,
    train,
)

NEAR = {"float32": {"rtol": 2e-5, "atol": 2e-6}, "float64": {"rtol": 1e-12, "atol": 1e-13}}
every_dtype = pytest.mark.parametrize("dtype", NEAR)


def examples(rng, sizes, m, loss="squared_error"):
    """Random inputs, and targets that every loss takes: columns of probabilities."""
    x, y = rng.standard_normal((sizes[0], m)), rng.random((sizes[-1], m))
    return x, y / y.sum(axis=0) if loss == "softmax_cross_entropy" else y


def equations(net, x, y, eta=0.5):
    return update(net, backward(net, forward(net, x), y), eta)


def network(sizes, name, loss="squared_error", dtype="float64"):
    L = len(sizes) - 1
    names = [*[name] * (L - 1), "identity" if LOSSES[loss].logits else name]
    net = Network.random(sizes, names, loss, seed=3, dtype=dtype)
    b = [np.linspace(-0.5, 0.5, n).astype(dtype) for n in sizes[1:]]
    return Network(list(net.W.values()), b, names, loss)


# — the loop and the equations —


@every_dtype
@pytest.mark.parametrize("sizes", [(3, 2), (3, 4, 2), (2, 5, 4, 3), (3, 3, 3, 3, 3)], ids=str)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_step_is_the_equations(name, loss, sizes, dtype, rng):
    net = network(sizes, name, loss, dtype)
    loop = Loop(net, eta=0.1)
    for m in (4, 4, 1, 6, 4):
        x, y = examples(rng, sizes, m, loss)
        net = equations(net, x, y, 0.1)
        loop.step(x.astype(dtype), y.astype(dtype))
        assert loop.network.dtype == dtype
        assert np.allclose(loop.network.flat(), net.flat(), **NEAR[dtype])
    assert loop.steps == 5


@every_dtype
def test_so_it_is_for_a_large_network(dtype, rng):
    net = network((100, 60, 40, 10), "sigmoid", "softmax_cross_entropy", dtype)
    loop = Loop(net, eta=0.5)
    for _ in range(20):
        x, y = examples(rng, net.sizes, 32, "softmax_cross_entropy")
        net = equations(net, x, y)
        loop.step(x, y)
    assert np.allclose(loop.network.flat(), net.flat(), **NEAR[dtype])


@every_dtype
@pytest.mark.parametrize("f", ACTIVATIONS_IN_PLACE, ids=repr)
def test_an_activation_in_place_is_the_activation(f, dtype):
    z = np.concatenate([np.linspace(-8, 8, 101), [-1000, -40, 0, 40, 1000]]).astype(dtype)[None]
    delta = np.linspace(-2, 2, z.size).astype(dtype)[None]
    a, product = z.copy(), delta.copy()
    value, slope = ACTIVATIONS_IN_PLACE[f](
        a, product, np.empty_like(z), lambda number: np.asarray(number, dtype)
    )
    for call, *arguments in value:
        call(*arguments)
    assert np.allclose(a, f.value(z), **NEAR[dtype])
    for call, *arguments in slope:
        call(*arguments)
    assert np.allclose(product, delta * f.slope(z, f.value(z)), **NEAR[dtype])


@every_dtype
@pytest.mark.parametrize("loss", LOSSES_IN_PLACE, ids=repr)
def test_a_loss_in_place_is_the_loss(loss, dtype, rng):
    z, y = (v.astype(dtype) for v in examples(rng, (3, 3), 5, "softmax_cross_entropy"))
    z[:, 0], z[:, 1] = [-1000, 0, 1000], [1000, 1000, 999]
    d, before = np.empty_like(z), z.copy()
    calls, p = LOSSES_IN_PLACE[loss](
        z, d, np.empty_like(z), lambda number: np.asarray(number, dtype)
    )
    for call, *arguments in calls:
        call(*arguments)
    assert np.allclose((p - y) / z.shape[1], loss.slope(z, y), **NEAR[dtype])
    assert np.array_equal(z, before)


def test_everything_that_has_a_name_has_its_place():
    assert set(ACTIVATIONS_IN_PLACE) == set(ACTIVATIONS.values())
    assert set(LOSSES_IN_PLACE) == set(LOSSES.values())


@every_dtype
def test_an_activation_and_a_loss_of_ones_own_work_too(dtype, rng):
    """They meet NumPy's float64, as ordinary code does."""
    bump = Activation("bump", lambda z: np.exp(-(z**2)), lambda z, a: -2 * z * a)
    fourth = Loss(
        "fourth power",
        value=lambda a, y: ((a - y) ** 4).sum() / a.shape[1],
        slope=lambda a, y: np.float64(4) * (a - y) ** 3 / a.shape[1],
    )
    net = Network.random([3, 4, 2], [bump, "tanh"], fourth, dtype=dtype)
    loop = Loop(net, eta=0.5)
    for _ in range(4):
        x, y = examples(rng, net.sizes, 5)
        net = equations(net, x, y)
        loop.step(x, y)
    assert np.allclose(loop.network.flat(), net.flat(), **NEAR[dtype])


def test_the_name_alone_does_not_choose_the_table():
    flat = Activation("sigmoid", lambda z: z / 2, lambda z, a: np.full_like(z, 1 / 2))
    net = Network([[[1.0]]], [[0.0]], [flat])
    loop = Loop(net, eta=1)
    loop.step([2.0], [0.0])
    assert np.array_equal(loop.network.flat(), equations(net, [2.0], [0.0], 1).flat())


@pytest.mark.parametrize("rule", DESCENTS.values(), ids=DESCENTS)
def test_any_descent_steps_as_on_its_own(rule, rng):
    net = network((3, 4, 2), "tanh")
    loop = Loop(net, descent=rule)
    w, state = net.flat(), rule.start(net.flat())
    for _ in range(6):
        x, y = examples(rng, net.sizes, 4)
        at = net.with_flat(w)
        w, state = rule.step(w, backward(at, forward(at, x), y).flat(), state)
        loop.step(x, y)
        assert np.allclose(loop.network.flat(), w, **NEAR["float64"])


def test_a_step_makes_no_new_arrays(rng):
    net = network((200, 100, 100, 10), "sigmoid", "softmax_cross_entropy")
    x, y = examples(rng, net.sizes, 64, "softmax_cross_entropy")
    loop = Loop(net, eta=0.1)
    loop.step(x, y)
    tracemalloc.start()
    try:
        loop.step(x, y)
        assert tracemalloc.get_traced_memory()[1] < 5_000  # one layer's a takes 51,200 bytes
    finally:
        tracemalloc.stop()


def test_a_batch_may_come_as_lists_or_as_one_example():
    net = network((2, 3, 1), "tanh")
    loop, other = Loop(net, eta=0.5), Loop(net, eta=0.5)
    loop.step([1, 0], [1])
    other.step(np.array([[1.0], [0.0]]), np.array([[1.0]]))
    assert loop.network == other.network


@every_dtype
@pytest.mark.parametrize("of", [np.float16, np.float64, np.int64, ">f8", bool], ids=str)
def test_a_batch_may_lie_in_memory_as_it_likes(of, dtype, rng):
    net = network((4, 3, 2), "sigmoid", dtype=dtype)
    x, y = (rng.integers(0, 2, (n, 10)).astype(of) for n in (4, 2))
    loop = Loop(net, eta=0.5)
    for pick in (np.s_[:, :5], np.s_[:, ::2], np.s_[::-1, 4::-1], np.s_[:, 5:]):
        net = equations(net, x[pick], y[pick])
        loop.step(x[pick], np.asfortranarray(y[pick]))
        assert np.allclose(loop.network.flat(), net.flat(), **NEAR[dtype])


# — training —


def test_training_is_the_equations_batch_after_batch(rng):
    """Ten examples in batches of four: the third batch of an epoch holds two."""
    net = network((3, 4, 1), "sigmoid")
    x, y = examples(rng, net.sizes, 10)
    trained, history = train(net, x, y, epochs=3, batch=4, eta=0.7, seed=5, progress=False)
    order, losses = np.random.default_rng(5), [loss_of(net, x, y)]
    for _ in range(3):
        for chosen in batches(10, 4, order):
            net = equations(net, x[:, chosen], y[:, chosen], 0.7)
        losses.append(loss_of(net, x, y))
    assert np.allclose(trained.flat(), net.flat(), **NEAR["float64"])
    assert np.allclose(history.loss, losses, **NEAR["float64"])


@pytest.mark.parametrize(("m", "batch"), [(10, 4), (8, 4), (3, 5), (7, 1), (1, 1)])
def test_an_epoch_has_every_example_once(m, batch, rng):
    epoch = list(batches(m, batch, rng))
    assert sorted(np.concatenate(epoch)) == list(range(m))
    assert {len(chosen) for chosen in epoch[:-1]} <= {batch}


@every_dtype
def test_the_history_is_that_of_the_network(dtype, rng):
    """With more examples than are measured at a time."""
    net = network((2, 3, 1), "tanh", "binary_cross_entropy", dtype)
    x = rng.standard_normal((2, 2500))
    y = (x[:1] * x[1:] > 0).astype(float)
    held_out = x[:, :99], y[:, :99]
    trained, history = train(
        net, x, y, epochs=2, batch=500, validation=held_out, eta=1, progress=False
    )
    assert history.epochs == 2
    assert history.stopped == ""
    for place, of in ((0, net), (-1, trained)):
        assert np.isclose(history.loss[place], loss_of(of, x, y), **NEAR[dtype])
        assert history.accuracy[place] == accuracy(of, x, y)
        assert np.isclose(history.validation_loss[place], loss_of(of, *held_out), **NEAR[dtype])
        assert history.validation_accuracy[place] == accuracy(of, *held_out)


def test_the_seed_decides(rng):
    net = network((2, 3, 1), "tanh")
    x, y = examples(rng, net.sizes, 9)
    one, again, other = (
        train(net, x, y, epochs=2, batch=2, seed=seed, progress=False)[0] for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other


def test_the_arguments_stay_as_they_were(rng):
    net = network((2, 3, 1), "tanh")
    x, y = examples(rng, net.sizes, 9)
    before = net.flat(), x.copy(), y.copy()
    trained, _ = train(net, x, y, epochs=2, validation=(x, y), progress=False)
    for one, other in zip(before, (net.flat(), x, y), strict=True):
        assert np.array_equal(one, other)
    for l in net.W:
        assert not np.shares_memory(trained.W[l], net.W[l])
        assert not trained.W[l].flags.writeable


def test_xor_is_learned():
    x, y = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]]), np.array([[0.0, 1, 1, 0]])
    net = Network.random([2, 4, 1], ["tanh", "identity"], "binary_cross_entropy", seed=1)
    _, history = train(net, x, y, epochs=200, descent=Adam(0.05), progress=False)
    assert history.accuracy[-1] == 1
    assert history.loss[-1] < 0.05


def test_accuracy_by_the_largest_output():
    net = Network([np.eye(3)], [np.zeros(3)], "identity", "softmax_cross_entropy")
    x = np.array([[3.0, 1, 0], [1, 2, 0], [2, 3, 1]]).T
    assert accuracy(net, x, np.eye(3)[[0, 1, 2]].T) == 2 / 3
    _, history = train(net, x, np.eye(3), epochs=1, eta=1e-9, progress=False)
    assert history.accuracy == (2 / 3, 2 / 3)


def test_targets_that_are_no_labels_have_no_accuracy():
    net = Network([[[1.0]]], [[0.0]], "identity")
    _, history = train(net, [[1.0, 2.0]], [[0.5, 1.0]], epochs=1, progress=False)
    assert history.accuracy == history.validation_loss == ()
    with pytest.raises(ValueError, match="accuracy needs labels"):
        accuracy(net, [[1.0, 2.0]], [[0.5, 1.0]])


@pytest.mark.parametrize(
    ("history", "shown"),
    [
        (History((1.0,)), "History of 0 epochs: loss 1 → 1"),
        (
            History((1.0, 0.5), (), (2.0, 1.0), (0.5, 1.0), "interrupted in epoch 2"),
            "History of 1 epoch: loss 1 → 0.5, validation loss 2 → 1, "
            "validation accuracy 50.0% → 100.0%; interrupted in epoch 2",
        ),
    ],
)
def test_a_history_says_what_it_holds(history, shown):
    assert repr(history) == shown


class InterruptedAt(Descent):
    """Gradient descent during which somebody presses Ctrl-C."""

    def __init__(self, last):
        self.__dict__["last"] = last  # a Descent is frozen

    def start(self, w):
        return 0

    def step(self, w, g, state):
        if state == self.last:
            raise KeyboardInterrupt
        return w - 0.5 * g, state + 1


def test_an_interrupt_keeps_what_was_learned(rng):
    """Six examples, two at a time: step 5, the next one, is the second of the second epoch."""
    net = network((2, 3, 1), "tanh")
    x, y = examples(rng, net.sizes, 6)
    options = {"epochs": 9, "batch": 2, "seed": 4, "progress": False}
    trained, history = train(net, x, y, descent=InterruptedAt(4), **options)
    assert history.stopped == "interrupted in epoch 2, after step 4"
    assert history.epochs == 1
    order = np.random.default_rng(4)
    for chosen in [*batches(6, 2, order), *list(batches(6, 2, order))[:1]]:
        net = equations(net, x[:, chosen], y[:, chosen])
    assert np.allclose(trained.flat(), net.flat(), **NEAR["float64"])


# — divergence —


@every_dtype
def test_divergence_is_reported_with_its_step_and_cause(dtype):
    net = Network.random([1, 2, 1], "identity", dtype=dtype)
    x, y = [[1.0, -1.0, 2.0]], [[1.0, 0.0, -1.0]]
    with pytest.raises(Diverged, match="Likely cause: the learning rate eta=50 is too") as caught:
        train(net, x, y, epochs=1000, batch=3, eta=50, progress=False)
    error = caught.value
    assert f"step {error.step}" in str(error)
    assert error.history.epochs == error.step - 1
    assert error.history.stopped == f"diverged in epoch {error.step}"
    assert np.isfinite(error.network.flat()).all()
    assert isinstance(error, ArithmeticError)
    again = Loop(net, eta=50)
    with np.errstate(all="ignore"):
        for _ in range(error.step - 1):
            again.step(np.array(x), np.array(y))
        assert np.allclose(again.network.flat(), error.network.flat(), rtol=1e-3)
        with pytest.raises(Diverged):
            again.step(np.array(x), np.array(y))


@pytest.mark.parametrize(
    ("x", "y", "cause"),
    [
        ([[1.0, np.nan]], [[0.0, 0.0]], "the batch holds NaN"),
        ([[1.0, 2.0]], [[0.0, -np.inf]], "the batch holds NaN or infinity"),
        ([[1e200, 1e160]], [[0.0, 1.0]], "x goes up to 1e\\+200; scale it"),
        ([[1.0, 2.0]], [[0.0, 1e160]], "y goes up to 1e\\+160; scale it"),
    ],
)
def test_so_are_other_causes(x, y, cause):
    net = Network([[[1.0]]], [[0.0]], "identity")
    loop = Loop(net)
    loop.step(np.zeros((1, 2)), np.zeros((1, 2)))  # from now on values are not checked
    with np.errstate(all="ignore"), pytest.raises(Diverged, match=cause):
        loop.step(np.array(x), np.array(y))
    assert loop.network == net


def test_a_descent_that_leaps_to_infinity_is_stopped():
    class Leap(Descent):
        def step(self, w, g, state):
            return w + np.inf, state

    net = Network([[[1.0]]], [[0.0]], "identity")
    with pytest.raises(Diverged, match=r"Leap\(\) makes of the weights is not") as caught:
        train(net, [1.0], [0.0], epochs=1, descent=Leap(), progress=False)
    assert caught.value.network == net


def test_a_loss_that_ends_infinite_is_reported():
    """The weight is finite still, 1e150, and the square of the output is not."""
    net = Network([[[1.0]]], [[0.0]], "identity")
    with pytest.raises(Diverged, match="the loss is not finite in step 2"):
        train(net, [1e5], [0.0], epochs=1, eta=1e140, progress=False)


# — what is refused, and the bar —

NET = Network.random([2, 3, 1], ["tanh", "identity"], "binary_cross_entropy")
GOOD = {"net": NET, "x": np.zeros((2, 4)), "y": np.zeros((1, 4)), "epochs": 1}


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        ({"net": "sigmoid"}, TypeError, "training needs a Network of numbers; got str"),
        ({"net": Network.letters([2, 1], "tanh")}, TypeError, "got one of letters"),
        ({"x": np.zeros((4, 2))}, ValueError, "x has shape"),
        ({"x": np.full((2, 4), np.nan)}, ValueError, "x holds nan"),
        ({"y": np.zeros((1, 3))}, ValueError, "x holds 4 examples and y holds 3"),
        ({"y": np.full((1, 4), 2.0)}, ValueError, "between 0 and 1"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1; got 0"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number; got 1.5"),
        ({"batch": 0}, ValueError, "batch must be at least 1"),
        ({"batch": True}, TypeError, "batch must be a whole number"),
        ({"eta": -1}, ValueError, "eta must be above 0"),
        ({"descent": "adan"}, ValueError, "did you mean 'adam'"),
        ({"descent": Adam(), "eta": 0.1}, ValueError, r"say Adam\(eta=0.1\)"),
        ({"validation": np.zeros((2, 4))}, ValueError, "in validation, x has shape"),
        ({"validation": 3}, TypeError, r"validation must be a pair \(x, y\)"),
        ({"validation": (np.zeros((3, 4)), np.zeros((1, 4)))}, ValueError, "in validation, x has"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong, kind, message):
    with pytest.raises(kind, match=message):
        train(**(GOOD | wrong), progress=False)


def test_a_batch_that_does_not_fit_is_refused():
    loop = Loop(NET)
    loop.step(GOOD["x"], GOOD["y"])
    with pytest.raises(ValueError, match="y has shape"):
        loop.step(GOOD["x"], np.zeros((4,)))
    with pytest.raises(ValueError, match="x has shape"):
        loop.step(np.zeros((1, 4)), GOOD["y"])
    assert loop.steps == 1


@pytest.mark.parametrize(
    ("eta", "name", "descent"),
    [
        (None, "momentum", Momentum()),
        (0.5, "momentum", Momentum(eta=0.5)),
        (None, Momentum(0.2), Momentum(0.2)),
        (0.5, "gradient_descent", GradientDescent(0.5)),
    ],
)
def test_where_eta_comes_from(eta, name, descent):
    assert Loop(NET, eta, name).descent == descent


def test_the_bar_shows_how_far_it_is(capsys):
    train(**GOOD, batch=2)
    shown = capsys.readouterr().err
    assert "2/2" in shown
    assert "loss" in shown
    assert "accuracy" in shown


def test_without_a_bar_tqdm_is_not_needed(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    train(**GOOD, progress=False)
    assert capsys.readouterr() == ("", "")


def test_squared_error_is_the_usual_loss():
    assert NET.loss is not squared_error
    assert Network.random([2, 1], "tanh").loss is squared_error
