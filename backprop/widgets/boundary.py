"""A network while it learns to tell two classes apart: its boundary, epoch by epoch."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backprop.axes import Axes, Scale, plot
from backprop.datasets import Dataset
from backprop.diagram import number
from backprop.network import forward, loss_of
from backprop.training import Diverged, Loop, accuracy, batches
from backprop.widgets.contours import contours, legend, shades
from backprop.widgets.player import Player
from backprop.widgets.scene import View

MOST = 60  # pictures, besides the first
POINTS = 49  # of the map's grid, in a row
SURE = (0.1, 0.3, 0.5)  # below these, and above one minus these, a shade more
CLASSES = ("plus", "circle"), ("minus", "square")  # how the points of 0 and of 1 are drawn


def watch_training(net, data, epochs=60, batch=32, eta=0.5, seed=0):
    """The decision boundary of a network of two inputs while it trains on a Dataset.

    Every epoch goes through the examples to learn from in an order drawn with `seed`, as `train`
    does, by gradient descent with learning rate `eta`. The pictures are made beforehand, at most 60
    besides the first. Raises ValueError for a network that does not have two inputs and one output,
    and for targets that are not 0 or 1.

    >>> from backprop import Network
    >>> from backprop.datasets import xor
    >>> net = Network.random([2, 3, 1], ["tanh", "identity"], "binary_cross_entropy", seed=1)
    >>> watch_training(net, xor(), epochs=200, batch=4).move("frame", 60)
    Epoch 200 of 200. Loss 0.0491, 4 of 4 (100.0 %) points on the right side.
    """
    if (net.sizes[0], net.sizes[-1]) != (2, 1):
        raise ValueError(
            f"{net} has {net.sizes[0]} inputs and {net.sizes[-1]} outputs; a boundary can be drawn "
            f"for 2 inputs, its map, and 1 output, on either side of ½"
        )
    if not np.isin(data.y_train, (0, 1)).all():
        raise ValueError("the targets must be 0 or 1, one class on each side of the boundary")
    training = Training(data, epochs, *_trained(net, data, epochs, batch, eta, seed))
    every, last = -(-epochs // MOST), len(training.nets) - 1
    seen = [*range(0, last, every), last]
    return Player([training.view(k) for k in seen], [str(k) for k in seen], pace=200)


def _trained(net, data, epochs, batch, eta, seed):
    """The network before the first epoch and after each, and whether it diverged in the next."""
    loop, rng, nets = Loop(net, eta), np.random.default_rng(seed), [net]
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            try:
                for chosen in batches(data.x_train.shape[1], batch, rng):
                    loop.step(data.x_train[:, chosen], data.y_train[:, chosen])
            except Diverged:
                return nets, True
            nets.append(loop.network)
    return nets, False


@dataclass(frozen=True, eq=False)
class Training:
    """A training that is over: the network after each epoch, the first one untrained."""

    data: Dataset
    epochs: int
    nets: list
    diverged: bool

    @cached_property
    def losses(self):
        return self._measured(loss_of, self.data.x_train, self.data.y_train)

    @cached_property
    def held_out(self):
        """The losses on held-out examples; none where they are the same as those learned from."""
        if self.data.x_test is self.data.x_train:
            return ()
        return self._measured(loss_of, self.data.x_test, self.data.y_test)

    def _measured(self, f, x, y):
        with np.errstate(all="ignore"):
            return [float(f(net, x, y)) for net in self.nets]

    def view(self, epoch):
        """The boundary and the losses after so many epochs."""
        said = self.words(epoch)
        return View(self.picture(epoch, said), "", said)

    # — in words —

    def words(self, epoch):
        net, data = self.nets[epoch], self.data
        told = f"Epoch {epoch} of {self.epochs}. Loss {number(self.losses[epoch], 4)}, "
        told += f"{self._right(net, data.x_train, data.y_train)} points on the right side."
        if self.held_out:
            told += f" Held out: loss {number(self.held_out[epoch], 4)}, "
            told += f"{self._right(net, data.x_test, data.y_test)}."
        if self.diverged and epoch == len(self.nets) - 1:
            told += " In the next epoch it diverged: the learning rate is too large."
        return told

    def _right(self, net, x, y):
        share, m = accuracy(net, x, y), x.shape[1]
        return f"{round(share * m)} of {m} ({100 * share:.1f} %)"

    # — the picture —

    def picture(self, epoch, said):
        ax, curves = self.map.copy(), self.curves.copy()
        self._regions(ax, self.nets[epoch])
        self._points(ax, self.nets[epoch])
        curves.across(x=epoch)
        if self.held_out:
            curves.marks(epoch, self.held_out[epoch], "minus", "square", 6)
        curves.marks(epoch, self.losses[epoch], "plus", size=6)
        what = "The plane of the two inputs with the boundary of the two classes, and the losses"
        return plot("Boundary in training", f"{what}. {said}", ax, curves, more=self.key)

    def _regions(self, ax, net):
        """Shades by how sure the network is, strokes where it says 1, a line where it says ½."""
        xs, ys = (np.linspace(s.low, s.high, POINTS) for s in (ax.x, ax.y))
        says = _says(net, xs, ys)
        shades(ax, xs, ys, says, SURE, "plus", 0.13, side=-1)
        shades(ax, xs, ys, says, [1 - p for p in SURE], "minus", 0.13, side=1)
        ones = np.argwhere(says[2::4, 2::4] > 1 / 2)
        px, py = ax.at(xs[2::4][ones[:, 1]], ys[2::4][ones[:, 0]])
        strokes = "".join(f"M{x - 4:.0f} {y + 4:.0f}l8-8" for x, y in zip(px, py, strict=True))
        ax.inside.append(f'<path class="line minus thin" d="{strokes}"/>')
        contours(ax, xs, ys, says, [1 / 2], "thick")

    def _points(self, ax, net):
        x, y = self.data.x_train, self.data.y_train[0]
        with np.errstate(all="ignore"):
            wrong = (net.loss.predict(forward(net, x).output)[0] > 1 / 2) != (y == 1)
        size = 4.5 if len(y) > 50 else 7
        ax.marks(*x[:, wrong], "open", size=size + 4)
        for label, (kind, shape) in enumerate(CLASSES):
            ax.marks(*x[:, y == label], kind, shape, size)

    @cached_property
    def map(self):
        """The plane of the inputs: all points and some room, in equal scales."""
        low, high = self.data.x_train.min(axis=1), self.data.x_train.max(axis=1)
        middle, wide = (low + high) / 2, 1.3 * (high - low)
        wide = np.maximum(wide, 0.7 * wide.max() or 1.0)
        (left, bottom), (right, top) = middle - wide / 2, middle + wide / 2
        scale = min(400 / wide[0], 310 / wide[1])  # pixels
        place = {"left": 56, "top": 66, "width": scale * wide[0], "height": scale * wide[1]}
        return Axes((left, right), (bottom, top), "x₁", "x₂", **place, most=(7, 7))

    @cached_property
    def curves(self):
        """The losses of all epochs; what training has not yet seen is there to look forward to."""
        left, height = self.map.right + 76, self.map.height
        high = 1.05 * min(max(*self.losses, *self.held_out), 3 * self.losses[0])
        place = {"left": left, "top": 66, "width": 790 - left, "height": height, "most": (6, 6)}
        ax = Axes(Scale(0, self.epochs, whole=True), (0, high or 1), "epoch", "loss", **place)
        ax.line(range(len(self.losses)), self.losses)
        if self.held_out:
            ax.line(range(len(self.held_out)), self.held_out, "minus dashed")
            ax.legend(("plus", "training"), ("minus dashed", "held out"))
        return ax

    @cached_property
    def key(self):
        entries = [
            ("", kind, shape, f"y = {k}" if name == str(k) else f"{name}, y = {k}")
            for k, (name, (kind, shape)) in enumerate(zip(self.data.names, CLASSES, strict=True))
        ]
        entries += [("", "open", "circle", "on the wrong side"), ("thick", "", "", "boundary, ½")]
        return legend(entries, 24, 6, 780).svg()


def _says(net, xs, ys):
    """What the network predicts at every x₁ and x₂, a row for each x₂."""
    grid = np.array(np.meshgrid(xs, ys)).reshape(2, -1)
    with np.errstate(all="ignore"):
        return net.loss.predict(forward(net, grid).output).reshape(len(ys), len(xs))
