"""Pictures that change seldom, drawn with matplotlib: each takes axes to draw on and returns them.

One style for all: colours that a colour-blind reader can tell apart (M. Okabe and K. Ito, 2008),
and never colour alone, but also dashes, markers and labels.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

BLUE, ORANGE = "#0072B2", "#D55E00"


def loss_curve(history, ax=None):
    """The loss after each epoch, in training and, where it was measured, on held-out examples."""
    ax = _curves(ax, history.loss, history.validation_loss)
    ax.set(ylabel="loss E", ylim=(0, None))
    return ax


def accuracy_curve(history, ax=None):
    """The share of right answers after each epoch, in training and on held-out examples."""
    ax = _curves(ax, history.accuracy, history.validation_accuracy)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.set(ylabel="right answers", ylim=(None, 1.01))
    return ax


def learning_curves(history, title=""):
    """A figure of both, side by side."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    loss_curve(history, left)
    accuracy_curve(history, right)
    figure.suptitle(title)
    return figure


def images(x, shape, titles=(), axes=None):
    """The columns of x as grey images of that shape (height, width), one an axes, with titles."""
    x = np.asarray(x)
    if axes is None:
        columns = min(x.shape[1], 6)
        rows = -(-x.shape[1] // columns)
        _, axes = plt.subplots(
            rows, columns, squeeze=False, layout="constrained", figsize=(1.6 * columns, 1.9 * rows)
        )
    axes = np.ravel(axes)
    for ax in axes:
        ax.set_axis_off()
    titles = [*titles, *[""] * (x.shape[1] - len(titles))]
    for ax, column, title in zip(axes, x.T, titles, strict=False):
        ax.imshow(column.reshape(shape), cmap="gray_r", vmin=0, vmax=1)
        ax.set_title(title, fontsize=9)
    return axes


def growth_curves(rows, ax=None):
    """How many operations the gradients take, written out and by backpropagation.

    `rows` are triples (parameters, operations written out, operations of backpropagation), as
    `backprop.derivation.growth` gives them; operations are counted on a logarithmic scale.
    """
    parameters, written_out, by_backprop = zip(*sorted(rows), strict=True)
    ax = _styled(ax)
    ax.semilogy(parameters, written_out, "s--", color=ORANGE, label="every gradient written out")
    ax.semilogy(parameters, by_backprop, "o-", color=BLUE, label="backpropagation")
    ax.set(xlabel="weights and biases", ylabel="operations")
    ax.legend(frameon=False)
    return ax


def _curves(ax, trained, held_out):
    ax = _styled(ax)
    for values, style, color, label in (
        (trained, "-", BLUE, "training"),
        (held_out, "--", ORANGE, "held out"),
    ):
        if values:
            ax.plot(range(len(values)), values, style, color=color, label=label)
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(frameon=False)
    return ax


def _styled(ax):
    """The axes, or new ones, in the course's style: a light grid, no box around."""
    if ax is None:
        ax = plt.subplots(figsize=(5, 3.4), layout="constrained")[1]
    ax.grid(alpha=0.3)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
