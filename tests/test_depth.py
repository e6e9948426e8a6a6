"""Are the deltas of a deep network those of `backward`, and do the words conclude rightly?"""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop import Activation, backward, forward
from backprop.activations import ACTIVATIONS
from backprop.diagram import number
from backprop.widgets import explore_depth
from backprop.widgets.depth import BATCH, DEEPEST, WEIGHTS, WIDTH, Deep, measured


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_sizes_are_those_of_backward(name, weights):
    deep = explore_depth(4, name, weights).state
    net = deep.network()
    assert net.sizes == (WIDTH,) * 6
    x, y = np.random.default_rng((deep.seed, 1)).standard_normal((2, WIDTH, BATCH))
    delta = backward(net, forward(net, x), y).delta
    assert measured(deep).sizes == tuple(np.abs(delta[l]).mean() for l in range(1, 6))


def test_weights_too_large_are_sixteen_times_those_too_small():
    small, large = (Deep(2, ACTIVATIONS["tanh"], f"too_{w}").network() for w in ("small", "large"))
    np.testing.assert_allclose(large.flat(), 16 * small.flat())


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("weights", ["xavier", "he", "too_small"])
def test_weights_and_slopes_together_explain_what_a_layer_does(name, weights):
    found = measured(Deep(DEEPEST, ACTIVATIONS[name], weights))
    assert found.by_weights * found.by_slopes == pytest.approx(found.by_layer, rel=0.25)


def test_a_sigmoid_takes_at_least_three_quarters_in_every_layer():
    found = measured(Deep(DEEPEST, ACTIVATIONS["sigmoid"], "xavier"))
    assert found.by_slopes < 1 / 4
    assert found.sizes[0] < 1e-11 * found.sizes[-1]


@pytest.mark.parametrize(
    ("name", "weights", "does"),
    [
        ("sigmoid", "xavier", "shrinks"),
        ("tanh", "too_small", "shrinks"),
        ("relu", "too_large", "grows"),
        ("identity", "he", "grows"),
    ],
)
def test_the_words_say_the_factor(name, weights, does):
    scene = explore_depth(12, name, weights)
    sizes = measured(scene.state).sizes
    ratio = sizes[-1] / sizes[0] if does == "shrinks" else sizes[0] / sizes[-1]
    assert ratio > 1
    assert f"{does} by a factor of {number(ratio ** (1 / 12), 2)} a layer" in scene.view.words
    assert f"{number(sizes[0])} in layer 1: {number(ratio, 2)} times " in scene.view.words


@pytest.mark.parametrize("depth", [1, 2, DEEPEST])
def test_every_layer_has_its_mark_and_is_said(depth):
    scene = explore_depth().move("depth", str(depth))  # the page sends text
    root = ET.fromstring(scene.view.picture)
    (marks,) = [e for e in root.iter() if e.get("class") == "mark plus"]
    assert marks.get("d").count("M") == depth + 1
    said = re.findall(r"layer (\d+) (\S+?)[,.](?= |$)", scene.view.picture.alt.split("δ: ")[1])
    sizes = measured(scene.state).sizes
    assert said == [(str(l), number(size)) for l, size in enumerate(sizes, 1)]


def test_each_control_changes_its_own_part():
    scene = explore_depth(3, "tanh", "he")
    moves = [("depth", "7"), ("f", "relu"), ("weights", "too_small"), ("draw", ""), ("draw", "")]
    for name, value in [*moves, ("pick", "E")]:
        scene.move(name, value)
    assert scene.state == Deep(7, ACTIVATIONS["relu"], "too_small", seed=2)


def test_other_weights_give_other_numbers_of_the_same_kind():
    first, second = (measured(Deep(9, ACTIVATIONS["sigmoid"], "xavier", seed)) for seed in (0, 1))
    assert first.sizes != second.sizes
    assert first.by_layer == pytest.approx(second.by_layer, rel=0.1)


def test_a_delta_that_is_lost_is_said_to_be_lost():
    step = Activation("step", lambda z: np.where(z > 0, 1.0, 0.0), lambda z, a: np.zeros_like(z))
    scene = explore_depth(3, step)
    assert "the delta is lost" in scene.view.words
    ET.fromstring(scene.view.picture)
    assert "inf" not in scene.view.picture


def test_a_move_that_was_made_before_is_not_computed_again():
    scene = explore_depth(5)
    scene.move("depth", 6).move("depth", 5)
    before = measured.cache_info().misses
    scene.move("depth", 6).move("depth", 5)
    assert measured.cache_info().misses == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "1 to 20; got 0"),
        ((2.5,), r"1 to 20; got 2\.5"),
        ((5, "sigmoyd"), "did you mean 'sigmoid'"),
        ((5, "relu", "large"), "there are: xavier, he, too_small, too_large"),
    ],
)
def test_what_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        explore_depth(*arguments)
