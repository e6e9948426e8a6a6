"""Plots as SVG, for pictures that move: axes, curves, marks, areas and shaded cells, with words.

The same numbers give the same string, and the same calls the same elements in the same order, so
that a widget has only changed attributes to patch. The colours are those of the diagram; a kind
that has one also has a dash or a shape. `axes.css` says which kinds there are.
"""

import math
from copy import copy
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from backprop.diagram import Picture

STYLE = " ".join(Path(__file__).with_name("axes.css").read_text(encoding="utf-8").split())
WIDE = 7.4  # px: a character in a legend is at most this wide, on average
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Scale:
    """Where a number lies between `low` (0) and `high` (1), evenly or by its logarithm.

    The ticks of a `whole` scale are whole numbers.

    >>> Scale(-1, 1)(0.5), Scale(0.01, 100, log=True)(1.0)
    (0.75, 0.5)
    >>> Scale(0, 1).ticks(), Scale(0.01, 1, log=True).ticks()
    ([(0.0, '0.0'), (0.2, '0.2'), (0.4, '0.4'), (0.6, '0.6'), (0.8, '0.8'), (1.0, '1.0')],
     [(0.01, '10⁻²'), (0.1, '10⁻¹'), (1.0, '10⁰')])
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def __call__(self, value):
        low, high, value = (self._even(v) for v in (self.low, self.high, value))
        place = (value - low) / (high - low)
        return place if np.ndim(place) else float(place)

    def _even(self, value):
        if not self.log:
            return np.asarray(value, dtype=float)
        with np.errstate(divide="ignore"):  # a zero lies infinitely far down
            return np.log10(value)

    def ticks(self, most=7):
        """Round numbers in between, at most so many, as pairs (number, text).

        Steps are 1, 2 or 5 times a power of ten; on a logarithmic scale, whole powers of ten.
        """
        low, high = float(self._even(self.low)), float(self._even(self.high))
        least = (high - low) / (most - 1)
        power = 10.0 ** math.floor(math.log10(least))
        step = next(k * power for k in (1, 2, 5, 10) if k * power >= least * (1 - 1e-9))
        step = max(step, 1.0) if self.log or self.whole else step
        places = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
        if self.log:
            powers = [round(k * step) for k in places]
            return [(10.0**p, f"10{str(p).translate(RAISED)}") for p in powers]
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        values = [round(k * step, decimals) + 0.0 for k in places]
        return [(v, f"{v:.{decimals}f}".replace("-", "−")) for v in values]


class Axes:
    """One panel: numbers in, SVG elements out, in a box of `width` × `height` at (left, top).

    `x` and `y` are pairs (low, high) or a :class:`Scale`. What is drawn later lies above; lines and
    areas end at the box, marks and texts may stand over its edge. `kind` is a list of the classes
    in axes.css: "plus" (blue), "minus" (orange), "third" (green), "rim" (grey), "dashed",
    "dotted", "thin", "thick", for marks "open". `name` makes a part that a click picks.

    >>> ax = Axes((0, 1), (0, 2), left=50, top=30, width=100, height=100)
    >>> ax.at(0.5, 0.5)
    (100.0, 105.0)
    """

    def __init__(
        self, x, y, xlabel="", ylabel="", *, left=56, top=30, width=520, height=300, most=(9, 6)
    ):
        self.x, self.y = (s if isinstance(s, Scale) else Scale(*map(float, s)) for s in (x, y))
        self.left, self.top, self.width, self.height = left, top, width, height
        self.inside, self.above = [], []
        self.frame = self._frame(xlabel, ylabel, most)

    @property
    def right(self):
        return self.left + self.width

    @property
    def bottom(self):
        return self.top + self.height

    def at(self, x, y):
        """The place of a point in the picture; for arrays, arrays."""
        return self.left + self.x(x) * self.width, self.bottom - self.y(y) * self.height

    def _frame(self, xlabel, ylabel, most):
        parts = []
        for value, text in self.x.ticks(most[0]):
            x = self.left + self.x(value) * self.width
            parts.append(_line("grid", x, self.top, x, self.bottom))
            parts.append(_text(x, self.bottom + 18, text, "tick middle"))
        for value, text in self.y.ticks(most[1]):
            y = self.bottom - self.y(value) * self.height
            parts.append(_line("grid", self.left, y, self.right, y))
            parts.append(_text(self.left - 8, y + 5, text, "tick end"))
        parts.append(_line("axis", self.left, self.bottom, self.right, self.bottom))
        parts.append(_line("axis", self.left, self.top, self.left, self.bottom))
        middle = self.left + self.width / 2
        parts.append(_text(middle, self.bottom + 38, xlabel, "middle") if xlabel else "")
        parts.append(_text(max(self.left - 44, 4), self.top - 12, ylabel, "strong"))
        return "".join(parts)

    def copy(self):
        """The same with all that is drawn, to draw more upon: what does not move is drawn once."""
        fresh = copy(self)
        fresh.inside, fresh.above = [*self.inside], [*self.above]
        return fresh

    # — what can be drawn; each returns the axes —

    def line(self, xs, ys, kind="plus", name=""):
        """A curve through points; a NaN is a gap, so that one curve may have many pieces."""
        self.inside.append(_shape(f"line {kind}", _path(*self._points(xs, ys)), name))
        return self

    def across(self, x=None, y=None, kind="rim thin dashed"):
        """A straight line from edge to edge, upright at x or level at y."""
        xs = (self.x.low, self.x.high) if x is None else (x, x)
        ys = (self.y.low, self.y.high) if y is None else (y, y)
        return self.line(xs, ys, kind)

    def area(self, xs, below, above, kind="plus", opacity=0.25, name=""):
        """What lies between two curves over the same xs."""
        px, low = self._points(xs, below)
        _, high = self._points(xs, above)
        d = _path(np.concatenate([px, px[::-1]]), np.concatenate([high, low[::-1]]))
        self.inside.append(_shape(f"fill {kind}", d + "Z" * bool(d), name, opacity))
        return self

    def cells(self, levels, shades):
        """The box as an even grid of shaded cells; row 0 of `levels` is the lowest.

        `levels` holds a whole number k for each cell, whose shade is `shades[k]`: a pair (kind,
        opacity). Each shade is one element, whatever the numbers; other numbers leave a cell bare.
        """
        levels = np.asarray(levels)
        rows, columns = levels.shape
        high, wide = self.height / rows, self.width / columns
        paths = [[] for _ in shades]
        for row, values in enumerate(levels):
            starts = np.flatnonzero(np.diff(values, prepend=values[0] - 1))
            y = self.bottom - (row + 1) * high
            for start, end in zip(starts, [*starts[1:], columns], strict=True):
                if 0 <= values[start] < len(shades):
                    x, w = self.left + start * wide, (end - start) * wide
                    paths[values[start]].append(f"M{_n(x)} {_n(y)}h{_n(w)}v{_n(high)}h{_n(-w)}Z")
        for (kind, opacity), path in zip(shades, paths, strict=True):
            self.inside.append(_shape(f"fill {kind}", "".join(path), opacity=opacity))
        return self

    def marks(self, xs, ys, kind="plus", shape="circle", size=6, name=""):
        """Those points that lie in the box, all in one element.

        `shape` is "circle", "square", "diamond", "up" or "cross".
        """
        px, py = self._points(np.atleast_1d(xs), np.atleast_1d(ys))
        there = (self.left - 0.1 <= px) & (px <= self.right + 0.1)
        there &= (self.top - 0.1 <= py) & (py <= self.bottom + 0.1)
        places = zip(px[there].tolist(), py[there].tolist(), strict=True)
        d = "".join(_outline(shape, x, y, size) for x, y in places)
        self.above.append(_shape(f"mark {kind}", d, name))
        return self

    def text(self, x, y, words, kind="over", dx=0, dy=0):
        """Words (SVG text, so escape what you did not write) at a point, moved by dx, dy pixels.

        Besides "over", which cuts what lies beneath: "middle", "end", "strong".
        """
        px, py = self._points(x, y)
        self.above.append(_text(px + dx, py + dy + 5, words, kind))
        return self

    def legend(self, *entries):
        """What lines mean, pairs (kind, words), in a row above the upper right corner."""
        x = self.right - sum(44 + WIDE * len(words) for _, words in entries)
        for kind, words in entries:
            sample = f"M{_n(x)} {_n(self.top - 17)}h30"
            self.above.append(_shape(f"line {kind}", sample))
            self.above.append(_text(x + 36, self.top - 12, words, "tick"))
            x += 44 + WIDE * len(words)
        return self

    def badge(self, words):
        """A warning above the upper right corner, on a bright ground; none without words."""
        if words:
            wide = WIDE * len(words) + 14
            place = f'x="{_n(self.right - wide)}" y="{_n(self.top - 29)}" width="{_n(wide)}"'
            self.above.append(f'<rect class="badge" {place} height="24" rx="5"/>')
            self.above.append(_text(self.right - wide / 2, self.top - 12, words, "tick middle"))
        return self

    def svg(self):
        """All of it as SVG elements."""
        place = f'x="{_n(self.left)}" y="{_n(self.top)}" width="{_n(self.width)}"'
        box = f"{_n(self.left)} {_n(self.top)} {_n(self.width)} {_n(self.height)}"
        inside = (
            f'<svg {place} height="{_n(self.height)}" viewBox="{box}">{"".join(self.inside)}</svg>'
        )
        return f"<g>{self.frame}{inside}{''.join(self.above)}</g>"

    def _points(self, xs, ys):
        """Places in the picture; what lies far outside comes to lie one box outside."""
        px, py = self.at(np.asarray(xs, dtype=float), np.asarray(ys, dtype=float))
        px = np.clip(px, self.left - self.width, self.right + self.width)
        return px, np.clip(py, self.top - self.height, self.bottom + self.height)


def plot(title, words, *axes, width=None, height=None, more=""):
    """Panels as one picture, an SVG string that shows itself; `words` is its alternative text.

    `more` is SVG that is put above them, such as a legend.

    >>> ax = Axes((0, 1), (0, 1)).line([0, 1], [0, 1])
    >>> plot("A line", "From (0, 0) to (1, 1).", ax).alt
    'From (0, 0) to (1, 1).'
    """
    width = width or max(ax.right for ax in axes) + 20
    height = height or max(ax.bottom for ax in axes) + 46
    picture = Picture(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="bp-plot" role="img" '
        f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}">'
        f"<title>{escape(title)}</title><desc>{escape(words)}</desc>"
        f"<style>{STYLE}</style>{''.join(ax.svg() for ax in axes)}{more}</svg>"
    )
    picture.alt = words
    return picture


def italic(letter):
    """A letter in italics, as in formulas, for `Axes.text` and labels."""
    return f'<tspan class="name">{letter}</tspan>'


CORNERS = {  # of a mark of size 1
    "square": [(-1, -1), (1, -1), (1, 1), (-1, 1)],
    "diamond": [(0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)],
    "up": [(0, -1.2), (1.2, 0.9), (-1.2, 0.9)],
    "cross": [
        *((0, -0.5), (0.7, -1.2), (1.2, -0.7), (0.5, 0), (1.2, 0.7), (0.7, 1.2)),
        *((0, 0.5), (-0.7, 1.2), (-1.2, 0.7), (-0.5, 0), (-1.2, -0.7), (-0.7, -1.2)),
    ],
}


def _outline(shape, x, y, size):
    if shape == "circle":
        arc = f"a{size:g} {size:g} 0 1 0"
        return f"M{_n(x - size)} {_n(y)}{arc} {2 * size:g} 0{arc} {-2 * size:g} 0Z"
    corners = (f"{_n(x + size * dx)} {_n(y + size * dy)}" for dx, dy in CORNERS[shape])
    return f"M{'L'.join(corners)}Z"


def _n(value):
    """A length with at most one decimal; never −0."""
    return f"{round(float(value), 1) + 0.0:g}"


def _path(px, py):
    """M x y L x y ..., begun anew after every gap."""
    parts, down = [], False
    px, py = (np.round(p, 1) + 0.0 for p in (px, py))  # never −0
    for x, y in zip(px.tolist(), py.tolist(), strict=True):
        there = x == x and y == y
        if there:
            parts.append(f"{'L' if down else 'M'}{x:g} {y:g}")
        down = there
    return "".join(parts)


def _shape(kind, d, name="", opacity=None):
    name = f' data-name="{escape(name)}"' if name else ""
    opacity = f' fill-opacity="{opacity:g}"' if opacity is not None else ""
    return f'<path class="{kind}"{name}{opacity} d="{d}"/>'


def _line(kind, x1, y1, x2, y2):
    return f'<line class="{kind}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'


def _text(x, y, words, kind):
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{words}</text>'
