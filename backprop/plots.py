"""Pictures that change seldom, drawn with matplotlib: each takes axes to draw on and returns them.

One style for all: colours that a colour-blind reader can tell apart (M. Okabe and K. Ito, 2008),
and never colour alone, but also dashes, markers and labels.
"""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator, PercentFormatter

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#595959"
SIGNED = LinearSegmentedColormap.from_list("signed", [ORANGE, "white", BLUE], 257)


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
    return _pictures(np.transpose(x), shape, titles, axes, cmap="gray_r", vmin=0, vmax=1)


def weight_images(W, shape, n=12, titles=(), axes=None):
    """The weights into each of the first n units, rows of W, as images of that shape.

    Blue is positive, orange negative, white zero, on one scale for all: the bar beside them.
    """
    W = np.asarray(W)[:n]
    largest = np.abs(W).max() or 1
    axes = _pictures(W, shape, titles, axes, cmap=SIGNED, vmin=-largest, vmax=largest)
    image = axes[0].get_images()[0]
    bar = axes[0].figure.colorbar(image, ax=axes, shrink=0.6, label="weight")
    bar.ax.yaxis.set_major_formatter(lambda w, _: f"{w:+.2g}" if w else "0")
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


def epsilon_curves(sweep, ax=None):
    """How far numerical gradients are off, for each step ε, as `epsilon_sweep` measured it.

    The complex step is left out where none can be taken.
    """
    ax = _styled(ax)
    for errors, style, color, label in (
        (sweep.one_sided, "^:", GREY, "one-sided"),
        (sweep.central, "o-", BLUE, "central"),
        (sweep.complex_step, "s--", ORANGE, "complex step"),
    ):
        if not np.isnan(errors).all():
            ax.loglog(sweep.eps, errors, style, color=color, label=label)
    ax.set(xlabel="step ε", ylabel="relative error")
    ax.legend(frameon=False)
    return ax


def _pictures(rows, shape, titles, axes, **scale):
    """Each row as an image of that shape, at most six side by side."""
    if axes is None:
        wide = min(len(rows), 6)
        high = -(-len(rows) // wide)
        size = 1.6 * wide, 1.9 * high
        axes = plt.subplots(high, wide, squeeze=False, layout="constrained", figsize=size)[1]
    axes = np.ravel(axes)
    for ax in axes:
        ax.set_axis_off()
    titles = [*titles, *[""] * (len(rows) - len(titles))]
    for ax, row, title in zip(axes, rows, titles, strict=False):
        ax.imshow(row.reshape(shape), **scale)
        ax.set_title(title, fontsize=9)
    return axes


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
