"""Do the explorers of activations and losses show NumPy's numbers, and say what they mean?"""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop import Activation, Loss, Network, backward, forward, loss_of
from backprop.activations import ACTIVATIONS
from backprop.diagram import number
from backprop.widgets import explore_activation, explore_loss
from backprop.widgets.activation_curve import FLAT

ZS = (-6.0, -3.05, -0.5, 0.0, 0.05, 1.25, 4.0, 6.0)
EPS = 1e-6


def cells(scene):
    """The rows of the tables below the picture, as texts."""
    text = scene.view.text.replace("&nbsp;", " ")
    rows = ET.fromstring(f"<div>{text}</div>").iter("tr")
    return [["".join(cell.itertext()) for cell in row] for row in rows]


def marks(scene, kind):
    """Where the marks of that kind are, on average: their centre."""
    (path,) = [e for e in ET.fromstring(scene.view.picture).iter() if e.get("class") == kind]
    return np.array(re.match(r"M(\S+) ([^a-zL]+)", path.get("d")).groups(), dtype=float)


# — activations —


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", ZS)
def test_an_activation_shows_its_value_and_its_slope(name, z):
    scene = explore_activation(name).move("z", str(z))  # the page sends text
    f = ACTIVATIONS[name]
    a = f.value(np.array(z))
    shown = number(a, 6), number(f.slope(np.array(z), a), 6)
    assert scene.view.words.startswith(f"{name} at z = {number(z, 2)}: a = {shown[0]}, ")
    assert f"the slope f′(z) is {shown[1]}." in scene.view.words
    assert tuple(row[-1] for row in cells(scene)) == shown


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", [z for z in ZS if z])
def test_the_tangent_is_as_steep_as_the_curve(name, z):
    state = explore_activation(name).move("z", z).state
    rise = state.f.value(np.array(z + EPS)) - state.f.value(np.array(z - EPS))
    assert state.slope == pytest.approx(rise / (2 * EPS), abs=1e-8)


def test_the_slope_is_written_with_a_and_with_its_number():
    rows = cells(explore_activation("sigmoid").move("z", 0.5))
    assert rows[1] == ["f'(z)", "=", "a(1−a)", "=", "0.6225·(1−0.6225)", "=", "0.235004"]


@pytest.mark.parametrize(("z", "numbers"), [(2, "2.00"), (-2, "(−2.00)100")])
def test_of_several_cases_the_numbers_stand_in_the_one_that_holds(z, numbers):
    assert cells(explore_activation("leaky_relu").move("z", z))[0][4] == numbers


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("z", ZS)
def test_a_badge_and_the_words_warn_where_the_slope_is_small(name, z):
    scene = explore_activation(name).move("z", z)
    flat = scene.state.slope < FLAT
    assert (f"slope below {FLAT}" in scene.view.picture) == flat
    assert (f"the slope is below {FLAT}" in scene.view.words) == flat


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("sigmoid", "Saturated"),
        ("tanh", "Saturated"),
        ("relu", "Switched off"),
        ("leaky_relu", "Nearly switched off"),
    ],
)
def test_a_small_slope_is_called_by_its_name(name, what):
    assert f" {what}: " in explore_activation(name).move("z", -5).view.words


def test_another_activation_is_looked_at_in_the_same_place():
    scene = explore_activation().move("z", 2.5).move("f", "tanh")
    assert (scene.state.f.name, scene.state.z) == ("tanh", 2.5)
    assert scene.state.a == np.tanh(2.5)


def test_an_activation_of_ones_own_is_one_of_the_choices():
    square = Activation("square", lambda z: z**2, lambda z, a: 2 * z)
    scene = explore_activation(square).move("z", 3)
    assert cells(scene)[1][2:] == ["2z", "=", "2·3.00", "=", "6.000000"]
    assert scene.move("f", "relu").move("f", "square").state.slope == 6


def test_an_unknown_activation_is_refused():
    with pytest.raises(ValueError, match="did you mean 'softplus'"):
        explore_activation("soft_plus")


# — losses —


@pytest.mark.parametrize("name", ["squared_error", "binary_cross_entropy"])
@pytest.mark.parametrize("y", [0.0, 0.35, 1.0])
@pytest.mark.parametrize("z", [-8.0, -2.5, 0.0, 5.0])
def test_a_loss_shows_what_a_network_of_one_unit_computes(name, y, z):
    scene = explore_loss(name).move("z", str(z)).move("y", str(y))
    last = "sigmoid" if name == "squared_error" else "identity"
    net = Network([[[1.0]]], [[0.0]], last, name)
    E, delta = loss_of(net, [z], [y]), backward(net, forward(net, [z]), [y]).delta[1].item()
    assert f"E = {number(E, 6)} and δ = {number(delta, 6)}" in scene.view.words
    assert [row[-1] for row in cells(scene)[:2]] == [number(E, 6), number(delta, 6)]
    rise = loss_of(net, [z + EPS], [y]) - loss_of(net, [z - EPS], [y])
    assert scene.state.delta == pytest.approx(rise / (2 * EPS), abs=1e-7)


@pytest.mark.parametrize(("z", "y"), [(-5, 1), (-8, 1), (6, 0)])
def test_a_badly_wrong_unit_learns_slowly_with_squared_error_only(z, y):
    scene = explore_loss("squared_error").move("z", z).move("y", y)
    slow = abs(scene.state.delta)
    assert "badly wrong" in scene.view.words
    assert "learns slowly" in scene.view.words
    scene.move("loss", "binary_cross_entropy")
    assert "badly wrong" in scene.view.words
    assert "learns slowly" not in scene.view.words
    assert abs(scene.state.delta) > 50 * slow
    assert abs(scene.state.delta) == pytest.approx(abs(scene.state.output - y))


def test_the_words_compare_with_the_other_loss():
    scene = explore_loss().move("z", -4)
    times = scene.state.other.delta / scene.state.delta
    other = f"With binary cross-entropy δ would be {number(scene.state.other.delta, 6)}"
    assert f"{other}, {number(times, 2)} times as large." in scene.view.words


@pytest.mark.parametrize(("y", "does"), [(0, "lowers"), (1, "raises")])
def test_the_words_say_where_a_step_leads(y, does):
    words = explore_loss("binary_cross_entropy").move("z", 0).move("y", y).view.words
    assert f"a step {does} z." in words


def test_a_unit_that_is_right_has_little_left_to_learn():
    assert "little left to learn" in explore_loss().move("z", 6).view.words


def test_the_numbers_of_each_loss_stand_in_its_own_formula():
    rows = cells(explore_loss("binary_cross_entropy").move("z", 4).move("y", 0))
    assert [row[4] for row in rows if row[0] == "δ"] == [
        "11+e−4.00−0.00",
        "0.9820·(1−0.9820)·(0.9820−0.00)",
    ]


def test_a_loss_of_ones_own_is_one_of_the_choices():
    quartic = Loss(
        "quartic",
        lambda a, y: ((a - y) ** 4).sum() / (4 * a.shape[1]),
        lambda a, y: (a - y) ** 3 / a.shape[1],
    )
    scene = explore_loss(quartic).move("z", 0).move("y", 1)
    assert (scene.state.E, scene.state.delta) == (1 / 64, -1 / 32)
    assert scene.move("loss", "squared_error").move("loss", "quartic").state.loss is quartic


def test_an_unknown_loss_is_refused():
    with pytest.raises(ValueError, match="did you mean 'squared_error'"):
        explore_loss("square_error")


# — both —

BOTH = pytest.mark.parametrize("make", [explore_activation, explore_loss])


@BOTH
def test_the_points_lie_at_z_in_both_panels(make):
    scene = make().move("z", 0)
    middle = 56 + 520 / 2
    assert marks(scene, "mark minus")[0] == middle  # a diamond begins at its top
    assert marks(scene, "mark plus")[0] == middle - 8  # a circle at its left


@BOTH
def test_the_picture_says_the_words(make):
    scene = make().move("z", -1.5)
    assert scene.view.picture.alt == scene.view.words == repr(scene)


@BOTH
def test_the_invisible_slider_is_a_twin_of_the_visible_one(make):
    html = make().move("z", 2.5).view.html()
    twins = [e for e in re.findall(r"<input[^>]*>", html) if 'name="z"' in e]
    hidden, seen = twins
    for attribute in ("min", "max", "step", "value"):
        assert len({re.search(rf'{attribute}="([^"]*)"', twin)[1] for twin in twins}) == 1
    assert 'aria-hidden="true" tabindex="-1"' in hidden
    assert "aria-label" in seen


@BOTH
def test_a_page_without_a_kernel_has_no_sliders(make):
    view = make().view
    assert "<input" not in view.still()
    ET.fromstring(view.picture)


@BOTH
def test_a_drag_changes_numbers_in_place(make):
    scene = make().move("z", 0.5)
    before = scene.html
    scene.move("z", 0.55)
    assert scene.html == before
    assert 0 < len(scene.changes) < 40


@BOTH
def test_what_has_no_control_changes_nothing(make):
    scene = make()
    before = scene.state
    assert scene.move("pick", "E").state == before
