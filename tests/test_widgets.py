"""Do the widgets say what the equations say, whatever is moved? By their state, with no browser."""

import html.parser
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from backprop import (
    ACTIVATIONS,
    LOSSES,
    Network,
    backward,
    forward,
    loss_of,
    update,
)
from backprop.derivation import derive
from backprop.diagram import diagram, named, number
from backprop.mathml import fill, mathml
from backprop.widgets import Player, Scene, View, explore_step
from backprop.widgets.controls import button, choice, slider
from backprop.widgets.parameters import parameters
from backprop.widgets.scene import differences

X, Y, ETA = [0.05, 0.10], [0.01, 0.99], 0.5


def published():
    """The 2-2-2 network of the published example."""
    W = [[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]]
    return Network(W, [[0.35, 0.35], [0.60, 0.60]], "sigmoid")


@pytest.fixture
def scene():
    return explore_step(published(), X, Y, ETA)


class Controls(html.parser.HTMLParser):
    """Every control in a piece of HTML, with its attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("input", "select", "button"):
            self.found[dict(attributes)["name"]] = dict(attributes)


# — one training step —


def numbers_in(scene):
    """The numbers in the tables of a scene, by the names of their letters."""
    rows = re.findall(r'<tr data-name="(\w+)".*?</tr>', scene.view.text)
    cells = re.findall(r'<tr data-name="\w+".*?<td class="number">([^<]*)</td>', scene.view.text)
    return dict(zip(rows, cells, strict=True))


def test_every_number_in_the_table_is_the_equations(scene):
    net = published()
    trace = forward(net, X)
    expected = named(net, trace, Y, backward(net, trace, Y))
    found = numbers_in(scene)
    assert set(found) == {n for n in expected if n[0] not in "wbxy"}
    for name, text in found.items():
        assert text == number(expected[name], 6), name


@pytest.mark.parametrize(
    ("control", "value", "change"),
    [
        ("x_2", "-0.5", lambda net, x, y: (net, [x[0], -0.5], y)),
        ("y_1", "0.75", lambda net, x, y: (net, x, [0.75, y[1]])),
        ("value", "1.25", lambda net, x, y: (net.with_flat([1.25, *net.flat()[1:]]), x, y)),
    ],
)
def test_whatever_is_moved_every_number_follows(scene, control, value, change):
    net, x, y = change(published(), X, Y)
    trace = forward(net, x)
    expected = named(net, trace, y, backward(net, trace, y))
    for name, text in numbers_in(scene.move(control, value)).items():
        assert text == number(expected[name], 6), name
    assert f"E = {number(loss_of(net, x, y), 6)}," in scene.view.words


def test_the_picture_is_the_diagram_with_the_way_back_lit(scene):
    net, trace = published(), forward(published(), X)
    scene.move("pick", "w2_1_2")
    lit = {"w2_1_2", "delta2_1", "dE_dw2_1_2", "a2_1", "y_1", "a1_2"}
    assert scene.view.picture == diagram(net, trace, Y, backward(net, trace, Y), lit=lit)


def test_taking_the_step_is_the_update_as_often_as_one_likes(scene):
    net = published()
    for taken in (1, 2, 3):
        net = update(net, backward(net, forward(net, X), Y), ETA)
        assert scene.move("step").state.net == net
        assert f"{taken} step" in scene.view.controls
    assert scene.move("reset").state.net == published()


def test_the_learning_rate_moves_the_step_and_not_the_gradients(scene):
    before = numbers_in(scene)
    scene.move("eta", "2")
    net = published()
    after = update(net, backward(net, forward(net, X), Y), 2.0)
    assert numbers_in(scene) == before
    assert f"and {number(loss_of(after, X, Y), 6)} after this step" in scene.view.words


@pytest.mark.parametrize("name", parameters((2, 2, 2)))
def test_any_weight_or_bias_can_be_followed(scene, name):
    scene.move("pick", name)
    way = derive(published()).of(name)
    chain = scene.view.text[: scene.view.text.index("<details")]
    assert chain.count('<tr class="step">') == len(list(way)) + 1
    assert f"{number(scene_number(name), 6)}</td>" in chain


def scene_number(name):
    trace = forward(published(), X)
    return named(published(), trace, Y, backward(published(), trace, Y))[f"dE_d{name}"]


def test_a_click_on_a_gradient_follows_its_parameter(scene):
    assert scene.move("pick", "dE_dw2_2_1").state.chosen == "w2_2_1"


def test_a_click_on_anything_else_changes_nothing(scene):
    assert scene.move("pick", "a1_1").state.chosen == "w1_1_1"


def test_words_tell_which_way_the_step_goes(scene):
    assert "is positive: the step lowers" in scene.move("pick", "w2_1_1").view.words
    assert "is negative: the step raises" in scene.move("pick", "w2_2_1").view.words
    assert "leaves x" not in scene.move("x_1", 0).view.words
    assert "leaves w⁽¹⁾₁₁ as it is" in scene.move("pick", "w1_1_1").view.words


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_and_loss_can_be_explored(name, loss):
    last = "identity" if LOSSES[loss].logits else name
    net = Network.random([3, 2, 2], [name, last], loss, seed=1)
    scene = explore_step(net, [0.1, -0.2, 0.3], [1.0, 0.0])
    assert "@" not in scene.view.text  # every place has its number
    assert "nan" not in scene.view.html().lower()


def test_a_softmax_network_has_a_target_class():
    net = Network.random([2, 3], "identity", "softmax_cross_entropy")
    scene = explore_step(net, X, [0.0, 1.0, 0.0])
    assert 'name="y_1"' not in scene.view.controls
    assert scene.move("class", "3").state.y.tolist() == [[0], [0], [1]]
    assert f"E = {number(loss_of(net, X, [0.0, 0.0, 1.0]), 6)}, and" in scene.view.words


def test_a_control_that_is_not_there_is_named(scene):
    with pytest.raises(ValueError, match=r"there is no control 'speed'"):
        scene.move("speed", "1")


def test_the_given_network_and_arrays_stay_as_they_are():
    net, x, y = published(), np.array(X), np.array(Y)
    explore_step(net, x, y).move("value", 1).move("x_1", 1).move("y_1", 1).move("step")
    assert net == published()
    assert (x.tolist(), y.tolist()) == (X, Y)


def test_what_cannot_be_explored_is_said():
    with pytest.raises(ValueError, match=r"too many to follow one by one: take .* at most 60"):
        explore_step(Network.random([8, 8, 8], "tanh"), [0.0] * 8, [0.0] * 8)
    with pytest.raises(ValueError, match=r"has no parameter 'w9_1_1'; did you mean 'w"):
        explore_step(published(), X, Y, chosen="w9_1_1")
    with pytest.raises(ValueError, match=r"one example and x holds 2"):
        explore_step(published(), [X, X], [Y, Y])
    with pytest.raises(ValueError, match=r"y has shape"):
        explore_step(published(), X, [1.0])


# — what every scene does —


def test_every_control_has_a_label_and_a_value(scene):
    controls = Controls(scene.view.controls).found
    assert set(controls) == {
        "pick", "value", "x_1", "x_2", "y_1", "y_2", "eta", "step", "reset"
    }  # fmt: skip
    for control in controls.values():
        if control.get("type") == "range":
            assert control["aria-label"] and control["aria-valuetext"]
            assert float(control["min"]) <= float(control["value"]) <= float(control["max"])
    assert scene.view.controls.count("<label") == 1 + sum(
        control.get("type") == "range" for control in controls.values()
    )


def test_a_scene_leaves_its_picture_and_its_words_where_no_kernel_runs(scene):
    data, _ = scene._repr_mimebundle_()
    assert data["image/svg+xml"] == scene.view.picture
    assert scene.view.picture in data["text/html"]
    assert "<input" not in data["text/html"]
    assert data["text/plain"] == repr(scene) == scene.view.words
    assert "application/vnd.jupyter.widget-view+json" in data


def test_nbconvert_without_a_kernel_shows_the_picture(scene):
    nbformat = pytest.importorskip("nbformat")
    nbconvert = pytest.importorskip("nbconvert")
    data, _ = scene._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output])])
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert f"<desc>{scene.view.picture.alt}</desc>" in page
    assert scene.view.words in page


def test_a_scene_is_the_same_every_time():
    first, second = (explore_step(published(), X, Y) for _ in range(2))
    assert first.html == second.html
    assert repr(first) == repr(second)


def test_what_lies_on_the_picture_is_left_out_where_nothing_moves():
    view = View("<svg></svg>", "", "words", over='<input type="range" name="z">')
    assert '<svg></svg><input type="range" name="z"></div>' in view.html()
    assert "<input" not in view.still()


def test_what_comes_from_the_page_is_answered_even_if_it_fails(scene):
    scene._receive(scene, {"moves": [["x_1", "0.5"], ["pick", "b1_1"], ["step", ""]]}, [])
    assert (scene.replies, scene.state.taken, scene.state.chosen) == (1, 1, "b1_1")
    with pytest.raises(ValueError):
        scene._receive(scene, {"moves": [["x_1", "much"]]}, [])
    assert scene.replies == 2
    assert scene.state.taken == 1  # as it was before what failed


def test_a_nudge_is_not_answered(scene):
    scene._receive(scene, {"moves": []}, [])
    assert scene.replies == 0


def applied(html, changes):
    """What the page makes of changes: the HTML with some of its pieces replaced."""
    pieces = html.split("<")
    for place, piece in changes:
        pieces[place + 1] = piece
    return "<".join(pieces)


def test_changes_lead_from_what_was_sent_to_what_is_shown(scene):
    for control, value in [("value", 1), ("eta", 3), ("pick", "w2_1_1"), ("x_1", -1), ("step", "")]:
        scene.move(control, value)
        assert applied(scene.html, scene.changes) == scene.view.html()


def asked_ahead(scene, name, *values):
    """What the scene answers when the page asks ahead: changes by value."""
    sent, scene.send = [], lambda message: sent.append(message)
    scene._receive(scene, {"ahead": 0.5, "name": name, "values": values}, [])
    (answer,) = sent
    assert answer["ahead"] == 0.5
    return dict(answer["views"])


@pytest.fixture
def leisure(monkeypatch):
    """A kernel that has time to look ahead, however slow the machine."""
    monkeypatch.setattr("backprop.widgets.scene.AHEAD", 60.0)


@pytest.mark.parametrize("before", [[], [("x_1", 1), ("step", ""), ("value", 2)]])
def test_a_look_ahead_sees_what_the_move_will_show(scene, leisure, before):
    for name, value in before:
        scene.move(name, value)
    seen = asked_ahead(scene, "value", "0.16", "-0.5")
    for value in ("0.16", "-0.5"):
        assert applied(scene.html, seen[value]) == scene.move("value", value).view.html()


def test_a_look_ahead_moves_nothing(scene, leisure):
    before = scene.state, scene.view, scene.html, scene.changes, scene.replies
    assert len(asked_ahead(scene, "eta", "0.1", "0.2")) == 2
    assert all(a is b for a, b in zip(before, (scene.state, scene.view), strict=False))
    assert before[2:] == (scene.html, scene.changes, scene.replies)


def test_a_look_ahead_leaves_out_what_fails_and_what_has_another_structure(leisure):
    def draw(n):
        return View("<svg/>", "<br>" * (n == 3), f"{6 / n:g}")

    scene = Scene(1, draw, lambda n, name, value: int(value))
    seen = asked_ahead(scene, "n", "0", "2", "3", "much")
    assert [value for value, changes in seen.items() if changes is not None] == ["2"]
    assert applied(scene.html, seen["2"]) == draw(2).html()


def test_a_scene_that_is_slow_to_draw_looks_ahead_only_as_far_as_there_is_time(monkeypatch):
    clock = iter(range(1000))  # a second between any two looks at it
    monkeypatch.setattr("backprop.widgets.scene.perf_counter", lambda: next(clock))
    scene = Scene(1, lambda n: View("<svg/>", "", str(n)), lambda n, name, value: value)
    monkeypatch.setattr("backprop.widgets.scene.AHEAD", 5)
    assert list(asked_ahead(scene, "n", *"123456789")) == ["1", "2"]
    monkeypatch.setattr("backprop.widgets.scene.AHEAD", 0.5)
    assert asked_ahead(scene, "n", "1") == {}


def test_a_move_of_a_slider_sends_little(scene):
    scene.move("value", 0.7)
    assert sum(len(piece) for _, piece in scene.changes) < len(scene.html) / 8


def test_a_new_element_or_attribute_is_sent_whole():
    assert differences("<p>1</p>", "<p>1<b>2</b></p>") is None
    assert differences("<p>1</p>", '<p class="x">1</p>') is None
    assert differences("<p>1</p>", "<b>1</b>") is None
    assert differences("<p></p>", "<p>1</p>") is None


def test_a_scene_is_well_formed_html(scene):
    text = re.sub("(<input[^>]*)>", r"\1/>", scene.view.html())
    ET.fromstring(f"<div>{text}</div>")


def test_controls_are_plain_html():
    assert 'aria-valuetext="a &amp; b"' in slider("s", "S", 0.5, 0, 1, 0.1, "a & b", "S")
    assert '<option value="b" selected="">B</option>' in choice("c", "C", {"a": "A", "b": "B"}, "b")
    assert button("go", "Go") == '<button type="button" name="go" value="">Go</button>'


def test_the_page_stops_keys_and_suppresses_the_notebooks_shortcuts():
    assert "data-lm-suppress-shortcuts" in Scene._esm
    assert "stopPropagation" in Scene._esm


# — a player carries its frames —


def test_a_player_carries_every_frame_and_stays_within_them():
    player = Player([View(f"<svg>{k}</svg>", "", f"step {k}") for k in range(3)])
    for k, changes in enumerate(player.frames[1:], 1):  # what differs from the first
        assert applied(player.frames[0], changes) == player.move("frame", k).view.html()
    player.move("frame", 0)
    turns = ("back", "next", "next", "next", "back")
    assert [player.move(turn).state for turn in turns] == [0, 1, 2, 2, 1]
    assert player.move("frame", "2").view.words == "step 2"
    assert player.html == player.frames[0]


def test_a_frame_of_another_structure_travels_whole():
    views = [View("<svg/>", "", "one"), View("<svg><g/></svg>", "", "two")]
    player = Player(views)
    assert player.frames == [player.html, player.move("next").view.html()]


def test_every_frame_says_beside_the_slider_what_it_shows():
    views = [View("<svg/>", "", word) for word in ("one", "two")]
    for k, shown in enumerate(("1 of 2", "2 of 2")):
        assert f'aria-valuetext="{shown}"' in Player(views).move("frame", k).view.controls
    for k, shown in enumerate(("before", "after")):
        player = Player(views, shown=("before", "after"), pace=200)
        assert f'aria-valuetext="{shown}"' in player.move("frame", k).view.controls
    with pytest.raises(ValueError):
        Player(views, shown=["before"])


def test_a_player_leaves_its_frames_where_no_widgets_are_shown():
    views = [View("<svg></svg>", "", word) for word in ("one", "</script><!--")]
    first, second = (Player(views)._repr_mimebundle_()[0]["text/html"] for _ in range(2))
    assert first == second  # whatever else is on the page
    data, script = re.findall(r"<script[^>]*>(.*?)</script>", first, re.DOTALL)
    assert json.loads(data) == {"frames": Player(views).frames, "pace": 1500}
    assert not re.search("<!--|<script|https?://", data + script)
    assert "<button" not in re.sub("<script.*?</script>", "", first, flags=re.DOTALL)


# — formulas for the page —


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_formula_of_a_derivation_can_be_typeset(name, loss):
    last = "identity" if LOSSES[loss].logits else name
    for step in derive(Network.letters([2, 2, 2], [name, last], loss), None):
        for latex in step.parts():
            ET.fromstring(mathml(latex))


def test_an_unknown_command_is_named():
    with pytest.raises(ValueError, match=r"\\aleph in .* add it to mathml.py"):
        mathml(r"\aleph + 1")


def test_negative_numbers_are_put_in_brackets():
    template = mathml(r"@w1@ \cdot @x_1@")
    assert ">(-2.0)<" in fill(template, {"w1": -2.0, "x_1": 3.0}, "{:.1f}".format)
    assert ">3.0<" in fill(template, {"w1": -2.0, "x_1": 3.0}, "{:.1f}".format)


def test_the_style_is_shipped_with_the_package():
    import backprop.diagram
    import backprop.widgets

    for room, file in ((backprop.diagram, "diagram.css"), (backprop.widgets, "scene.js")):
        assert (Path(room.__file__).parent / file).is_file()
