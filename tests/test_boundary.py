"""Is the training that is watched the course's own, and does the boundary lie where it says ½?"""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop import Network, loss_of
from backprop.datasets import cats_dogs, two_moons, xor
from backprop.diagram import number
from backprop.training import accuracy, train
from backprop.widgets import watch_training
from backprop.widgets.boundary import Training, _says, _trained


def network(hidden=4, seed=0):
    names = ["tanh", "identity"]
    return Network.random([2, hidden, 1], names, "binary_cross_entropy", seed=seed)


@pytest.fixture(scope="module")
def moons():
    return two_moons(60, noise=0.2)


def test_it_trains_as_train_does(moons):
    settings = {"epochs": 7, "batch": 16, "eta": 0.8, "seed": 3}
    nets, diverged = _trained(network(), moons, **settings)
    net, history = train(
        network(),
        moons.x_train,
        moons.y_train,
        validation=(moons.x_test, moons.y_test),
        progress=False,
        **settings,
    )
    training = Training(moons, 7, nets, diverged)
    assert nets[-1] == net
    assert not diverged
    assert np.allclose(training.losses, history.loss, rtol=1e-12)
    assert np.allclose(training.held_out, history.validation_loss, rtol=1e-12)


def test_the_words_say_the_networks_numbers(moons):
    scene = watch_training(network(), moons, epochs=5, batch=16, eta=0.8)
    nets, _ = _trained(network(), moons, 5, 16, 0.8, 0)
    for epoch in (0, 3, 5):
        said, net = scene.move("frame", str(epoch)).view.words, nets[epoch]
        right = accuracy(net, moons.x_train, moons.y_train)
        assert said.startswith(
            f"Epoch {epoch} of 5. Loss {number(loss_of(net, moons.x_train, moons.y_train), 4)}, "
            f"{round(60 * right)} of 60 ({100 * right:.1f} %) points on the right side. "
            f"Held out: loss {number(loss_of(net, moons.x_test, moons.y_test), 4)}, "
        )


def told_at(net, ax, picture, pattern, aside=(0, 0)):
    """What the network says at the places of the path that the pattern finds, a little aside."""
    (d,) = re.findall(pattern, picture)
    x, y = np.array(re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", d), dtype=float).T
    across = (x + aside[0] - ax.left) / ax.width * (ax.x.high - ax.x.low) + ax.x.low
    up = (ax.bottom - y - aside[1]) / ax.height * (ax.y.high - ax.y.low) + ax.y.low
    return np.array([_says(net, [u], [v]).item() for u, v in zip(across, up, strict=True)])


def test_the_boundary_is_where_the_network_says_half_and_the_strokes_where_it_says_one(moons):
    nets, _ = _trained(network(), moons, 20, 8, 1.0, 0)
    training = Training(moons, 20, nets, False)
    ax, picture = training.map, training.view(20).picture.replace(training.key, "")
    on = told_at(nets[20], ax, picture, r'class="line thick" d="(.+?)"')
    assert len(on) > 20
    assert np.abs(on - 0.5).max() < 0.05
    strokes = told_at(nets[20], ax, picture, r'class="line minus thin" d="(.+?)"', (4, -4))
    assert len(strokes) > 20
    assert strokes.min() > 0.45


def test_every_point_is_shown_and_the_wrong_ones_have_a_ring(moons):
    training = Training(moons, 1, [network()], False)
    picture = training.view(0).picture.replace(training.key, "")
    for kind, k in (("plus", 0), ("minus", 1)):
        paths = re.findall(rf'<path class="mark {kind}" d="(.*?)"', picture)
        drawn = sum(path.count("M") for path in paths)
        assert drawn == (moons.y_train == k).sum() + 1  # and one on the curves
    rings = re.findall(r'<path class="mark open" d="(.*?)"', picture)
    wrong = 60 - round(60 * accuracy(network(), moons.x_train, moons.y_train))
    assert [d.count("M") for d in rings] == [wrong]


def test_there_are_at_most_sixty_pictures_and_the_last_is_the_end():
    scene = watch_training(network(), xor(), epochs=130, batch=4)
    assert len(scene.frames) == 45  # every third epoch, and the last
    assert scene.move("next").view.words.startswith("Epoch 3 of 130.")
    assert scene.move("frame", 44).view.words.startswith("Epoch 130 of 130.")
    assert scene.move("frame", "0").state == 0


def test_exclusive_or_has_nothing_held_out():
    view = watch_training(network(), xor(), epochs=1, batch=4).view
    assert "Held out" not in view.words
    assert "held out" not in view.picture
    assert ">y = 0</text>" in view.picture


def test_every_picture_is_the_same_but_for_its_numbers(moons):
    frames = watch_training(network(), moons, epochs=12, batch=16, eta=2).frames
    assert not any(isinstance(frame, str) for frame in frames[1:])


def test_pictures_are_sound_and_say_in_words_what_they_show(moons):
    view = watch_training(network(), moons, epochs=1).view
    assert view.words in ET.fromstring(view.picture).find("{*}desc").text


def test_divergence_is_the_end_and_is_said():
    net = Network.random([2, 4, 1], ["relu", "identity"], "squared_error", seed=1)
    scene = watch_training(net, two_moons(40), epochs=200, batch=8, eta=50)
    last = scene.move("frame", 10_000).view
    assert len(scene.frames) < 60
    assert last.words.endswith("it diverged: the learning rate is too large.")
    assert ET.fromstring(last.picture) is not None


@pytest.mark.parametrize(
    ("sizes", "data", "message"),
    [
        ([784, 1], cats_dogs, "784 inputs and 1 outputs; a boundary can be drawn for 2 inputs"),
        ([2, 2], two_moons, "2 inputs and 2 outputs"),
    ],
)
def test_what_has_no_boundary_in_a_plane_is_refused(sizes, data, message):
    with pytest.raises(ValueError, match=message):
        watch_training(Network.random(sizes, "sigmoid"), data())
