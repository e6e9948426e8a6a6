"""Does the picture of a network say what the numbers say, to the eye and to a screen reader?"""

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from backprop import Network, backward, forward, letters
from backprop.diagram import Picture, diagram, named, number, typeset, written
from backprop.diagram.drawing import FONT

SVG = "{http://www.w3.org/2000/svg}"
SIZES = [(1, 1), (2, 2, 2), (3, 4, 2), (4, 4, 4, 2), (5, 5, 5), (1, 5, 1), (5, 1, 5), (2, 3, 1)]


def example(sizes, seed=0, scale=1.0):
    """A network with its trace, target and gradients, numbers of both signs and of all sizes."""
    rng = np.random.default_rng(seed)
    net = Network.random(sizes, "tanh", seed=seed)
    net = net.with_flat(scale * rng.normal(size=net.n_parameters) * 10.0 ** rng.integers(-5, 2))
    trace = forward(net, rng.normal(size=sizes[0]))
    y = rng.normal(size=sizes[-1])
    return net, trace, y, backward(net, trace, y)


def parsed(picture):
    return ET.fromstring(picture)


def parts(picture, name):
    """The elements drawn under the name of a letter."""
    return [g for g in parsed(picture).iter(f"{SVG}g") if g.get("data-name") == name]


def label(picture, name):
    """The text under the name of a letter, without the name itself."""
    return "".join(
        "".join(text.itertext()) for g in parts(picture, name) for text in g.iter(f"{SVG}text")
    )


def boxes(picture):
    """(words, left, top, right, bottom) of every label, for a font as wide as the widest in use."""
    for text in parsed(picture).iter(f"{SVG}text"):
        kind, *left = text.get("class").split()
        words, size = "".join(text.itertext()), FONT[kind]
        scripts = sum(len(t.text) for t in text.iter(f"{SVG}tspan") if t.get("class") == "script")
        wide = sum(0.64 if c.isdigit() or c in "+−" else 0.57 for c in words) - 0.2 * scripts
        x, y = float(text.get("x")), float(text.get("y"))
        start = x if left else x - wide * size / 2
        yield words, start, y - 0.8 * size, start + wide * size, y + 0.22 * size


# — the same for the same numbers, and well made —


def test_the_same_numbers_give_the_same_picture():
    assert diagram(*example((2, 3, 1))) == diagram(*example((2, 3, 1)))


@pytest.mark.parametrize("sizes", [*SIZES, (784, 64, 10), (3,) * 12])
def test_a_picture_is_an_image_with_words(sizes):
    root = parsed(diagram(*example(sizes)))
    assert root.get("role") == "img"
    assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert all(child.text for child in root[:2])


def test_a_picture_fits_its_column_whatever_the_width():
    picture = diagram(*example((4, 4, 4, 2)))
    assert parsed(picture).get("viewBox")
    assert "max-width: 100%" in picture


def test_a_picture_shows_itself_and_reprs_as_its_words():
    picture = diagram(*example((2, 2, 2)))
    bundle = picture._repr_mimebundle_()
    assert bundle["image/svg+xml"] == bundle["text/html"] == picture
    assert bundle["text/plain"] == picture.alt
    assert repr(picture) == f"Picture({picture.alt!r})"
    assert isinstance(picture, Picture)


def test_words_are_escaped():
    assert "<title>a &lt; b</title>" in diagram(*example((1, 1)), title="a < b")


# — what it says —


@pytest.mark.parametrize("sizes", SIZES)
def test_the_words_hold_every_number_that_the_picture_shows(sizes):
    picture = diagram(*example(sizes))
    for name in named(*example(sizes)):
        shown = label(picture, name)
        assert not shown or re.search(re.escape(written(name)) + r" = (\S+?)[,.]( |$)", picture.alt)
        if name[0] not in "axyE" and shown:
            assert shown.split()[-1] in picture.alt


def test_every_number_stands_beside_its_letter():
    net, trace, y, grads = example((2, 2, 2))
    picture = diagram(net, trace, y, grads)
    assert label(picture, "w2_1_2") == number(net.W[2][0, 1], sign=True)
    assert label(picture, "b1_2") == f"b {number(net.b[1][1, 0], sign=True)}"
    assert label(picture, "z2_2") == f"z {number(trace.z[2][1, 0])}"
    assert label(picture, "a1_1").endswith(number(trace.a[1][0, 0]))
    assert label(picture, "x_2").endswith(number(trace.a[0][1, 0]))
    assert label(picture, "y_1").endswith(number(y[0]))
    assert label(picture, "delta1_2") == f"δ {number(grads.delta[1][1, 0], 4, sign=True)}"
    assert label(picture, "dE_dw2_2_1") == number(grads.W[2][1, 0], 4, sign=True)
    assert label(picture, "E").endswith(number(net.loss.value(trace.output, y[:, None])))


def test_sign_is_told_by_line_colour_and_label():
    net, trace, y, grads = example((3, 4, 2))
    picture = diagram(net, trace, y, grads)
    for name, value in named(net, trace, y, grads).items():
        sign = "plus" if value > 0 else "minus"
        if name[0] == "w":
            (line,) = (e for e in parts(picture, name)[0] if "line" in e.get("class").split())
            assert sign in line.get("class")
        if name[0] in "wd" and parts(picture, name) and "E_db" not in name:
            assert ("+" if value > 0 else "−") in label(picture, name)
        if name.startswith(("delta", "dE_dw")):
            (flag,) = parts(picture, name)[0].iter(f"{SVG}polygon")
            assert flag.get("class").split() == ["flag", sign]
    style = parsed(picture).find(f"{SVG}style").text
    assert re.search(r"\.minus \{[^}]*stroke-dasharray: 8", style)


def test_zero_has_no_sign():
    picture = diagram(Network([[[0.0]]], [[0.0]], "identity"))
    assert label(picture, "w1_1_1") == "0.000"
    assert not re.search('class="line (plus|minus)"[^>]*>(?=</g>)', picture)


def test_a_larger_weight_is_a_thicker_line():
    net = Network([[[0.1], [-0.5], [2.0], [-30.0]]], [[0] * 4], "identity")
    picture = diagram(net)
    lines = [parts(picture, f"w1_{j}_1")[0][-1] for j in range(1, 5)]
    widths = [float(line.get("stroke-width")) for line in lines]
    assert widths == sorted(widths)
    assert widths[-1] < 8


def test_forward_is_round_and_backward_is_a_diamond():
    picture = diagram(*example((2, 2, 2)))
    assert list(parts(picture, "a1_1")[0].iter(f"{SVG}circle"))
    assert list(parts(picture, "delta1_1")[0].iter(f"{SVG}polygon"))
    assert not list(parts(picture, "a1_1")[0].iter(f"{SVG}polygon"))


def test_layers_are_named():
    words = [box[0] for box in boxes(diagram(*example((2, 2, 2, 2))))]
    for heading in ("input", "hidden layer 1 · tanh", "hidden layer 2 · tanh", "output · tanh"):
        assert heading in words


def test_letters_stand_where_numbers_would():
    net = Network.letters([2, 2, 1], "sigmoid")
    picture = diagram(net, forward(net, letters("x", 2)))
    assert label(picture, "w1_2_1") == "w(1)21"
    assert label(picture, "b2_1") == "b(2)1"
    assert label(picture, "a1_2") == "a(1)2"


def test_before_the_forward_pass_there_are_weights_only():
    picture = diagram(Network.random([2, 1], "tanh"))
    assert label(picture, "w1_1_1")
    assert not label(picture, "z1_1")
    assert not parts(picture, "E")


# — what is hidden and what is lit —


@pytest.mark.parametrize("name", ["w2_1_1", "a1_2", "delta1_1", "dE_dw1_2_1", "E", "y_1", "z2_1"])
def test_a_hidden_number_is_nowhere_in_the_picture(name):
    net, trace, y, grads = example((2, 2, 1), seed=5)
    (shown,) = re.findall(r"[+−]?[\d.]+(?:e−?\d+)?$", label(diagram(net, trace, y, grads), name))
    picture = diagram(net, trace, y, grads, hide=[name])
    assert label(picture, name).endswith("?")
    assert f"{written(name)} = ?" in picture.alt
    assert f"{written(name)} = {shown}" not in picture.alt
    assert "plus" not in str([e.get("class") for g in parts(picture, name) for e in g])
    assert "minus" not in str([e.get("class") for g in parts(picture, name) for e in g])


def test_what_is_lit_has_a_halo():
    picture = diagram(*example((2, 2, 2)), lit={"w2_1_1", "a1_1"})
    lit = {g.get("data-name") for g in parsed(picture).iter(f"{SVG}g") if g.get("class") == "lit"}
    assert lit == {"w2_1_1", "a1_1"}


# — room for every label —


@pytest.mark.parametrize("scale", [1, 1e4])
@pytest.mark.parametrize("sizes", [*SIZES, (784, 64, 10), (9, 3, 2), (3,) * 12])
def test_no_label_covers_another(sizes, scale):
    for seed in range(3):
        found = list(boxes(diagram(*example(sizes, seed, scale))))
        for one, other in itertools.combinations(found, 2):
            apart = (
                one[3] <= other[1] or other[3] <= one[1] or one[4] <= other[2] or other[4] <= one[2]
            )
            assert apart, f"{one[0]!r} covers {other[0]!r}"


@pytest.mark.parametrize("sizes", [*SIZES, (784, 64, 10), (3,) * 12])
def test_every_label_is_inside_the_picture(sizes):
    picture = diagram(*example(sizes))
    _, _, width, height = map(float, parsed(picture).get("viewBox").split())
    for words, left, top, right, bottom in boxes(picture):
        assert left >= 0 and top >= 0 and right <= width and bottom <= height, words


def test_no_line_is_drawn_over_a_label():
    tags = [e.tag for e in parsed(diagram(*example((3, 4, 2)))).iter()]
    first_text = tags.index(f"{SVG}text")
    lines = [k for k, tag in enumerate(tags) if tag == f"{SVG}line"]
    legend = 2  # the two lines of the legend, beside their words
    assert all(k < first_text for k in lines[:-legend])


# — large networks —


def test_a_large_network_is_summarised():
    picture = diagram(*example((784, 64, 10)))
    assert "784 units" in picture and "784 units of which 4 are shown" in picture.alt
    assert len(list(parsed(picture).iter(f"{SVG}circle"))) == 2 * 3 * 4  # with their halos
    assert len(picture) < 30_000


def test_a_deep_network_is_summarised():
    picture = diagram(*example((2,) * 13))
    assert "8 more layers" in picture
    assert "8 more hidden layers" in picture.alt
    assert not parts(picture, "w7_1_1")


# — what cannot be drawn —


def test_a_batch_is_refused_with_the_way_out():
    net = Network.random([2, 1], "tanh")
    with pytest.raises(ValueError, match=r"one example and the trace holds 3: draw forward"):
        diagram(net, forward(net, np.zeros((2, 3))))


def test_a_target_without_a_trace_is_refused():
    with pytest.raises(ValueError, match=r"give forward\(net, x\) too"):
        diagram(Network.random([2, 1], "tanh"), y=[1.0])


# — numbers and letters —


@pytest.mark.parametrize("digits", [3, 4, 6])
def test_a_number_is_never_longer_than_its_place_and_never_far_off(digits, rng):
    for value in rng.normal(size=300) * 10.0 ** rng.integers(-30, 30, 300):
        text = number(value, digits, sign=True)
        assert len(text) <= digits + 5
        assert float(text.replace("−", "-")) == pytest.approx(value, rel=0.05)


def test_special_numbers():
    assert [number(v) for v in (0, -0.0, np.inf, -np.inf)] == ["0.000", "0.000", "∞", "−∞"]


def test_an_index_of_two_digits_is_set_apart():
    assert written("w1_12_3") == "w⁽¹⁾₁₂,₃"
    assert ">12,3<" in typeset("w1_12_3")
