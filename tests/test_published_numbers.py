"""Are the numbers that students find in books and on the web reproduced, to the digits printed?

And where a published number is wrong, does the mistake that it names give it?
"""

import mistakes
import numpy as np
import pytest

from backprop import Network, backward, forward, loss_of, sigmoid, softmax_cross_entropy, update
from backprop.graph import Node, adjoints, gradient


def printed(value, text):
    """Whether a value, rounded to as many decimals, reads as in print; E notation too."""
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return abs(float(value) - float(text)) <= 0.5000001 * 10.0**-decimals


def agree(values, texts):
    values = np.ravel(values)
    texts = texts.split()
    assert len(values) == len(texts)
    for value, text in zip(values, texts, strict=True):
        assert printed(value, text), f"{float(value):.12g} where {text} is printed"


# — M. Mazur, "A step by step backpropagation example", 2015: 2-2-2, sigmoid, ½ Σ (a − y)² —

X, Y, ETA = [0.05, 0.10], [0.01, 0.99], 0.5


@pytest.fixture
def mazur():
    return Network(
        W=[[[0.15, 0.20], [0.25, 0.30]], [[0.40, 0.45], [0.50, 0.55]]],
        b=[[0.35, 0.35], [0.60, 0.60]],
        activations="sigmoid",
    )


def weights_only(net, grads):
    """The walk-through leaves the biases as they are."""
    return net.with_parameters({l: net.W[l] - ETA * grads.W[l] for l in net.W}, net.b)


def test_mazur_forward(mazur):
    trace = forward(mazur, X)
    agree(trace.z[1], ".3775 .3925")
    agree(trace.a[1], ".593269992 .596884378")
    agree(trace.z[2], "1.105905967 1.224921404")
    agree(trace.a[2], ".751365070 .772928465")
    agree((trace.output.ravel() - Y) ** 2 / 2, ".274811083 .023560026")
    agree(loss_of(mazur, X, Y), ".298371109")


def test_mazur_backward(mazur):
    grads = backward(mazur, forward(mazur, X), Y)
    agree(grads.delta[2], ".138498562 -.038098237")
    paths = mazur.W[2][:, 0] * grads.delta[2].ravel()
    agree(paths, ".055399425 -.019049118")  # printed, from rounded factors: -.019049119
    agree(paths.sum(), ".036350306")
    agree(grads.delta[1], ".008771355 .009954255")
    agree(grads.W[2], ".082167041 .082667628 -.022602540 -.022740242")
    agree(grads.W[1], ".000438568 .000877135 .000497713 .000995425")


def test_mazur_update(mazur):
    new = update(mazur, backward(mazur, forward(mazur, X), Y), ETA)
    agree(new.W[2], ".35891648 .408666186 .511301270 .561370121")
    agree(new.W[1], ".149780716 .19956143 .24975114 .29950229")


def test_mazur_with_the_biases_updated_too(mazur):
    new = update(mazur, backward(mazur, forward(mazur, X), Y), ETA)
    agree(new.b[2], ".530750719 .619049118")
    agree(new.b[1], ".345614323 .345022873")
    agree(loss_of(new, X, Y), ".280471447")


def test_mazur_published_error_is_the_delta_from_weights_that_were_updated_already(mazur):
    """Printed: .291027924. Right: .291027774. Between them lies one mistake, which has a name."""
    right = weights_only(mazur, backward(mazur, forward(mazur, X), Y))
    agree(loss_of(right, X, Y), ".291027774")
    mistake = mistakes.MISTAKES["hidden delta from the updated weights"]
    wrong = weights_only(mazur, mistakes.gradients(mistake, mazur, X, Y))
    agree(loss_of(wrong, X, Y), ".291027924")


def test_mazur_after_ten_thousand_updates(mazur):
    """Printed outputs: .015912196 and .984065734, the mistake's once more.

    The error beside them was first printed as .000035085, which is the mistake's too, and later as
    .0000351085: that one comes from a right run, one update before its last.
    """
    right = wrong = mazur
    mistake = mistakes.MISTAKES["hidden delta from the updated weights"]
    for _ in range(10_000):
        before = right
        right = weights_only(right, backward(right, forward(right, X), Y))
        wrong = weights_only(wrong, mistakes.gradients(mistake, wrong, X, Y))
    agree(forward(right, X).output, ".015913620 .984064274")
    agree(loss_of(right, X, Y), "3.510188e-5")
    agree(loss_of(before, X, Y), ".0000351085")
    agree(forward(wrong, X).output, ".015912196 .984065734")
    agree(loss_of(wrong, X, Y), ".000035085")


FINGERPRINTS = {  # on this network: w5 w6 w1 w2 as far as they differ from the right ones
    "hidden delta from the updated weights": {"w1": ".000364723"},
    "slope forgotten at the output": {"w5": ".439829649", "w1": ".002268350"},
    "slope forgotten in the output weights' gradient": {"w5": ".439829649", "w1": ".000438568"},
    "raw error passed back": {"w5": ".082167041", "w1": ".002268350"},
    "hidden slope forgotten": {"w1": ".001817515"},
    "slope taken at a": {"w5": ".095789770", "w1": ".000471425"},
    "slope's formula applied to z": {"w5": "-.051513746"},
    "transpose forgotten": {"w1": ".000461551"},
    "inverse for transpose": {"w1": "-.225177997"},
    "outer product the wrong way round": {"w5": ".082167041", "w6": "-.022602540"},
    "last path wins": {"w1": "-.000229828"},
    "first path only": {"w1": ".000668396"},
    "activation passed back": {"w1": ".008288803"},
    "bias gradient summed over the units": {"b2_1": ".100400325", "b2_2": ".100400325"},
    "bias gradient times the input": {"b1_1": ".001315703", "b1_2": ".001493138"},
}


@pytest.mark.parametrize("name", FINGERPRINTS)
def test_each_mistake_leaves_its_number_on_mazur(mazur, name):
    grads = mistakes.gradients(mistakes.MISTAKES[name], mazur, X, Y)
    w1_to_8 = np.concatenate([grads.W[1].ravel(), grads.W[2].ravel()])
    left = {f"w{i}": w for i, w in enumerate(w1_to_8, 1)}
    left |= {f"b{l}_{j}": v for l in (1, 2) for j, v in enumerate(grads.b[l].ravel(), 1)}
    for where, text in FINGERPRINTS[name].items():
        agree(left[where], text)


def test_uphill_on_mazur(mazur):
    grads = mistakes.gradients(mistakes.MISTAKES["uphill"], mazur, X, Y)
    agree(loss_of(weights_only(mazur, grads), X, Y), ".305640633")


def test_the_slope_kept_with_cross_entropy_on_mazur(mazur):
    """(a − y) σ′ where a − y is right: the number that is right for the squared error."""
    net = Network(
        list(mazur.W.values()),
        list(mazur.b.values()),
        ["sigmoid", "identity"],
        "binary_cross_entropy",
    )
    grads = backward(net, forward(net, X), Y)
    agree(grads.W[2][0, 0], ".439829649")
    p = sigmoid.value(forward(net, X).output)
    agree((grads.W[2] * sigmoid.slope(None, p))[0, 0], ".082167041")


def test_softmax_is_not_elementwise():
    """p = (.2, .3, .5), class 2: (.2, −.7, .5); with the diagonal alone (0, −.7, 0)."""
    p, y = np.array([[0.2], [0.3], [0.5]]), np.array([[0.0], [1.0], [0.0]])
    agree(softmax_cross_entropy.slope(np.log(p), y), ".2 -.7 .5")
    from_above = -y / p
    agree(from_above * p * (1 - p), "0 -.7 0")
    agree(from_above * (1 - p), "0 -2.333 0")


# — Stanford CS231n, "Backpropagation, intuitions" —


def test_cs231n_sum_and_product():
    x, y, z = Node(-2.0), Node(5.0), Node(-4.0)
    f = (x + y) * z
    adjoint = adjoints(f)
    agree([f.value, adjoint[x], adjoint[y], adjoint[z]], "-12 -4 -4 3")


def test_cs231n_sigmoid_neuron():
    w, x = np.array([2.0, -3.0, -3.0]), np.array([-1.0, -2.0])

    def neuron(w, x):
        return 1 / (1 + np.exp(-(w[0] * x[0] + w[1] * x[1] + w[2])))

    agree(w[:2] @ x + w[2], "1")
    agree(neuron(w, x), ".731058579")
    dw, dx = gradient(neuron)(w, x)
    agree(dx, ".393223866 -.589835800")
    agree(dw, "-.196611933 -.393223866 .196611933")


def test_cs231n_maximum():
    def f(x, y, z, w):
        return 2 * (x * y + np.maximum(z, w))

    agree(f(3, -4, 2, -1), "-20")
    agree(gradient(f)(3, -4, 2, -1), "-8 6 2 0")


# — A. Karpathy, micrograd: its README, and its lecture —


def test_micrograd_readme():
    def g(a, b):
        c, d = a + b, a * b + b**3
        c += c + 1
        c += 1 + c + (-a)
        d += d * 2 + np.maximum(b + a, 0)
        d += 3 * d + np.maximum(b - a, 0)
        e = c - d
        f = e**2
        g = f / 2.0
        g += 10.0 / f
        return g

    agree(g(-4.0, 2.0), "24.7041")
    agree(gradient(g)(-4.0, 2.0), "138.8338 645.5773")


def test_micrograd_lecture():
    def loss(a, b, c, f):
        return (a * b + c) * f

    def neuron(x1, x2, w1, w2, b):
        return np.tanh(x1 * w1 + x2 * w2 + b)

    agree(loss(2.0, -3.0, 10.0, -2.0), "-8")
    at = 2.0, 0.0, -3.0, 1.0, 6.8813735870195432
    agree(neuron(*at), ".7071067812")
    agree(gradient(neuron)(*at), "-1.5 .5 1 0 .5")


# — A. Géron, Hands-On Machine Learning; C. Olah, Calculus on Computational Graphs —


def test_geron():
    def f(x, y):
        return x**2 * y + y + 2

    agree(f(3, 4), "42")
    agree(gradient(f)(3, 4), "24 10")
    hessian = [gradient(lambda x, y, i=i: gradient(f)(x, y)[i])(3, 4) for i in range(2)]
    agree(hessian, "8 6 6 0")


def test_olah():
    def e(a, b):
        return (a + b) * (b + 1)

    agree(e(2, 1), "6")
    agree(gradient(e)(2, 1), "2 5")


# — M. Nielsen, Neural Networks and Deep Learning, chapter 3: x = 1, y = 0, η = .15 —


def outputs_while_learning(w, b, loss, steps=300):
    """The neuron's output before each step; σ is in the network or in the loss."""
    last = "sigmoid" if loss == "squared_error" else "identity"
    net = Network([[[w]]], [[b]], last, loss)
    for _ in range(steps):
        trace = forward(net, [1.0])
        yield (trace.output if loss == "squared_error" else net.loss.predict(trace.output)).item()
        net = update(net, backward(net, trace, [0.0]), 0.15)


def test_nielsen_from_a_good_start():
    outputs = list(outputs_while_learning(0.6, 0.9, "squared_error"))
    agree(outputs[0], ".82")
    agree(outputs[-1], ".09")


def test_nielsen_saturation():
    outputs = list(outputs_while_learning(2.0, 2.0, "squared_error"))
    agree(outputs[0], ".98")
    assert outputs[150] > 0.9  # hardly moved
    agree(outputs[-1], ".20")


def test_nielsen_cross_entropy_does_not_stall():
    outputs = list(outputs_while_learning(2.0, 2.0, "binary_cross_entropy"))
    agree(outputs[0], ".98")
    steps = -np.diff(outputs)
    assert outputs[50] < 0.2
    assert steps[0] > 10 * -np.diff(list(outputs_while_learning(2.0, 2.0, "squared_error", 2)))[0]


# — I. Goodfellow, Y. Bengio, A. Courville, Deep Learning, section 6.1 —


def test_goodfellow_xor():
    net = Network([[[1, 1], [1, 1]], [[1, -2]]], [[0, -1], [0]], ["relu", "identity"])
    agree(forward(net, [[0, 0, 1, 1], [0, 1, 0, 1]]).output, "0 1 1 0")


# — the sigmoid's slope, as in every table —


def test_slopes_of_the_sigmoid():
    z = np.array([-1, -0.5, 0, 0.5, 1])
    agree(sigmoid.slope(z, sigmoid.value(z)), ".196612 .235004 .25 .235004 .196612")
    agree([gradient(sigmoid.value)(zi) for zi in z], ".196612 .235004 .25 .235004 .196612")
