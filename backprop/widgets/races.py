"""Races downhill, from one start on one landscape: learning rates, and descents."""

from dataclasses import dataclass
from functools import cached_property
from html import escape

import numpy as np

from backprop.axes import Axes, Scale, plot
from backprop.descent import Adam, Descent, GradientDescent, Momentum, Nesterov, RMSProp
from backprop.diagram import number, written
from backprop.examples import Example
from backprop.network import Network
from backprop.widgets.contours import legend
from backprop.widgets.player import Player
from backprop.widgets.scene import View
from backprop.widgets.terrain import Landscape, Window, chart

LANES = (  # kind of line, kind of mark and its shape
    ("plus", "plus", "circle"),
    ("minus dashed", "minus", "square"),
    ("third dotted", "third", "diamond"),
    ("thin", "", "up"),
    ("rim dashed", "", "cross"),
)
DESCENTS = (GradientDescent(0.07), Momentum(0.02), Nesterov(0.02), RMSProp(0.3), Adam(0.5))


def line():
    """A line fitted to five points: one identity unit, z = w x + b, which starts at w = −3, b = 3.

    Two parameters only, so that a map shows all of the loss: a bowl. Gradient descent comes to its
    bottom, w = 1 and b = 0, if η is below 0.877, two over the largest second derivative.

    >>> net, x, y, eta = line()
    >>> from backprop import loss_of
    >>> float(loss_of(net, x, y)), float(loss_of(net.with_flat([1, 0]), x, y))
    (4.5, 0.0)
    """
    x = np.array([[0, 0.5, 1, 1.5, 2]])
    return Example(Network([[[-3.0]]], [[3.0]], "identity"), x, x.copy(), 0.6)


def valley():
    """A long narrow valley, E = (w₁² + 25 w₂²) / 2: one identity unit, one input 5 times the other.

    Inputs ±1 and ±5 in all combinations, target 0: this is what inputs of unlike size do to a
    loss. It starts at w₁ = −9, w₂ = 2.

    >>> net, x, y, eta = valley()
    >>> from backprop import loss_of
    >>> float(loss_of(net, x, y)), ((-9) ** 2 + 25 * 2**2) / 2
    (90.5, 90.5)
    """
    x = np.array([[1.0, 1, -1, -1], [5, -5, 5, -5]])
    return Example(Network([[[-9.0, 2.0]]], [[0.0]], "identity"), x, np.zeros((1, 4)), 0.07)


def race_learning_rates(net=None, x=None, y=None, etas=(0.03, 0.6, 0.92), axes=None, steps=40):
    """Gradient descent with several learning rates, step by step: too small, right, too large.

    All start where the network is and change the two parameters `axes` only, as in
    `explore_landscape`, so that the map shows the whole way. Without a network it is the one of
    `line`, which the rates suit. Raises ValueError for rates that are not above 0, and for more
    than 5 of them.

    >>> race = race_learning_rates()
    >>> race.move("frame", 10)
    Step 10 of 40. In front: η = 0.6, E = 0.152. Then η = 0.03, E = 2.709. η = 0.92, E = 12.73, \
stands higher than at the start, off the map.
    """
    net, x, y = line()[:3] if net is None else (net, x, y)
    racers = {f"η = {eta:g}": GradientDescent(eta) for eta in etas}
    return _race("Learning rates", Landscape(net, x, y, axes), racers, steps)


def race_descents(net=None, x=None, y=None, descents=DESCENTS, axes=None, steps=60):
    """Gradient descent, momentum, Nesterov, RMSProp and Adam on one landscape, step by step.

    Without a network it is the one of `valley`, and each descent has a learning rate that suits it
    there; `descents` are others of one's own, at most 5. All start where the network is and change
    the two parameters `axes` only.

    >>> race_descents().move("frame", 5).view.words.split(". ")[1]
    'In front: RMSProp, E = 18.23'
    """
    net, x, y = valley()[:3] if net is None else (net, x, y)
    names = [_name(descent) for descent in descents]
    racers = {
        name if names.count(name) == 1 else f"{name} {k}": descent
        for k, (name, descent) in enumerate(zip(names, descents, strict=True), 1)
    }
    return _race("Descents", Landscape(net, x, y, axes), racers, steps)


def _name(descent):
    kind = type(descent)
    return {GradientDescent: "gradient descent", Momentum: "momentum"}.get(kind, kind.__name__)


# — the race —


@dataclass(frozen=True, eq=False)
class Track:
    """Where one racer is after each step and how high; NaN from where numbers end."""

    label: str
    descent: Descent
    way: np.ndarray
    losses: np.ndarray

    @classmethod
    def of(cls, label, descent, land, steps):
        w, state = land.start, descent.start(land.start)
        way, losses = np.full((steps + 1, 2), np.nan), np.full(steps + 1, np.nan)
        with np.errstate(all="ignore"):
            for k in range(steps + 1):
                E = land.loss(w)
                if not np.isfinite(E):
                    break
                way[k], losses[k] = w, E
                w, state = descent.step(w, land.slope(w), state)
        return cls(label, descent, way, losses)

    def gone(self, k):
        return not np.isfinite(self.losses[k])

    def lost(self, k):
        """Does it stand higher than at the start, or nowhere?"""
        return not self.losses[k] <= self.losses[0]


def _race(title, land, racers, steps):
    if not 1 <= len(racers) <= len(LANES):
        raise ValueError(f"a race has 1 to {len(LANES)} racers; got {len(racers)}")
    if steps < 1:
        raise ValueError(f"a race has at least one step; got {steps}")
    tracks = [Track.of(label, descent, land, steps) for label, descent in racers.items()]
    race = Race(title, land, tracks, steps, _window(tracks))
    seen = range(steps + 1)
    return Player([race.view(k) for k in seen], [str(k) for k in seen], pace=400)


def _window(tracks):
    """Where the racers are while none stands higher than at the start, and some room around."""
    ways = [track.way[track.losses <= track.losses[0]] for track in tracks]
    low, high = np.vstack(ways).min(axis=0), np.vstack(ways).max(axis=0)
    middle, (across, up) = (low + high) / 2, 1.4 * (high - low)
    across = max(across, up) or 2.0
    halves = np.array([across, max(up, 0.75 * across)]) / 2
    ends = zip((middle - halves).tolist(), (middle + halves).tolist(), strict=True)
    return Window(*ends)


@dataclass(frozen=True, eq=False)
class Race:
    """All that is known before it is shown: the tracks, and where on the landscape they run."""

    title: str
    land: Landscape
    tracks: list
    steps: int
    window: Window

    def view(self, k):
        """How things stand after k steps."""
        said = self.words(k)
        return View(self.picture(k, said), "", said, self.table(k))

    def words(self, k):
        if not k:
            names, point = self.land.axes, self.tracks[0].way[0]
            at = ", ".join(
                f"{written(name)} = {number(v)}" for name, v in zip(names, point, strict=True)
            )
            E = number(self.tracks[0].losses[0])
            return f"All start at {at}, where E = {E}. Who will be in front, and who gets lost?"
        told, (first, *others) = f"Step {k} of {self.steps}.", self.order(k)
        if not first.lost(k):
            told += f" In front: {self.told(first, k)}."
        else:
            others = [first, *others]
        for track in others:
            if not track.lost(k):
                told += f" Then {self.told(track, k)}."
        for track in others:
            if track.gone(k):
                told += f" {track.label} has left the numbers: it diverged."
            elif track.lost(k):
                off = "" if self.window.holds(track.way[k]) else ", off the map"
                told += f" {self.told(track, k)}, stands higher than at the start{off}."
        return told

    def told(self, track, k):
        return f"{track.label}, E = {number(track.losses[k])}"

    def order(self, k):
        """The racers, the lowest first, those that are gone last."""
        return sorted(self.tracks, key=lambda track: (track.gone(k), track.losses[k]))

    def picture(self, k, said):
        ax, curves = self.map.copy(), self.curves.copy()
        lanes = list(zip(self.tracks, LANES, strict=False))
        for track, (line, _, _) in lanes:
            ax.line(*track.way[: k + 1].T, line)
            curves.line(range(k + 1), track.losses[: k + 1], line)
        for track, (_, mark, shape) in reversed(lanes):  # the first one lies on top
            mark = mark if self.window.holds(track.way[k]) else f"{mark} open"
            ax.marks(*self.window.nearest(track.way[k]), mark, shape, 7)
            curves.marks(k, min(track.losses[k], curves.y.high), mark, shape, 6)
        what = "a map of the loss with the way of each, and the loss of each by step"
        return plot(self.title, f"{self.title}: {what}. {said}", ax, curves, more=self.names)

    @property
    def map(self):
        return chart(self.land, self.window, top=70)[0]

    @cached_property
    def names(self):
        lanes = zip(self.tracks, LANES, strict=False)
        entries = [(*lane, track.label) for track, lane in lanes]
        return legend(entries, 24, 8, 760).svg()

    @cached_property
    def curves(self):
        """Axes for the losses, step by step, from the lowest up to ten times the start's."""
        losses = np.array([track.losses for track in self.tracks])
        start = losses[0, 0]
        low = max(np.nanmin(losses), 1e-6 * start, 1e-12)
        high = max(min(np.nanmax(losses), 10 * start), 10 * low)
        ends = 10.0 ** np.floor(np.log10(low)), 10.0 ** np.ceil(np.log10(high) + 0.01)
        place = {"left": 466, "top": 70, "width": 304, "height": self.map.height, "most": (7, 7)}
        return Axes(Scale(0, self.steps, whole=True), Scale(*ends, log=True), "step", "E", **place)

    def table(self, k):
        rows = ""
        for track in self.tracks:
            at = ", ".join(number(value) for value in track.way[k])
            rows += f'<tr><th scope="row">{escape(_told(track))}</th>'
            rows += f'<td class="number">{number(track.losses[k], 6)}</td><td>({at})</td></tr>'
        names = ", ".join(map(written, self.land.axes))
        head = "".join(f'<th scope="col">{c}</th>' for c in ("racer", "E", f"({names})"))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _told(track):
    """The racer with its hyper-parameters, as far as they have a letter."""
    letters = {"eta": "η", "beta": "β", "rho": "ρ", "beta1": "β₁", "beta2": "β₂"}
    numbers = [
        f"{letter} = {getattr(track.descent, name):g}"
        for name, letter in letters.items()
        if hasattr(track.descent, name)
    ]
    return ", ".join([track.label, *numbers] if track.label not in numbers else numbers)
