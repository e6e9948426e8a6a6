"""What the maps of landscape and boundary share: contours with numbers, shades, and a legend."""

from html import escape
from itertools import groupby, pairwise

import numpy as np
from contourpy import contour_generator

from backprop.axes import Axes

WIDE = {**dict.fromkeys("mwMW", 14.5), **dict.fromkeys("fijlrtI.,:;()", 6.2), " ": 5.0}  # px


def shades(ax, xs, ys, values, levels, kind, opacity, side=-1):
    """One translucent shade for each level over all that lies below it (side −1) or above it (+1).

    The shades lie on one another, so that what is far below the highest level is darkest, and no
    seam shows between them. `values` has a row for each of `ys`.
    """
    lines = contour_generator(xs, ys, values, fill_type="OuterOffset")
    for level in levels:
        end = min(values.min(), level) - 1 if side < 0 else max(values.max(), level) + 1
        low, high = sorted((float(end), level))
        rings = [
            points[start:end]
            for points, offsets in zip(*lines.filled(low, high), strict=True)
            for start, end in pairwise(offsets)
        ]
        d = "".join(_ring(*ax.at(*ring.T)) for ring in rings)
        shade = f'fill-opacity="{opacity:g}" style="shape-rendering:auto"'
        ax.inside.append(f'<path class="fill {kind}" fill-rule="evenodd" {shade} d="{d}"/>')


def contours(ax, xs, ys, values, levels, kind="rim thin"):
    """A line through the points of each level; returns its pieces, level by level."""
    lines = contour_generator(xs, ys, values)
    found = [lines.lines(level) for level in levels]
    for pieces in found:
        gaps = [np.vstack([piece, [[np.nan, np.nan]]]) for piece in pieces]
        ax.line(*(np.vstack(gaps) if gaps else np.empty((0, 2))).T, kind)
    return found


def heights(ax, found, texts):
    """The number of each level on its longest piece; where there is no room, none."""
    taken = []
    for pieces, text in zip(found, texts, strict=True):
        half = 4.2 * len(text) + 4
        for piece in sorted(pieces, key=len, reverse=True)[:1]:
            places = np.column_stack(ax.at(*piece.T))
            middle = len(places) / 2
            room = [k for k, place in enumerate(places) if _room(ax, place, half, taken)]
            if room:
                k = min(room, key=lambda k, middle=middle: abs(k - middle))
                taken.append((*places[k], half))
                ax.text(*piece[k], text, "tick middle over")


def _room(ax, place, half, taken):
    """Is there room for words around a place, within the box and apart from other words?"""
    x, y = place
    inside = ax.left + half < x < ax.right - half and ax.top + 14 < y < ax.bottom - 14
    return inside and all(abs(x - a) > half + h or abs(y - b) > 24 for a, b, h in taken)


def legend(entries, left, top, width):
    """A row of lines, marks and words: (kind of line, kind of mark, shape, words) each.

    What has no kind is left out.
    """
    ax = Axes((0, width), (0, 1), left=left, top=top, width=width, height=20)
    ax.frame, x = "", 0
    for line, mark, shape, words in entries:
        wide = 36 if line else 12
        if line:
            ax.line([x, x + wide], [0.5, 0.5], line)
        if shape:
            ax.marks(x + wide / 2, 0.5, mark, shape)
        ax.text(x + wide + 8, 0.5, escape(words), "")
        x += wide + 8 + sum(WIDE.get(letter, 9.6) for letter in words) + 26
    return ax


def _ring(px, py):
    """A closed line in whole pixels: a shade needs no more, and a contour lies on its edge."""
    places = zip(np.rint(px).tolist(), np.rint(py).tolist(), strict=True)
    return "M" + "L".join(place for place, _ in groupby(f"{x:g} {y:g}" for x, y in places)) + "Z"
