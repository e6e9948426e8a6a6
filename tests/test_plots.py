"""Do the plots show the numbers they were given? Asked of their data, never of their pixels."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt

from backprop import Network, plots
from backprop.oracles import epsilon_sweep
from backprop.training import History

HISTORY = History(
    loss=(0.9, 0.5, 0.2),
    accuracy=(0.4, 0.7, 0.9),
    validation_loss=(0.8, 0.6, 0.4),
    validation_accuracy=(0.5, 0.6, 0.8),
)


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("draw", "trained", "held_out"),
    [
        (plots.loss_curve, HISTORY.loss, HISTORY.validation_loss),
        (plots.accuracy_curve, HISTORY.accuracy, HISTORY.validation_accuracy),
    ],
)
def test_a_curve_is_drawn_for_training_and_for_held_out(draw, trained, held_out):
    _, ax = plt.subplots()
    assert draw(HISTORY, ax) is ax
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert tuple(lines["training"].get_ydata()) == trained
    assert tuple(lines["held out"].get_ydata()) == held_out
    assert lines["training"].get_linestyle() != lines["held out"].get_linestyle()


def test_without_validation_there_is_one_curve():
    ax = plots.loss_curve(History(loss=(1.0, 0.5)))
    assert len(ax.get_lines()) == 1


def test_learning_curves_show_both():
    figure = plots.learning_curves(HISTORY, "a title")
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss E", "right answers"]


def test_images_are_the_columns(rng):
    x = rng.random((6, 8))
    axes = plots.images(x, (2, 3), ["first"])
    shown = [ax.get_images()[0].get_array() for ax in axes if ax.get_images()]
    assert len(shown) == 8
    np.testing.assert_array_equal(np.ravel(shown[5]), x[:, 5])
    assert axes[0].get_title() == "first"


def test_weights_are_the_rows_on_one_scale_around_zero(rng):
    W = rng.standard_normal((9, 6))
    axes = plots.weight_images(W, (2, 3), 8, ["first"])
    shown = [ax.get_images()[0] for ax in axes if ax.get_images()]
    assert len(shown) == 8
    np.testing.assert_array_equal(np.ravel(shown[5].get_array()), W[5])
    assert {image.get_clim() for image in shown} == {(-np.abs(W[:8]).max(), np.abs(W[:8]).max())}
    assert axes[0].get_title() == "first"


def test_weights_that_are_all_zero_can_be_shown():
    (ax,) = plots.weight_images(np.zeros((1, 6)), (2, 3))
    assert ax.get_images()[0].get_clim() == (-1, 1)


def test_the_colours_of_weights_are_white_at_zero_and_differ_by_sign():
    below, zero, above = plots.SIGNED([0.0, 0.5, 1.0])
    np.testing.assert_array_equal(zero, 1)
    assert mpl.colors.to_hex(below).upper() == plots.ORANGE
    assert mpl.colors.to_hex(above).upper() == plots.BLUE


def test_epsilon_curves_show_the_sweep():
    net = Network.random([2, 3, 1], "tanh", seed=1)
    sweep = epsilon_sweep(net, [1.0, 2.0], [0.5])
    ax = plots.epsilon_curves(sweep)
    lines = {line.get_label(): line for line in ax.get_lines()}
    for label in ("one-sided", "central", "complex step"):
        np.testing.assert_array_equal(lines[label].get_xdata(), sweep.eps)
        errors = getattr(sweep, label.replace(" ", "_").replace("-", "_"))
        np.testing.assert_array_equal(lines[label].get_ydata(), errors)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_no_curve_of_a_complex_step_where_none_can_be_taken():
    net = Network.random([2, 3, 1], ["relu", "identity"], seed=1)
    ax = plots.epsilon_curves(epsilon_sweep(net, [1.0, 2.0], [0.5]))
    assert [line.get_label() for line in ax.get_lines()] == ["one-sided", "central"]


def test_growth_is_sorted_by_parameters():
    ax = plots.growth_curves([(12, 1456, 60), (2, 39, 11), (9, 725, 42)])
    written_out, by_backprop = ax.get_lines()
    assert list(written_out.get_xdata()) == [2, 9, 12]
    assert list(by_backprop.get_ydata()) == [11, 42, 60]
