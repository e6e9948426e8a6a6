"""Lesson 5: a weight's gradient is the delta behind it times the input it carried."""

from copy import deepcopy
from functools import cache
from itertools import combinations, pairwise
from types import SimpleNamespace

import numpy as np

from backprop.letters import letters
from backprop.questions import Choice, Formula, Function, Mistake, Numbers, Source, Written

LESSON = "05_weight_update.ipynb#"
DERIVED = LESSON + "1.-Derive-it:-delta-times-input"
OUTER = LESSON + "A-whole-layer:-the-outer-product"
BATCH = LESSON + "A-batch"
IN_CODE = LESSON + "In-code"
UPDATE = LESSON + "2.-The-update"
RATE = LESSON + "3.-The-learning-rate"
WRONG = LESSON + "What-goes-wrong"


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


# — predict: who moves most? —

_FOUR = ("w11", "w12", "w21", "w22")


def _two_by_two(rng):
    def sized(sizes):
        return (rng.permutation(sizes) * rng.choice([-1, 1], 2)).tolist()

    drawn = {"delta": sized([0.2, 0.3]), "a": sized([0.4, 0.7])}
    W = rng.permutation([0.9, 0.5, 0.3, 0.1])
    most = _FOUR.index(_mover(**drawn))
    if W[most] == W.max():  # the largest weight must not be the answer by chance
        W = np.roll(W, 1)
    return drawn | {"W": W.reshape(2, 2).tolist(), "eta": 0.5}


def _mover(delta, a):
    return _FOUR[int(np.abs(np.outer(delta, a)).argmax())]


moves_most = Choice(
    id="moves_most",
    title="Which weight moves most?",
    points=1,
    section=DERIVED,
    shows="What moves a weight is its delta and its input, not its own size.",
    draw=_two_by_two,
    options={
        "w11": "the weight into unit 1 from input 1",
        "w12": "the weight into unit 1 from input 2",
        "w21": "the weight into unit 2 from input 1",
        "w22": "the weight into unit 2 from input 2",
    },
    right=lambda g: _mover(g.delta, g.a),
    reasons={
        f"w{j}{i}": f"w{j}{i} moves by η times the size of δ{j}·a{i}; signs and the weight itself "
        f"do not count. Is δ{j} the larger delta, and a{i} the larger input?"
        for j in (1, 2)
        for i in (1, 2)
    },
)

# — in letters —

slope_by_weight = Formula(
    id="slope_by_weight",
    title="One weight's gradient, in letters",
    points=2,
    section=DERIVED,
    shows="The whole way of the blame stands in one product, and the input comes last.",
    letters="x v a y",
    reference=lambda x, v, a, y: (v * a - y) * v * a * (1 - a) * x,
    mistakes=(
        Mistake(
            "the input is missing",
            lambda x, v, a, y: (v * a - y) * v * a * (1 - a),
            "You have the delta of the hidden unit. What does z move by, when w does?",
            "That is the bias's gradient. The weight's is delta times x.",
        ),
        Mistake(
            "hidden slope forgotten",
            lambda x, v, a, y: (v * a - y) * v * x,
            "Between z and a stands a sigmoid. Does it pass a push on in full?",
            "Multiply by its slope, a(1 − a).",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(
            "the weight on the way back is missing",
            lambda x, v, a, y: (v * a - y) * a * (1 - a) * x,
            "How far does the output move when a moves by 1?",
            "Going back from the output to a costs a factor v.",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(
            "the gradient of v, not of w",
            lambda x, v, a, y: (v * a - y) * a,
            "Which weight carries x, and which carries a?",
            "w is one layer further back: (va − y) · v · a(1 − a) · x.",
        ),
        Mistake(
            "the unit's own activation in the place of its input",
            lambda x, v, a, y: (v * a - y) * v * a * (1 - a) * a,
            "What goes *into* w, and what comes out behind it?",
            "w carries x: delta times x.",
        ),
        Mistake(  # 29
            "the output in the place of its error",
            lambda x, v, a, y: v * a * v * a * (1 - a) * x,
            "Suppose the output is just right. What should the gradient be?",
            "What goes back is the error va − y.",
        ),
        Mistake(
            "a slope for an output that has none",
            lambda x, v, a, y: (v * a - y) * v * a * (1 - v * a) * v * a * (1 - a) * x,
            "What is the activation of the output here?",
            "The output is linear: its slope is 1.",
        ),
        Mistake(
            "the nudge, not the gradient",
            lambda x, v, a, y: (y - v * a) * v * a * (1 - a) * x,
            "A gradient points uphill. Where does yours point?",
            "The error is va − y.",
        ),
        Mistake(  # 15
            "the ½ was lost",
            lambda x, v, a, y: 2 * (v * a - y) * v * a * (1 - a) * x,
            "The loss has a factor in front.",
            "The ½ and the 2 of the square cancel.",
        ),
    ),
)

# — a layer and a batch —


def _layer_gradients(delta, a):
    return delta @ a.T, delta.sum(axis=1, keepdims=True)


def _layers(rng):
    def one(n, below, m=1):
        return rng.uniform(-1, 1, (n, m)).round(2), rng.uniform(0.1, 0.9, (below, m)).round(2)

    return [one(3, 2), ("a batch of 4", one(2, 3, 4)), ("a square layer, a batch", one(2, 2, 3))]


def _gradients_by_loops(delta, a):
    dW, db = np.zeros((delta.shape[0], a.shape[0])), np.zeros((delta.shape[0], 1))
    for k in range(delta.shape[1]):
        for j in range(delta.shape[0]):
            db[j, 0] += delta[j, k]
            for i in range(a.shape[0]):
                dW[j, i] += delta[j, k] * a[i, k]
    return dW, db


def _gradients_by_outer_products(delta, a):
    examples = range(a.shape[1])
    dW = sum(np.outer(delta[:, k], a[:, k]) for k in examples)
    return [dW, delta @ np.ones((a.shape[1], 1))]


layer_gradients = Function(
    id="layer_gradients",
    title="BP3 and BP4: the gradients of a layer",
    points=3,
    section=IN_CODE,
    shows="Each delta meets each input, and the batch is summed on the way.",
    reference=_layer_gradients,
    cases=_layers,
    returns="dW, db",
    on_letters=lambda: (letters("delta1", (2, 2)), letters("a0", (3, 2))),
    right=(
        _gradients_by_loops,
        _gradients_by_outer_products,
        lambda d, a: (np.einsum("jk,ik->ji", d, a), np.einsum("jk->j", d)[:, None]),
        lambda d, a: ((a @ d.T).T.astype(np.float32), d.sum(1).reshape(-1, 1)),
    ),
    mistakes=(
        Mistake(  # 10
            "the outer product the wrong way round",
            lambda d, a: (a @ d.T, d.sum(axis=1, keepdims=True)),
            "Row j of dW belongs to unit j. To what do the rows of yours belong?",
            "dW = delta @ a_prev.T: the deltas give the rows, the inputs the columns.",
            OUTER,
        ),
        Mistake(  # 17
            "the mean taken twice",
            lambda d, a: (d @ a.T / d.shape[1], d.mean(axis=1, keepdims=True)),
            "Where does the 1/m of the loss stand already?",
            "It came in with the output's delta. Here the batch is summed.",
            BATCH,
        ),
        Mistake(  # 20
            "weights summed, biases averaged",
            lambda d, a: (d @ a.T, d.mean(axis=1, keepdims=True)),
            "A bias is a weight whose input is always 1. What would `delta @ ones` give?",
            "db = delta.sum(axis=1, keepdims=True), a sum as in dW.",
            BATCH,
        ),
        Mistake(  # 20
            "weights averaged, biases summed",
            lambda d, a: (d @ a.T / d.shape[1], d.sum(axis=1, keepdims=True)),
            "By what do you divide dW, and why not db?",
            "By nothing: 1/m is in the delta already.",
            BATCH,
        ),
        Mistake(  # 26, over the examples
            "only the last example counts",
            lambda d, a: (d[:, -1:] @ a[:, -1:].T, d[:, -1:]),
            "Does what one example says replace what the others said?",
            "Add up over the batch: `dW += …` in the loop, or delta @ a_prev.T.",
            BATCH,
        ),
        Mistake(
            "the two in the wrong order",
            lambda d, a: _layer_gradients(d, a)[::-1],
            "Which of the two was to come first?",
            "Return dW first, and then db.",
        ),
        Mistake(
            "the batch summed too early",
            lambda d, a: (
                np.outer(d.sum(axis=1), a.sum(axis=1)),
                d.sum(axis=1, keepdims=True),
            ),
            "Should the delta of one example meet the input of another?",
            "First multiply, example by example, then add up: delta @ a_prev.T does both.",
            BATCH,
        ),
        Mistake(  # 18
            "biases summed over the units as well",
            lambda d, a: (d @ a.T, np.full((len(d), 1), d.sum())),
            "Does every unit have the same delta? Should every bias have the same gradient?",
            "Sum along the batch only: axis=1.",
            WRONG,
        ),
        Mistake(  # 18
            "one number for all biases",
            lambda d, a: (d @ a.T, d.sum()),
            "How many biases has the layer?",
            "Sum along the batch only: delta.sum(axis=1, keepdims=True).",
            WRONG,
        ),
        Mistake(
            "biases summed over the units, not over the batch",
            lambda d, a: (d @ a.T, d.sum(axis=0, keepdims=True)),
            "Which axis counts the examples, and which the units?",
            "The examples are the columns: axis=1.",
            BATCH,
        ),
        Mistake(  # 19
            "biases not summed over the batch",
            lambda d, a: (d @ a.T, d),
            "Every example has its say. How many columns has b?",
            "db = delta.sum(axis=1, keepdims=True).",
            BATCH,
        ),
        Mistake(  # 21
            "a bias's gradient times the input",
            lambda d, a: (d @ a.T, (d @ a.T).sum(axis=1, keepdims=True)),
            "What does a bias carry?",
            "A bias carries nothing: its gradient is the delta, summed over the batch.",
            WRONG,
        ),
        Mistake(  # 34
            "db is no column",
            lambda d, a: (d @ a.T, d.sum(axis=1)),
            "b has shape (n, 1) and your db (n,). What is the shape of b − db?",
            "A column minus a flat vector is a square, without an error. Write keepdims=True.",
        ),
    ),
)

# — the update —


def _update(W, b, dW, db, eta):
    pairs = zip(W, dW, strict=True), zip(b, db, strict=True)
    return tuple([old - eta * g for old, g in both] for both in pairs)


def _parameters(rng):
    def one(sizes, eta):
        shapes = [(n, below) for below, n in pairwise(sizes)]

        def drawn(columns):
            return [rng.uniform(-1, 1, (n, columns or below)).round(2) for n, below in shapes]

        return drawn(0), drawn(1), drawn(0), drawn(1), eta

    return [
        one([2, 3], 0.5),
        ("two layers", one([3, 2, 1], 0.1)),
        ("three layers", one([1, 2, 2, 2], 2.0)),
    ]


def _update_by_index(W, b, dW, db, eta):
    new_W, new_b = [], []
    for l in range(len(W)):
        new_W.append(W[l] + (-eta) * dW[l])
        new_b.append((b[l] - np.multiply(eta, db[l])).astype(np.float32))
    return [new_W, new_b]


def _update_in_place(W, b, dW, db, eta):
    for l in range(len(W)):
        W[l] -= eta * dW[l]
        b[l] -= eta * db[l]
    return W, b


def _last_layer_only(W, b, dW, db, eta):
    new_W, new_b = _update(W, b, dW, db, eta)
    return W[:-1] + new_W[-1:], b[:-1] + new_b[-1:]


updated = Function(
    id="updated",
    title="The update of a whole network",
    points=2,
    section=UPDATE,
    shows="All parameters step at the same time, from the same place.",
    reference=_update,
    cases=_parameters,
    returns="new_W, new_b",
    on_letters=lambda: (
        [letters("w1", (1, 2))],
        [letters("b1", 1)[:, None]],
        [letters("g1", (1, 2))],
        [letters("delta1", 1)[:, None]],
        letters("eta"),
    ),
    right=(
        _update_by_index,
        _update_in_place,  # the check then says what it has changed
        lambda W, b, dW, db, eta: (
            [w - eta * g for w, g in zip(W, dW, strict=True)],
            [w - eta * g for w, g in zip(b, db, strict=True)],
        ),
    ),
    mistakes=(
        Mistake(  # 11
            "uphill",
            lambda W, b, dW, db, eta: _update(W, b, dW, db, -eta),
            "The gradient points the steepest way up. Where do you want to go?",
            "Subtract: W − η ∂E/∂W.",
            WRONG,
        ),
        Mistake(  # 22
            "biases never updated",
            lambda W, b, dW, db, eta: (_update(W, b, dW, db, eta)[0], b),
            "The loss will fall all the same. Who is not learning?",
            "The biases step too: b − η ∂E/∂b.",
            WRONG,
        ),
        Mistake(
            "no learning rate",
            lambda W, b, dW, db, eta: _update(W, b, dW, db, 1),
            "How far do you go, and who decides it?",
            "Multiply the gradient by η.",
        ),
        Mistake(
            "no learning rate for the biases",
            lambda W, b, dW, db, eta: (
                _update(W, b, dW, db, eta)[0],
                _update(W, b, dW, db, 1)[1],
            ),
            "Your weights step by η times the gradient. And your biases?",
            "b − η ∂E/∂b, as for the weights.",
        ),
        Mistake(
            "divided by the learning rate",
            lambda W, b, dW, db, eta: _update(W, b, dW, db, 1 / eta),
            "With a smaller η, should a step be longer or shorter?",
            "Multiply the gradient by η.",
        ),
        Mistake(
            "the steps alone",
            lambda W, b, dW, db, eta: ([-eta * g for g in dW], [-eta * g for g in db]),
            "That is how far you go. Where do you start from?",
            "The new weights are the old ones minus η times the gradient.",
        ),
        Mistake(
            "only the first layer",
            lambda W, b, dW, db, eta: (
                _update(W, b, dW, db, eta)[0][:1] + W[1:],
                _update(W, b, dW, db, eta)[1][:1] + b[1:],
            ),
            "How many layers are in the lists?",
            "Every layer steps: go through the whole list, and return after the loop.",
        ),
        Mistake(
            "a pair for each layer, not two lists",
            lambda W, b, dW, db, eta: [*zip(*_update(W, b, dW, db, eta), strict=True)],
            "What stands at the first place of what you return: all the weights?",
            "Return two lists: all the weights, and then all the biases.",
        ),
        Mistake(
            "the two lists in the wrong order",
            lambda W, b, dW, db, eta: _update(W, b, dW, db, eta)[::-1],
            "Which of the two lists was to come first?",
            "Return the weights first, and then the biases.",
        ),
        Mistake(
            "only the last layer",
            _last_layer_only,
            "How many layers are in the lists?",
            "Every layer steps: go through the whole list.",
        ),
        Mistake(  # 18
            "all biases of a layer move alike",
            lambda W, b, dW, db, eta: (
                _update(W, b, dW, db, eta)[0],
                [b_l - eta * g.sum() for b_l, g in zip(b, db, strict=True)],
            ),
            "Has each bias a gradient of its own?",
            "db[l] is a column already: b[l] − η db[l], and no sum.",
            WRONG,
        ),
    ),
)

# — by hand: one whole step —


def _small_network(rng):
    return deepcopy(_network_of(int(rng.integers(2**32))))


@cache
def _network_of(seed):
    """Numbers with which no two mistakes come out alike."""
    rng = np.random.default_rng(seed)
    while True:
        given = _drawn_network(rng)
        if all(map(_told_apart, _ways(given))):
            return given


def _ways(given):
    """For each step what it comes to: rightly, and with each mistake."""
    g, s = SimpleNamespace(**given), SimpleNamespace()
    for name, step in _STEP.items():
        wrong = [m.makes[name] for m in step_by_hand.mistakes if name in m.makes]
        setattr(s, name, step(g, s))
        yield [np.ravel(way(g, s)) for way in (step, *wrong)]


def _told_apart(values):
    return all(np.abs(u - v).max() > 0.01 * np.abs(v).max() for u, v in combinations(values, 2))


def _drawn_network(rng):
    def drawn(low, high, *shape):
        sign = rng.choice([-1, 1], shape)
        return (sign * rng.uniform(low, high, shape).round(1)).tolist()

    part = {
        "x": [0.5, 1.5] if rng.integers(2) else [1.5, 0.5],
        "W1": drawn(0.2, 0.9, 2, 2),
        "b1": drawn(0.2, 0.5, 2),
        "W2": drawn(0.5, 1.2, 1, 2),
        "b2": drawn(0.2, 0.5, 1),
    }
    a1 = _sigmoid(np.array(part["W1"]) @ part["x"] + part["b1"])
    z2 = np.array(part["W2"]) @ a1 + part["b2"]
    return part | {"y": 0.1 if z2 > 0 else 0.9, "eta": 2.0}  # far off, so that much moves


def _in(values):
    """A step's values in one flat array."""
    return np.ravel(np.asarray(values, dtype=float))


def _W1(s):
    return np.reshape(s.dW1, (2, 2))


_STEP = {
    "z1": lambda g, s: np.array(g.W1) @ g.x + g.b1,
    "a1": lambda g, s: _sigmoid(_in(s.z1)),
    "z2": lambda g, s: np.array(g.W2) @ _in(s.a1) + g.b2,
    "a2": lambda g, s: _sigmoid(_in(s.z2)),
    "delta2": lambda g, s: (_in(s.a2) - g.y) * _in(s.a2) * (1 - _in(s.a2)),
    "delta1": lambda g, s: _in(g.W2) * _in(s.delta2) * _in(s.a1) * (1 - _in(s.a1)),
    "dW2": lambda g, s: np.outer(_in(s.delta2), _in(s.a1)),
    "dW1": lambda g, s: np.outer(_in(s.delta1), g.x),
    "new_W2": lambda g, s: np.array(g.W2) - g.eta * np.reshape(s.dW2, (1, 2)),
    "new_b2": lambda g, s: np.array(g.b2) - g.eta * _in(s.delta2),
    "new_W1": lambda g, s: np.array(g.W1) - g.eta * _W1(s),
    "new_b1": lambda g, s: np.array(g.b1) - g.eta * _in(s.delta1),
}

step_by_hand = Numbers(
    id="step_by_hand",
    title="One whole step, by hand",
    points=4,
    section=LESSON + "Numbers:-the-cycle,-ten-thousand-times",
    shows="Forward, backward, update: there is nothing else in a step of training.",
    draw=_small_network,
    steps=_STEP,
    mistakes=(
        Mistake(
            "the bias is missing",
            {"z1": lambda g, s: np.array(g.W1) @ g.x},
            "What would z be for an input of zeros?",
            "z = W x + b.",
            "01_forward_pass.ipynb#5.-In-code,-and-in-numbers",
        ),
        Mistake(  # 2
            "slope forgotten at the output",
            {"delta2": lambda g, s: _in(s.a2) - g.y},
            "Push z by 0.01. Does a move by 0.01 as well?",
            "delta2 = (a2 − y) · a2 (1 − a2).",
            "03_output_delta.ipynb#In-code",
        ),
        Mistake(
            "the nudge, not the gradient",
            {"delta2": lambda g, s: (g.y - _in(s.a2)) * _in(s.a2) * (1 - _in(s.a2))},
            "The output says too much. Should its delta be positive or negative?",
            "A gradient points uphill: a − y, not y − a.",
            "03_output_delta.ipynb#In-code",
        ),
        Mistake(  # 1
            "blame sent back through the new weights",
            {
                "delta1": lambda g, s: (
                    (_in(g.W2) - g.eta * _in(s.delta2) * _in(s.a1))
                    * _in(s.delta2)
                    * _in(s.a1)
                    * (1 - _in(s.a1))
                )
            },
            "With which weights was this output computed?",
            "First all gradients, with the old weights. Then the update.",
            UPDATE,
        ),
        Mistake(  # 4
            "the raw error sent back",
            {"delta1": lambda g, s: _in(g.W2) * (_in(s.a2) - g.y) * _in(s.a1) * (1 - _in(s.a1))},
            "What goes back: the error, or the delta?",
            "delta1 = W2ᵀ delta2 ⊙ a1 (1 − a1), and the slope of the output is in delta2.",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(  # 5
            "hidden slope forgotten",
            {"delta1": lambda g, s: _in(g.W2) * _in(s.delta2)},
            "How far does a hidden unit move when its z is pushed?",
            "Multiply by the slope of the sigmoid, a1 (1 − a1).",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(  # 29
            "the output sent back, not its delta",
            {"delta1": lambda g, s: _in(g.W2) * _in(s.a2) * _in(s.a1) * (1 - _in(s.a1))},
            "What would go back if the output were just right?",
            "delta1 = W2ᵀ delta2 ⊙ a1 (1 − a1).",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(  # 3
            "slope missing from the output weights' gradient",
            {"dW2": lambda g, s: np.outer(_in(s.a2) - g.y, _in(s.a1))},
            "Which number stands behind the weights of W2: the error, or the delta?",
            "dW2 = delta2 a1ᵀ.",
            DERIVED,
        ),
        Mistake(
            "the weight in the place of what it carries",
            {"dW2": lambda g, s: _in(s.delta2) * np.array(g.W2)},
            "Move a weight by a little. By how much does z move?",
            "z moves as fast as the activation that the weight carries: dW2 = delta2 a1ᵀ.",
            DERIVED,
        ),
        Mistake(  # 10
            "the outer product the wrong way round",
            {"dW1": lambda g, s: np.outer(g.x, _in(s.delta1))},
            "Row j of dW1 belongs to hidden unit j. To what do the rows of yours belong?",
            "dW1 = delta1 xᵀ: delta 1 gives the first row.",
            OUTER,
        ),
        Mistake(
            "the units' own activations in the place of the inputs",
            {"dW1": lambda g, s: np.outer(_in(s.delta1), _in(s.a1))},
            "What goes into W1, and what comes out behind it?",
            "W1 carries x: dW1 = delta1 xᵀ.",
            DERIVED,
        ),
        Mistake(  # 11
            "uphill",
            {
                "new_W2": lambda g, s: np.array(g.W2) + g.eta * np.reshape(s.dW2, (1, 2)),
                "new_b2": lambda g, s: np.array(g.b2) + g.eta * _in(s.delta2),
                "new_W1": lambda g, s: np.array(g.W1) + g.eta * _W1(s),
                "new_b1": lambda g, s: np.array(g.b1) + g.eta * _in(s.delta1),
            },
            "The gradient points the steepest way up. Where do you want to go?",
            "Subtract: old − η · gradient.",
            WRONG,
        ),
        Mistake(
            "no learning rate",
            {
                "new_W2": lambda g, s: np.array(g.W2) - np.reshape(s.dW2, (1, 2)),
                "new_b2": lambda g, s: np.array(g.b2) - _in(s.delta2),
                "new_W1": lambda g, s: np.array(g.W1) - _W1(s),
                "new_b1": lambda g, s: np.array(g.b1) - _in(s.delta1),
            },
            "How far do you go, and who decides it?",
            "Multiply the gradient by η.",
            UPDATE,
        ),
        Mistake(  # 22
            "biases never updated",
            {"new_b2": lambda g, s: _in(g.b2), "new_b1": lambda g, s: _in(g.b1)},
            "Who is not learning here?",
            "The biases step too: b − η · delta.",
            WRONG,
        ),
        Mistake(  # 21
            "a bias's gradient times the input",
            {
                "new_b2": lambda g, s: np.array(g.b2) - g.eta * _in(s.delta2) * _in(s.a1).sum(),
                "new_b1": lambda g, s: np.array(g.b1) - g.eta * _in(s.delta1) * sum(g.x),
            },
            "What does a bias carry?",
            "A bias carries nothing: its gradient is the delta alone.",
            WRONG,
        ),
    ),
)

# — the learning rate —

_BENDS = (1, 2, -2, 4, -4)
_RATES = {"creeps": 0.125, "arrives": 1, "closes in": 1.5, "for ever": 2, "diverges": 2.5}


def _bowl(rng):
    a, rate = int(rng.choice(_BENDS)), float(rng.choice([*_RATES.values()]))
    return {"a": a, "y": int(rng.integers(1, 6)), "eta": rate / a**2}


def _regime(g):
    return {rate: name for name, rate in _RATES.items()}[g.eta * g.a**2]


what_happens = Choice(
    id="what_happens",
    title="What does this learning rate do?",
    points=2,
    section=RATE,
    shows="In a bowl, each step multiplies the distance by 1 − ηa², and that tells the whole "
    "story.",
    draw=_bowl,
    options={
        "creeps": "it comes closer each time, always from the same side",
        "arrives": "it is there after one step",
        "closes in": "it jumps across each time, and comes closer",
        "for ever": "it jumps across each time, and stays at the same distance",
        "diverges": "it jumps across each time, and gets further away",
    },
    right=_regime,
    reasons={
        "creeps": "That takes a factor between 0 and 1. Work out 1 − ηa²: what is yours?",
        "arrives": "That takes a factor of 0. Work out 1 − ηa²: what is yours?",
        "closes in": "That takes a factor between −1 and 0. Work out 1 − ηa²: what is yours?",
        "for ever": "That takes a factor of −1. Work out 1 − ηa²: what is yours?",
        "diverges": "That takes a factor below −1. Work out 1 − ηa²: what is yours?",
    },
)


def _tried(loss, w, g, etas):
    return [(eta, loss(w - eta * g)) for eta in etas]


def _best(loss, w, g, etas):
    return min(_tried(loss, w, g, etas), key=lambda both: both[1])


def _rates(rng):
    def bowl(shape, rates):
        w, best = rng.uniform(1, 3, shape).round(1), round(rng.uniform(-0.5, 0.5), 1)
        loss = Source(f"lambda w: 2 * ((w {-best:+.1f}) ** 2).sum()")
        return loss, w, 4 * (w - best), rates

    return [
        bowl(2, [0.1, 0.02, 0.3, 0.45, 0.6]),
        ("a matrix of weights", bowl((2, 3), [0.05, 0.45, 0.35, 0.12, 0.01])),
        ("every rate is too large", bowl(3, [0.8, 0.6, 0.7])),
    ]


def _best_by_loop(loss, w, g, etas):
    best = lowest = None
    for eta in etas:
        E = loss(w + -eta * g)
        if best is None or lowest > E:
            best, lowest = eta, E
    return [best, lowest]


def _best_by_argmin(loss, w, g, etas):
    E = np.array([loss(w - eta * g) for eta in etas])
    return np.array([etas[E.argmin()], E.min()])


def _piled_up(loss, w, g, etas):
    w, tried = w.copy(), []
    for eta in etas:
        w -= eta * g
        tried.append((eta, loss(w)))
    return min(tried, key=lambda both: both[1])


def _gives_up(loss, w, g, etas):
    best = None
    for both in _tried(loss, w, g, etas):
        if best and both[1] > best[1]:
            break
        best = both
    return best


best_rate = Function(
    id="best_rate",
    title="Try several rates from the same place",
    points=3,
    section=RATE,
    shows="A step can be tried without being taken, as long as the old weights stay as they are.",
    reference=_best,
    cases=_rates,
    returns="eta, E",
    right=(
        _best_by_loop,
        _best_by_argmin,
        lambda loss, w, g, etas: min((loss(w - eta * g), eta) for eta in etas)[::-1],
    ),
    mistakes=(
        Mistake(
            "the steps pile up",
            _piled_up,
            "From where does your second step start?",
            "`w -= …` changes w itself. Make a new array for each rate: w − η g.",
            UPDATE,
        ),
        Mistake(  # 11
            "uphill",
            lambda loss, w, g, etas: _best(loss, w, -g, etas),
            "The gradient points the steepest way up. Where do you want to go?",
            "Subtract: w − η g.",
            WRONG,
        ),
        Mistake(
            "the highest loss wins",
            lambda loss, w, g, etas: max(_tried(loss, w, g, etas), key=lambda both: both[1]),
            "Do you look for a high loss, or for a low one?",
            "Keep the rate with the smallest loss.",
        ),
        Mistake(
            "gives up at the first rate that is worse",
            _gives_up,
            "Are the rates sorted? Does nothing good come after something bad?",
            "Try them all, and then choose.",
        ),
        Mistake(
            "the loss of the place where you stand",
            lambda loss, w, g, etas: (_best(loss, w, g, etas)[0], loss(w)),
            "At which weights did you take the loss that you give back?",
            "Give back the loss *after* the step: loss(w − η g).",
        ),
        Mistake(
            "the rate alone",
            lambda loss, w, g, etas: _best(loss, w, g, etas)[0],
            "Two things are asked. Which one is missing?",
            "Give back the rate and the loss after its step.",
        ),
        Mistake(
            "the loss first",
            lambda loss, w, g, etas: _best(loss, w, g, etas)[::-1],
            "In which order are the two things asked?",
            "First the rate, then the loss.",
        ),
        Mistake(
            "the place in the list, not the rate",
            lambda loss, w, g, etas: (
                _tried(loss, w, g, etas).index(_best(loss, w, g, etas)),
                _best(loss, w, g, etas)[1],
            ),
            "What is yours: a learning rate, or a number that counts?",
            "Give back etas[k], not k.",
        ),
        Mistake(
            "the loss alone",
            lambda loss, w, g, etas: _best(loss, w, g, etas)[1],
            "Two things are asked. Which one is missing?",
            "Give back the rate and the loss after its step.",
        ),
        Mistake(
            "the last rate tried",
            lambda loss, w, g, etas: _tried(loss, w, g, etas)[-1],
            "When the loop is over, what do you remember of the rates before?",
            "Keep the rate and its loss whenever the loss is lower than the lowest so far.",
        ),
        Mistake(
            "the largest rate",
            lambda loss, w, g, etas: max(_tried(loss, w, g, etas)),
            "Does the longest step always go furthest down?",
            "Compare the losses after the steps, not the rates.",
        ),
    ),
)

# — explain —

not_descent = Written(
    id="not_descent",
    title="Backpropagation is not gradient descent",
    points=2,
    section=LESSON + "4.-Backpropagation-is-not-gradient-descent",
    shows="You can say which of the two computes, and which of the two moves.",
    criteria="½ point: backpropagation computes the gradient, and changes no weight. ½ point: "
    "gradient descent moves the weights against a gradient, wherever that comes from. ½ point: an "
    "example of each exchanged alone, such as finite differences for backpropagation (the same "
    "training, only slower) and momentum or Adam for gradient descent (another training from the "
    "same gradients). ½ point: the learning rate belongs to the descent, so a bad one makes no "
    "gradient wrong.",
)
