"""A walk on the loss over two parameters: where it has led so far, and where each move leads."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backprop.descent import GradientDescent
from backprop.widgets.terrain import Landscape, Window

SPANS = (2, 4, 8, 16, 32)  # widths of the map
FAR = 1_000_000  # a walk goes no further


@dataclass(frozen=True, eq=False)
class Walk:
    """What the reader has set: a landscape, the points of the way so far, and what is shown.

    >>> from backprop.examples import mazur
    >>> walk = Walk.on(Landscape(*mazur()[:3]), eta=0.5)
    >>> walk.point, len(walk.stepped(10).way)
    ((0.4, 0.5), 11)
    """

    land: Landscape
    way: tuple
    eta: float
    cut: int = 0
    span: float = 8.0

    @classmethod
    def on(cls, land, eta):
        return cls(land, (tuple(land.start.tolist()),), eta)

    @property
    def point(self):
        return self.way[-1]

    @property
    def window(self):
        return Window.around(self.land.start, self.span)

    @cached_property
    def E(self):
        return self.land.loss(self.point)

    @cached_property
    def slope(self):
        """(∂E/∂u, ∂E/∂v) at the point."""
        return self.land.slope(self.point)

    @cached_property
    def after(self):
        """The point after the next step of gradient descent."""
        step, _ = GradientDescent(self.eta).step(np.array(self.point), self.slope, None)
        return tuple(step.tolist())

    @cached_property
    def E_after(self):
        return self.land.loss(self.after)

    # — moves —

    def stepped(self, times):
        """So many steps further, as far as they lead, on a map that holds the point."""
        walk = self
        for _ in range(times):
            if not far(walk.after):
                walk = replace(walk, way=(*walk.way, walk.after))
        return walk._widened()

    def _widened(self):
        """With the narrowest map, not narrower than now, that holds the point; else the widest."""
        for span in SPANS:
            wider = replace(self, span=max(float(span), self.span))
            if wider.window.holds(self.point):
                break
        return wider

    def put(self, k, value):
        """The point put elsewhere along axis k: the way begins there."""
        point = list(self.point)
        point[k] = float(value)
        return replace(self, way=(tuple(point),))

    def over(self, k, name):
        """With another parameter along axis k; the two change places if they would be the same."""
        axes = list(self.land.axes)
        if axes[1 - k] == name:
            axes[1 - k] = axes[k]
        axes[k] = name
        return self.begun(self.land.turned(axes, self.point))

    def begun(self, land):
        """The way begins on that landscape."""
        return replace(self, land=land, way=(tuple(land.start.tolist()),))


def far(point):
    return max(map(abs, point)) > FAR


def react(start, walk, name, value):
    """The state after the control of that name was moved to `value`."""
    moves = {
        "step": lambda: walk.stepped(1),
        "ten": lambda: walk.stepped(10),
        "value_0": lambda: walk.put(0, value),
        "value_1": lambda: walk.put(1, value),
        "axis_0": lambda: walk.over(0, value),
        "axis_1": lambda: walk.over(1, value),
        "reset": lambda: walk.begun(start.land.turned(walk.land.axes)),
        "log_eta": lambda: replace(walk, eta=float(f"{10 ** float(value):.2g}")),
        "cut": lambda: replace(walk, cut=int(value)),
        "span": lambda: replace(walk, span=float(value)),
    }
    return moves[name]() if name in moves else walk
