"""Where everything in the picture of a network stands, and how each thing is drawn."""

from html import escape
from itertools import pairwise, product
from pathlib import Path

import sympy

from backprop.diagram.labels import named, number, typeset, written
from backprop.letters import Letters

R = 36  # radius of a unit
PITCH = 154  # from unit to unit of a layer: the unit, z above it, bias and delta below
TOP = 38 + 26 + R  # from the top to the centre of the first unit: the layer's name, z
SHOWN = 5  # units of a layer, and layers besides the input, that are drawn; more are summarised
FONT = {"value": 16, "weight": 16, "signal": 16, "note": 15, "layer": 16}  # px by kind of label
WIDE = 0.62  # em: a character of a label is at most this wide, on average, in the fonts we met
SAID = {"z": "z", "b": "b", "delta": "δ"}  # enough beside a unit, whose name says which

STYLE = Path(__file__).with_name("diagram.css").read_text(encoding="utf-8")
STYLE += "".join(f".bp-net .{kind} {{ font-size: {size}px }}" for kind, size in FONT.items())
STYLE = " ".join(STYLE.split())


class Picture(str):
    """An SVG that shows itself in a notebook; `alt`, and repr, say in words what it shows."""

    alt = ""

    def __repr__(self):
        return f"Picture({self.alt!r})"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": str(self), "image/svg+xml": str(self), "text/plain": self.alt}


class Drawing:
    """Numbers by name in, SVG elements out: lines, nodes, then labels, so that none is hidden."""

    def __init__(self, net, trace, y, grads, lit, hide):
        self.net, self.lit, self.hide = net, set(lit), set(hide)
        self.columns = _few(net.L + 1, SHOWN + 1)
        self.units = [_few(n, SHOWN) if l in self.columns else [] for l, n in enumerate(net.sizes)]
        shown = [[j for j in units if j is not None] for units in self.units]
        self.numbers = named(net, trace, y, grads, shown)
        self.rows = max(map(len, self.units))
        crowd = max((len(units) for units in self.units if None not in units), default=0)
        self.gap = max(262, 74 * (crowd + 1))  # room for two labels on every edge, beside delta
        self.lines, self.nodes, self.labels = [], [], []

    def picture(self, title):
        for l in self.columns:
            self.layer(l)
        for before, l in pairwise(self.columns):
            if None not in (before, l):
                self.edges(l)
        width = self.loss() if "E" in self.numbers else self.x(self.columns[-1]) + R + 40
        height = 2 * TOP + (self.rows - 1) * PITCH
        if not isinstance(self.net.W[1], Letters):  # a letter has no sign
            width, height = max(width, self.legend(height + 20)), height + 44
        words = self.words()
        picture = Picture(
            f'<svg xmlns="http://www.w3.org/2000/svg" class="bp-net" role="img" '
            f'viewBox="0 0 {width:g} {height:g}" width="{width:g}">'
            f"<title>{escape(title or self.title())}</title><desc>{escape(words)}</desc>"
            f"<style>{STYLE}</style>{''.join(self.lines + self.nodes + self.labels)}</svg>"
        )
        picture.alt = words
        return picture

    # — where —

    def x(self, l):
        return 22 + R + self.columns.index(l) * (2 * R + self.gap)

    def y(self, l, j):
        slot = self.units[l].index(j) - (len(self.units[l]) - 1) / 2
        return TOP + (self.rows - 1) * PITCH / 2 + slot * PITCH

    # — elements —

    def group(self, name, *parts):
        """Elements under the name of their letter: a pointer, a script or a test finds them so."""
        lit = ' class="lit"' if name in self.lit else ""
        return f'<g data-name="{name}"{lit}>{"".join(parts)}</g>'

    def text(self, kind, x, y, words, place=""):
        baseline = y + 0.36 * FONT[kind]
        return f'<text class="{kind}{place}" x="{x:g}" y="{baseline:g}">{words}</text>'

    def label(self, kind, x, y, name):
        """A number on a patch of paper, which cuts the line beneath; before a signal, a diamond."""
        letter, shown = name.split("_")[0].rstrip("0123456789"), self.shown(name)
        if isinstance(self.numbers[name], sympy.Basic):
            words, length = typeset(name), len(written(name))
        elif letter in SAID:
            words, length = f'<tspan class="name">{SAID[letter]}</tspan> {shown}', len(shown) + 2
        else:
            words, length = shown, len(shown)
        half = WIDE * FONT[kind] * length / 2 + 2
        aside = 8 if kind == "signal" else 0
        flag = self.flag(self.sign(name), x - half, y) if aside else ""
        half, tall = half + aside, 1.2 * FONT[kind]
        place = f'x="{x - half:.1f}" y="{y - tall / 2:g}" width="{2 * half:.1f}" height="{tall:g}"'
        back = f'<rect class="back" {place}/>'
        return self.group(name, back, flag, self.text(kind, x + aside, y, words))

    def flag(self, sign, x, y):
        """The diamond of what flows back: full for +, hollow for −."""
        points = " ".join(f"{x + dx:g},{y + dy:g}" for dx, dy in ((-6, 0), (0, -6), (6, 0), (0, 6)))
        return f'<polygon class="flag {sign}" points="{points}"/>'

    def shown(self, name):
        """A number as text, a letter's name, "?" where hidden, "" where there is nothing."""
        value = self.numbers.get(name, "")
        if isinstance(value, sympy.Basic):
            return written(name) if value.is_Symbol else ""
        if value == "" or name in self.hide:
            return value and "?"
        back = name[0] == "d"
        return number(value, 4 if back else 3, sign=back or name[0] in "wb")

    def sign(self, name):
        value = self.numbers[name]
        if isinstance(value, sympy.Basic) or name in self.hide or not value:
            return ""
        return "plus" if value > 0 else "minus"

    def box(self, name, tag, place, x, y):
        """A shape with the name of a letter in it and, where it is known, its number."""
        halo, shape = (f'<{tag} class="{kind}" {place}/>' for kind in ("halo", "unit"))
        value = "" if isinstance(self.numbers.get(name), sympy.Basic) else self.shown(name)
        inside = self.text("note", x, y - (13 if value else 0), typeset(name))
        inside += self.text("value", x, y + 8, value) if value else ""
        self.nodes.append(self.group(name, halo, shape, inside))

    # — what —

    def layer(self, l):
        if l is None:
            more = f"{self.net.L + 1 - SHOWN} more layers"
            self.labels.append(self.text("note", self.x(l), self.y(0, 0), more))
            return
        self.labels.append(self.text("layer", self.x(l), 20, self.heading(l)))
        for j in self.units[l]:
            x, y = self.x(l), self.y(l, j)
            if j is None:
                self.labels.append(self.text("value", x, y - 12, "⋮"))
                self.labels.append(self.text("note", x, y + 12, f"{self.net.sizes[l]} units"))
            else:
                self.unit(f"{l or ''}_{j + 1}", x, y)

    def unit(self, at, x, y):
        """A circle with the activation; z, which comes in, above; bias and delta below."""
        place = f'cx="{x:g}" cy="{y:g}" r="{R}"'
        self.box(f"x{at}" if at[0] == "_" else f"a{at}", "circle", place, x, y)
        around = (("z", "note", -R - 14), ("b", "weight", R + 15), ("delta", "signal", R + 37))
        for letter, kind, below in around:
            if self.shown(letter + at):
                self.labels.append(self.label(kind, x, y + below, letter + at))

    def edges(self, l):
        """Every edge into layer l, its weight near where it starts, its gradient near its end.

        On the upright line at 1/(n + 1) of the way to n units, the edges from any number of units
        are evenly spaced, so no label covers another; likewise, mirrored, for the gradients.
        """
        before, here = self.units[l - 1], self.units[l]
        near, far = min(1 / 3, 1 / (len(here) + 1)), max(2 / 3, 1 - 1 / (len(before) + 1))
        x1, x2 = self.x(l - 1) + R, self.x(l) - R
        for i, j in product(before, here):
            if None in (i, j):
                continue
            name, y1, y2 = f"w{l}_{j + 1}_{i + 1}", self.y(l - 1, i), self.y(l, j)
            ends = f'x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}"'
            size = abs(self.numbers[name]) if self.sign(name) else 0
            line = f'<line class="halo" {ends}/><line class="hit" {ends}/>'
            line += f'<line class="line {self.sign(name)}" '
            line += f'stroke-width="{1.2 + 5 * size / (1 + size):.2f}" {ends}/>'
            self.lines.append(self.group(name, line))
            if None in (*before, *here):
                continue
            for kind, at, label in (("weight", near, name), ("signal", far, f"dE_d{name}")):
                if self.shown(label):
                    x, y = x1 + at * (x2 - x1), y1 + at * (y2 - y1)
                    self.labels.append(self.label(kind, x, y, label))

    def loss(self):
        """Targets in squares beside the outputs and the loss they make together: the right end."""
        l, side = self.net.L, 2 * R - 4
        x, x_loss = self.x(l) + 126, self.x(l) + 242
        middle = TOP + (self.rows - 1) * PITCH / 2
        for heading, at in (("target", x), ("loss", x_loss)):
            self.labels.append(self.text("layer", at, 20, heading))
        for j in self.units[l]:
            if j is None:
                continue
            y = self.y(l, j)
            for x1, x2, y2 in ((self.x(l), x, y), (x, x_loss, middle)):
                ends = f'x1="{x1:g}" y1="{y:g}" x2="{x2:g}" y2="{y2:g}"'
                self.lines.append(f'<line class="line" {ends}/>')
            place = f'x="{x - side / 2:g}" y="{y - side / 2:g}" width="{side}" height="{side}"'
            self.box(f"y_{j + 1}", "rect", place, x, y)
        place = f'x="{x_loss - 42:g}" y="{middle - R:g}" width="84" height="{2 * R}" rx="14"'
        self.box("E", "rect", place, x_loss, middle)
        return x_loss + 50

    def legend(self, y):
        """What lines and diamonds mean, in a row below the network."""
        x = 22
        for sign, words in (("plus", "weight > 0"), ("minus", "weight < 0, thick where large")):
            ends = f'x1="{x:g}" y1="{y:g}" x2="{x + 36:g}" y2="{y:g}"'
            line = f'<line class="line {sign}" stroke-width="3" {ends}/>'
            x = self.explained(x + 44, y, line, words)
        if any(name.startswith("delta") for name in self.numbers):
            for sign, words in (("plus", "δ or ∂E/∂w > 0"), ("minus", "δ or ∂E/∂w < 0")):
                x = self.explained(x + 18, y, self.flag(sign, x + 6, y), words)
        return x

    def explained(self, x, y, picture, words):
        self.labels.append(picture + self.text("note", x, y, escape(words), " left"))
        return x + WIDE * FONT["note"] * len(words) + 24

    # — words —

    def title(self):
        return f"{'-'.join(map(str, self.net.sizes))} network"

    def heading(self, l):
        kind = "input" if l == 0 else "output" if l == self.net.L else f"hidden layer {l}"
        return kind if l == 0 else f"{kind} · {self.net.f[l].name}"

    def words(self):
        """The same numbers in the same order, in sentences, for who cannot see the picture."""
        said = [f"{self.title()}."]
        for l in self.columns:
            if l is None:
                said.append(f"{self.net.L + 1 - SHOWN} more hidden layers.")
                continue
            heading = self.heading(l).capitalize().replace(" · ", ", ")
            if None in self.units[l]:
                heading += f", {self.net.sizes[l]} units of which {SHOWN - 1} are shown"
            units = [f"{l or ''}_{j + 1}" for j in self.units[l] if j is not None]
            letters = ("a", "z", "b", "delta") if l else ("x",)
            numbers = self.listed(letter + at for at in units for letter in letters)
            said.append(f"{heading}: {numbers}." if numbers else f"{heading}.")
        whole = max(self.net.sizes) <= SHOWN
        weights = [name for name in self.numbers if name[0] == "w" and whole]
        targets = [name for name in self.numbers if name[:2] == "y_"]
        rest = {"Weights": weights, "Target": targets, "Loss": ["E"]}
        rest["Gradients"] = [f"dE_d{name}" for name in weights]
        for what, names in rest.items():
            if numbers := self.listed(names):
                said.append(f"{what}: {numbers}.")
        return " ".join(said)

    def listed(self, names):
        return ", ".join(
            f"{written(name)} = {text}" for name in names if (text := self.shown(name))
        )


def _few(n, most):
    """0 … n−1; where they are too many, the first ones, None for those left out, the last."""
    return list(range(n)) if n <= most else [*range(most - 2), None, n - 1]
