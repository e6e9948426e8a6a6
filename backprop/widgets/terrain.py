"""The loss over two parameters of a network, as a landscape, and the map of a part of it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from backprop.axes import Axes
from backprop.diagram import typeset, written
from backprop.equations import backward
from backprop.letters import Letter
from backprop.network import forward, target, weighted_sum
from backprop.widgets.contours import contours, heights, shades
from backprop.widgets.parameters import check_few, place

POINTS = 61  # of the map's grid, in a row
WIDTH = 340  # px, of the map


class Landscape:
    """E as a function of a point (u, v): two of a network's parameters, the others as they are.

    >>> from backprop.examples import mazur
    >>> land = Landscape(*mazur()[:3], ("w2_1_1", "w2_2_1"))
    >>> land.start, round(land.loss(land.start), 6)
    (array([0.4, 0.5]), 0.298371)
    >>> land.slope(land.start).round(4)
    array([ 0.0822, -0.0226])
    """

    def __init__(self, net, x, y, axes=None):
        check_few(net)
        self.axes = tuple(axes or _two(net))
        self.places = [place(net, name) for name in self.axes]
        if len(self.axes) != 2 or self.axes[0] == self.axes[1]:
            raise ValueError(f"axes must be two different parameters; got {', '.join(self.axes)}")
        self.net, self.trace = net, forward(net, x)
        self.y = target(net, y, self.trace.output.shape[1])
        self.flat = net.flat()
        self.start = self.flat[self.places]

    def at(self, point):
        """The network with the two parameters at that point."""
        flat = self.flat.copy()
        flat[self.places] = point
        return self.net.with_flat(flat)

    def loss(self, point):
        """E at a point."""
        return float(self.losses([point[0]], [point[1]])[0])

    def losses(self, us, vs):
        """E at many points at once: what the two change is stacked, a matrix for each point."""
        net = self.net
        stacks = {"w": dict(net.W), "b": dict(net.b)}
        for name, values in zip(self.axes, (us, vs), strict=True):
            letter, layer, (j, *i) = Letter(name).parts
            stack, l = stacks[letter], int(layer)
            if stack[l].ndim == 2:
                stack[l] = np.repeat(stack[l][np.newaxis], len(values), axis=0)
            stack[l][:, int(j) - 1, int(i[0]) - 1 if i else 0] = values
        a = self.trace.a[0]
        for l, f in net.f.items():
            a = f.value(weighted_sum(stacks["w"][l], a, stacks["b"][l]))
        return np.array([net.loss.value(output, self.y) for output in a])

    def slope(self, point):
        """(∂E/∂u, ∂E/∂v) at a point."""
        net = self.at(point)
        return backward(net, forward(net, self.trace.a[0]), self.y).flat()[self.places]

    def grid(self, us, vs):
        """E at every u and v, a row for each v."""
        return np.array([self.losses(us, np.full(len(us), v)) for v in vs])

    def turned(self, axes, point=None):
        """The landscape over two other parameters, these two staying where they are at a point."""
        net = self.net if point is None else self.at(point)
        return Landscape(net, self.trace.a[0], self.y, axes)


def _two(net):
    """A weight into each of two outputs, or the first two parameters of the only one."""
    L, n = net.L, net.sizes[-1]
    other = f"w{L}_2_1" if n > 1 else f"w{L}_1_2" if net.sizes[-2] > 1 else f"b{L}_1"
    return f"w{L}_1_1", other


@dataclass(frozen=True)
class Window:
    """The part of a landscape that is shown: two numbers for each axis."""

    across: tuple
    up: tuple

    @classmethod
    def around(cls, point, span):
        """As wide as high, with round edges, and the point not far from its middle.

        >>> Window.around((0.4, 5.0), 8)
        Window(across=(-4.0, 4.0), up=(0.0, 8.0))
        """
        step = span / 4
        middles = (step * round(value / step) for value in point)
        return cls(*((float(m - span / 2), float(m + span / 2)) for m in middles))

    def holds(self, point):
        ends = zip(point, (self.across, self.up), strict=True)
        return all(low <= value <= high for value, (low, high) in ends)

    def nearest(self, point):
        """The point itself, or the place on the edge that is nearest to it."""
        return [np.clip(v, *e) for v, e in zip(point, (self.across, self.up), strict=True)]


@lru_cache(maxsize=16)
def chart(land, window, top=36):
    """The map without anything on it, drawn once: axes to be copied, and the grid of losses."""
    (left, right), (low, high) = window.across, window.up
    height = WIDTH * (high - low) / (right - left)
    place = {"left": 60, "top": top, "width": WIDTH, "height": height}
    names = typeset(land.axes[0]), written(land.axes[1])
    ax = Axes(window.across, window.up, *names, **place, most=(7, 7))
    us, vs = np.linspace(left, right, POINTS), np.linspace(low, high, POINTS)
    with np.errstate(over="ignore"):
        values = land.grid(us, vs)
    levels = steps(float(values.min()), float(values.max()))
    shades(ax, us, vs, values, levels, "rim", 0.1)
    heights(ax, contours(ax, us, vs, values, levels), [f"{level:g}" for level in levels])
    return ax, values


def steps(low, high, most=9):
    """Round heights for contours, closer together where it is low.

    >>> steps(0, 2)
    [0.025, 0.099, 0.22, 0.4, 0.62, 0.89, 1.2, 1.6]
    """
    rounded = {float(f"{low + (high - low) * (k / most) ** 2:.2g}") for k in range(1, most)}
    return sorted(level for level in rounded if low < level < high)
