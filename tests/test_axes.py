"""Does a plot put numbers where they belong, and say them? Asked of its elements."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop.axes import CORNERS, Axes, Scale, plot

SVG = "{http://www.w3.org/2000/svg}"


def elements(picture, kind):
    """The elements of the picture with that class."""
    return [e for e in ET.fromstring(picture).iter() if e.get("class") == kind]


def corners(d):
    """The points of a path."""
    return np.array(
        [[float(v) for v in pair.split()] for pair in re.findall(r"[ML]([^MLZha]+)", d)]
    )


@pytest.mark.parametrize("scale", [Scale(-3, 5), Scale(1e-12, 1e3, log=True), Scale(0, 1e-7)])
def test_a_scale_goes_from_0_to_1_and_its_ticks_lie_within(scale):
    assert (scale(scale.low), scale(scale.high)) == (0, 1)
    for most in range(3, 12):
        values = [value for value, _ in scale.ticks(most)]
        assert 2 <= len(values) <= most
        places = scale(np.array(values))
        assert places.min() >= -1e-9
        assert places.max() <= 1 + 1e-9
        np.testing.assert_allclose(np.diff(places), np.diff(places)[0])


@pytest.mark.parametrize(("low", "high"), [(-6, 6), (0, 0.55), (-1.3, 1.3), (20, 2000), (0, 3e-5)])
def test_a_tick_says_its_number(low, high):
    for value, text in Scale(low, high).ticks():
        assert float(text.replace("−", "-")) == value


def test_zero_lies_infinitely_far_down_a_logarithmic_scale():
    assert Scale(0.01, 100, log=True)(0.0) == -np.inf


def test_a_curve_goes_through_its_points():
    ax = Axes((0, 4), (0, 2), left=100, top=10, width=400, height=200)
    picture = plot("", "", ax.line([0, 1, 4], [0, 1, 2], "plus dashed"))
    (line,) = elements(picture, "line plus dashed")
    np.testing.assert_allclose(corners(line.get("d")), [[100, 210], [200, 110], [500, 10]])


def test_a_nan_is_a_gap():
    picture = plot("", "", Axes((0, 4), (0, 1)).line([0, 1, 2, 3, 4], [0, 1, np.nan, 1, 0]))
    (line,) = elements(picture, "line plus")
    assert line.get("d").count("M") == 2
    assert len(corners(line.get("d"))) == 4


@pytest.mark.parametrize("far", [1e30, np.inf])
def test_what_lies_far_outside_comes_to_lie_a_box_outside(far):
    ax = Axes((0, 1), (0, 1), top=30, height=100)
    (line,) = elements(plot("", "", ax.line([0, 1], [-far, far])), "line plus")
    assert corners(line.get("d"))[:, 1].tolist() == [230, -70]


def test_cells_cover_the_box_once(rng):
    levels = rng.integers(0, 3, (7, 11))
    ax = Axes((0, 1), (0, 1), left=0, top=0, width=110, height=70)
    shades = [("plus", 0.1), ("minus", 0.2), ("third", 0.3)]
    picture = plot("", "", ax.cells(levels, shades))
    shown = np.full((70, 110), -1)
    for k, (kind, opacity) in enumerate(shades):
        (path,) = elements(picture, f"fill {kind}")
        assert float(path.get("fill-opacity")) == opacity
        runs = re.findall(r"M(\S+) (\S+)h(\S+)v(\S+)h-(\S+)Z", path.get("d"))
        for x, y, w, h, _ in np.array(runs, dtype=float).astype(int):
            assert (shown[y : y + h, x : x + w] == -1).all()
            shown[y : y + h, x : x + w] = k
    np.testing.assert_array_equal(shown[5::10, 5::10][::-1], levels)


def test_a_cell_without_a_shade_stays_bare():
    picture = plot("", "", Axes((0, 1), (0, 1)).cells([[0, -1, 0]], [("plus", 1)]))
    assert elements(picture, "fill plus")[0].get("d").count("M") == 2


@pytest.mark.parametrize("shape", ["circle", *CORNERS])
def test_a_mark_is_drawn_for_every_point_in_the_box(shape):
    xs, ys = [0.1, 0.5, 1, 1.2, 0], [0, np.nan, 1, 0.5, -np.inf]
    picture = plot("", "", Axes((0, 1), (0, 1)).marks(xs, ys, "minus", shape))
    assert elements(picture, "mark minus")[0].get("d").count("M") == 2


def test_an_area_goes_along_one_curve_and_back_along_the_other():
    ax = Axes((0, 1), (0, 1), left=0, top=0, width=10, height=10)
    (area,) = elements(plot("", "", ax.area([0, 1], [0, 0.5], [1, 1])), "fill plus")
    assert corners(area.get("d")).tolist() == [[0, 0], [10, 0], [10, 5], [0, 10]]


def test_a_copy_is_drawn_upon_by_itself():
    ax = Axes((0, 1), (0, 1)).line([0, 1], [0, 1])
    before = ax.svg()
    assert ax.copy().line([0, 1], [1, 0]).text(0, 0, "here").svg() != before
    assert ax.svg() == before


def test_the_picture_says_its_words_and_holds_every_panel():
    left, right = Axes((0, 1), (0, 1), width=100), Axes((0, 1), (0, 1), left=200, width=300)
    picture = plot("A < B", "x & y", left, right.legend(("plus", "one"), ("minus dashed", "two")))
    root = ET.fromstring(picture)
    assert (root.get("role"), root.get("viewBox")) == ("img", "0 0 520 376")
    assert root.find(f"{SVG}title").text == "A < B"
    assert root.find(f"{SVG}desc").text == picture.alt == "x & y"
    assert {"one", "two"} <= {e.text for e in root.iter(f"{SVG}text")}


def test_a_badge_needs_words():
    assert elements(plot("", "", Axes((0, 1), (0, 1)).badge("beware")), "badge")
    assert not elements(plot("", "", Axes((0, 1), (0, 1)).badge("")), "badge")


def test_a_named_part_can_be_picked():
    picture = plot("", "", Axes((0, 1), (0, 1)).marks(0, 0, name="here"))
    assert elements(picture, "mark plus")[0].get("data-name") == "here"
