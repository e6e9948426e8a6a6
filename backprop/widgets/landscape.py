"""A walk on the loss over two parameters: a map, its cut, the gradient, and the way downhill."""

import math
from functools import lru_cache

import numpy as np

from backprop.axes import Axes, plot
from backprop.descent import GradientDescent
from backprop.diagram import number, written
from backprop.diagram import typeset as letter_of
from backprop.letters import Letter
from backprop.mathml import mathml
from backprop.printing import typeset
from backprop.widgets.controls import button, choice, group, letter_slider, parameter_choice, slider
from backprop.widgets.formulas import symbol
from backprop.widgets.scene import Scene, View
from backprop.widgets.terrain import POINTS, Landscape, chart
from backprop.widgets.walk import FAR, SPANS, Walk, far, react


def explore_landscape(net, x, y, axes=None, eta=0.5):
    """The loss over two parameters of a network: walk on its map, or let the gradient lead.

    `axes` names the two, such as ("w2_1_1", "w2_2_1"), which are chosen without it where there are
    two outputs; all other parameters stay as they are. Beside the map its cut along the dashed
    line, where the slope of the tangent is one partial derivative. Raises ValueError for more than
    60 parameters and for one that is not twalk.

    >>> from backprop.examples import mazur
    >>> net, x, y, eta = mazur()
    >>> explore_landscape(net, x, y, eta=eta).move("step")
    1 step taken. E = 0.294731 at w⁽²⁾₁₁ = 0.359, w⁽²⁾₂₁ = 0.511. ∂E/∂w⁽²⁾₁₁ = 0.0827, \
∂E/∂w⁽²⁾₂₁ = −0.0224. The next step lowers w⁽²⁾₁₁ to 0.318 and raises w⁽²⁾₂₁ to 0.523: \
E falls to 0.291055.
    """
    land = Landscape(net, x, y, axes)
    start = Walk.on(land, GradientDescent(eta).eta)
    return Scene(start, _view, lambda *event: react(start, *event))


def _view(walk):
    said = _words(walk)
    return View(_picture(walk, said), _controls(walk), said, _table(walk))


def _words(walk):
    names, taken = walk.land.axes, len(walk.way) - 1
    told = "" if walk.window.holds(walk.point) else "The point has left the map. "
    told += f"{taken} step{'s' * (taken != 1)} taken. "
    told += f"E = {number(walk.E, 6)} at {_listed(names, walk.point, 3)}. "
    told += f"{_listed([f'dE_d{name}' for name in names], walk.slope, 4)}. "
    moves = [
        f"{'raises' if new > old else 'lowers'} {written(name)} to {number(new)}"
        for name, old, new in zip(names, walk.point, walk.after, strict=True)
        if new != old
    ]
    if not moves:
        return f"{told}It is flat here: a step leads nowhere."
    if far(walk.after):
        return f"{told}No step is taken beyond {FAR:,}: η = {walk.eta:g} is far too large."
    does = "falls" if walk.E_after < walk.E else "rises" if walk.E_after > walk.E else "comes"
    told += f"The next step {' and '.join(moves)}: E {does} to {number(walk.E_after, 6)}"
    return f"{told}, so η = {walk.eta:g} is too large here." if does == "rises" else f"{told}."


def _listed(names, values, digits):
    pairs = zip(names, values, strict=True)
    return ", ".join(f"{written(name)} = {number(value, digits)}" for name, value in pairs)


# — the picture —


def _picture(walk, said):
    ground, values = chart(walk.land, walk.window)
    ax, (u, v) = ground.copy(), walk.point
    across, up = np.transpose(walk.way)
    ax.across(**({"y": v} if walk.cut == 0 else {"x": u}), kind="dashed thin")
    ax.line(across, up, "plus").line([u, walk.after[0]], [v, walk.after[1]], "minus dotted")
    ax.marks(*_apart(ax, walk.way), "plus", "square", 3)
    ax.marks(across[0], up[0], "plus open", size=6)
    _arrow(ax, walk, values)
    ax.marks(*walk.after, "minus open", "diamond", 5).marks(u, v, "minus", size=8)
    _note(ax, "arrow: minus the gradient")
    cut = _cut(walk, values)
    title = f"The loss E over {' and '.join(map(written, walk.land.axes))}"
    return plot(title, f"{title}: a map with contours, and a cut through it. {said}", ax, cut)


def _note(ax, words):
    """Words above the upper right corner."""
    ax.above.append(f'<text class="strong end" x="{ax.right:g}" y="{ax.top - 12:g}">{words}</text>')


def _apart(ax, way):
    """Those points of a way that lie at least a few pixels from one another."""
    places, kept = np.column_stack(ax.at(*np.transpose(way))), [0]
    for k, place in enumerate(places):
        if math.dist(place, places[kept[-1]]) >= 9:
            kept.append(k)
    return np.transpose([way[k] for k in kept])


def _arrow(ax, walk, values):
    """Minus the gradient: longer where it is steeper, as seen from the steepest place shown."""
    steepest = float(np.hypot(*np.gradient(values, walk.span / (POINTS - 1))).max())
    slope, shaft, head = walk.slope, "", ""
    steep = math.hypot(*slope)
    if steep and steepest and walk.window.holds(walk.point):
        length = 24 + 56 * min(steep / steepest, 1)
        dx, dy = -slope[0] / steep, slope[1] / steep  # on the page, where y goes down
        x, y = ax.at(*walk.point)
        tip = x + length * dx, y + length * dy
        sides = [(tip[0] - 13 * dx + k * dy, tip[1] - 13 * dy - k * dx) for k in (-7, 7)]
        shaft = f"M{x:.1f} {y:.1f}L{tip[0] - 8 * dx:.1f} {tip[1] - 8 * dy:.1f}"
        head = f"M{'L'.join(f'{a:.1f} {b:.1f}' for a, b in (tip, *sides))}Z"
    ax.above.append(f'<path class="line" d="{shaft}"/><path class="mark" d="{head}"/>')


def _cut(walk, values):
    """E along one axis through the point, with the tangent: its slope is a partial derivative."""
    k, name = walk.cut, walk.land.axes[walk.cut]
    low, high = (walk.window.across, walk.window.up)[k]
    there = np.linspace(low, high, 61)
    line = [np.full(len(there), value) for value in walk.point]
    line[k] = there
    ax = _empty(name, low, high, float(values.max())).copy()
    ax.line(there, walk.land.losses(*line), "plus")
    ends = walk.point[k] + walk.span / 5 * np.array([-1, 1])
    ax.line(ends, walk.E + walk.slope[k] * (ends - walk.point[k]), "minus dashed")
    ax.marks(walk.point[k], walk.E, "minus", size=8)
    _note(ax, f"slope {written(f'dE_d{name}')} = {number(walk.slope[k], 4)}")
    return ax


@lru_cache(maxsize=16)
def _empty(name, low, high, top):
    place = {"left": 466, "top": 36, "width": 304, "height": 340}
    return Axes((low, high), (0, 1.05 * top), letter_of(name), "E", **place, most=(7, 6))


# — controls and numbers —


def _controls(walk):
    land, window = walk.land, walk.window
    where, by = "", walk.span / 400
    for k, edges in enumerate((window.across, window.up)):
        where += letter_slider(f"value_{k}", land.axes[k], walk.point[k], *edges, by)
    log = math.log10(walk.eta)
    walking = slider("log_eta", "η", log, -2, 3, 0.05, f"{walk.eta:g}", "learning rate η")
    walking += button("step", "Take a step") + button("ten", "Ten steps")
    walking += button("reset", "Start again")
    look = parameter_choice("axis_0", "Across", land.net, land.axes[0])
    look += parameter_choice("axis_1", "Up", land.net, land.axes[1])
    cuts = {str(k): f"along {written(name)}" for k, name in enumerate(land.axes)}
    look += choice("cut", "Cut", cuts, str(walk.cut))
    spans = {f"{span:g}": f"{span:g} wide" for span in SPANS}
    look += choice("span", "Map", spans, f"{walk.span:g}")
    return group("The point", where) + group("Descent", walking) + group("What is shown", look)


def _table(walk):
    """The next step in numbers, a row for each of the two."""
    rows = ""
    both = zip(walk.land.axes, walk.point, walk.slope, walk.after, strict=True)
    for name, old, slope, new in both:
        d = f"({number(slope, 6)})" if slope < 0 else number(slope, 6)
        rows += f'<tr><td>{symbol(f"new_{name}")}</td><td class="equals">=</td>'
        rows += f"<td>{_formula(name)}</td>"
        rows += f'<td class="equals">=</td><td>{number(old, 6)} − {walk.eta:g} · {d}</td>'
        rows += f'<td class="equals">=</td><td class="number">{number(new, 6)}</td></tr>'
    caption = "<caption>The next step. All other parameters stay as they are.</caption>"
    return f"<table>{caption}<tbody>{rows}</tbody></table>"


@lru_cache
def _formula(name):
    w, eta, slope = map(Letter, (name, "eta", f"dE_d{name}"))
    return mathml(typeset(w - eta * slope))
