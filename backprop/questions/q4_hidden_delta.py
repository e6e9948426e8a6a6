"""Lesson 4: blame flows back through every edge that leaves a unit, and is summed."""

from itertools import pairwise

import numpy as np

from backprop.letters import letters
from backprop.questions import Choice, Formula, Function, Match, Mistake, Numbers, Written

LESSON = "04_hidden_delta.ipynb#"
PATHS = LESSON + "Derive-it:-one-path,-two-paths,-all-paths"
TRANSPOSE = LESSON + "Why-the-transpose"
CODE = LESSON + "In-code"
WRONG = LESSON + "What-goes-wrong"
OLD = LESSON + "What-if-you-use-the-new-weights?"
SLOPE = "03_output_delta.ipynb#What-a(1-−-a)-says"


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


# — predict: which way? —

_WISHES = (  # w11, w21 and the two deltas: the stronger edge loses, or a weight turns a wish round
    (0.9, 0.3, 0.05, -0.4),
    (1.1, 0.3, -0.1, 0.6),
    (-0.8, 0.5, 0.2, 0.1),
    (0.4, -0.7, 0.1, -0.2),
)


def _two_wishes(rng):
    w11, w21, d1, d2 = _WISHES[rng.integers(len(_WISHES))]
    sign = int(rng.choice([-1, 1]))
    return {"w11": w11, "w21": w21, "delta2_1": sign * d1, "delta2_2": sign * d2}


which_way_hidden = Choice(
    id="which_way_hidden",
    title="Which way should the hidden unit go?",
    points=1,
    section=LESSON + "See-it:-two-wishes,-one-unit",
    shows="What arrives is weight times delta, from each output, and it is added.",
    draw=_two_wishes,
    options={
        "up": "its activation should grow",
        "down": "its activation should shrink",
        "open": "it cannot be said, since a hidden unit has no target",
    },
    right=lambda g: "down" if g.w11 * g.delta2_1 + g.w21 * g.delta2_2 > 0 else "up",
    reasons={
        "up": "Multiply each delta by its weight, with its sign, and add. If the sum is positive: "
        "more of this unit, more loss.",
        "down": "Multiply each delta by its weight, with its sign, and add. If the sum is "
        "negative: more of this unit, less loss.",
        "open": "It has no target of its own, but it feeds units that have. What do they say?",
    },
)

# — by hand: one hidden unit, two outputs —


def _one_hidden_unit(rng):
    while True:
        one_of = {
            "z1": (-1.5, -1.0, 0.2, 1.2, 1.6),
            **dict.fromkeys(("w11", "w21"), (-1.2, -0.7, 0.4, 0.8, 1.5)),
            **dict.fromkeys(("a2_1", "a2_2"), (0.2, 0.3, 0.6, 0.7, 0.9)),
            **dict.fromkeys(("y_1", "y_2"), (0.05, 0.95)),
        }
        g = {name: float(rng.choice(values)) for name, values in one_of.items()}
        one, two = (
            g[f"w{k}1"] * (g[f"a2_{k}"] - g[f"y_{k}"]) * g[f"a2_{k}"] * (1 - g[f"a2_{k}"])
            for k in (1, 2)
        )
        if abs(one + two) > 0.02 < abs(one - two):  # they must neither cancel nor be the same
            return g


hidden_by_hand = Numbers(
    id="hidden_by_hand",
    title="One hidden unit, two outputs, by hand",
    points=4,
    section=PATHS,
    shows="Along a path speeds are multiplied; paths that meet are added.",
    draw=_one_hidden_unit,
    steps={
        "a1": lambda g, s: _sigmoid(g.z1),
        "delta2_1": lambda g, s: (g.a2_1 - g.y_1) * g.a2_1 * (1 - g.a2_1),
        "delta2_2": lambda g, s: (g.a2_2 - g.y_2) * g.a2_2 * (1 - g.a2_2),
        "path_1": lambda g, s: g.w11 * s.delta2_1,
        "path_2": lambda g, s: g.w21 * s.delta2_2,
        "arrives": lambda g, s: s.path_1 + s.path_2,
        "delta1": lambda g, s: s.arrives * s.a1 * (1 - s.a1),
    },
    mistakes=(
        Mistake(  # 2
            "slope of the output forgotten",
            {
                "delta2_1": lambda g, s: g.a2_1 - g.y_1,
                "delta2_2": lambda g, s: g.a2_2 - g.y_2,
            },
            "A delta has two factors. Which one is this?",
            "Multiply a − y by the slope of the sigmoid, a(1 − a).",
            "03_output_delta.ipynb#Derive-it,-factor-by-factor",
        ),
        Mistake(
            "the nudge, not the gradient",
            {
                "delta2_1": lambda g, s: (g.y_1 - g.a2_1) * g.a2_1 * (1 - g.a2_1),
                "delta2_2": lambda g, s: (g.y_2 - g.a2_2) * g.a2_2 * (1 - g.a2_2),
            },
            "An output says too much. Should its delta be positive or negative?",
            "A gradient points uphill: a − y, not y − a.",
            "03_output_delta.ipynb#What-a-−-y-says",
        ),
        Mistake(  # 4
            "the raw error passed back",
            {
                "path_1": lambda g, s: g.w11 * (g.a2_1 - g.y_1),
                "path_2": lambda g, s: g.w21 * (g.a2_2 - g.y_2),
            },
            "The way back to the hidden unit leads through the output's sigmoid. What did it do?",
            "What goes back over the edge is the output's delta, slope included: w · δ.",
            WRONG,
        ),
        Mistake(  # 29
            "the output's activation passed back",
            {
                "path_1": lambda g, s: g.w11 * g.a2_1,
                "path_2": lambda g, s: g.w21 * g.a2_2,
            },
            "Forward, activations go along the edges. What goes along them on the way back?",
            "Deltas go back: w times the output's delta.",
            WRONG,
        ),
        Mistake(
            "the weight left out",
            {"path_1": lambda g, s: s.delta2_1, "path_2": lambda g, s: s.delta2_2},
            "Move the hidden unit by 0.01. Does the output's sum z move by 0.01 too?",
            "The edge carries w times as much: w · δ.",
        ),
        Mistake(  # 26
            "only the last path counts",
            {"arrives": lambda g, s: s.path_2},
            "Does what output 2 says replace what output 1 said?",
            "The unit reaches the loss along both paths: add them.",
        ),
        Mistake(  # 26
            "only the first path counts",
            {"arrives": lambda g, s: s.path_1},
            "Along how many paths does this unit reach the loss?",
            "The unit reaches the loss along both paths: add them.",
        ),
        Mistake(
            "the paths averaged, not added",
            {"arrives": lambda g, s: (s.path_1 + s.path_2) / 2},
            "Two people push a car. Does it get the mean of their pushes?",
            "Paths that meet are added, without dividing by how many they are.",
        ),
        Mistake(
            "the paths multiplied",
            {"arrives": lambda g, s: s.path_1 * s.path_2},
            "What is multiplied: speeds along one path, or one path with another?",
            "Along a path multiply; paths that meet are added.",
        ),
        Mistake(  # 5
            "hidden slope forgotten",
            {"delta1": lambda g, s: s.arrives},
            "This arrives at a. How far does a move when z is pushed?",
            "Multiply by the hidden unit's own slope, a(1 − a).",
            CODE,
        ),
        Mistake(  # 6
            "slope taken at a instead of z",
            {"delta1": lambda g, s: s.arrives * _sigmoid(s.a1) * (1 - _sigmoid(s.a1))},
            "How often has the sigmoid been taken here?",
            "a is σ(z) already, so the slope is a(1 − a): no second sigmoid.",
            SLOPE,
        ),
        Mistake(  # 7
            "a(1 − a) with z in the place of a",
            {"delta1": lambda g, s: s.arrives * g.z1 * (1 - g.z1)},
            "A slope of the sigmoid lies between 0 and ¼. Does yours?",
            "The slope is a(1 − a), with the activation a, not with z.",
            SLOPE,
        ),
    ),
)

# — in letters —

hidden_formula = Formula(
    id="hidden_formula",
    title="The same in letters",
    points=2,
    section=PATHS,
    shows="The first column of W² holds the edges that leave hidden unit 1.",
    letters="w2_1_1 w2_1_2 w2_2_1 w2_2_2 delta2_1 delta2_2 a1_1",
    reference=lambda w11, w12, w21, w22, d1, d2, a: (w11 * d1 + w21 * d2) * a * (1 - a),
    mistakes=(
        Mistake(  # 8
            "a row of W for a column",
            lambda w11, w12, w21, w22, d1, d2, a: (w11 * d1 + w12 * d2) * a * (1 - a),
            "The first index is where an edge ends. Which two edges begin at hidden unit 1?",
            "The edges that leave unit 1 are w₁₁ and w₂₁: the first column of W.",
            TRANSPOSE,
        ),
        Mistake(
            "the other hidden unit's edges",
            lambda w11, w12, w21, w22, d1, d2, a: (w12 * d1 + w22 * d2) * a * (1 - a),
            "The second index is where an edge begins. Whose edges are these?",
            "The edges that leave unit 1 are w₁₁ and w₂₁.",
            TRANSPOSE,
        ),
        Mistake(  # 5
            "hidden slope forgotten",
            lambda w11, w12, w21, w22, d1, d2, a: w11 * d1 + w21 * d2,
            "How far does a hidden unit move when its z is pushed?",
            "Multiply by the slope of the sigmoid, a(1 − a).",
        ),
        Mistake(  # 26
            "only the last path counts",
            lambda w11, w12, w21, w22, d1, d2, a: w21 * d2 * a * (1 - a),
            "Along how many paths does the unit reach the loss?",
            "Sum over both outputs: w₁₁δ₁ + w₂₁δ₂.",
        ),
        Mistake(  # 26
            "only the first path counts",
            lambda w11, w12, w21, w22, d1, d2, a: w11 * d1 * a * (1 - a),
            "Along how many paths does the unit reach the loss?",
            "Sum over both outputs: w₁₁δ₁ + w₂₁δ₂.",
        ),
        Mistake(
            "the weights left out",
            lambda w11, w12, w21, w22, d1, d2, a: (d1 + d2) * a * (1 - a),
            "Does a thin edge carry as much as a strong one?",
            "Each delta goes back through its weight: w₁₁δ₁ + w₂₁δ₂.",
        ),
        Mistake(
            "the slope of tanh",
            lambda w11, w12, w21, w22, d1, d2, a: (w11 * d1 + w21 * d2) * (1 - a**2),
            "Which activation has this layer?",
            "The slope of the sigmoid is a(1 − a).",
            SLOPE,
        ),
        Mistake(  # 6
            "slope taken at a instead of z",
            lambda w11, w12, w21, w22, d1, d2, a: (
                (w11 * d1 + w21 * d2) * _sigmoid(a) * (1 - _sigmoid(a))
            ),
            "How often is the sigmoid taken in your formula?",
            "a is σ(z) already, so the slope is a(1 − a).",
            SLOPE,
        ),
    ),
)

# — in NumPy: a layer of sigmoids —


def _delta(W_next, delta_next, a):
    return (W_next.T @ delta_next) * a * (1 - a)


def _cases(rng):
    def one(n, below, m=1):
        W = rng.uniform(-1, 1, (n, below)).round(2)
        delta, a = rng.uniform(-1, 1, (n, m)).round(2), rng.uniform(0.1, 0.9, (below, m)).round(2)
        return W, delta, a

    return [one(2, 3), ("a square layer", one(2, 2)), ("a batch of 3", one(4, 2, 3))]


def _loops(W_next, delta_next, a):
    delta = np.zeros_like(a)
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(W_next.shape[0]):
                delta[i, k] += W_next[j, i] * delta_next[j, k]
            delta[i, k] *= a[i, k] * (1 - a[i, k])
    return delta


def _last_path(W_next, delta_next, a):
    return W_next[-1:].T @ delta_next[-1:] * a * (1 - a)


hidden_delta = Function(
    id="hidden_delta",
    title="Pass the blame back",
    points=3,
    section=CODE,
    shows="A hidden unit collects the deltas of all the units it feeds, times its own slope.",
    reference=_delta,
    cases=_cases,
    returns="delta",
    on_letters=lambda: (
        letters("w2", (2, 2)),
        letters("delta2", 2)[:, None],
        letters("a1", 2)[:, None],
    ),
    right=(
        _loops,
        lambda W, d, a: np.einsum("ji,jk,ik,ik->ik", W, d, a, 1 - a),
        lambda W, d, a: ((d.T @ W).T * (a - a**2)).astype(np.float32),
    ),
    mistakes=(
        Mistake(  # 5
            "hidden slope forgotten",
            lambda W, d, a: W.T @ d,
            "How far does a unit move when its z is pushed?",
            "Multiply by the slope of the sigmoid, a(1 − a).",
        ),
        Mistake(  # 8
            "transpose forgotten",
            lambda W, d, a: (W @ d) * a * (1 - a),
            "Row j of W leads into unit j. Which numbers lead out of unit i?",
            "Blame goes back along the same edges: W.T @ delta_next.",
            TRANSPOSE,
        ),
        Mistake(  # 26
            "only the last path counts",
            _last_path,
            "Does what one output says replace what the others said?",
            "Sum over all the units of the next layer.",
            PATHS,
        ),
        Mistake(  # 26
            "only the first path counts",
            lambda W, d, a: W[:1].T @ d[:1] * a * (1 - a),
            "How many units does each hidden unit feed?",
            "Sum over all the units of the next layer.",
            PATHS,
        ),
        Mistake(  # 9
            "inverse for transpose",
            lambda W, d, a: np.linalg.inv(W) @ d * a * (1 - a),
            "Are you to undo the forward pass, or to share out blame?",
            "Every edge carries its own weight, not one divided by it: W.T @ delta_next.",
            WRONG,
        ),
        Mistake(  # 9
            "pseudo-inverse for transpose",
            lambda W, d, a: np.linalg.pinv(W) @ d * a * (1 - a),
            "Are you to undo the forward pass, or to share out blame?",
            "Every edge carries its own weight, not one divided by it: W.T @ delta_next.",
            WRONG,
        ),
        Mistake(  # 6 and 32
            "slope taken at a instead of z",
            lambda W, d, a: W.T @ d * _sigmoid(a) * (1 - _sigmoid(a)),
            "How often has the sigmoid been taken here?",
            "a is σ(z) already, so the slope is a(1 − a): no second sigmoid.",
            SLOPE,
        ),
        Mistake(
            "the slope of tanh",
            lambda W, d, a: W.T @ d * (1 - a**2),
            "Which activation has this layer?",
            "The slope of the sigmoid is a(1 − a); 1 − a² belongs to tanh.",
            SLOPE,
        ),
        Mistake(
            "the weights left out",
            lambda W, d, a: d.sum(axis=0) * a * (1 - a),
            "Does a thin edge carry as much as a strong one?",
            "Each delta goes back through its weight: W.T @ delta_next.",
            PATHS,
        ),
        Mistake(
            "the paths averaged, not added",
            lambda W, d, a: _delta(W, d, a) / len(W),
            "Two people push a car. Does it get the mean of their pushes?",
            "Paths that meet are added, without dividing by how many they are.",
            PATHS,
        ),
        Mistake(
            "a for the slope",
            lambda W, d, a: W.T @ d * a,
            "A unit at a = 0.99 hardly moves any more. Does your slope say so?",
            "The slope of the sigmoid is a(1 − a), not a.",
            SLOPE,
        ),
        Mistake(
            "divided by the slope",
            lambda W, d, a: W.T @ d / (a * (1 - a)),
            "Is a unit that hardly moves to blame more, or less?",
            "Speeds along a path are multiplied: times a(1 − a).",
        ),
        Mistake(  # 17
            "the mean taken once more",
            lambda W, d, a: _delta(W, d, a) / a.shape[1],
            "The deltas that arrive have been divided by m already. By whom?",
            "1/m came in with the loss, at the output. It does not come in again.",
            TRANSPOSE,
        ),
    ),
)

# — in NumPy: a layer of ReLUs —


def _relu_cases(rng):
    def one(n, below, m=1):
        z = rng.uniform(0.1, 2, (below, m)) * rng.choice([-1, 1], (below, m))
        z[0, 0], z[-1, 0] = -abs(z[0, 0]), abs(z[-1, 0])
        return rng.uniform(-1, 1, (n, below)).round(2), rng.uniform(-1, 1, (n, m)).round(2), z

    return [one(2, 4), ("a square layer", one(3, 3)), ("a batch of 4", one(3, 5, 4))]


def _relu_delta(W_next, delta_next, z):
    return (W_next.T @ delta_next) * np.where(z > 0, 1, 0)


relu_hidden_delta = Function(
    id="relu_hidden_delta",
    title="A hidden layer of ReLUs",
    points=2,
    section=CODE,
    shows="ReLU lets the blame through where the unit is active, and stops it where it is not.",
    reference=_relu_delta,
    cases=_relu_cases,
    returns="delta",
    on_letters=lambda: (
        letters("w2", (2, 2)),
        letters("delta2", 2)[:, None],
        letters("z1", 2)[:, None],
    ),
    right=(
        lambda W, d, z: np.where(z > 0, W.T @ d, 0),
        lambda W, d, z: W.T @ d * (z > 0),
        lambda W, d, z: np.heaviside(z, 0) * np.einsum("ji,jk->ik", W, d),
        lambda W, d, z: np.array([[z > 0 for z in row] for row in z]) * (d.T @ W).T,
        lambda W, d, z: (W.T @ d * (z >= 0)).astype(np.float32),
    ),
    mistakes=(
        Mistake(  # 30
            "the slope alone, without what arrives",
            lambda W, d, z: (z > 0).astype(float),
            "Your deltas are all 0 or 1. What did the next layer have to say?",
            "The slope of ReLU, 0 or 1, multiplies what arrives, W.T @ delta_next.",
        ),
        Mistake(  # 31
            "the mask turned round",
            lambda W, d, z: W.T @ d * (z <= 0),
            "Which units move when their z is pushed: those with z > 0, or the others?",
            "The blame passes where z > 0, and nowhere else.",
        ),
        Mistake(  # 31
            "the mask made of what arrives",
            lambda W, d, z: np.maximum(W.T @ d, 0),
            "Who decides whether a unit lets anything through: its z, or the sign of the blame?",
            "Blame may be negative. Keep all of it where z > 0.",
        ),
        Mistake(  # 31
            "the mask on the next layer's deltas",
            lambda W, d, z: W.T @ np.maximum(d, 0),
            "Whose slope is asked for: the hidden layer's, or the next layer's?",
            "First W.T @ delta_next, then 0 where the hidden z is not above 0.",
        ),
        Mistake(
            "−1 in the place of 0",
            lambda W, d, z: W.T @ d * np.sign(z),
            "A unit with z = −2 is pushed by a little. Does its output move?",
            "The slope of ReLU is 1 where z > 0, else 0: nothing comes through there.",
        ),
        Mistake(
            "ReLU itself for its slope",
            lambda W, d, z: W.T @ d * np.maximum(z, 0),
            "How much faster does ReLU grow at z = 2 than at z = 1?",
            "The slope of ReLU is 1 where z > 0, whatever z is.",
        ),
        Mistake(  # 5
            "hidden slope forgotten",
            lambda W, d, z: W.T @ d,
            "What is the delta of a unit with z = −2? Does it move when it is pushed?",
            "Multiply by the slope of ReLU: 1 where z > 0, else 0.",
        ),
        Mistake(
            "the slope of the sigmoid",
            lambda W, d, z: W.T @ d * _sigmoid(z) * (1 - _sigmoid(z)),
            "Which activation has this layer?",
            "The slope of ReLU is 1 where z > 0, else 0.",
        ),
        Mistake(  # 8
            "transpose forgotten",
            lambda W, d, z: W @ d * (z > 0),
            "Row j of W leads into unit j. Which numbers lead out of unit i?",
            "Blame goes back along the same edges: W.T @ delta_next.",
            TRANSPOSE,
        ),
    ),
)

# — in NumPy: all layers —


def _deep(
    W,
    a,
    y,
    first=lambda a, y: (a - y) * a * (1 - a),
    back=lambda W, d: W.T @ d,
    slope=lambda a: a * (1 - a),
):
    """[δ¹, …, δᴸ], or what they become where one of the three steps is another."""
    deltas = [first(a[-1], y) / y.shape[1]]
    for l in range(len(W) - 1, 0, -1):
        deltas.insert(0, back(W[l], deltas[0]) * slope(a[l]))
    return deltas


def _deep_by_number(W, a, y):
    L = len(W)
    delta = {L: a[L] * (1 - a[L]) * (a[L] - y) / len(y.T)}
    for l in reversed(range(1, L)):
        delta[l] = np.einsum("ji,jk->ik", W[l], delta[l + 1]) * a[l] * (1 - a[l])
    return tuple(delta[l].astype(np.float32) for l in range(1, L + 1))


def _networks(rng):
    def one(sizes, m=1):
        W = [rng.uniform(-1.5, 1.5, (n, below)).round(2) for below, n in pairwise(sizes)]
        a = [rng.uniform(0.1, 0.9, (n, m)).round(2) for n in sizes]
        return W, a, rng.uniform(0, 1, (sizes[-1], m)).round(2)

    return [
        one([1, 3, 2]),
        ("three hidden layers, a batch of 3", one([2, 3, 4, 3, 2], 3)),
        ("all layers of one width", one([2, 2, 2, 2])),
    ]


def _raw_error(W, a, y):
    deltas = _deep(W, a, y, first=lambda a, y: a - y)
    return [*deltas[:-1], deltas[-1] * a[-1] * (1 - a[-1])]


def _activations_passed(W, a, y):
    last = _deep(W, a, y)[-1]
    return [W[l].T @ a[l + 1] * a[l] * (1 - a[l]) for l in range(1, len(W))] + [last]


def _own_weights(W, a, y):
    deltas = _deep(W, a, y)[-1:]
    for l in range(len(W) - 1, 0, -1):
        deltas.insert(0, W[l - 1].T @ deltas[0] * a[l] * (1 - a[l]))
    return deltas


def _slope_off_by(off):
    """The slope of another layer, `off` further on."""

    def makes(W, a, y):
        deltas = _deep(W, a, y)[-1:]
        for l in range(len(W) - 1, 0, -1):
            deltas.insert(0, W[l].T @ deltas[0] * a[l + off] * (1 - a[l + off]))
        return deltas

    return makes


def _input_too(W, a, y):
    deltas = _deep(W, a, y)
    return [W[0].T @ deltas[0] * a[0] * (1 - a[0]), *deltas]


deep_deltas = Function(
    id="deep_deltas",
    title="All the deltas of a deep network",
    points=4,
    section=LESSON + "Deeper:-the-same-equation-again",
    shows="The backward pass is one equation to begin with, and one in a loop.",
    reference=_deep,
    cases=_networks,
    returns="deltas",
    on_letters=lambda: (
        [letters("w1", (2, 1)), letters("w2", (2, 2))],
        [letters(f"a{l}", n)[:, None] for l, n in enumerate((1, 2, 2))],
        letters("y", 2)[:, None],
    ),
    right=(
        _deep_by_number,
        lambda W, a, y: [*_deep(W, a, y, back=lambda W, d: (d.T @ W).T)],
    ),
    mistakes=(
        Mistake(
            "the list the wrong way round",
            lambda W, a, y: _deep(W, a, y)[::-1],
            "You find the last layer's delta first. Where should it stand?",
            "The list runs from δ¹ to δᴸ: turn it round at the end, or insert at the front.",
        ),
        Mistake(  # 2
            "slope forgotten at the output",
            lambda W, a, y: _deep(W, a, y, first=lambda a, y: a - y),
            "Is the last delta right? All the others are made of it.",
            "BP1 has two factors: (a − y) and the slope a(1 − a).",
            "03_output_delta.ipynb#In-code",
        ),
        Mistake(  # 4
            "the raw error passed back",
            _raw_error,
            "The last delta is right, the one before is not. What was handed back to it?",
            "Hand back the delta, slope included, not a − y.",
            WRONG,
        ),
        Mistake(  # 5
            "hidden slope forgotten",
            lambda W, a, y: _deep(W, a, y, slope=np.ones_like),
            "How far does a hidden unit move when its z is pushed?",
            "Each hidden layer multiplies by its own slope, a(1 − a).",
            CODE,
        ),
        Mistake(  # 6 and 32
            "slope taken at a instead of z",
            lambda W, a, y: _deep(
                W,
                a,
                y,
                first=lambda a, y: (a - y) * _sigmoid(a) * (1 - _sigmoid(a)),
                slope=lambda a: _sigmoid(a) * (1 - _sigmoid(a)),
            ),
            "How often has the sigmoid been taken here?",
            "a is σ(z) already, so the slope is a(1 − a): no second sigmoid.",
            SLOPE,
        ),
        Mistake(  # 8
            "transpose forgotten",
            lambda W, a, y: _deep(W, a, y, back=lambda W, d: W @ d),
            "Row k of W leads into unit k. Which numbers lead out of unit j?",
            "Blame goes back along the same edges: W.T @ delta.",
            TRANSPOSE,
        ),
        Mistake(
            "the weights into the layer, not out of it",
            _own_weights,
            "Python counts from 0: W[0] leads into layer 1. Which W leads out of it?",
            "The delta of layer l comes back through the weights of layer l + 1, and that is W[l].",
        ),
        Mistake(
            "the slope of the layer before",
            _slope_off_by(-1),
            "Python counts from 0, and a[0] is the input. Whose activation is a[l]?",
            "The delta of layer l takes the slope of layer l itself: a[l] * (1 - a[l]).",
            CODE,
        ),
        Mistake(
            "the slope of the next layer",
            _slope_off_by(1),
            "Python counts from 0, and a[0] is the input. Whose activation is a[l]?",
            "The delta of layer l takes the slope of layer l itself: a[l] * (1 - a[l]).",
            CODE,
        ),
        Mistake(  # 2 and 16
            "neither slope nor mean at the output",
            lambda W, a, y: _deep(W, a, y, first=lambda a, y: (a - y) * y.shape[1]),
            "Is the last delta right? All the others are made of it.",
            "Two things at once: multiply by the slope a(1 − a), and divide by m = y.shape[1].",
            "03_output_delta.ipynb#In-code",
        ),
        Mistake(
            "the delta of the output is missing",
            lambda W, a, y: _deep(W, a, y)[:-1],
            "How many layers have a delta?",
            "There is one for each of the L layers; the last in the list is δᴸ.",
        ),
        Mistake(  # 26
            "only the last path counts",
            lambda W, a, y: _deep(W, a, y, back=lambda W, d: W[-1:].T @ d[-1:]),
            "Does what one unit says replace what the others said?",
            "Sum over all the units of the next layer: W.T @ delta.",
            PATHS,
        ),
        Mistake(  # 29
            "the next layer's activation passed back",
            _activations_passed,
            "Forward, activations go along the edges. What goes along them on the way back?",
            "Deltas go back: W.T @ the next layer's delta.",
            WRONG,
        ),
        Mistake(  # 17
            "the mean taken in every layer",
            lambda W, a, y: _deep(W, a, y, back=lambda W, d: W.T @ d / d.shape[1]),
            "The deltas that arrive have been divided by m already. By whom?",
            "1/m comes in once, at the output.",
        ),
        Mistake(  # 16
            "no mean over the batch",
            lambda W, a, y: [delta * y.shape[1] for delta in _deep(W, a, y)],
            "E is a mean over the examples. What does that do to its slopes?",
            "Divide the output's delta by m = y.shape[1]; the others follow.",
        ),
        Mistake(
            "a delta for the inputs too",
            _input_too,
            "Do the inputs have a weighted sum that could be pushed?",
            "Stop at layer 1: the loop runs over L − 1, …, 1.",
        ),
    ),
)

# — the forensics lab —

forensics = Match(
    id="forensics",
    title="Which number came from which code?",
    points=4,
    section=OLD,
    shows="A number can be evidence: each mistake leaves its own.",
    items={
        "0.291027774": "one table of results says 0.291027774",
        "0.291027924": "the best-known worked example says 0.291027924",
        "0.280471447": "a student's code says 0.280471447",
        "0.305640633": "another student's code says 0.305640633",
    },
    options={
        "as it should be": "the weights move against the gradient; the biases stay",
        "new weights": "the same, but the blame goes back through the output weights just moved",
        "biases too": "the weights and the biases move against the gradient",
        "uphill": "the weights move along the gradient, not against it; the biases stay",
        "slope forgotten": "the weights move, but the output delta is a − y; the biases stay",
    },
    right={  # 1, 22 and 11
        "0.291027774": "as it should be",
        "0.291027924": "new weights",
        "0.280471447": "biases too",
        "0.305640633": "uphill",
    },
    reasons={
        "as it should be": "Take the gradients of backward, move the two weight matrices alone, "
        "and compute the loss. Which number do you get?",
        "new weights": "It changes the hidden deltas only, and by little. So the loss is very near "
        "to the right one.",
        "biases too": "Four more parameters move against the gradient. What does that do to the "
        "loss: a little more progress, or less?",
        "uphill": "Uphill the loss grows. Before the step it was 0.298371109.",
        "slope forgotten": "Without a(1 − a) the gradients of this network are several times too "
        "large. Compute it: none of the four numbers comes out.",
    },
)

which_weights = Written(
    id="which_weights",
    title="Old weights or new ones?",
    points=2,
    section=OLD,
    shows="You can say why all parts of a gradient belong to one point.",
    criteria="1 point: a gradient is taken at one point; with half of the weights moved, the "
    "hidden deltas belong to a network that was never run (the activations are of the old one). "
    "½ point: a falling loss proves nothing, since many wrong directions still go down. "
    "½ point: a gradient check finds it (the weights of the hidden layer fail, those of the output "
    "layer pass), or: keep the old W until all deltas are known.",
)
