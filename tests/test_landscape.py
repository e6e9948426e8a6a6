"""Is the landscape the network's own loss, and does who walks or races on it do what is said?"""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop import Network, backward, forward, loss_of
from backprop.axes import Axes
from backprop.descent import Adam, GradientDescent, Momentum
from backprop.diagram import number
from backprop.examples import mazur
from backprop.widgets import explore_landscape, race_descents, race_learning_rates
from backprop.widgets.contours import contours, heights, shades
from backprop.widgets.parameters import parameters
from backprop.widgets.races import Track, line, valley
from backprop.widgets.scene import differences
from backprop.widgets.terrain import Landscape, Window, chart

PAIRS = [("w2_1_1", "w2_2_1"), ("w1_1_2", "b2_2"), ("b1_2", "b2_1"), ("w1_2_1", "b1_2")]


@pytest.fixture
def walk():
    net, x, y, eta = mazur()
    return explore_landscape(net, x, y, eta=eta)


def batch(rng, loss="squared_error"):
    """A small network, five examples and their targets."""
    net = Network.random([2, 3, 2], ["tanh", "identity"], loss, seed=1)
    net = net.with_flat(net.flat() + 0.1)
    y = np.eye(2)[:, rng.integers(0, 2, 5)]
    return net, rng.normal(size=(2, 5)), y


# — the landscape —


@pytest.mark.parametrize("loss", ["squared_error", "binary_cross_entropy", "softmax_cross_entropy"])
@pytest.mark.parametrize("axes", PAIRS)
def test_its_height_is_the_loss_of_the_network_with_these_two_changed(axes, loss, rng):
    net, x, y = batch(rng, loss)
    land, (us, vs) = Landscape(net, x, y, axes), rng.normal(size=(2, 4))
    expected = [loss_of(land.at(point), x, y) for point in zip(us, vs, strict=True)]
    assert np.allclose(land.losses(us, vs), expected, rtol=1e-13)
    assert np.isclose(land.loss(land.start), loss_of(net, x, y), rtol=1e-13)
    assert np.array_equal(land.grid(us, vs[:2])[1], land.losses(us, np.full(4, vs[1])))
    changed = dict(
        zip(parameters(net.sizes), land.at((7.0, 8.0)).flat() != net.flat(), strict=True)
    )
    assert {name for name, is_changed in changed.items() if is_changed} == set(axes)


@pytest.mark.parametrize("axes", PAIRS)
def test_its_slope_is_its_slope(axes, rng):
    land, point, h = Landscape(*batch(rng), axes), rng.normal(size=2), 1e-6
    measured = [(land.loss(point + h * e) - land.loss(point - h * e)) / (2 * h) for e in np.eye(2)]
    assert np.allclose(land.slope(point), measured, rtol=1e-7, atol=1e-9)


def test_what_it_is_over_without_being_told():
    x = np.ones((2, 1))
    sizes = {(2, 2): ("w1_1_1", "w1_2_1"), (2, 1): ("w1_1_1", "w1_1_2"), (1, 1): ("w1_1_1", "b1_1")}
    for (n, m), axes in sizes.items():
        assert Landscape(Network.random([n, m], "tanh"), x[:n], x[:m]).axes == axes


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        (("w2_1_1", "w2_1_3"), "no parameter 'w2_1_3'; did you mean 'w"),
        (("w2_1_1", "w2_1_1"), "two different parameters"),
        (("w2_1_1",), "two different parameters"),
        (("w2_1_1", 3), "no parameter 3"),
    ],
)
def test_axes_that_do_not_fit_are_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        explore_landscape(*mazur()[:3], axes)


def test_a_network_of_too_many_parameters_is_refused():
    with pytest.raises(ValueError, match="at most 60"):
        explore_landscape(Network.random([9, 9, 1], "tanh"), np.ones(9), [1])


# — its map —


def test_contours_go_where_the_level_is():
    xs = np.linspace(-2, 2, 81)
    values = xs**2 + xs[:, np.newaxis] ** 2
    found = contours(Axes((-2, 2), (-2, 2)), xs, xs, values, [0.5, 1, 2])
    for level, (piece,) in zip([0.5, 1, 2], found, strict=True):
        assert np.allclose((piece**2).sum(axis=1), level, atol=2e-3)


def test_shades_lie_below_or_above_their_levels():
    xs, ax = np.linspace(0, 1, 11), Axes((0, 1), (0, 1), left=0, top=0, width=100, height=100)
    values = np.tile(xs, (11, 1))
    shades(ax, xs, xs, values, [0.25, -3], "plus", 0.1, side=-1)
    shades(ax, xs, xs, values, [0.25, 2], "plus", 0.1, side=1)
    ends = []
    for part in ax.inside:
        across = [int(x) for x in re.findall(r"[ML](\d+) ", part)]
        ends.append((min(across), max(across)) if across else ())
    assert ends == [(0, 25), (), (25, 100), ()]


def test_no_number_of_a_contour_covers_another():
    xs = np.linspace(-2, 2, 41)
    values = xs**2 + 25 * xs[:, np.newaxis] ** 2
    ax = Axes((-2, 2), (-2, 2), left=0, top=0, width=340, height=340)
    levels = [1, 2, 4, 8, 16, 32, 64]
    heights(ax, contours(ax, xs, xs, values, levels), [f"{level}.00" for level in levels])
    boxes = [tuple(map(float, re.findall(r'[xy]="([\d.]+)"', text))) for text in ax.above]
    assert len(boxes) > 2
    for k, (x, y) in enumerate(boxes):
        assert all(abs(x - a) > 36 or abs(y - b) > 20 for a, b in boxes[:k])


def test_a_map_is_drawn_once_and_copied():
    land, window = Landscape(*mazur()[:3]), Window((-1.0, 1.0), (-1.0, 1.0))
    ground, values = chart(land, window)
    assert chart(land, window)[0] is ground
    ground.copy().marks(0, 0)
    assert not any("mark" in part for part in ground.above)
    assert np.isclose(values[0, -1], land.loss((1, -1)))  # row 0 is the lowest


# — the walk —


def test_a_step_is_gradient_descent_in_these_two(walk):
    net, x, y, eta = mazur()
    at = net.flat()
    for k in range(1, 14):
        slope = backward(net, forward(net, x), y).flat()
        at[[6, 8]] -= eta * slope[[6, 8]]  # w⁽²⁾₁₁ and w⁽²⁾₂₁
        net = net.with_flat(at)
        if k in (1, 2, 3, 13):
            walk.move("ten" if k == 13 else "step")
            assert np.allclose(walk.state.point, at[[6, 8]], rtol=1e-12)
            said = f"{k} step{'s' * (k > 1)} taken. E = {number(loss_of(net, x, y), 6)} at"
            assert walk.view.words.startswith(said)
    assert len(walk.state.way) == 14


def test_the_words_and_the_table_say_the_equations_numbers(walk):
    net, x, y, eta = mazur()
    grads = backward(net, forward(net, x), y)
    for name, slope, w in (
        ("w⁽²⁾₁₁", grads.W[2][0, 0], net.W[2][0, 0]),
        ("w⁽²⁾₂₁", grads.W[2][1, 0], net.W[2][1, 0]),
    ):
        assert f"∂E/∂{name} = {number(slope, 4)}" in walk.view.words
        assert f"{'lowers' if slope > 0 else 'raises'} {name} to {number(w - eta * slope)}" in str(
            walk.view.words
        )
        assert f'<td class="number">{number(w - eta * slope, 6)}</td>' in walk.view.text
    assert f"slope ∂E/∂w⁽²⁾₁₁ = {number(grads.W[2][0, 0], 4)}</text>" in walk.view.picture
    walk.move("cut", "1")
    assert f"slope ∂E/∂w⁽²⁾₂₁ = {number(grads.W[2][1, 0], 4)}</text>" in walk.view.picture


def test_sliders_put_the_point_somewhere_and_the_way_begins_there(walk):
    walk.move("ten").move("value_0", "-1.5").move("value_1", "2")
    assert walk.state.way == ((-1.5, 2.0),)
    assert "0 steps taken" in walk.view.words
    assert walk.move("reset").state.point == (0.4, 0.5)


@pytest.mark.parametrize(("exponent", "eta"), [("0", 1.0), ("-0.3", 0.5), ("1.7", 50.0)])
def test_the_learning_rate_moves_by_factors(walk, exponent, eta):
    assert walk.move("log_eta", exponent).state.eta == eta
    assert f'aria-valuetext="{eta:g}"' in walk.view.controls


def test_other_axes_show_the_same_network_from_another_side(walk):
    before = walk.move("ten").state
    E = before.land.loss(before.point)
    after = walk.move("axis_0", "b2_1").state
    assert after.land.axes == ("b2_1", "w2_2_1")
    assert np.isclose(after.land.loss(after.point), E, rtol=1e-12)
    assert walk.move("axis_0", "w2_2_1").state.land.axes == ("w2_2_1", "b2_1")  # change places
    net, x, y, _ = mazur()
    state = walk.move("reset").state
    assert state.point == (0.5, 0.6)
    assert np.isclose(state.land.loss(state.point), loss_of(net, x, y))


def test_the_map_grows_where_the_way_leads_out_of_it(walk):
    walk.move("span", "2").move("log_eta", "0.7")
    assert walk.state.span == 2
    walk.move("ten")
    assert walk.state.span == 8
    assert walk.state.window.holds(walk.state.point)


def test_too_large_a_step_is_called_so_and_the_walk_ends_somewhere():
    scene = explore_landscape(*line()[:3], eta=0.92)
    scene.move("value_0", "1").move("value_1", "1.5")
    assert "so η = 0.92 is too large here" in scene.view.words
    scene.move("log_eta", "3").move("ten").move("ten")
    assert "No step is taken beyond 1,000,000" in scene.view.words
    assert "The point has left the map." in scene.view.words
    assert max(map(abs, scene.state.point)) < 1e6


def test_where_it_is_flat_a_step_leads_nowhere():
    scene = explore_landscape(Network([[[0.0]]], [[0.0]], "identity"), [1.0], [0.0])
    assert scene.view.words.endswith("It is flat here: a step leads nowhere.")
    assert scene.move("step").state.point == (0, 0)


def test_the_arrow_points_against_the_gradient(walk):
    land, point = walk.state.land, walk.state.point
    shaft = re.search(
        r'<path class="line" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"', walk.view.picture
    )
    x, y, x_tip, y_tip = map(float, shaft.groups())
    arrow, slope = np.array([x_tip - x, y - y_tip]), land.slope(point)
    cosine = -arrow @ slope / np.linalg.norm(arrow) / np.linalg.norm(slope)
    assert cosine > 0.999
    place = chart(land, walk.state.window)[0].at(*point)
    assert np.allclose((x, y), place, atol=0.1)


def test_a_move_of_the_point_changes_no_element_only_numbers(walk):
    before = walk.view.html()
    for name, value in (("value_0", "-1"), ("value_1", "2"), ("log_eta", "0.5"), ("step", "")):
        assert differences(before, walk.move(name, value).view.html()) is not None


# — the races —


def test_everyone_runs_by_the_rule_of_its_descent():
    net, x, y, _ = valley()
    land = Landscape(net, x, y)
    track = Track.of("momentum", Momentum(0.02), land, 8)
    w, v = np.array([-9.0, 2.0]), np.zeros(2)
    for k in range(9):
        assert np.allclose(track.way[k], w)
        assert np.isclose(track.losses[k], (w[0] ** 2 + 25 * w[1] ** 2) / 2)
        v = 0.9 * v + w * [1, 25]
        w = w - 0.02 * v


def test_the_valley_is_the_function_it_claims_to_be(rng):
    land = Landscape(*valley()[:3])
    us, vs = rng.normal(size=(2, 20))
    assert np.allclose(land.losses(us, vs), (us**2 + 25 * vs**2) / 2)


def test_a_line_is_learned_below_twice_over_the_curvature_and_lost_above():
    net, x, y, eta = line()
    land = Landscape(net, x, y)
    second = np.array([land.slope(land.start + e) - land.slope(land.start) for e in np.eye(2)])
    limit = 2 / np.linalg.eigvalsh(second).max()
    assert 0.92 > limit > eta
    assert round(limit, 3) == 0.877
    ends = [Track.of("", GradientDescent(f * limit), land, 400).losses[-1] for f in (0.99, 1.01)]
    assert ends[0] < 1e-3
    assert ends[1] > land.loss(land.start)
    assert np.allclose(land.slope((1, 0)), 0)


def test_the_words_say_who_is_in_front_and_who_is_lost():
    race = race_learning_rates()
    assert "All start at w⁽¹⁾₁₁ = −3.000, b⁽¹⁾₁ = 3.000, where E = 4.500." in race.view.words
    net, x, y, _ = line()
    land = Landscape(net, x, y)
    small, right, large = (
        Track.of("", GradientDescent(eta), land, 40) for eta in (0.03, 0.6, 0.92)
    )
    said = race.move("frame", "40").view.words
    assert f"In front: η = 0.6, E = {number(right.losses[40])}. Then η = 0.03" in said
    assert f"η = 0.92, E = {number(large.losses[40])}, stands higher than at the start" in said
    for track in (small, right, large):
        assert f'<td class="number">{number(track.losses[40], 6)}</td>' in race.view.text
    assert race.move("frame", "0").state == 0


def test_numbers_that_end_are_no_warning_but_said():
    race = race_learning_rates(etas=(0.6, 1e9))
    assert "η = 1e+09 has left the numbers: it diverged." in race.move("frame", 40).view.words


def test_the_same_descent_may_run_twice():
    race = race_descents(descents=(Adam(0.1), Adam(0.5)), steps=3)
    assert "Adam 1, E = " in race.move("next").view.words


def test_a_race_of_nobody_too_many_or_no_step_is_refused():
    for etas in ((), range(1, 7)):
        with pytest.raises(ValueError, match="1 to 5 racers"):
            race_learning_rates(etas=etas)
    with pytest.raises(ValueError, match="at least one step"):
        race_descents(steps=0)
    with pytest.raises(ValueError, match="eta must be above 0"):
        race_learning_rates(etas=(0.1, -1))


@pytest.mark.parametrize("race", [race_learning_rates, race_descents])
def test_every_picture_of_a_race_is_the_same_but_for_its_numbers(race):
    frames = race(steps=12).frames
    assert len(frames) == 13
    assert not any(isinstance(frame, str) for frame in frames[1:])


# — all —


@pytest.mark.parametrize(
    "scene",
    [lambda: explore_landscape(*mazur()[:3]), race_learning_rates, race_descents],
)
def test_pictures_are_sound_and_say_in_words_what_they_show(scene):
    view = scene().view
    root = ET.fromstring(view.picture)
    title, desc = (root.find(f"{{*}}{tag}").text for tag in ("title", "desc"))
    assert root.get("role") == "img"
    assert title
    assert view.words in desc
    names = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', view.controls)
    assert len(names) == len(set(names))
