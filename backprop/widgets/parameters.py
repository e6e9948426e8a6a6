"""The weights and biases of a network, one by one: their names, their order, a list of them."""

import difflib
from functools import lru_cache

from backprop.diagram import written
from backprop.letters import Letter
from backprop.network import Network

MOST = 60  # that can still be followed one by one


@lru_cache
def parameters(sizes):
    """The names of all weights and biases, in the order of `Network.flat`.

    >>> parameters((2, 1))
    ('w1_1_1', 'w1_1_2', 'b1_1')
    """
    return tuple(letter.name for letter in Network.letters(sizes, "identity").flat().entries)


def check_few(net):
    """ValueError for a network with more parameters than can be followed one by one."""
    if net.n_parameters > MOST:
        raise ValueError(
            f"{net} has {net.n_parameters} parameters, too many to follow one by one: "
            f"take a network of at most {MOST}"
        )


def place(net, name):
    """Where a parameter stands in `Network.flat`; ValueError for a name that is not there."""
    names = parameters(net.sizes)
    if name not in names:
        near = difflib.get_close_matches(str(name), names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise ValueError(f"{net} has no parameter {name!r}{hint} There are: {', '.join(names)}")
    return names.index(name)


@lru_cache
def listed(sizes):
    """All parameters to choose from, grouped by where they lead.

    >>> list(listed((2, 3, 1)))
    ['into hidden layer 1', 'into the output']
    """
    groups = {}
    for name in parameters(sizes):
        _, layer, (j, *i) = Letter(name).parts
        l = int(layer)
        before = "".join(written(f"a{l - 1}_{k}" if l > 1 else f"x_{k}") for k in i) or "bias"
        into = "into the output" if l == len(sizes) - 1 else f"into hidden layer {l}"
        text = f"{written(name)}\N{EM SPACE}{before} → {written(f'a{l}_{j}')}"
        groups.setdefault(into, {})[name] = text
    return groups
