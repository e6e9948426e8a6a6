"""Lesson 3: how wrong an output is, times how well its activation passes a push on."""

import numpy as np

from backprop.letters import letters
from backprop.questions import Choice, Formula, Function, Mistake, Numbers, Written

LESSON = "03_output_delta.ipynb#"
WRONG = LESSON + "What-goes-wrong"
SLOPE = LESSON + "What-a(1-−-a)-says"
ERROR = LESSON + "What-a-−-y-says"
TABLE = LESSON + "Many-classes:-softmax"
DIAGONAL = LESSON + "Why-the-diagonal-alone-is-wrong"
KEPT = LESSON + "The-old-slope-kept-with-the-new-loss"
STALL = LESSON + "A-badly-wrong-neuron"


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=0)


def _m(y):
    return y.shape[1]


# — by hand: one sigmoid output —


def _one_output(rng):
    z = rng.choice([-1.6, -1.2, -0.8, 0.3, 1.1, 1.5])
    return {"z": float(z), "y": float(rng.integers(2))}


delta_by_hand = Numbers(
    id="delta_by_hand",
    title="One output, step by step",
    points=3,
    section=LESSON + "Derive-it,-factor-by-factor",
    shows="A delta has two factors: how far off the output is, and how steep its sigmoid is.",
    draw=_one_output,
    steps={
        "a": lambda g, s: _sigmoid(g.z),
        "nudge": lambda g, s: g.y - s.a,
        "dE_da": lambda g, s: s.a - g.y,
        "da_dz": lambda g, s: s.a * (1 - s.a),
        "delta": lambda g, s: s.dE_da * s.da_dz,
    },
    mistakes=(
        Mistake(
            "the nudge turned round",
            {"nudge": lambda g, s: s.a - g.y},
            "Add your nudge to a. Are you at the target then?",
            "The way from a to y is y − a.",
            ERROR,
        ),
        Mistake(
            "the nudge taken for the gradient",
            {"dE_da": lambda g, s: g.y - s.a},
            "Raise a by a little. Does E grow, or does it fall?",
            "A gradient points uphill, the nudge downhill: dE/da = a − y.",
            ERROR,
        ),
        Mistake(  # 15
            "the ½ was lost",
            {"dE_da": lambda g, s: 2 * (s.a - g.y)},
            "The squared error has a factor in front.",
            "The ½ cancels the 2 of the square: dE/da = a − y.",
            ERROR,
        ),
        Mistake(  # 6
            "slope taken at a instead of z",
            {"da_dz": lambda g, s: _sigmoid(s.a) * (1 - _sigmoid(s.a))},
            "How often has the sigmoid been taken by now? How often should it be?",
            "a is σ(z) already, so the slope is a(1 − a): no second sigmoid.",
            WRONG,
        ),
        Mistake(  # 7
            "a(1 − a) with z in the place of a",
            {"da_dz": lambda g, s: g.z * (1 - g.z)},
            "A slope of the sigmoid lies between 0 and ¼. Does yours?",
            "The slope is a(1 − a), with the activation a, not with z.",
            SLOPE,
        ),
        Mistake(
            "1 − a² is the slope of tanh",
            {"da_dz": lambda g, s: 1 - s.a**2},
            "Which activation is this?",
            "The sigmoid's slope is a(1 − a); 1 − a² belongs to tanh.",
            SLOPE,
        ),
        Mistake(  # 2
            "slope forgotten",
            {"delta": lambda g, s: s.dE_da},
            "Push z by 0.01. Does a move by 0.01 as well?",
            "Multiply by the slope: delta = dE/da · da/dz.",
        ),
        Mistake(
            "factors added, not multiplied",
            {"delta": lambda g, s: s.dE_da + s.da_dz},
            "If a moves ¼ as fast as z, and E half as fast as a: how fast does E move?",
            "Speeds along a chain are multiplied: delta = dE/da · da/dz.",
        ),
    ),
)

# — in NumPy, for a layer and a batch —


def _layers(rng):
    def one(n, m):
        z = rng.uniform(-2, 2, (n, m)).round(2)
        return z, _sigmoid(z), rng.uniform(0, 1, (n, m)).round(2)

    return [one(3, 1), ("a batch of 4", one(2, 4)), ("one output, a batch of 3", one(1, 3))]


def _delta_by_loops(z, a, y):
    delta = [[0.0] * a.shape[1] for _ in range(a.shape[0])]
    for j in range(a.shape[0]):
        for k in range(a.shape[1]):
            delta[j][k] = (a[j, k] - y[j, k]) * a[j, k] * (1 - a[j, k]) / a.shape[1]
    return delta


sigmoid_output_delta = Function(
    id="sigmoid_output_delta",
    title="BP1 for sigmoid and squared error",
    points=3,
    section=LESSON + "In-code",
    shows="One line gives the deltas of a whole layer and a whole batch.",
    reference=lambda z, a, y: (a - y) * a * (1 - a) / _m(y),
    cases=_layers,
    returns="delta",
    on_letters=lambda: tuple(letters(name, 2)[:, None] for name in ("z2", "a2", "y")),
    right=(
        _delta_by_loops,
        lambda z, a, y: np.einsum("jk,jk,jk->jk", a - y, a, 1 - a) / _m(a),
        lambda z, a, y: ((a - a**2) * (a - y) / len(a.T)).astype(np.float32),
        lambda z, a, y: -(y - a) / _m(y) * np.exp(-z) / (1 + np.exp(-z)) ** 2,
    ),
    mistakes=(
        Mistake(  # 2
            "slope forgotten",
            lambda z, a, y: (a - y) / _m(y),
            "Push z by 0.01. Does a move by 0.01 as well?",
            "Multiply by the slope of the sigmoid, a(1 − a).",
            WRONG,
        ),
        Mistake(  # 6 and 32
            "slope taken at a instead of z",
            lambda z, a, y: (a - y) * _sigmoid(a) * (1 - _sigmoid(a)) / _m(y),
            "How often has the sigmoid been taken here? Is z still z, or overwritten by a?",
            "a is σ(z) already, so the slope is a(1 − a): no second sigmoid.",
            WRONG,
        ),
        Mistake(  # 7
            "a(1 − a) with z in the place of a",
            lambda z, a, y: (a - y) * z * (1 - z) / _m(y),
            "A slope of the sigmoid lies between 0 and ¼. Does z(1 − z)?",
            "The slope is a(1 − a), with the activation a, not with z.",
            WRONG,
        ),
        Mistake(
            "the nudge, not the gradient",
            lambda z, a, y: (y - a) * a * (1 - a) / _m(y),
            "An output says too much. Should its delta be positive or negative?",
            "A gradient points uphill: a − y, not y − a.",
            ERROR,
        ),
        Mistake(  # 15
            "the ½ was lost",
            lambda z, a, y: 2 * (a - y) * a * (1 - a) / _m(y),
            "The squared error has a factor in front.",
            "The ½ cancels the 2 of the square: ∂E/∂a is a − y.",
            ERROR,
        ),
        Mistake(  # 16
            "no mean over the batch",
            lambda z, a, y: (a - y) * a * (1 - a),
            "E is a mean over the examples. What does that do to its slopes?",
            "Divide by the number of examples, m = y.shape[1].",
            LESSON + "Is-it-true?",
        ),
        Mistake(  # 17
            "the mean taken twice",
            lambda z, a, y: (a - y) * a * (1 - a) / _m(y) ** 2,
            "How often do you divide by m?",
            "The mean is in E once, so 1/m is in the delta once.",
            LESSON + "Is-it-true?",
        ),
        Mistake(
            "divided by the number of outputs",
            lambda z, a, y: (a - y) * a * (1 - a) / len(y),
            "Over what does E take the mean: over the outputs, or over the examples?",
            "The examples are the columns: divide by y.shape[1].",
            LESSON + "Is-it-true?",
        ),
        Mistake(
            "the mean makes one column of the batch",
            lambda z, a, y: ((a - y) * a * (1 - a)).mean(axis=1),
            "How many deltas do 2 outputs have for 4 examples?",
            "Every example keeps its own column: divide by m, do not add the columns up.",
            LESSON + "Is-it-true?",
        ),
        Mistake(  # 2 and 16
            "neither slope nor mean",
            lambda z, a, y: a - y,
            "Push z by 0.01. Does a move by 0.01 as well? And of what is E the mean?",
            "Two things at once: multiply by the slope a(1 − a), and divide by m = y.shape[1].",
            WRONG,
        ),
        Mistake(  # 16
            "the nudge, and no mean over the batch",
            lambda z, a, y: (y - a) * a * (1 - a),
            "An output says too much. Is its delta positive, or negative? And where is the m?",
            "Two things at once: it is a − y, and it is divided by m = y.shape[1].",
            ERROR,
        ),
        Mistake(
            "the slope of tanh",
            lambda z, a, y: (a - y) * (1 - a**2) / _m(y),
            "Which activation has this layer?",
            "The sigmoid's slope is a(1 − a); 1 − a² belongs to tanh.",
            SLOPE,
        ),
    ),
)

# — in letters: another activation —

tanh_delta = Formula(
    id="tanh_delta",
    title="The same for tanh, in letters",
    points=2,
    section=LESSON + "Derive-it,-factor-by-factor",
    shows="Another activation changes the second factor, and nothing else.",
    letters="a y",
    reference=lambda a, y: (a - y) * (1 - a**2),
    mistakes=(
        Mistake(  # 33
            "divided by the slope",
            lambda a, y: (a - y) / (1 - a**2),
            "Where tanh is nearly flat, 1 − a² is nearly 0. Should the delta be huge there?",
            "Speeds along a chain are multiplied: (a − y) · (1 − a²).",
        ),
        Mistake(
            "the slope of the sigmoid",
            lambda a, y: (a - y) * a * (1 - a),
            "Which activation is this? What is its slope where a = 0?",
            "The slope of tanh is 1 − a².",
        ),
        Mistake(  # 2
            "slope forgotten",
            lambda a, y: a - y,
            "Push z by a little. Does tanh z move as much?",
            "Multiply a − y by the slope of tanh, 1 − a².",
        ),
        Mistake(
            "the square is missing",
            lambda a, y: (a - y) * (1 - a),
            "tanh is flat at both ends. What does your slope say at a = −1?",
            "The slope of tanh is 1 − a², so it is 0 at a = 1 and at a = −1.",
        ),
        Mistake(  # 6
            "slope taken at a instead of z",
            lambda a, y: (a - y) * (1 - np.tanh(a) ** 2),
            "How often is tanh taken in your formula? What is a?",
            "a is tanh z already, so the slope is 1 − a².",
        ),
        Mistake(
            "the nudge, not the gradient",
            lambda a, y: (y - a) * (1 - a**2),
            "A gradient points uphill. Where does yours point?",
            "The first factor is a − y: is minus should be.",
            ERROR,
        ),
        Mistake(  # 15
            "the ½ was lost",
            lambda a, y: 2 * (a - y) * (1 - a**2),
            "The squared error has a factor in front.",
            "The ½ cancels the 2 of the square: ∂E/∂a is a − y.",
            ERROR,
        ),
    ),
)

# — predict: who is pushed harder? —

_PAIRS = ((0.6, 0.95), (0.7, 0.9), (0.65, 0.97), (0.2, 0.5), (0.3, 0.6), (0.25, 0.7))


def _two_neurons(rng):
    y, errors = int(rng.integers(2)), _PAIRS[rng.integers(len(_PAIRS))]
    a, b = (round(abs(y - error), 2) for error in errors)
    return {"y": y, "A_says": a, "B_says": b}


def _pushed(g):
    a, b = (abs(said - g.y) * said * (1 - said) for said in (g.A_says, g.B_says))
    return ("A" if a > b else "B") + ", B"


pushed_harder = Choice(
    id="pushed_harder",
    title="Who is pushed harder?",
    points=2,
    section=STALL,
    shows="With squared error the slope of the sigmoid has a say; with cross-entropy only the "
    "error has.",
    draw=_two_neurons,
    options={
        "A, A": "A with both losses",
        "A, B": "A with squared error, B with cross-entropy",
        "B, A": "B with squared error, A with cross-entropy",
        "B, B": "B with both losses",
    },
    right=_pushed,
    reasons={
        "A, A": "Look at cross-entropy again. Its δ is a − y and nothing else: who is further off?",
        "A, B": "Cross-entropy is right. For squared error, work out a − y and a(1 − a) of both "
        "neurons: which product is larger?",
        "B, A": "Look at cross-entropy again. Its δ is a − y and nothing else: who is further off?",
        "B, B": "Cross-entropy is right. For squared error, further off is half of the truth: how "
        "steep is the sigmoid where each of them stands?",
    },
)

why_it_stalls = Written(
    id="why_it_stalls",
    title="Why does it stall?",
    points=2,
    section=LESSON + "The-cure:-a-loss-that-is-steep-where-the-sigmoid-is-flat",
    shows="You can say why a badly wrong neuron learns slowly, and what cures it.",
    criteria="1 point: the gradient is right; the delta is small because its factor a(1 − a) is "
    "nearly 0 where the unit is saturated, however large a − y is. ½ point: a larger η also "
    "multiplies the steps of all the units that are not saturated, which then overshoot. "
    "½ point: the slope of cross-entropy has a(1 − a) in the denominator; it cancels, and a − y is "
    "left.",
)

# — softmax: by hand, then in NumPy —


def _three_classes(rng):
    p = rng.permutation([(0.2, 0.3, 0.5), (0.1, 0.3, 0.6), (0.1, 0.2, 0.7)][rng.integers(3)])
    return {"p": p.tolist(), "y": np.eye(3, dtype=int)[rng.integers(3)].tolist()}


def _table(p):
    return np.diag(p) - np.outer(p, p)


softmax_by_hand = Numbers(
    id="softmax_by_hand",
    title="Three classes, by hand",
    points=3,
    section=TABLE,
    shows="Three classes share one probability, so a push on one z moves all of p.",
    draw=_three_classes,
    steps={
        "J": lambda g, s: _table(g.p),
        "dE_dp": lambda g, s: -np.array(g.y) / g.p,
        "delta": lambda g, s: np.transpose(s.J) @ s.dE_dp,
    },
    mistakes=(
        Mistake(  # 13
            "the diagonal alone",
            {"J": lambda g, s: np.diag(np.multiply(g.p, 1 - np.array(g.p)))},
            "Raise the first z. Does only the first p move? What do the three add up to?",
            "Beside the diagonal stands −pᵢpⱼ: what one class gains, the others give.",
            DIAGONAL,
        ),
        Mistake(  # 14
            "1 − p in the place of p(1 − p)",
            {"J": lambda g, s: np.diag(1 - np.array(g.p))},
            "What do the entries of a column add up to, when the three p always add up to 1?",
            "On the diagonal stands pᵢ(1 − pᵢ), beside it −pᵢpⱼ.",
            DIAGONAL,
        ),
        Mistake(
            "plus signs beside the diagonal",
            {"J": lambda g, s: np.diag(g.p) + np.outer(g.p, g.p) - 2 * np.diag(np.square(g.p))},
            "When one class gains probability, what becomes of the others?",
            "Beside the diagonal stands −pᵢpⱼ: the others lose.",
        ),
        Mistake(
            "the loss itself, not its slope",
            {"dE_dp": lambda g, s: -np.array(g.y) * np.log(g.p)},
            "You were asked how fast −log p changes.",
            "The slope of −log p is −1/p, for the right class; for the others it is 0.",
        ),
        Mistake(
            "the minus of −log p is lost",
            {"dE_dp": lambda g, s: np.array(g.y) / g.p},
            "When the p of the right class grows, does E grow too?",
            "E is −log p of the right class, so its slope is −1/p.",
        ),
        Mistake(
            "not divided by p",
            {"dE_dp": lambda g, s: -np.array(g.y, dtype=float)},
            "E = −log p. How steep is a logarithm at 0.1, and how steep at 0.9?",
            "The slope of −log p is −1/p.",
        ),
        Mistake(
            "p − y too early",
            {"dE_dp": lambda g, s: np.array(g.p) - g.y},
            "By what do you differentiate here: by p, or by z?",
            "∂E/∂p is −1/p for the right class and 0 for the others; p − y comes at the end.",
        ),
        Mistake(
            "only the diagonal of the table used",
            {"delta": lambda g, s: np.diag(s.J) * s.dE_dp},
            "Only one entry of ∂E/∂p is not 0. Which of the z can move that p?",
            "Sum over all the p that a z has moved: delta = J.T @ dE_dp.",
            DIAGONAL,
        ),
    ),
)


def _classes(rng):
    def one(n, m):
        z = rng.uniform(-2, 2, (n, m)).round(2)
        return z, np.eye(n)[:, rng.integers(0, n, m)]

    return [one(3, 1), ("a batch of 4", one(3, 4)), ("two classes, a batch of 3", one(2, 3))]


def _through_the_table(z, y):
    delta = np.zeros(z.shape)
    for k in range(z.shape[1]):
        p = np.exp(z[:, k] - z[:, k].max())
        p /= p.sum()
        delta[:, k] = _table(p).T @ (-y[:, k] / p) / z.shape[1]
    return delta


softmax_delta = Function(
    id="softmax_delta",
    title="The delta of softmax and cross-entropy",
    points=3,
    section=LESSON + "And-its-delta:-p-−-y",
    shows="However involved the table is, what is left of it is p − y.",
    reference=lambda z, y: (_softmax(z) - y) / _m(y),
    cases=_classes,
    returns="delta",
    on_letters=lambda: (letters("z", 2)[:, None], letters("y", 2)[:, None]),
    right=(
        _through_the_table,
        lambda z, y: (np.exp(z - np.log(np.exp(z).sum(axis=0))) - y) / _m(z),
        lambda z, y: ((_softmax(z.astype(np.float32)) - y) / _m(y)).astype(np.float32),
    ),
    mistakes=(
        Mistake(  # 13
            "softmax treated entry by entry",
            lambda z, y: -y * (1 - _softmax(z)) / _m(y),
            "Your wrong classes have the delta 0. Is all well with them?",
            "Every z moves every p. Sum over them all, and p − y is left.",
            DIAGONAL,
        ),
        Mistake(  # 14
            "1 − p for the slope",
            lambda z, y: -y / _softmax(z) * (1 - _softmax(z)) / _m(y),
            "Your wrong classes have the delta 0. Is all well with them?",
            "The slope of softmax is a table, p(1 − p) and −pᵢpⱼ. With cross-entropy, p − y is "
            "left of it.",
            DIAGONAL,
        ),
        Mistake(  # 12
            "a slope kept that has cancelled",
            lambda z, y: (_softmax(z) - y) * _softmax(z) * (1 - _softmax(z)) / _m(y),
            "Which slope is in p − y already?",
            "p − y is the whole delta. p(1 − p) does not come in again.",
            KEPT,
        ),
        Mistake(
            "softmax over the whole batch",
            lambda z, y: (np.exp(z) / np.exp(z).sum() - y) / _m(y),
            "What do the probabilities of one example add up to in your code?",
            "One example is one column: np.exp(z).sum(axis=0).",
            TABLE,
        ),
        Mistake(
            "softmax along the rows",
            lambda z, y: (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) - y) / _m(y),
            "Who shares one probability: the classes of an example, or the examples of a class?",
            "The classes stand below each other, so sum down the columns: axis=0.",
            TABLE,
        ),
        Mistake(  # 34
            "the sums of the rows stand side by side",
            lambda z, y: (np.exp(z) / np.exp(z).sum(axis=1) - y) / _m(y),
            "What shape has your sum? And over which index should it run?",
            "Sum down the columns, np.exp(z).sum(axis=0): one number for each example.",
            TABLE,
        ),
        Mistake(
            "sigmoid in the place of softmax",
            lambda z, y: (_sigmoid(z) - y) / _m(y),
            "Do your probabilities of one example add up to 1?",
            "Softmax divides each exp(z) by the sum of them all.",
            TABLE,
        ),
        Mistake(
            "z not yet made a probability",
            lambda z, y: (z - y) / _m(y),
            "What is compared with y: a weighted sum, or a probability?",
            "First p = exp(z) / sum of exp(z), then p − y.",
            TABLE,
        ),
        Mistake(
            "the nudge, not the gradient",
            lambda z, y: (y - _softmax(z)) / _m(y),
            "The right class should rise. Is its delta then positive or negative?",
            "A gradient points uphill: p − y, not y − p.",
        ),
        Mistake(  # 16
            "no mean over the batch",
            lambda z, y: _softmax(z) - y,
            "E is a mean over the examples. What does that do to its slopes?",
            "Divide by the number of examples, m = y.shape[1].",
            LESSON + "Is-it-true?",
        ),
        Mistake(  # 17
            "the mean taken twice",
            lambda z, y: (_softmax(z) - y) / _m(y) ** 2,
            "How often do you divide by m?",
            "The mean is in E once, so 1/m is in the delta once.",
            LESSON + "Is-it-true?",
        ),
        Mistake(
            "divided by the number of classes",
            lambda z, y: (_softmax(z) - y) / len(y),
            "Over what does E take the mean: over the classes, or over the examples?",
            "The examples are the columns: divide by y.shape[1].",
            LESSON + "Is-it-true?",
        ),
    ),
)

# — find the bug: softmax with the wrong partner —


def _mended(p, y):
    error = (p - y) / _m(y)
    return p * (error - (p * error).sum(axis=0))


def _mended_by_tables(p, y):
    tables = (_table(p[:, k]) for k in range(_m(p)))
    error = (p - y) / _m(p)
    return np.stack([J.T @ error[:, k] for k, J in enumerate(tables)], axis=1)


def _probabilities(rng):
    def one(n, m):
        return _softmax(rng.uniform(-2, 2, (n, m))).round(3), np.eye(n)[:, rng.integers(0, n, m)]

    return [one(3, 1), ("a batch of 4", one(3, 4)), ("two classes, a batch of 3", one(2, 3))]


mended_delta = Function(
    id="mended_delta",
    title="Find the bugs: softmax with squared error",
    points=4,
    section=TABLE,
    shows="The table does its work with any loss; only cross-entropy makes it cancel.",
    reference=_mended,
    cases=_probabilities,
    returns="delta",
    on_letters=lambda: (letters("p", 2)[:, None], letters("y", 2)[:, None]),
    right=(
        _mended_by_tables,
        lambda p, y: (p * (p - y) - p * np.einsum("ik,ik->k", p, p - y)) / _m(p),
        lambda p, y: _mended(p, y).astype(np.float32),
    ),
    mistakes=(
        Mistake(  # 13
            "as it stood: both bugs are in",
            lambda p, y: (p - y) * p * (1 - p) / len(p),
            "Two lines, two bugs. The deltas of one example should add up to 0: do they? And what "
            "does len(p) count?",
            "The slope of softmax is a table, not its diagonal, and m is p.shape[1].",
        ),
        Mistake(  # 13
            "still the diagonal alone",
            lambda p, y: (p - y) * p * (1 - p) / _m(p),
            "The deltas of one example should add up to 0. Which part of the table is missing?",
            "With e = (p − y)/m, the whole table gives p · (e − Σ p e), a sum down each column.",
            DIAGONAL,
        ),
        Mistake(
            "the mean is still over the classes",
            lambda p, y: _mended(p, y) * _m(p) / len(p),
            "What does len(p) count: the rows, or the columns?",
            "The examples are the columns: m = p.shape[1].",
            LESSON + "Is-it-true?",
        ),
        Mistake(  # 16
            "no mean over the batch",
            lambda p, y: _mended(p, y) * _m(p),
            "E is a mean over the examples. What does that do to its slopes?",
            "Divide by the number of examples, m = p.shape[1].",
            LESSON + "Is-it-true?",
        ),
        Mistake(
            "p − y belongs to cross-entropy",
            lambda p, y: (p - y) / _m(p),
            "What made the table cancel in the lesson? Is it here?",
            "Cross-entropy has ∂E/∂p = −y/p, which cancels. Here ∂E/∂p is p − y, and the table "
            "stays.",
        ),
        Mistake(
            "only p · (p − y)",
            lambda p, y: p * (p - y) / _m(p),
            "The deltas of one example should add up to 0. What do the entries of p − y add up to?",
            "With e = (p − y)/m it is p · (e − Σ p e): inside the sum stands p e, not e.",
        ),
        Mistake(
            "the sum runs over the whole batch",
            lambda p, y: p * ((p - y) - (p * (p - y)).sum()) / _m(p),
            "Does one example's p move when another example's z does?",
            "Sum down each column only: axis=0.",
        ),
        Mistake(
            "plus signs beside the diagonal",
            lambda p, y: p * ((p - y) * (1 - 2 * p) + (p * (p - y)).sum(axis=0)) / _m(p),
            "When one class gains probability, what becomes of the others?",
            "Beside the diagonal stands −pᵢpⱼ: take the sum away, do not add it.",
        ),
    ),
)
