"""Do the plots show the numbers they were given? Asked of their data, never of their pixels."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt

from backprop import plots
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


def test_growth_is_sorted_by_parameters():
    ax = plots.growth_curves([(12, 1456, 60), (2, 39, 11), (9, 725, 42)])
    written_out, by_backprop = ax.get_lines()
    assert list(written_out.get_xdata()) == [2, 9, 12]
    assert list(by_backprop.get_ydata()) == [11, 42, 60]
