"""How large the deltas are in each layer of a deep network, and why they shrink or grow."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from backprop.activations import ACTIVATIONS, Activation
from backprop.activations import activation as look_up
from backprop.axes import Axes, Scale, italic, plot
from backprop.diagram import number
from backprop.equations import backward
from backprop.network import Network, forward
from backprop.widgets.controls import button, choice, group, slider
from backprop.widgets.scene import Scene, View

DEEPEST, WIDTH, BATCH = 20, 16, 32
WEIGHTS = {  # how they are drawn, and by what they are then multiplied
    "xavier": ("Xavier", "xavier", 1),
    "he": ("He", "he", 1),
    "too_small": ("too small: Xavier ÷ 4", "xavier", 1 / 4),
    "too_large": ("too large: Xavier × 4", "xavier", 4),
}


def explore_depth(depth=10, activation="sigmoid", weights="xavier"):
    """The mean size of the deltas, layer by layer, on their way back through a deep network.

    Random networks of `depth` hidden layers, 1 to 20, with 16 units a layer, an identity output
    and squared error; a batch of 32 random examples. `activation` is a name or an Activation,
    `weights` one of "xavier", "he", "too_small" and "too_large". Raises ValueError for others.

    >>> explore_depth(20)
    20 hidden layers, sigmoid, Xavier weights: on its way back the delta shrinks by a factor of \
4.32 a layer. Its mean size is 0.028 at the output and 5.5e−15 in layer 1: 5.1e12 times smaller.
    """
    if weights not in WEIGHTS:
        raise ValueError(f"there are no weights {weights!r}; there are: {', '.join(WEIGHTS)}")
    if depth not in range(1, DEEPEST + 1):
        raise ValueError(f"depth is a number of hidden layers, 1 to {DEEPEST}; got {depth!r}")
    start = Deep(int(depth), look_up(activation), weights)
    choices = ACTIVATIONS | {start.f.name: start.f}

    def react(deep, control, value):
        moved = {
            "depth": lambda: {"depth": int(value)},
            "f": lambda: {"f": choices[value]},
            "weights": lambda: {"weights": value},
            "draw": lambda: {"seed": deep.seed + 1},
        }
        return replace(deep, **moved[control]()) if control in moved else deep

    return Scene(start, lambda deep: _view(deep, choices), react)


@dataclass(frozen=True)
class Deep:
    """A random network, by what was chosen for it."""

    depth: int
    f: Activation
    weights: str
    seed: int = 0

    def network(self):
        _, init, scale = WEIGHTS[self.weights]
        sizes, f = [WIDTH] * (self.depth + 2), [self.f] * self.depth
        net = Network.random(sizes, [*f, "identity"], init=init, seed=self.seed)
        return net.with_flat(net.flat() * scale)


@dataclass(frozen=True)
class Measured:
    """Mean |δ| of layers 1 ... L, and by how much one layer multiplies the deltas."""

    sizes: tuple
    by_weights: float
    by_slopes: float

    @property
    def by_layer(self):
        """The factor of one layer, on geometric average, from the output back to layer 1."""
        first, *_, last = self.sizes
        return (first / last) ** (1 / (len(self.sizes) - 1))


@lru_cache(maxsize=256)
def measured(deep):
    """What a forward and a backward pass through that network say about its deltas.

    If weights and deltas are independent, a layer multiplies the variance of the deltas by
    n · mean(w²) · mean(f′²). X. Glorot and Y. Bengio, "Understanding the difficulty of training
    deep feedforward neural networks", AISTATS 2010, equation 6.
    """
    net = deep.network()
    x, y = np.random.default_rng((deep.seed, 1)).standard_normal((2, WIDTH, BATCH))
    trace = forward(net, x)
    delta = backward(net, trace, y).delta
    passed = [net.W[l] for l in range(2, net.L + 1)]  # no delta goes back through W[1]
    slopes = [net.f[l].slope(trace.z[l], trace.a[l]) for l in range(1, net.L)]
    return Measured(
        sizes=tuple(float(np.abs(delta[l]).mean()) for l in range(1, net.L + 1)),
        by_weights=float(np.sqrt(WIDTH * np.mean(np.square(passed)))),
        by_slopes=float(np.sqrt(np.mean(np.square(slopes)))),
    )


# — view —


def _view(deep, choices):
    found = measured(deep)
    words = _words(deep, found)
    network = slider("depth", "Depth", deep.depth, 1, DEEPEST, 1, f"{deep.depth}", "hidden layers")
    network += choice("f", "Activation", {name: name for name in choices}, deep.f.name)
    options = {name: label for name, (label, *_) in WEIGHTS.items()}
    weights = choice("weights", "Weights", options, deep.weights) + button("draw", "Draw others")
    return View(
        picture=_picture(deep, found, words),
        controls=group("Hidden layers", network) + group("Random weights", weights),
        words=words,
        text=_table(found),
    )


def _words(deep, found):
    first, *_, last = found.sizes
    layers = f"{deep.depth} hidden layer{'s' if deep.depth > 1 else ''}"
    said = f"{layers}, {deep.f.name}, {WEIGHTS[deep.weights][0]} weights: on its way back "
    if not first:
        return f"{said}the delta is lost: every unit of some layer is switched off."
    shrinks = found.by_layer < 1
    factor, whole = (
        (1 / found.by_layer, last / first) if shrinks else (found.by_layer, first / last)
    )
    does, than = ("shrinks", "smaller") if shrinks else ("grows", "larger")
    said += f"the delta {does} by a factor of {number(factor, 2)} a layer. Its mean size is "
    said += f"{number(last)} at the output and {number(first)} in layer 1: "
    return said + f"{number(whole, 2)} times {than}."


def _picture(deep, found, words):
    sizes, layers = np.array(found.sizes), np.arange(1, deep.depth + 2)
    low, high = _decades(sizes)
    ax = Axes(
        Scale(0.5, deep.depth + 1.5, whole=True),
        Scale(10.0**low, 10.0**high, log=True),
        f"layer {italic('l')}; the deltas travel from right to left, output to input",
        f"mean size of {italic('δ')}",
        width=560,
        height=290,
        most=(12, 8),
    )
    ax.across(y=sizes[-1]).area(layers, 0 * sizes + ax.y.low, sizes, opacity=0.15)
    ax.line(layers, sizes).marks(layers, sizes, shape="diamond", size=6)
    first, last = (20, -18) if sizes[0] < sizes[-1] else (-18, 20)  # where the curve is not
    ax.text(1, sizes[0], number(sizes[0]), "over strong", dx=8, dy=first)
    ax.text(layers[-1], sizes[-1], number(sizes[-1]), "over strong end", dx=4, dy=last)
    listed = ", ".join(f"layer {l} {number(size)}" for l, size in zip(layers, sizes, strict=True))
    return plot("Mean size of the deltas by layer", f"{words} Mean size of δ: {listed}.", ax)


def _decades(sizes):
    """Powers of ten around the sizes with room below, in fives, so that the axis seldom moves."""
    powers = np.log10(sizes[sizes > 0])
    low, high = np.floor((powers.min() - 1.5) / 5) * 5, np.ceil(powers.max() / 5) * 5
    return int(low), int(max(high, low + 5))


def _table(found):
    rows = {
        f"the transposed weights: √({WIDTH} · mean of w²)": found.by_weights,
        "the slopes: √(mean of f′²)": found.by_slopes,
        "both together": found.by_weights * found.by_slopes,
        "measured, from the output back to layer 1": found.by_layer,
    }
    cells = "".join(
        f'<tr><td>{what}</td><td class="number">{number(value)}</td></tr>'
        for what, value in rows.items()
    )
    caption = "<caption>One layer multiplies the delta by about</caption>"
    return f"<table>{caption}<tbody>{cells}</tbody></table>"
