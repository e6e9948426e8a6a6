"""The plots of a class report: SVG that stands in a page, with a label that says what it shows."""

from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from backprop.axes import STYLE, Axes, Scale
from backprop.grading.exports import shown
from backprop.grading.report.statistics import KINDS, MARGINAL, POOR

LONG = 36  # the most characters of a name that stands above its line
PATTERNS = {  # what is drawn over a ground, and the ground: told apart without colours too
    "right": ("plus", "", 1),
    "partly": ("plus", '<path d="M0 8L8 0M-2 2L2 -2M6 10L10 6"/>', 0.2),
    "wrong": ("minus", '<path d="M0 0L8 8M8 0L0 8"/>', 0.25),
    "not answered": ("rim", "", 0),
    "waiting": ("rim", '<circle cx="4" cy="4" r="1.4"/>', 0.12),
}


@dataclass(frozen=True)
class Frame:
    """The size of a picture, in pixels: its width, of a line's name at its left, and of a line.

    Where no place is left for names they stand above their lines, which are `above` farther apart.
    """

    kind: str
    width: int
    label: int
    row: int
    above: int = 0
    ticks: int = 9


WIDE = Frame("wide", 984, 230, 34)
NARROW = Frame("narrow", 360, 0, 34, above=22, ticks=6)  # for a telephone


class Rows(Scale):
    """A scale of lines that have names, not numbers."""

    def ticks(self, most=7):
        return []


def histogram(glance, width, counts):
    """The distribution of the points, with the median and the quartiles."""
    return _both(_histogram, glance, width, counts)


def _histogram(frame, glance, width, counts):
    of = float(max(glance.of, glance.points[-1])) or 1.0
    low, median, high = map(float, glance.quartiles)
    ax = Axes(
        Scale(0, of),
        Scale(0, max(*counts, 1) * 1.12, whole=True),
        f"points, of {shown(glance.of)}",
        "students",
        width=frame.width - 80,
        height=230,
        top=44,
        most=(frame.ticks * 3 // 2, 5),
    )
    ax.area([low, high], [0, 0], [ax.y.high] * 2, "rim", 0.14)
    gap = of / ax.width  # a pixel at each side
    fit = 8.5 * len(str(max(counts))) < float(width) / gap  # numbers above the bars
    for k, count in enumerate(counts):
        edges = [k * float(width) + gap, min((k + 1) * float(width), of) - gap]
        if count:
            ax.area(edges, [0, 0], [count, count], "plus", 0.85)
            if fit:
                ax.text(sum(edges) / 2, count, str(count), "tick over middle", dy=-9)
    ax.across(x=median, kind="minus dashed thick")
    ax.legend(("minus dashed thick", f"median {shown(median)}"))
    words = f"{glance.read} students; median {shown(median)}, the middle half from {shown(low)} to "
    words += f"{shown(high)} points. " + "; ".join(
        f"{shown(k * float(width))} to {shown(min((k + 1) * float(width), of))} points: {count}"
        for k, count in enumerate(counts)
        if count
    )
    return _svg("Distribution of the points", words, frame, 330, ax.svg())


def rate_bars(rates, name):
    """A bar for each question, cut by what came of the answers; `name` makes ids unique."""
    return _both(_rate_bars, rates, name)


def _rate_bars(frame, rates, number):
    name = number if frame.label else f"{frame.kind}-{number}"
    key, top = _key(frame, name)
    parts, said = [_patterns(name), key], []
    wide = frame.width - frame.label - 10
    for row, rate in enumerate(rates):
        y, x = top + (frame.row + frame.above) * row + frame.above, frame.label
        parts.append(_name(frame, y, rate.question))
        for kind in KINDS:
            if not rate.counts[kind]:
                continue
            share = rate.counts[kind] / rate.n
            parts.append(_box(x, y, share * wide, 24, kind, name))
            if share * wide > 8 + 8.5 * len(percent(rate.counts[kind], rate.n)):
                parts.append(_label(x + share * wide / 2, y, rate.counts[kind], rate.n, kind))
            x += share * wide
        told = ", ".join(f"{rate.counts[kind]} {kind}" for kind in KINDS if rate.counts[kind])
        said.append(f"{rate.question}: {told}")
    height = top + 4 + (frame.row + frame.above) * len(rates)
    title = "Each question: right, partly right, wrong, not answered, waiting"
    return _svg(title, "; ".join(said), frame, height, "".join(parts))


def bar(count, n):
    """A small bar beside a number: a share of the class. It is for the eyes alone."""
    wide = 90 * count / n
    return Markup(
        '<svg class="share" aria-hidden="true" viewBox="0 0 90 12" width="90" height="12">'
        '<rect class="whole" x="0.5" y="0.5" width="89" height="11"/>'
        f'<rect x="0" y="0" width="{wide:.1f}" height="12"/></svg>'
    )


def discrimination_dots(found):
    """Each question's correlation with the rest, as a dot with its interval; None without any."""
    found = [item for item in found if item.r is not None]
    if not found:
        return None
    return _both(_discrimination_dots, found)


def _discrimination_dots(frame, found):
    low = min(-0.2, *(item.low for item in found)) - 0.05
    line = frame.row + frame.above
    height = line * len(found)
    left = frame.label or 16
    ax = Axes(
        Scale(low, 1),
        Rows(0, len(found)),
        "correlation with the points in "
        + ("all other questions" if frame.label else "the others"),
        left=left,
        top=30,
        width=frame.width - left - 20,
        height=height,
        most=(frame.ticks, 1),
    )
    ax.area([low, POOR], [0, 0], [len(found)] * 2, "minus", 0.14)
    ax.across(x=POOR, kind="minus dashed").across(x=MARGINAL, kind="rim thin dashed")
    ax.text(POOR, len(found), "poor below 0.2", "tick over end", dx=-6, dy=-12)
    ax.text(MARGINAL, len(found), "good from 0.3", "tick over", dx=6, dy=-12)
    for row, item in enumerate(found):
        y = len(found) - row - (frame.above + frame.row / 2) / line
        kind, shape = ("minus", "diamond") if item.is_bad else ("plus", "circle")
        ax.line([item.low, item.high], [y, y], kind)
        ax.marks(item.r, y, kind, shape)
        if frame.label:
            ax.text(low, y, escape(short(item.question)), "end", dx=-10)
        else:
            ax.text(low, y, escape(short(item.question, LONG)), "over", dx=6, dy=-21)
    words = "; ".join(f"{item.question}: {signed(item.r)}" for item in found)
    return _svg("Discrimination of each question", words, frame, height + 80, ax.svg())


def percent(count, n):
    """A share in per cent; what is not nothing is never 0, and what is not all is never 100.

    >>> [percent(*pair).split() for pair in ((1, 3), (1, 2000), (1999, 2000), (3, 3))]
    [['33', '%'], ['<1', '%'], ['>99', '%'], ['100', '%']]
    """
    if not n:
        return "–"
    whole = (200 * count + n) // (2 * n)
    if count and not whole:
        return "<1\N{NO-BREAK SPACE}%"
    return f"{'>99' if count < n and whole == 100 else whole}\N{NO-BREAK SPACE}%"


def signed(r):
    """A correlation with two decimals and a real minus sign.

    >>> signed(-0.004), signed(-0.25), signed(0.3)
    ('0.00', '−0.25', '0.30')
    """
    return f"{round(r, 2) + 0.0:.2f}".replace("-", "−")


def short(text, most=23):
    """A text for a picture: cut where it is too long."""
    return text if len(text) <= most else text[: most - 1] + "…"


def style():
    """What all plots of a page share, to stand there once."""
    return Markup(STYLE)


def _both(draw, *values):
    """A picture as it is for a wide page, and once more for a narrow one; one of them is shown."""
    return Markup("").join(draw(frame, *values) for frame in (WIDE, NARROW))


def _svg(title, words, frame, height, inside):
    return Markup(
        f'<svg class="bp-plot {frame.kind}" role="img" '
        f'aria-label="{escape(f"{title}. {words}")}" viewBox="0 0 {frame.width} {height}" '
        f'width="{frame.width}" height="{height}">{inside}</svg>'
    )


def _name(frame, y, question):
    """The name of a line, left of it or above it."""
    if frame.label:
        return _text(frame.label - 10, y + 17, short(question), "end")
    return _text(0, y - 6, short(question, LONG), "start")


def _patterns(name):
    made = []
    for kind, (colour, marks, ground) in PATTERNS.items():
        id = f"{kind.replace(' ', '-')}-{name}"
        made.append(
            f'<pattern id="{id}" class="hatch {colour}" width="8" height="8" '
            f'patternUnits="userSpaceOnUse"><rect width="8" height="8" fill-opacity="{ground}"/>'
            f"{marks}</pattern>"
        )
    return f"<defs>{''.join(made)}</defs>"


def _key(frame, name):
    """What the patterns mean, in as many lines as it takes; and where it ends."""
    x, y, parts = frame.label, 6, []
    for kind in KINDS:
        wide = 36 + 7.6 * len(kind)
        if x + wide > frame.width:
            x, y = frame.label, y + 26
        parts.append(_box(x, y, 26, 16, kind, name))
        parts.append(_text(x + 33, y + 13, kind, "tick"))
        x += wide + 26
    return "".join(parts), y + 34


def _box(x, y, width, height, kind, name):
    fill = f"url(#{kind.replace(' ', '-')}-{name})"
    colour = PATTERNS[kind][0]
    return (
        f'<rect class="piece {colour}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" '
        f'fill="{fill}"/>'
    )


def _label(x, y, count, n, kind):
    """A share in words, on a plate where a pattern lies beneath."""
    words = percent(count, n)
    wide = 8.5 * len(words) + 4
    plate = (
        f'<rect class="plate" x="{x - wide / 2:.1f}" y="{y + 4}" width="{wide:.1f}" height="16"/>'
    )
    under = plate if kind in ("partly", "wrong", "waiting") else ""
    return under + _text(x, y + 17, words, "tick middle" + " light" * (kind == "right"))


def _text(x, y, words, kind):
    return f'<text class="{kind}" x="{x:.1f}" y="{y}">{escape(words)}</text>'
