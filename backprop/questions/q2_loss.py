"""Lesson 2: how wrong is it, in one number; and which way is down."""

import numpy as np

from backprop.activations import sigmoid
from backprop.letters import letters
from backprop.losses import binary_cross_entropy, squared_error
from backprop.questions import Choice, Formula, Function, Mistake, Numbers, Ruler, Written

LESSON = "02_loss.ipynb#"
SQUARED = LESSON + "1.-Derive-it:-the-squared-error"
HALF = LESSON + "Where-the-½-goes"
PICTURE = LESSON + "3.-What-a-gradient-is-a-picture-of"
BATCH = LESSON + "4.-One-example,-and-a-batch"
SURPRISE = LESSON + "5.-Cross-entropy:-for-yes-and-no"
LOGITS = LESSON + "Why-logits"
STABLE = LESSON + "And-it-does-not-break"
WRONG = LESSON + "What-goes-wrong"

# — the squared error, by hand —


def _outputs(rng):
    far = rng.permutation([0.05, 0.1, 0.15, 0.25, 0.3, 0.35]).reshape(2, 3)
    y = rng.integers(0, 2, (2, 3)).astype(float)
    return {"a": np.abs(y - far).round(2), "y": y}


def _example(k, each=lambda miss: miss**2 / 2):
    """The loss of example k, with `each` made of every miss."""
    return lambda g, s: each(g.a[:, k] - g.y[:, k]).sum()


def _every(each):
    return {f"E_{k + 1}": _example(k, each) for k in range(3)}


def _row(j):
    return lambda g, s: ((g.a[j] - g.y[j]) ** 2).sum() / 2


def _miss(g):
    """How far the first output misses on the second example."""
    return g.a[0, 1] - g.y[0, 1]


squared_by_hand = Numbers(
    id="squared_by_hand",
    title="The loss of three examples, by hand",
    points=2,
    section=SQUARED,
    shows="Within an example you add up, over the examples you take the mean.",
    draw=_outputs,
    steps={
        **_every(lambda miss: miss**2 / 2),
        "E": lambda g, s: (s.E_1 + s.E_2 + s.E_3) / 3,
        "slope": lambda g, s: _miss(g) / 3,
    },
    mistakes=(
        Mistake(  # 15
            "the ½ was lost",
            _every(lambda miss: miss**2),
            "The squares are added up. What is done with them then?",
            "E = ½ Σ (a − y)².",
            section=HALF,
        ),
        Mistake(
            "distances added, not their squares",
            _every(lambda miss: np.abs(miss) / 2),
            "A miss that is twice as far: how much more should it count?",
            "Square each a − y before you add: E = ½ Σ (a − y)².",
        ),
        Mistake(  # 17, its other kind: over the units
            "mean over the outputs, too",
            _every(lambda miss: miss**2 / 4),
            "There are two outputs. Are their squares added up, or averaged?",
            "The squares of one example are added up and halved. A mean is for examples only.",
        ),
        Mistake(
            "a row taken for an example",
            {"E_1": _row(0), "E_2": _row(1)},
            "How many examples are there, and how many rows?",
            "A column is an example: the first is a[:, 0], with the targets y[:, 0].",
        ),
        Mistake(  # 16
            "sum, not mean",
            {"E": lambda g, s: s.E_1 + s.E_2 + s.E_3},
            "If every example came twice, should E double?",
            "E = (E_1 + E_2 + E_3) / 3.",
            section=BATCH,
        ),
        Mistake(
            "divided by the number of outputs",
            {"E": lambda g, s: (s.E_1 + s.E_2 + s.E_3) / 2},
            "Over what is the mean taken: outputs, or examples?",
            "There are three examples, so divide by 3.",
            section=BATCH,
        ),
        Mistake(  # 16
            "slope without the mean",
            {"slope": lambda g, s: _miss(g)},
            "One output moves by 0.1. By how much does the loss of its example move? And E?",
            "E holds a third of each example's loss, so its slope is (a − y) / 3.",
            section=BATCH,
        ),
        Mistake(  # 15
            "slope without the ½",
            {"slope": lambda g, s: 2 * _miss(g) / 3},
            "The square brings down a 2. What is there to cancel it?",
            "½ · 2 is 1: the slope is (a − y) / 3.",
            section=HALF,
        ),
        Mistake(  # 17
            "mean taken twice in the slope",
            {"slope": lambda g, s: _miss(g) / 9},
            "How often have you divided by the number of examples?",
            "Divide by 3 once: the slope is (a − y) / 3.",
            section=BATCH,
        ),
        Mistake(
            "slope turned round",
            {"slope": lambda g, s: -_miss(g) / 3},
            "If the output is larger than its target and gets larger still, does E go up, or down?",
            "It is a − y, the output first.",
        ),
    ),
)

# — the squared error, in code —


def _loss_cases(rng):
    def one(n, m=1):
        return rng.uniform(0.05, 0.95, (n, m)).round(2), rng.integers(0, 2, (n, m)).astype(float)

    return [
        ("three outputs, one example", one(3)),
        ("a batch of 4", one(3, 4)),
        ("one output, a batch of 5", one(1, 5)),
    ]


def _squared_loops(a, y):
    E = 0
    for k in range(a.shape[1]):
        for j in range(a.shape[0]):
            E += 0.5 * (y[j, k] - a[j, k]) ** 2
    return E / a.shape[1]


squared_loss = Function(
    id="squared_loss",
    title="The loss of a batch",
    points=2,
    section=BATCH,
    shows="However many examples come, the learning rate keeps its meaning: E is their mean.",
    reference=squared_error.value,
    cases=_loss_cases,
    ruler=Ruler(flat=True),
    on_letters=lambda: (letters("a", (2, 3)), letters("y", (2, 3))),
    right=(
        _squared_loops,
        lambda a, y: np.mean([0.5 * np.dot(miss, miss) for miss in (a - y).T]),
        lambda a, y: np.float32(np.linalg.norm(a - y) ** 2 / 2 / len(a.T)),
        lambda a, y: np.einsum("jk,jk->", a - y, a - y) / (2 * a.shape[1]),
        lambda a, y: ((a - y) ** 2).sum(axis=0, keepdims=True).mean(axis=1) / 2,
    ),
    mistakes=(
        Mistake(  # 15
            "the ½ was lost",
            lambda a, y: ((a - y) ** 2).sum() / a.shape[1],
            "One output misses by 1. Should that cost 1, or less?",
            "E = ½ Σ (a − y)², and of that the mean over the examples.",
            section=HALF,
        ),
        Mistake(  # 16
            "sum, not mean",
            lambda a, y: ((a - y) ** 2).sum() / 2,
            "If every example came twice, should E double?",
            "Divide by the number of examples, a.shape[1].",
        ),
        Mistake(  # 15 and 16
            "neither ½ nor mean",
            lambda a, y: ((a - y) ** 2).sum(),
            "If every example came twice, should E double? And one output misses by 1: is that 1?",
            "Two things at once: divide by 2, and by the number of examples, a.shape[1].",
        ),
        Mistake(  # 17, its other kind: over the units
            "mean over the outputs, too",
            lambda a, y: ((a - y) ** 2).mean() / 2,
            "np.mean divides by the number of all entries. How many examples are there?",
            "Add up all squares, and divide by 2 and by the number of examples, a.shape[1].",
        ),
        Mistake(
            "a mean over everything in the place of ½ Σ",
            lambda a, y: ((a - y) ** 2).mean(),
            "By what does np.mean divide, and by what should you?",
            "Two things at once: the ½ is missing, and outputs are added up, not averaged.",
        ),
        Mistake(  # 17
            "mean taken twice",
            lambda a, y: ((a - y) ** 2).sum() / (2 * a.shape[1] ** 2),
            "How often have you divided by the number of examples?",
            "Divide by a.shape[1] once.",
        ),
        Mistake(
            "divided by the number of outputs",
            lambda a, y: ((a - y) ** 2).sum() / (2 * a.shape[0]),
            "len(a) counts the rows of a. What is a row: an output, or an example?",
            "A column is an example, and there are a.shape[1] of them.",
        ),
        Mistake(
            "one loss for each example",
            lambda a, y: ((a - y) ** 2).sum(axis=0) / 2,
            "How many numbers is the loss of a batch?",
            "Take the mean of these losses.",
        ),
        Mistake(
            "distances added, not their squares",
            lambda a, y: np.abs(a - y).sum() / (2 * a.shape[1]),
            "A miss that is twice as far: how much more should it count?",
            "Square each a − y before you add.",
        ),
        Mistake(
            "added up first, squared afterwards",
            lambda a, y: ((a - y).sum(axis=0) ** 2).sum() / (2 * a.shape[1]),
            "One output is too large by 0.3, another too small by 0.3. Is that no error at all?",
            "Square each a − y first, then add.",
        ),
    ),
)

# — its slope —

slope_of_mean = Formula(
    id="slope_of_mean",
    title="The slope of the loss of a batch",
    points=2,
    section=BATCH,
    shows="How far it misses, divided by how many examples share the loss.",
    letters="a y m",
    reference=lambda a, y, m: (a - y) / m,
    mistakes=(
        Mistake(  # 16
            "no mean",
            lambda a, y, m: a - y,
            "Does the 1/m in front of the sum go away when you take a derivative?",
            "A constant factor stays where it is: (a − y) / m.",
        ),
        Mistake(  # 17
            "mean taken twice",
            lambda a, y, m: (a - y) / m**2,
            "How often does E divide by m?",
            "The factor 1/m is there once: (a − y) / m.",
        ),
        Mistake(  # 15
            "the ½ was lost",
            lambda a, y, m: 2 * (a - y) / m,
            "The square brings down a 2. What is there to cancel it?",
            "½ · 2 is 1: (a − y) / m.",
            section=HALF,
        ),
        Mistake(
            "the 2 was lost",
            lambda a, y, m: (a - y) / (2 * m),
            "What does the exponent of a square become in its derivative?",
            "The square brings down a 2, and it cancels the ½: (a − y) / m.",
            section=HALF,
        ),
        Mistake(
            "turned round",
            lambda a, y, m: (y - a) / m,
            "If a is larger than y and gets larger still, does E go up, or down?",
            "Up, so the slope is positive there: (a − y) / m.",
        ),
        Mistake(
            "the loss, not its slope",
            lambda a, y, m: (a - y) ** 2 / (2 * m),
            "That is what this output adds to E. How fast does it change with a?",
            "Take the derivative of (a − y)² / (2m) by a.",
        ),
    ),
)

# — a landscape —


def _slopes(rng):
    steep, flat = rng.permutation([0.7, 0.3]) if rng.random() < 0.5 else rng.permutation([0.5, 0.2])
    along_u, along_v = rng.choice([-1, 1], 2) * (steep, flat)
    return {"dE_du": float(along_u), "dE_dv": float(along_v)}


def _steepest(g):
    by_u = abs(g.dE_du) > abs(g.dE_dv)
    larger = (g.dE_du if by_u else g.dE_dv) < 0
    return f"{'u' if by_u else 'v'} {'larger' if larger else 'smaller'}"


_STEEP = "Compare the two slopes by their size: one direction is steeper. By their sign: a "
steepest_step = Choice(
    id="steepest_step",
    title="One small step",
    points=1,
    section=PICTURE,
    shows="The sign says which way, the size how steep.",
    options={
        "u larger": "make u larger by 0.01",
        "u smaller": "make u smaller by 0.01",
        "v larger": "make v larger by 0.01",
        "v smaller": "make v smaller by 0.01",
    },
    draw=_slopes,
    right=_steepest,
    reasons={
        "u larger": _STEEP + "larger u lowers E only where ∂E/∂u is negative.",
        "u smaller": _STEEP + "smaller u lowers E only where ∂E/∂u is positive.",
        "v larger": _STEEP + "larger v lowers E only where ∂E/∂v is negative.",
        "v smaller": _STEEP + "smaller v lowers E only where ∂E/∂v is positive.",
    },
)

# — find the bug: a target that lies flat —


def _mended(a, y):
    return ((a.ravel() - y) ** 2).sum() / (2 * len(y))


def _mended_cases(rng):
    def one(m):
        y = np.append(rng.permutation([0.0, 1.0]), rng.integers(0, 2, m - 2))
        return rng.uniform(0.05, 0.95, (m, 1)).round(2), y

    _, y = one(4)
    return [one(3), ("every answer is right", (y[:, None].copy(), y)), one(5)]


mended_loss = Function(
    id="mended_loss",
    title="Find the bug: right answers, and still a loss",
    points=2,
    section=WRONG,
    shows="Print shapes before you print numbers: a column minus a flat array is a table.",
    reference=_mended,
    cases=_mended_cases,
    ruler=Ruler(flat=True),
    on_letters=lambda: (letters("a", (2, 1)), letters("y", 2)),
    right=(
        lambda a, y: np.mean((a - y[:, None]) ** 2) / 2,
        lambda a, y: (
            np.float32(sum((p - t) ** 2 for p, t in zip(a[:, 0], y, strict=True))) / (2 * len(a))
        ),
        lambda a, y: np.diag((a - y) ** 2).mean() / 2,
        lambda a, y: sum((a[k] - y[k]) ** 2 / 2 for k in range(len(y))) / len(y),
    ),
    mistakes=(
        Mistake(  # 34
            "each answer compared with each target",
            lambda a, y: ((a - y) ** 2).sum() / (2 * len(y)),
            "What is the shape of a − y? How many differences should there be?",
            "(m, 1) − (m,) is (m, m). Bring both to one shape: a[:, 0] − y.",
        ),
        Mistake(  # 34
            "each compared with each, and averaged",
            lambda a, y: ((a - y) ** 2).mean() / 2,
            "Now the number is smaller. But what is the shape of a − y?",
            "A mean hides the table, it does not mend it. Bring both to one shape: a[:, 0] − y.",
        ),
        Mistake(
            "one loss for each example",
            lambda a, y: (a.ravel() - y) ** 2 / 2,
            "The shapes are right now. How many numbers should come back?",
            "Take the mean of these losses.",
        ),
        Mistake(
            "compared after adding up",
            lambda a, y: (a.sum() - y.sum()) ** 2 / (2 * len(y)),
            "Can one answer make good for another?",
            "First a − y for each example, then the square, then the sum.",
        ),
        Mistake(  # 16
            "sum, not mean",
            lambda a, y: ((a.ravel() - y) ** 2).sum() / 2,
            "The shapes are right now. What did the code do at the end, and yours does not?",
            "Divide by the number of examples: / (2 * len(y)).",
            section=BATCH,
        ),
        Mistake(  # 15
            "the ½ was lost",
            lambda a, y: ((a.ravel() - y) ** 2).sum() / len(y),
            "The shapes are right now. What did the code do at the end, and yours does not?",
            "Divide by 2 as well: / (2 * len(y)).",
            section=HALF,
        ),
    ),
)

# — cross-entropy, on probabilities —


def _probability_cases(rng):
    def one(y):
        return rng.uniform(0.1, 0.9, np.shape(y)).round(2), np.array(y)

    return [
        ("the truth is yes", one([[1.0]])),
        ("a batch of 4", one([[0.0, 1.0, 1.0, 0.0]])),
        ("two outputs, a batch of 3", one([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0]])),
    ]


def _surprise(p, y):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum() / p.shape[1]


def _entropy_loops(p, y):
    E = 0.0
    for k in range(p.shape[1]):
        for j in range(p.shape[0]):
            E -= np.log(p[j, k] if y[j, k] == 1 else 1 - p[j, k])
    return E / p.shape[1]


cross_entropy_loss = Function(
    id="cross_entropy_loss",
    title="How surprised is it?",
    points=2,
    section=SURPRISE,
    shows="Cross-entropy is the surprise at the truth: minus the logarithm of what it was given.",
    reference=_surprise,
    cases=_probability_cases,
    ruler=Ruler(flat=True),
    on_letters=lambda: (letters("p", (1, 2)), letters("y", (1, 2))),
    right=(
        _entropy_loops,
        lambda p, y: -np.log(np.where(y == 1, p, 1 - p)).sum(axis=0).mean(),
        lambda p, y: -np.log(np.abs(1 - y - p)).sum().astype(np.float32) / len(p[0]),
    ),
    mistakes=(
        Mistake(
            "only the yes half",
            lambda p, y: -(y * np.log(p)).sum() / p.shape[1],
            "The truth is no, and the network said 0.99. What does your loss say to that?",
            "Where y = 0, the truth was given the probability 1 − p: add (1 − y) log(1 − p).",
        ),
        Mistake(
            "only the yes half, and a mean over the outputs, too",
            lambda p, y: -(y * np.log(p)).mean(),
            "The truth is no, and the network said 0.99. What does your loss say to that?",
            "Two things at once: add (1 − y) log(1 − p), and divide by p.shape[1] alone.",
        ),
        Mistake(
            "minus sign lost",
            lambda p, y: -_surprise(p, y),
            "Can a loss be negative? What is the sign of the logarithm of a probability?",
            "Put a minus in front of the whole sum.",
        ),
        Mistake(
            "the minus reaches only the first half",
            lambda p, y: (-y * np.log(p) + (1 - y) * np.log(1 - p)).sum() / p.shape[1],
            "What is your loss where y = 0: is it above 0, or below?",
            "Put both halves into brackets, and the minus in front of them.",
        ),
        Mistake(
            "one loss for each example",
            lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=0),
            "How many numbers is the loss of a batch?",
            "Take the mean of these losses.",
            section=BATCH,
        ),
        Mistake(
            "divided by the number of outputs",
            lambda p, y: _surprise(p, y) * p.shape[1] / len(p),
            "len(p) counts the rows of p. What is a row: an output, or an example?",
            "A column is an example, and there are p.shape[1] of them.",
            section=BATCH,
        ),
        Mistake(
            "the two halves exchanged",
            lambda p, y: _surprise(1 - p, y),
            "The truth is yes, and the network said 0.99. Should it be surprised?",
            "y goes with log p, and 1 − y with log(1 − p).",
        ),
        Mistake(
            "log p in both halves",
            lambda p, y: -(y * np.log(p) + (1 - y) * np.log(p)).sum() / p.shape[1],
            "Which probability did the network give to no?",
            "The second logarithm is of 1 − p.",
        ),
        Mistake(  # 16
            "sum, not mean",
            lambda p, y: _surprise(p, y) * p.shape[1],
            "If every example came twice, should E double?",
            "Divide by the number of examples, p.shape[1].",
            section=BATCH,
        ),
        Mistake(
            "mean over the outputs, too",
            lambda p, y: _surprise(p, y) / p.shape[0],
            "np.mean divides by the number of all entries. How many examples are there?",
            "Add up over the outputs, and divide by the number of examples, p.shape[1].",
            section=BATCH,
        ),
        Mistake(
            "another logarithm: base 2",
            lambda p, y: _surprise(p, y) / np.log(2),
            "Which logarithm has the slope 1/p?",
            "It is the natural one: np.log.",
        ),
        Mistake(
            "another logarithm: base 10",
            lambda p, y: _surprise(p, y) / np.log(10),
            "Which logarithm has the slope 1/p?",
            "It is the natural one: np.log.",
        ),
        Mistake(
            "the squared error",
            squared_error.value,
            "How large can your loss get when the network is sure, and wrong? And the surprise?",
            "−log of the probability that was given to what is true.",
        ),
    ),
)

# — cross-entropy, on logits: and it does not break —


def _on_logits(z, y):
    return binary_cross_entropy.value(z, y), binary_cross_entropy.slope(z, y)


def _logit_cases(rng):
    def one(y):
        size = rng.uniform(0.5, 2.5, np.shape(y)).round(2)
        return size * rng.choice([-1, 1], np.shape(y)), np.array(y)

    return [
        ("two outputs, a batch of 3", one([[0.0, 1.0, 0.0], [1.0, 1.0, 0.0]])),
        ("a batch of 4", one([[0.0, 1.0, 1.0, 0.0]])),
        ("it says no, is very sure, and wrong", (np.array([[-1000.0]]), np.array([[1.0]]))),
        ("it says yes, is very sure, and wrong", (np.array([[1000.0]]), np.array([[0.0]]))),
    ]


def _by_maximum(z, y):
    E = np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))
    return E.sum() / z.shape[1], ((1 + np.tanh(z / 2)) / 2 - y) / z.shape[1]


def _by_cases(z, y):
    E, slope = 0.0, np.zeros(z.shape)
    for index in np.ndindex(z.shape):
        e = np.exp(-abs(z[index]))
        p = 1 / (1 + e) if z[index] > 0 else e / (1 + e)
        E += max(z[index], 0) + np.log(1 + e) - y[index] * z[index]
        slope[index] = p - y[index]
    return E / z.shape[1], slope / z.shape[1]


def _clipped(least):
    """Probabilities kept away from 0 and 1 by `least`, to save the logarithm."""

    def makes(z, y):
        p = np.clip(sigmoid.value(z), least, 1 - least)
        return _surprise(p, y), binary_cross_entropy.slope(z, y)

    return makes


def _clippings(*leasts):
    return tuple(
        Mistake(
            f"probabilities clipped at {least:.0e}".replace("e-0", "e-"),
            _clipped(least),
            f"However wrong it is, your loss stops at {-np.log(least):.1f}. How wrong is z = 1000?",
            "Do not make p at all: log(1 + eᶻ) − y z, with np.logaddexp(0, z).",
            section=STABLE,
        )
        for least in leasts
    )


def _value_only(value):
    return lambda z, y: (value(z, y), binary_cross_entropy.slope(z, y))


def _slope_only(slope):
    return lambda z, y: (
        binary_cross_entropy.value(z, y),
        slope(z, sigmoid.value(z), y) / z.shape[1],
    )


loss_on_logits = Function(
    id="loss_on_logits",
    title="A loss that does not break, and its slope",
    points=3,
    section=LOGITS,
    shows="On logits the loss is shorter, its slope is p − y, and nothing overflows.",
    returns="E, slope",
    reference=_on_logits,
    cases=_logit_cases,
    on_letters=lambda: (letters("z", (1, 2)), letters("y", (1, 2))),
    right=(
        _by_maximum,
        _by_cases,
        lambda z, y: [np.mean((np.logaddexp(0, z) - y * z).sum(axis=0)), _on_logits(z, y)[1]],
        lambda z, y: (
            np.logaddexp(0, np.where(y == 1, -z, z)).sum().astype(np.float32) / z.shape[1],
            (sigmoid.value(z) - y).astype(np.float32) / z.shape[1],
        ),
    ),
    mistakes=(
        Mistake(
            "the logarithm of zero",
            _value_only(lambda z, y: _surprise(sigmoid.value(z), y)),
            "What is p as a float when z is 1000? And the logarithm of 1 − p?",
            "Do not make p at all: log(1 + eᶻ) − y z, with np.logaddexp(0, z).",
            section=STABLE,
        ),
        *_clippings(1e-15, 1e-12, 1e-7),
        Mistake(
            "an exponential that overflows",
            _value_only(lambda z, y: (np.log(1 + np.exp(z)) - y * z).sum() / z.shape[1]),
            "The formula is right. What is np.exp(1000)?",
            "np.logaddexp(0, z) is log(1 + eᶻ) without the overflow.",
            section=STABLE,
        ),
        Mistake(
            "a slope that overflows",
            lambda z, y: (
                binary_cross_entropy.value(z, y),
                (np.exp(z) / (1 + np.exp(z)) - y) / z.shape[1],
            ),
            "The formula is right. What is np.exp(1000), and that divided by itself?",
            "1 / (1 + np.exp(-z)) says the same, and is 1 / (1 + 0) there.",
            section=STABLE,
        ),
        Mistake(
            "two exponentials that overflow",
            lambda z, y: (
                (np.log(1 + np.exp(z)) - y * z).sum() / z.shape[1],
                (np.exp(z) / (1 + np.exp(z)) - y) / z.shape[1],
            ),
            "The formulas are right. What is np.exp(1000)?",
            "np.logaddexp(0, z) is log(1 + eᶻ), and p is 1 / (1 + np.exp(-z)).",
            section=STABLE,
        ),
        Mistake(
            "one loss for each example",
            _value_only(lambda z, y: (np.logaddexp(0, z) - y * z).sum(axis=0)),
            "How many numbers is the loss of a batch?",
            "Take the mean of these losses.",
            section=BATCH,
        ),
        Mistake(
            "E alone",
            binary_cross_entropy.value,
            "Two things are asked. Which one is missing?",
            "Return E and the slopes: return E, slope.",
        ),
        Mistake(
            "y z forgotten",
            _value_only(lambda z, y: np.logaddexp(0, z).sum() / z.shape[1]),
            "Where does your loss look at the target?",
            "E = log(1 + eᶻ) − y z.",
        ),
        Mistake(
            "y z added, not subtracted",
            _value_only(lambda z, y: (np.logaddexp(0, z) + y * z).sum() / z.shape[1]),
            "The truth is yes and z is large. Is your loss small, or large?",
            "E = log(1 + eᶻ) − y z.",
        ),
        Mistake(
            "a sigmoid too many",
            lambda z, y: _on_logits(sigmoid.value(z), y),
            "This loss makes the probability itself. How many sigmoids are there now?",
            "Put z itself into log(1 + eᶻ) − y z.",
            section=WRONG,
        ),
        Mistake(  # 16
            "sum, not mean",
            lambda z, y: tuple(part * z.shape[1] for part in _on_logits(z, y)),
            "If every example came twice, should E double?",
            "Divide both, E and the slope, by the number of examples, z.shape[1].",
            section=BATCH,
        ),
        Mistake(
            "mean over the outputs, too",
            lambda z, y: tuple(part / z.shape[0] for part in _on_logits(z, y)),
            "np.mean divides by the number of all entries. How many examples are there?",
            "Add up over the outputs, and divide by the number of examples, z.shape[1].",
            section=BATCH,
        ),
        Mistake(
            "mean over the outputs, too, in E alone",
            _value_only(lambda z, y: (np.logaddexp(0, z) - y * z).mean()),
            "np.mean divides by the number of all entries. How many examples are there?",
            "Add up over the outputs, and divide by the number of examples, z.shape[1].",
            section=BATCH,
        ),
        Mistake(  # 16
            "sum, not mean, in E alone",
            _value_only(lambda z, y: (np.logaddexp(0, z) - y * z).sum()),
            "Your slope is that of a mean. Is your E one?",
            "Divide E by the number of examples, z.shape[1].",
            section=BATCH,
        ),
        Mistake(  # 16
            "slope without the mean",
            _slope_only(lambda z, p, y: (p - y) * z.shape[1]),
            "Your E is a mean. Is your slope that of a mean?",
            "Divide p − y by the number of examples, z.shape[1].",
            section=BATCH,
        ),
        Mistake(  # 12
            "the slope of a squared error",
            _slope_only(lambda z, p, y: (p - y) * p * (1 - p)),
            "It is very sure, and wrong. Should the slope be next to nothing there?",
            "With cross-entropy the slope of the sigmoid cancels: p − y is all.",
        ),
        Mistake(
            "slope by the probability, not by z",
            _slope_only(lambda z, p, y: (1 - y) / (1 - p) - y / p),
            "By which letter is the derivative to be taken?",
            "By z the slope is p − y, with p = σ(z).",
        ),
        Mistake(
            "slope turned round",
            _slope_only(lambda z, p, y: y - p),
            "The truth is no. If z gets larger, does E go up, or down?",
            "Probability minus target: p − y.",
        ),
        Mistake(
            "z in the place of p in the slope",
            _slope_only(lambda z, p, y: z - y),
            "Can this slope be larger than 1?",
            "It is the probability minus the target: σ(z) − y.",
        ),
    ),
)

# — explain —

landscape_words = Written(
    id="landscape_words",
    title="What is this a map of?",
    points=2,
    section=PICTURE,
    shows="You can read a gradient off a landscape.",
    criteria="One point: the axes of the landscape are weights and biases, the inputs are held "
    "fixed; the gradient has an entry for each weight and each bias (12 for 2-2-2), whatever the "
    "number of inputs. One point: minus the gradient is the steepest way down from here; in "
    "general that is not the way to the lowest place, so one takes small steps and looks again.",
)
