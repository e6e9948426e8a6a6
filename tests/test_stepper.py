"""Does the stepper show the equations' numbers, in their order, and none before its step?"""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop import ACTIVATIONS, LOSSES, Network, backward, forward, loss_of, update
from backprop.derivation import derive
from backprop.diagram import named, number, written
from backprop.examples import mazur
from backprop.widgets import step_through
from backprop.widgets.parameters import parameters

PHASES = ["forward pass", "loss", "output deltas", "hidden deltas", "gradients", "update"]
LAST = 25  # the place of the update in the published network's training step


@pytest.fixture
def scene():
    return step_through(*mazur())


def expected(net, x, y, eta):
    """Every number of a training step by its letter: the equations', on NumPy's floats."""
    trace = forward(net, x)
    grads = backward(net, trace, y)
    after = named(update(net, grads, eta))
    return named(net, trace, y, grads) | {f"new_{name}": value for name, value in after.items()}


def ledger(scene):
    """The numbers of the list of what is known, by their letters."""
    rows = re.findall(
        r'<tr data-name="(\w+)".*?<td class="number">([^<]*)</td></tr>', scene.view.text
    )
    return dict(rows)


def card(scene):
    """The text of the formula that is lit, cell by cell."""
    row = re.search(r'<tr class="step">.*?</tr>', scene.view.text)[0]
    return ["".join(cell.itertext()) for cell in ET.fromstring(row)]


def product(scene):
    """The table of the chosen gradient's factors: for each formula its symbols and its numbers."""
    table = re.search(r"<table><caption>∂E/∂.*?</table>", scene.view.text)[0]
    rows = [
        ["".join(cell.itertext()) for cell in row if cell.tag == "td"]
        for row in ET.fromstring(table).iter("tr")
    ]
    return list(zip(rows[::2], rows[1::2], strict=True))


# — from step to step —


def test_every_step_shows_the_number_of_the_derivation(scene):
    net, x, y, eta = mazur()
    derivation = derive(net, x, y, eta)
    shown = set()
    for place in range(LAST + 1):
        name = scene.state.name
        assert scene.state.place == place
        assert card(scene)[-1] == number(derivation[name].value, 6)
        assert number(derivation[name].value, 6) in scene.view.words
        shown.add(name)
        scene.move("next")
    assert shown == {s.symbol.name for s in derivation if s.equation != "update"} | {"new_b1_2"}


def test_what_was_computed_stays_and_what_was_not_is_not_in_the_page(scene):
    numbers = expected(*mazur())
    names = [*scene.state.script.names]
    for place, _ in enumerate(names):
        known = {name: number(numbers[name], 6) for name in names[: place + 1]}
        assert ledger(scene) == known
        page, later = scene.view.html(), set(names) - set(known)
        for name in later:
            for digits in (3, 4, 6):
                value = number(numbers[name], digits)
                if value not in {number(numbers[k], digits) for k in numbers.keys() - later}:
                    assert value not in page, (place, name)
        scene.move("next")
    assert ledger(scene) == {n: number(numbers[n], 6) for n in scene.state.script.formulas}


def test_forward_goes_unit_by_unit_and_back_from_the_output(scene):
    names = scene.state.script.names
    assert names[:9] == (
        "z1_1", "a1_1", "z1_2", "a1_2", "z2_1", "a2_1", "z2_2", "a2_2", "E"
    )  # fmt: skip
    assert names[9:13] == ("delta2_1", "delta2_2", "delta1_1", "delta1_2")
    assert sorted(names[13:]) == sorted(f"dE_d{name}" for name in parameters((2, 2, 2)))


def test_buttons_and_the_slider_stay_within_the_steps(scene):
    assert scene.move("back").state.place == 0
    assert scene.move("step", "99").state.place == LAST
    assert scene.move("next").state.place == LAST
    assert scene.move("back").state.place == LAST - 1
    assert scene.move("step", "10").state.name == "delta2_1"


@pytest.mark.parametrize("phase", PHASES)
def test_one_can_go_to_each_phase(scene, phase):
    scene.move("goto", phase)
    assert scene.state.phase == phase
    assert f'value="{phase}" selected=""' in scene.view.controls
    assert scene.state.place == 0 or scene.move("back").state.phase != phase


def test_a_network_without_hidden_layer_has_no_hidden_deltas():
    scene = step_through(Network([[[0.5, -1]]], [[0]], "tanh"), [1, 0.5], [1])
    assert "hidden deltas" not in scene.state.script.phases
    with pytest.raises(ValueError, match=r"no phase 'hidden deltas'; there are: forward pass, "):
        scene.move("goto", "hidden deltas")


def test_one_formula_is_lit_at_a_time(scene):
    scene.move("goto", "hidden deltas")
    lit = set(re.findall(r'data-name="(\w+)" class="lit"', scene.view.picture))
    assert lit == {"delta1_1", "a1_1", "w2_1_1", "w2_2_1", "delta2_1", "delta2_2"}


def test_a_click_goes_to_where_a_number_is_made_and_on_a_weight_looks_at_it(scene):
    assert scene.move("pick", "a2_1").state.name == "a2_1"
    assert scene.move("pick", "E").state.phase == "loss"
    at = scene.move("pick", "dE_dw2_2_1").state
    assert (at.phase, at.chosen) == ("loss", "w2_2_1")
    assert scene.move("pick", "x_1").state is at


def test_the_next_training_step_begins_anew_with_the_updated_numbers(scene):
    net, x, y, eta = mazur()
    for taken in (1, 2):
        scene.move("goto", "update")
        assert 'name="again"' in scene.view.controls
        assert 'name="next"' not in scene.view.controls
        before, net = loss_of(net, x, y), update(net, backward(net, forward(net, x), y), eta)
        scene.move("again")
        assert (scene.state.net, scene.state.place, scene.state.taken) == (net, 0, taken)
        assert f"Training step {taken + 1}" in scene.view.controls
        assert f"ago it was {number(before, 6)}" in scene.move("goto", "loss").view.words
    assert scene.move("reset").state.net == mazur().net


# — a gradient as the product of its factors —


@pytest.mark.parametrize("name", parameters((2, 2, 2)))
def test_any_gradient_is_the_product_of_its_factors(scene, name):
    net, x, y, _ = mazur()
    scene.move("goto", "update").move("pick", name)
    way = list(derive(net, x, y).of(name))
    rows = product(scene)
    assert len(rows) == len(way)
    for (_, numbers), step in zip(rows, way, strict=True):
        known = {letter: step.given[letter.name] for letter in step.formula.free_symbols}
        factors = [float(f.subs(known)) for f in step.formula.as_ordered_factors()]
        assert np.prod(factors) == pytest.approx(step.value, rel=1e-12)
        shown = [f"({number(f, 4)})" if f < 0 else number(f, 4) for f in factors]
        assert numbers[:2] == [number(step.value, 4), "="]
        assert numbers[2::2] == shown


def test_of_a_product_only_what_is_known_is_shown(scene):
    scene.move("pick", "w2_1_1")
    before = [numbers for _, numbers in product(scene)]
    assert before == [["?", "=", "?", "·", "?", "·", "?"], ["?", "=", "?", "·", "?"]]
    after = product(scene.move("goto", "output deltas"))
    assert after[0][1] == ["0.1385", "=", "0.7514", "·", "0.2486", "·", "0.7414"]
    assert after[0][0][2:] == ["a1(2)", "·", "(1−a1(2))", "·", "(a1(2)−y1)"]
    assert after[1][1] == ["?", "=", "0.1385", "·", "0.5933"]


def test_arriving_at_a_gradient_looks_at_its_weight(scene):
    scene.move("goto", "gradients").move("next")
    assert scene.state.chosen == "w2_1_2"
    assert "∂E/∂w⁽²⁾₁₂, factor by factor" in scene.view.text


# — everything follows —


@pytest.mark.parametrize(
    ("control", "value", "change"),
    [
        ("x_2", "-0.5", lambda net, x, y, eta: (net, [x[0], -0.5], y, eta)),
        ("y_1", "0.75", lambda net, x, y, eta: (net, x, [0.75, y[1]], eta)),
        ("eta", "2", lambda net, x, y, eta: (net, x, y, 2.0)),
        ("value", "1.25", lambda net, *rest: (net.with_flat([1.25, *net.flat()[1:]]), *rest)),
        (
            "f_1",
            "relu",
            lambda net, *rest: (Network(net.W, net.b, ["relu", "sigmoid"]), *rest),
        ),
        (
            "loss",
            "binary_cross_entropy",
            lambda net, *rest: (
                Network(net.W, net.b, ["sigmoid", "identity"], "binary_cross_entropy"),
                *rest,
            ),
        ),
        (
            "loss",
            "softmax_cross_entropy",
            lambda net, x, y, eta: (
                Network(net.W, net.b, ["sigmoid", "identity"], "softmax_cross_entropy"),
                x,
                [0, 1],
                eta,
            ),
        ),
    ],
)
def test_whatever_is_changed_every_number_follows(scene, control, value, change):
    numbers = expected(*change(*mazur()))
    scene.move("goto", "update").move(control, value)
    found = ledger(scene)
    assert found == {name: number(numbers[name], 6) for name in found}
    assert len(found) == 37
    assert scene.state.phase == "update"


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_and_loss_can_be_stepped_through(name, loss):
    last = "identity" if LOSSES[loss].logits else name
    net = Network.random([3, 2, 2], [name, last], loss, seed=1)
    scene = step_through(net, [0.1, -0.2, 0.3], [1.0, 0.0])
    for phase in PHASES:
        page = scene.move("goto", phase).view.html()
        assert "@" not in scene.view.text  # every place has its number
        assert "nan" not in page.lower()
        page = re.sub("(<input[^>]*)>", r"\1/>", page)
        ET.fromstring(f"<div>{page}</div>")


def test_a_softmax_network_has_a_target_class(scene):
    scene.move("loss", "softmax_cross_entropy")
    assert 'name="y_1"' not in scene.view.controls
    assert scene.move("class", "1").state.y.tolist() == [[1], [0]]
    scene.move("loss", "squared_error")
    assert 'name="y_1"' in scene.view.controls


# — predict first —


@pytest.fixture
def asking(scene):
    return scene.move("predict", "first").move("goto", "output deltas")


def test_the_sign_is_hidden_until_the_reader_commits(asking):
    value = number(expected(*mazur())["delta2_1"], 6)
    for page in (asking.view.html(), asking.html):
        assert value not in page
        assert value[:6] not in page
        delta = re.search(r'<g data-name="delta2_1".*?</g>', page)[0]
        assert 'class="flag "' in delta
    assert "delta2_1" not in ledger(asking)
    assert card(asking)[-1] == "?"
    asking.move("say", "positive")
    assert ledger(asking)["delta2_1"] == value
    assert ". Right, of its 3 factors none is negative. δ⁽²⁾₁ = " in asking.view.words


def test_a_wrong_guess_is_told_why(asking):
    asking.move("say", "positive").move("next").move("say", "positive")
    assert "You said positive, but of its 3 factors 1 is negative. δ⁽²⁾₂ = −" in asking.view.words
    pressed = re.findall(r'aria-pressed="(\w+)"[^>]*value="(\w+)"', asking.view.controls)
    assert pressed == [("false", "negative"), ("false", "zero"), ("true", "positive")]


def test_next_waits_for_the_decision_and_says_so(asking):
    assert asking.move("next").state.name == "delta2_1"
    assert "First decide: " in asking.view.words
    assert "First decide: " not in asking.move("say", "zero").view.words
    assert asking.move("next").state.name == "delta2_2"


def test_a_decision_is_made_once(asking):
    asking.move("say", "negative").move("say", "positive")
    assert "You said negative" in asking.view.words


def test_a_dead_unit_has_a_zero():
    net = Network([[[1.0]], [[1.0]]], [[-5.0], [0.0]], ["relu", "identity"])
    scene = step_through(net, [1.0], [1.0]).move("predict", "first")
    scene.move("goto", "hidden deltas").move("say", "zero")
    assert "Right, of its 3 factors one is zero. " in scene.view.words
    assert "would not change the loss" in scene.view.words


def test_nothing_is_asked_on_the_way_forward(scene):
    scene.move("predict", "first")
    for phase in ("forward pass", "loss", "update"):
        assert not scene.move("goto", phase).state.asked
        assert 'name="say"' not in scene.view.controls


def test_other_numbers_are_predicted_anew_and_another_learning_rate_is_not(asking):
    asking.move("say", "positive").move("eta", "1")
    assert not asking.state.asked
    assert asking.move("value", "1.5").state.asked
    assert not asking.move("predict", "shown").state.asked


# — what it refuses, and what it leaves alone —


def test_what_cannot_be_stepped_through_is_said():
    net, x, y, _ = mazur()
    with pytest.raises(ValueError, match=r"too many to follow one by one: take .* at most 60"):
        step_through(Network.random([8, 8, 8], "tanh"), [0.0] * 8, [0.0] * 8)
    with pytest.raises(ValueError, match=r"one example and x holds 2: give one column"):
        step_through(net, np.array([x, x]).T, np.array([y, y]).T)
    with pytest.raises(ValueError, match=r"y has shape"):
        step_through(net, x, [1.0])
    with pytest.raises(ValueError, match=r"x holds 1 examples and y holds 2"):
        step_through(net, x, np.array([y, y]).T)
    for eta in ([0.1, 0.2], "fast"):
        with pytest.raises(TypeError, match=r"eta must be a number; got "):
            step_through(net, x, y, eta)


@pytest.mark.parametrize(
    ("control", "value"),
    [("value", "nan"), ("eta", "inf"), ("x_1", "much"), ("goto", "lunch"), ("speed", "1")],
)
def test_bad_input_is_refused_and_changes_nothing(scene, control, value):
    before = scene.state
    with pytest.raises(ValueError):
        scene.move(control, value)
    assert scene.state is before


def test_the_given_network_and_arrays_stay_as_they_are():
    net, x, y, eta = mazur()
    x, y = x.copy(), y.copy()
    scene = step_through(net, x, y, eta).move("value", 1).move("x_1", 1).move("y_1", 1)
    scene.move("goto", "update").move("again")
    assert net == mazur().net
    assert (x.tolist(), y.tolist()) == (mazur().x.tolist(), mazur().y.tolist())


def test_every_control_has_a_label(scene):
    for phase in PHASES:
        controls = scene.move("goto", phase).view.controls
        ranges = re.findall(r'<input type="range"[^>]*>', controls)
        assert all('aria-label="' in control for control in ranges)
        assert controls.count("<label") == len(ranges) + controls.count("<select")
        assert written(scene.state.chosen) in controls
