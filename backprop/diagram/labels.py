"""How numbers and letters are written in pictures, tables and sentences."""

import math
from functools import cache

import numpy as np

from backprop.letters import Letter, Letters
from backprop.letters.entry import SIGNS
from backprop.network import target

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number(value, digits=3, sign=False):
    """A number with `digits` decimals, in at most digits + 5 characters; `sign` writes + too.

    Large numbers give up decimals; tiny and huge ones are written with a power of ten.

    >>> number(-0.15), number(0.15, sign=True), number(1234.5), number(0.000438568, digits=4)
    ('−0.150', '+0.150', '1234', '4.4e−4')
    """
    value = float(value)
    mark = "−" if value < 0 else "+" if sign and value > 0 else ""
    size = abs(value)
    if not math.isfinite(size):
        return mark + ("∞" if math.isinf(size) else "NaN")
    if size and not 10.0 ** (1 - digits) <= size < 10.0 ** (digits + 2):
        mantissa, power = f"{size:.1e}".split("e")
        return f"{mark}{mantissa}e{'−' if power[0] == '-' else ''}{int(power[1:])}"
    decimals = digits - max(0, math.floor(math.log10(size))) if size else digits
    return f"{mark}{size:.{max(0, decimals)}f}"


@cache
def written(name):
    """The name of a letter as plain text, for sentences and wherever nothing can be typeset.

    >>> written("w2_1_3"), written("delta1_2"), written("y_1"), written("dE_dw2_1_3")
    ('w⁽²⁾₁₃', 'δ⁽¹⁾₂', 'y₁', '∂E/∂w⁽²⁾₁₃')
    """
    if name.startswith("dE_d"):
        return "∂E/∂" + written(name.removeprefix("dE_d"))
    letter, layer, indices = _parts(name)
    layer = f"⁽{layer.translate(RAISED)}⁾" if layer else ""
    return letter + layer + indices.translate(LOWERED)


@cache
def typeset(name):
    """The name of a letter as SVG: the letter in italics, the layer raised, the indices lowered.

    >>> typeset("y_1")
    '<tspan class="name">y</tspan><tspan class="script" dy=".35em">1</tspan>'
    """
    letter, layer, indices = _parts(name)
    words = f'<tspan class="name">{letter}</tspan>'
    if layer:
        words += f'<tspan class="script" dy="-.5em">({layer})</tspan>'
    if indices:
        place = 'dx="-1.3em" dy="1em"' if layer else 'dy=".35em"'
        words += f'<tspan class="script" {place}>{indices}</tspan>'
    return words


def _parts(name):
    letter, layer, indices = Letter(name).parts
    comma = "," if any(len(index) > 1 for index in indices) else ""
    return SIGNS.get(letter, letter), layer, comma.join(indices)


def named(net, trace=None, y=None, grads=None, units=None):
    """The numbers of a network and one example by the names of their letters, as in a derivation.

    Returns {"w1_1_1": 0.15, "z1_1": ..., "a1_1": ..., "E": ..., "dE_dw1_1_1": ...}: what can be
    known from the arguments given. `units`, a list of indices for each layer, asks for these only.

    >>> from backprop import Network
    >>> named(Network([[[0.5]]], [[1]], "tanh"))
    {'b1_1': 1.0, 'w1_1_1': 0.5}
    """
    units = units or [range(n) for n in net.sizes]
    found = {}
    for l, before, here in zip(range(net.L + 1), [(), *units], units, strict=False):
        for j in here:
            unit = f"{l}_{j + 1}"
            if l == 0:
                found |= {f"x_{j + 1}": trace.a[0][j, 0]} if trace else {}
                continue
            found[f"b{unit}"] = net.b[l][j, 0]
            found |= {f"w{unit}_{i + 1}": net.W[l][j, i] for i in before}
            if trace:
                found |= {f"z{unit}": trace.z[l][j, 0], f"a{unit}": trace.a[l][j, 0]}
            if grads:
                found |= {f"delta{unit}": grads.delta[l][j, 0], f"dE_db{unit}": grads.b[l][j, 0]}
                found |= {f"dE_dw{unit}_{i + 1}": grads.W[l][j, i] for i in before}
    if y is not None:
        y = target(net, y, 1)
        found |= {f"y_{j + 1}": y[j, 0] for j in units[-1]}
        found["E"] = net.loss.value(trace.output, y)
    return {k: v.item() if isinstance(v, Letters | np.generic) else v for k, v in found.items()}
