"""Lesson 6: many steps, and knowing when something is wrong with them."""

from itertools import combinations

import numpy as np

from backprop.letters import letters
from backprop.questions import Function, Match, Mistake, Numbers, Ruler, Source, Written

LESSON = "06_training.ipynb#"
BATCHES = LESSON + "1.-Batches,-epochs,-shuffling"
CHECK = LESSON + "3.-Check-the-gradient,-as-a-habit"
EPSILON = LESSON + "Which-$\\varepsilon$?"
DESCENTS = LESSON + "5.-Momentum-and-Adam"
UPDATE = "05_weight_update.ipynb#2.-The-update"
BATCH = "05_weight_update.ipynb#A-batch"
SLIPS = "05_weight_update.ipynb#What-goes-wrong"

# — batches —


def _split(X, Y, order, size):
    starts = range(0, len(order), size)
    return [(X[:, order[k : k + size]], Y[:, order[k : k + size]]) for k in starts]


def _examples(rng):
    def one(m, size, n=2, p=1):
        X = rng.uniform(-1, 1, (n, m)).round(1)
        Y = np.arange(m) + np.arange(0.5, p)[:, None] * 10
        order = rng.permutation(m)
        while (order[1:] >= order[:-1]).all():
            order = rng.permutation(m)
        return X, Y, order, size

    return [
        one(5, 2),
        ("the size divides the number of examples", one(8, 2)),
        ("fewer examples than fit into a batch", one(3, 4)),
        ("as many examples as inputs and outputs", one(4, 3, 4, 4)),
    ]


def _split_by_hand(X, Y, order, size):
    batches, left = [], list(order)
    while left:
        chosen, left = left[:size], left[size:]
        batches.append([np.take(X, chosen, axis=1), np.stack([Y[:, k] for k in chosen], axis=1)])
    return batches


def _split_after_shuffling(X, Y, order, size):
    X, Y, cuts = X[:, order], Y[:, order], range(size, X.shape[1], size)
    return list(zip(np.split(X, cuts, axis=1), np.split(Y, cuts, axis=1), strict=True))


def _filled_up(X, Y, order, size):
    short = -len(order) % size
    return _split(X, Y, np.concatenate([order, np.resize(order, short)]), size)


mini_batches = Function(
    id="mini_batches",
    title="Shuffle, and split into batches",
    points=2,
    section=BATCHES,
    shows="An epoch uses every example once, in a new order, and each keeps its target.",
    reference=_split,
    cases=_examples,
    returns="batches",
    right=(_split_by_hand, _split_after_shuffling),
    mistakes=(
        Mistake(
            "the last, smaller batch is dropped",
            lambda X, Y, order, size: [
                both for both in _split(X, Y, order, size) if both[0].shape[1] == size
            ],
            "How many examples are in all your batches together?",
            "The last batch may be smaller: range(0, m, size), and a slice never goes too far.",
        ),
        Mistake(
            "the last batch is filled up again",
            _filled_up,
            "Is there an example that comes up twice?",
            "The last batch may be smaller than the others.",
        ),
        Mistake(
            "an empty batch at the end",
            lambda X, Y, order, size: [
                (X[:, order[k : k + size]], Y[:, order[k : k + size]])
                for k in range(0, len(order) + 1, size)
            ],
            "Where does your last batch start, when the size divides the number of examples?",
            "Start at 0, size, 2·size, ... below the number of examples: range(0, m, size).",
        ),
        Mistake(
            "not shuffled",
            lambda X, Y, order, size: _split(X, Y, np.arange(len(order)), size),
            "What is `order` for?",
            "The k-th example of the epoch is column order[k].",
            LESSON + "Why-shuffle?",
        ),
        Mistake(
            "the targets stay behind",
            lambda X, Y, order, size: [
                (x, y)
                for (x, _), (_, y) in zip(
                    _split(X, Y, order, size),
                    _split(X, Y, np.arange(len(order)), size),
                    strict=True,
                )
            ],
            "A picture of a cat has moved. Has its label gone with it?",
            "Take the same columns of Y as of X.",
        ),
        Mistake(
            "the size taken for the number of batches",
            lambda X, Y, order, size: [
                (X[:, chosen], Y[:, chosen]) for chosen in np.array_split(order, size)
            ],
            "How many examples are in your first batch?",
            "Every batch but the last holds `size` examples.",
        ),
        Mistake(
            "the batches overlap",
            lambda X, Y, order, size: [
                (X[:, order[k : k + size]], Y[:, order[k : k + size]]) for k in range(len(order))
            ],
            "Your first batch ends here. Where does the second one start?",
            "The starts are `size` apart: range(0, m, size).",
        ),
        Mistake(
            "two lists, not a list of pairs",
            lambda X, Y, order, size: [*zip(*_split(X, Y, order, size), strict=True)],
            "What is the first thing in your list: a batch with its targets, or all the inputs?",
            "Put a pair into the list for each batch: batches.append((X_batch, Y_batch)).",
        ),
        Mistake(
            "the targets first",
            lambda X, Y, order, size: [(y, x) for x, y in _split(X, Y, order, size)],
            "In which order are the two parts of a pair asked?",
            "First the inputs, then the targets: (X_batch, Y_batch).",
        ),
        Mistake(
            "the same batch again and again",
            lambda X, Y, order, size: [
                (X[:, order[:size]], Y[:, order[:size]]) for _ in range(0, len(order), size)
            ],
            "Which examples come after the first batch?",
            "Batch after batch, move on: order[k : k + size].",
        ),
        Mistake(
            "rows taken for examples",
            lambda X, Y, order, size: [
                (X[order[k : k + size]], Y[order[k : k + size]]) for k in range(0, len(order), size)
            ],
            "What is a column of X, and what is a row?",
            "An example is a column: X[:, chosen].",
            "01_forward_pass.ipynb#4.-A-batch:-a-column-an-example",
        ),
    ),
)

# — the loop —


def _slopes(W, b, X, Y, m=None):
    delta = (W @ X + b - Y) / (m or X.shape[1])
    return delta @ X.T, delta.sum(axis=1, keepdims=True)


def _trained(W, b, batches, eta, lam, epochs):
    for _ in range(epochs):
        for X, Y in batches:
            dW, db = _slopes(W, b, X, Y)
            W, b = W - eta * (dW + lam * W), b - eta * db
    return W, b


def _batch_by_batch(step):
    """A training that takes `step(W, b, X, Y, eta, lam)` for each batch."""

    def trained(W, b, batches, eta, lam, epochs):
        for _ in range(epochs):
            for X, Y in batches:
                W, b = step(W, b, X, Y, eta, lam)
        return W, b

    return trained


def _stepping(dW, db, W, b, eta, lam):
    return W - eta * (dW + lam * W), b - eta * db


def _never_cleared(W, b, batches, eta, lam, epochs):
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for _ in range(epochs):
        for X, Y in batches:
            more, moreover = _slopes(W, b, X, Y)
            dW, db = dW + more, db + moreover
            W, b = _stepping(dW, db, W, b, eta, lam)
    return W, b


def _bias_afterwards(W, b, X, Y, eta, lam):
    W_new = W - eta * (_slopes(W, b, X, Y)[0] + lam * W)
    return W_new, b - eta * _slopes(W_new, b, X, Y)[1]


def _from_the_start(W, b, batches, eta, lam, epochs):
    for _ in range(epochs):
        grads = [_slopes(W, b, X, Y) for X, Y in batches]
        for dW, db in grads:
            W, b = _stepping(dW, db, W, b, eta, lam)
    return W, b


def _trained_by_loops(W, b, batches, eta, lam, epochs):
    W, b = np.array(W), np.array(b)
    for _ in range(epochs):
        for X, Y in batches:
            m, dW, db = X.shape[1], lam * W, np.zeros(b.shape)
            for k in range(m):
                delta = W @ X[:, [k]] + b - Y[:, [k]]
                dW, db = dW + np.outer(delta, X[:, k]) / m, db + delta / m
            W, b = W - eta * dW, b - eta * db
    return [W, b]


def _to_train(rng):
    def one(sizes, lam, epochs):
        batches = [
            (rng.uniform(0.2, 1.2, (2, m)).round(1), rng.uniform(-1, 1, (3, m)).round(1))
            for m in sizes
        ]
        W, b = rng.uniform(-1, 1, (3, 2)).round(1), rng.uniform(0.2, 0.9, (3, 1)).round(1)
        return W, b, batches, 0.4, lam, epochs

    return [
        ("one step", one([2], 0.1, 1)),
        ("two batches, of 4 and 2 examples; three epochs", one([4, 2], 0.2, 3)),
        ("no decay", one([3, 3], 0.0, 2)),
    ]


train_layer = Function(
    id="train_layer",
    title="The training loop",
    points=3,
    section=BATCHES,
    shows="For each epoch, for each batch: forward, backward, update. That is all of training.",
    reference=_trained,
    cases=_to_train,
    returns="W, b",
    on_letters=lambda: (
        letters("w1", (1, 2)),
        letters("b1", 1)[:, None],
        [(letters("x", 2)[:, None], letters("y", 1)[:, None])],
        letters("eta"),
        letters("lambda"),
        1,
    ),
    right=(
        _trained_by_loops,
        _batch_by_batch(
            lambda W, b, X, Y, eta, lam: (
                (1 - eta * lam) * W - eta * np.mean((W @ X + b - Y)[:, None] * X, axis=2),
                b - eta * np.mean(W @ X + b - Y, axis=1, keepdims=True),
            )
        ),
        lambda *args: tuple(p.astype(np.float32) for p in _trained(*args)),
    ),
    mistakes=(
        Mistake(  # 25
            "the decay is missing",
            lambda W, b, batches, eta, lam, epochs: _trained(W, b, batches, eta, 0, epochs),
            "What is `lam` for? What does ½ λ w² add to the slope?",
            "The gradient of W is dW + λ W.",
            SLIPS,
        ),
        Mistake(  # 24
            "the bias decays as well",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: (
                    W - eta * (_slopes(W, b, X, Y)[0] + lam * W),
                    b - eta * (_slopes(W, b, X, Y)[1] + lam * b),
                )
            ),
            "Does the penalty ½ λ Σ w² know the bias?",
            "λ W belongs to the weights alone; a bias is a level, not a size.",
            SLIPS,
        ),
        Mistake(
            "the decay pushes outwards",
            lambda W, b, batches, eta, lam, epochs: _trained(W, b, batches, eta, -lam, epochs),
            "Should decay make a weight larger, or smaller?",
            "It is part of the gradient, so it is subtracted too: W − η (dW + λ W).",
            SLIPS,
        ),
        Mistake(
            "the decay knows no learning rate",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: (
                    W - eta * _slopes(W, b, X, Y)[0] - lam * W,
                    b - eta * _slopes(W, b, X, Y)[1],
                )
            ),
            "λ W is a part of the gradient. What is done with a gradient?",
            "W − η (dW + λ W).",
            SLIPS,
        ),
        Mistake(
            "the decay is divided by m, too",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(
                    *_slopes(W, b, X, Y), W, b, eta, lam / X.shape[1]
                )
            ),
            "In E, is the penalty a part of the mean?",
            "The penalty stands beside the mean: dW + λ W, with 1/m in dW alone.",
            SLIPS,
        ),
        Mistake(  # 15
            "the ½ of the squared error was lost",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(
                    *_slopes(W, b, X, Y, X.shape[1] / 2), W, b, eta, lam
                )
            ),
            "The squared error has a factor in front.",
            "The ½ cancels the 2 of the square: the delta is (A − Y) / m.",
        ),
        Mistake(
            "the bias is left out on the way forward",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(*_slopes(W, 0, X, Y), W, b, eta, lam)
            ),
            "What does the layer put out when nothing comes in?",
            "A = W X + b.",
            "01_forward_pass.ipynb#5.-In-code,-and-in-numbers",
        ),
        Mistake(
            "no learning rate",
            lambda W, b, batches, eta, lam, epochs: _trained(W, b, batches, 1, lam, epochs),
            "How far do you go, and who decides it?",
            "Multiply the gradient by η.",
            UPDATE,
        ),
        Mistake(  # 18
            "all biases move alike",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(
                    _slopes(W, b, X, Y)[0], _slopes(W, b, X, Y)[1].sum(), W, b, eta, lam
                )
            ),
            "Has each bias a gradient of its own?",
            "Sum along the batch only: delta.sum(axis=1, keepdims=True).",
            SLIPS,
        ),
        Mistake(  # 34
            "b is no column any more",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(
                    _slopes(W, b, X, Y)[0], _slopes(W, b, X, Y)[1].ravel(), W, b, eta, lam
                )
            ),
            "Your db has shape (n,), and b has (n, 1). What is the shape of b − db?",
            "A column minus a flat array is a square, without an error. Write keepdims=True.",
            SLIPS,
        ),
        Mistake(
            "the decay is twice as strong",
            lambda W, b, batches, eta, lam, epochs: _trained(W, b, batches, eta, 2 * lam, epochs),
            "The penalty is *half* of λ Σ w².",
            "The ½ and the 2 of the square cancel: λ W.",
            SLIPS,
        ),
        Mistake(  # 28
            "gradients not cleared",
            _never_cleared,
            "The second step is taken. What is left of the first one's gradient?",
            "Each batch has a gradient of its own: `dW = …`, not `dW += …`.",
        ),
        Mistake(  # 16
            "no mean over the batch",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(*_slopes(W, b, X, Y, 1), W, b, eta, lam)
            ),
            "E is a mean over the examples. What does that do to its slopes?",
            "Divide by the number of examples in the batch, X.shape[1].",
            BATCH,
        ),
        Mistake(  # 17
            "the mean taken twice",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(
                    *_slopes(W, b, X, Y, X.shape[1] ** 2), W, b, eta, lam
                )
            ),
            "How often do you divide by m?",
            "1/m comes in once, with the delta.",
            BATCH,
        ),
        Mistake(  # 20
            "weights averaged, biases summed",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(
                    _slopes(W, b, X, Y)[0], _slopes(W, b, X, Y, 1)[1], W, b, eta, lam
                )
            ),
            "By what do you divide dW, and why not db?",
            "1/m belongs into the delta; then both have it.",
            BATCH,
        ),
        Mistake(  # 20
            "biases averaged, weights summed",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(
                    _slopes(W, b, X, Y, 1)[0], _slopes(W, b, X, Y)[1], W, b, eta, lam
                )
            ),
            "By what do you divide db, and why not dW?",
            "1/m belongs into the delta; then both have it.",
            BATCH,
        ),
        Mistake(
            "divided by the number of outputs",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: _stepping(*_slopes(W, b, X, Y, len(Y)), W, b, eta, lam)
            ),
            "Over what does E take the mean: over the outputs, or over the examples?",
            "The examples are the columns: X.shape[1].",
            BATCH,
        ),
        Mistake(  # 22
            "biases never updated",
            _batch_by_batch(
                lambda W, b, X, Y, eta, lam: (W - eta * (_slopes(W, b, X, Y)[0] + lam * W), b)
            ),
            "The loss will fall all the same. Who is not learning?",
            "The biases step too: b − η db.",
            SLIPS,
        ),
        Mistake(  # 11
            "uphill",
            lambda W, b, batches, eta, lam, epochs: _trained(W, b, batches, -eta, lam, epochs),
            "The gradient points the steepest way up. Where do you want to go?",
            "Subtract: W − η (dW + λ W).",
            SLIPS,
        ),
        Mistake(  # 1
            "the bias's gradient is taken from the new weights",
            _batch_by_batch(_bias_afterwards),
            "With which weights was the delta of your bias computed?",
            "First all gradients, then all updates.",
            UPDATE,
        ),
        Mistake(
            "one epoch only",
            lambda W, b, batches, eta, lam, epochs: _trained(W, b, batches, eta, lam, 1),
            "How often do you go through the batches?",
            "Go through all batches `epochs` times. Does a `return` stand too far to the right?",
        ),
        Mistake(
            "one batch an epoch",
            lambda W, b, batches, eta, lam, epochs: _trained(W, b, batches[-1:], eta, lam, epochs),
            "How many steps are in an epoch?",
            "Every batch takes a step of its own: the update belongs into the inner loop.",
        ),
        Mistake(
            "all gradients of an epoch are taken at its start",
            _from_the_start,
            "After the first batch the weights have moved. Does the second one know?",
            "Forward, backward, update, and only then the next batch.",
        ),
    ),
)

# — a gradient by differences —


def _central(loss, w, eps=1e-5):
    n = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[i] = eps
        n[i] = (loss(w + step) - loss(w - step)) / (2 * eps)
    return n


def _losses(rng):
    w, v = rng.uniform(-1, 1, 3).round(1), rng.uniform(-1, 1, (2, 3)).round(1)
    low = w.sum() - 0.001
    return [
        (Source("lambda w: w[0] ** 2 * np.exp(w[1]) + 3 * w[2] * w[1] + w[2]"), w + 0.05),
        ("a matrix of weights", (Source("lambda w: np.exp(w[0] - w[1]).sum() + w[0, 1]"), v)),
        ("right beside the bottom", (Source(f"lambda w: 50 * (w.sum() {-low:+.3f}) ** 2"), w)),
    ]


def _central_in_place(loss, w):
    w, n = w.copy(), np.empty_like(w)
    for i in np.ndindex(w.shape):
        old = w[i]
        w[i] = old + 1e-5
        n[i] = loss(w)
        w[i] = old - 1e-5
        n[i] = (n[i] - loss(w)) / 2e-5
        w[i] = old
    return n


def _central_by_identity(loss, w):
    steps = 1e-4 * np.eye(w.size).reshape(-1, *w.shape)
    return np.array([(loss(w + s) - loss(w - s)) / 2e-4 for s in steps]).reshape(w.shape)


def _disturbing(loss, w):
    n = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        w[i] += 1e-5
        above = loss(w)
        w[i] -= 2e-5
        n[i] = (above - loss(w)) / 2e-5
    return n


def _without_brackets(loss, w):
    n = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[i] = 1e-5
        n[i] = loss(w + step) - loss(w - step) / 2e-5
    return n


def _one_sided(loss, w):
    n = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        step = np.zeros(w.shape)
        step[i] = 1e-5
        n[i] = (loss(w + step) - loss(w)) / 1e-5
    return n


def _all_at_once(loss, w):
    return np.full(w.shape, (loss(w + 1e-5) - loss(w - 1e-5)) / 2e-5)


def _row_by_row(loss, w):
    n = np.zeros(w.shape)
    for i in range(len(w)):
        step = np.zeros(w.shape)
        step[i] = 1e-5
        n[i] = (loss(w + step) - loss(w - step)) / 2e-5
    return n


numerical_gradient = Function(
    id="numerical_gradient",
    title="The gradient by central differences",
    points=3,
    section=CHECK,
    shows="This knows nothing of backpropagation, so where the two agree, both are right.",
    reference=_central,
    cases=_losses,
    returns="n",
    right=(_central_in_place, _central_by_identity, lambda loss, w: _central(loss, w, 1e-6)),
    mistakes=(
        Mistake(  # 15
            "ε where 2ε belongs",
            lambda loss, w: 2 * _central(loss, w),
            "From w − ε to w + ε: how far is that?",
            "Divide by 2ε.",
        ),
        Mistake(
            "not divided at all",
            lambda loss, w: 2e-5 * _central(loss, w),
            "By how much did the loss move, and by how much did the weight?",
            "A slope is a quotient: divide by 2ε.",
        ),
        Mistake(
            "divided by 2, and multiplied by ε",
            lambda loss, w: 1e-10 * _central(loss, w),
            "In which order does Python compute x / 2 * eps?",
            "Put brackets around what is below the line: / (2 * eps).",
        ),
        Mistake(
            "only the loss below is divided",
            _without_brackets,
            "Your numbers are huge. What does Python divide in a − b / c?",
            "Put brackets around the difference: (above - below) / (2 * eps).",
        ),
        Mistake(
            "one-sided",
            _one_sided,
            "Right beside the bottom the loss bends. Does a step to one side only see that?",
            "Step to both sides: (E(w + ε) − E(w − ε)) / 2ε.",
            EPSILON,
        ),
        Mistake(
            "the wrong way round",
            lambda loss, w: -_central(loss, w),
            "Where the loss rises with w, should the slope be positive or negative?",
            "The loss above minus the loss below.",
        ),
        Mistake(  # 40
            "the weights are left disturbed",
            _disturbing,
            "You have moved a weight there and back. Is it where it was?",
            "Up by ε, down by 2ε, and up by ε again; or move a copy.",
        ),
        Mistake(
            "all weights moved at once",
            _all_at_once,
            "If all move together, whose slope do you measure?",
            "Move one entry at a time, and leave the others.",
        ),
        Mistake(
            "a whole row moved at once",
            _row_by_row,
            "What does w[i] stand for, when w is a matrix?",
            "Go through all the indices: for i in np.ndindex(w.shape).",
        ),
        Mistake(
            "the shape of w is lost",
            lambda loss, w: _central(loss, w).ravel(),
            "Every weight needs its own slope. Where would you look for that of w[1, 2]?",
            "The result has the shape of w.",
        ),
        Mistake(  # 39
            "computed in float32",
            lambda loss, w: _central(lambda v: loss(v.astype(np.float32)), w),
            "How many digits does a float32 have, and in which of them do the two losses differ?",
            "Use float64: with 7 digits, nothing is left of a difference of 1e-5.",
            LESSON + "What-goes-wrong",
        ),
    ),
)

# — a check that is itself wrong —

_BUGS = {
    "ε where 2ε belongs": (  # 15
        "Multiply a right gradient by 2. What does the check say?",
        "From −ε to +ε it is 2ε: divide by 2 * eps.",
    ),
    "the biases are skipped": (  # 40
        "Put anything you like into db. What does the check say?",
        "Go through b and db as well: zip((W, b), (dW, db)).",
    ),
    "the weights are left disturbed": (  # 40
        "Look at W before the check and after it.",
        "After the second loss, move the entry back: p[i] += eps.",
    ),
    "absolute where relative is meant": (
        "Is a difference of 0.001 much? Does that depend on how large the gradient is?",
        "Divide by the two sizes: abs(g[i] - n) / (abs(g[i]) + abs(n)).",
    ),
}


def _worst(bugs):
    """The check with some of its bugs."""
    by_eps, no_biases, disturbed, absolute = (bug in bugs for bug in _BUGS)

    def worst_error(loss, W, b, dW, db, eps=1e-5):
        worst = 0.0
        for p, g in [(W, dW)] if no_biases else [(W, dW), (b, db)]:
            for i in np.ndindex(p.shape):
                p[i] += eps
                above = loss(W, b)
                p[i] -= 2 * eps
                n = (above - loss(W, b)) / (eps if by_eps else 2 * eps)
                p[i] += 0 if disturbed else eps
                size = 1 if absolute else abs(g[i]) + abs(n)
                worst = max(worst, abs(g[i] - n) / size)
        return worst

    return worst_error


def _left(bugs):
    """The mistake of a check in which these bugs are left."""
    nudge, formula = _BUGS[bugs[0]]
    name = bugs[0]
    if len(bugs) == len(_BUGS):
        name = "as it stood, with all four mistakes"
    elif len(bugs) > 1:
        name = f"{len(bugs)} mistakes are left"
        name += " (" + "; ".join(bugs) + ")"
    return Mistake(name, _worst(bugs), nudge, formula)


def _checked(rng):
    def one(near, spoil):
        X, W = rng.uniform(0.5, 1.5, (2, 3)).round(1), rng.uniform(0.1, 1, (2, 2)).round(1)
        b, off = rng.uniform(-1, 1, (2, 1)).round(1), rng.uniform(0.8, 1.2, (2, 3)).round(2)
        off[1] *= -1  # slopes of both signs
        Y = (W @ X + b - near * off).round(6)
        loss = Source(
            f"lambda W, b: ((W @ np.array({X.tolist()}) + b - np.array({Y.tolist()})) ** 2)"
            ".sum() / 6"
        )
        delta = (W @ X + b - Y) / 3
        dW, db = delta @ X.T, delta.sum(axis=1, keepdims=True)
        return loss, W, b, *spoil(dW, db)

    def entry(g, i, factor):
        spoilt = g.copy()
        spoilt[i] *= factor
        return spoilt

    return [
        (
            "one weight's gradient is 5 % too large",
            one(1, lambda W, b: (entry(W, (0, 1), 1.05), b)),
        ),
        ("one bias's gradient has the wrong sign", one(1, lambda W, b: (W, entry(b, (1, 0), -3)))),
        ("all gradients are twice what they should be", one(1, lambda W, b: (2 * W, 2 * b))),
        (
            "right beside the bottom, one weight's gradient is 1 % too large",
            one(0.001, lambda W, b: (entry(W, (1, 1), 1.01), b)),
        ),
    ]


def _worst_by_arrays(loss, W, b, dW, db):
    n = [_central(lambda W: loss(W, b), W), _central(lambda b: loss(W, b), b)]
    n, g = (np.concatenate([p.ravel() for p in both]) for both in (n, (dW, db)))
    return (np.abs(g - n) / (np.abs(g) + np.abs(n))).max()


def _another_error(error, chosen=np.max):
    """A check of everything, with another error for each entry, or another one chosen of them."""

    def worst_error(loss, W, b, dW, db):
        n = [_central(lambda W: loss(W, b), W), _central(lambda b: loss(W, b), b)]
        n, g = (np.concatenate([p.ravel() for p in both]) for both in (n, (dW, db)))
        return chosen(error(g, n))

    return worst_error


def _relative(g, n):
    return np.abs(g - n) / (np.abs(g) + np.abs(n))


worst_error = Function(
    id="worst_error",
    title="Check the checker",
    points=4,
    section=CHECK,
    shows="A check is code too: feed it wrong gradients, and see if it notices.",
    reference=_worst(()),
    cases=_checked,
    ruler=Ruler(flat=True),
    right=(
        _worst_by_arrays,
        lambda *args: np.float32(_worst_by_arrays(*args)),
        lambda loss, W, b, dW, db: _worst(())(loss, W.copy(), b.copy(), dW, db, 1e-4),
    ),
    mistakes=(
        *(_left(bugs) for many in range(1, len(_BUGS) + 1) for bugs in combinations(_BUGS, many)),
        Mistake(
            "below the line stands g + n, without the sizes",
            _another_error(lambda g, n: np.abs(g - n) / (g + n)),
            "What is below the line when both slopes are negative? And when the signs differ?",
            "Take the size of each: abs(g[i]) + abs(n).",
        ),
        Mistake(
            "below the line stands the size of the sum",
            _another_error(lambda g, n: np.abs(g - n) / np.abs(g + n)),
            "Suppose g = −n. How large is what you divide by, and how large are the two?",
            "Take the size of each, and then add: abs(g[i]) + abs(n).",
        ),
        Mistake(
            "the larger of the two sizes, not both",
            _another_error(lambda g, n: np.abs(g - n) / np.maximum(np.abs(g), np.abs(n))),
            "With g = 2n, what does your check say, and what does the formula?",
            "Divide by the sum of the two sizes: abs(g[i]) + abs(n).",
        ),
        Mistake(
            "only one of the two sizes",
            _another_error(lambda g, n: np.abs(g - n) / np.abs(n)),
            "With g = 2n, what does your check say, and what does the formula?",
            "Divide by the sum of the two sizes: abs(g[i]) + abs(n).",
        ),
        Mistake(
            "no size of the difference",
            _another_error(lambda g, n: (g - n) / (np.abs(g) + np.abs(n))),
            "A gradient that is far too small: is your error large, or below 0?",
            "Above the line stands abs(g[i] - n).",
        ),
        Mistake(
            "the mean of all errors, not the largest",
            _another_error(_relative, np.mean),
            "One of a million weights is wrong. Does your check notice?",
            "Keep the largest: worst = max(worst, error).",
        ),
        Mistake(
            "all errors, none of them chosen",
            _another_error(_relative, lambda errors: errors),
            "How many numbers were asked?",
            "Return the largest of them.",
        ),
    ),
)

# — find the bugs: a backward pass —

_PLANTED = {
    "in delta2": (  # 12
        "Compare your dW2 with the differences: is it too small where a2 is near 0 or 1? "
        "Which loss is this?",
        "With cross-entropy a2 (1 − a2) cancels: delta2 = (a2 − Y) / m.",
        "03_output_delta.ipynb#The-old-slope-kept-with-the-new-loss",
    ),
    "in delta1": (
        "Compare your dW1 with the differences. Which activation has the hidden layer?",
        "The slope of tanh is 1 − a1².",
        "04_hidden_delta.ipynb#In-code",
    ),
    "in the biases": (  # 20
        "With one example all is well. What is different with four?",
        "The mean is in the deltas already: db = delta.sum(axis=1, keepdims=True).",
        BATCH,
    ),
}


def _backward(bugs):
    """The backward pass with some of its bugs."""
    kept, sigmoid, averaged = (bug in bugs for bug in _PLANTED)

    def backward(W2, X, a1, a2, Y):
        delta2 = (a2 - Y) * (a2 * (1 - a2) if kept else 1) / Y.shape[1]
        delta1 = (W2.T @ delta2) * (a1 * (1 - a1) if sigmoid else 1 - a1**2)
        m = Y.shape[1] if averaged else 1
        db2, db1 = (d.sum(axis=1, keepdims=True) / m for d in (delta2, delta1))
        return delta2 @ a1.T, db2, delta1 @ X.T, db1

    return backward


def _planted(bugs):
    """The mistake of a pass in which these bugs are left."""
    nudge, formula, section = _PLANTED[bugs[0]]
    count = ["", "one bug is left, ", "two bugs are left, ", "as it stood, with all three bugs: "]
    return Mistake(count[len(bugs)] + " and ".join(bugs), _backward(bugs), nudge, formula, section)


def _passes(rng):
    def one(n, hidden, out, m):
        a1, a2 = rng.uniform(-0.9, 0.9, (hidden, m)), rng.uniform(0.1, 0.9, (out, m))
        W2, X = rng.uniform(-1, 1, (out, hidden)), rng.uniform(-1, 1, (n, m))
        Y = rng.integers(0, 2, (out, m)).astype(float)
        return *(p.round(2) for p in (W2, X, a1, a2)), Y

    return [
        ("one example", one(2, 3, 1, 1)),
        ("a batch of 4", one(2, 3, 1, 4)),
        ("a square network, a batch of 3", one(2, 2, 2, 3)),
    ]


def _backward_by_examples(W2, X, a1, a2, Y):
    m, parts = Y.shape[1], None
    for k in range(m):
        d2 = (a2[:, [k]] - Y[:, [k]]) / m
        d1 = W2.T @ d2 * (1 - a1[:, [k]]) * (1 + a1[:, [k]])
        new = [d2 * a1[:, k], d2, d1 * X[:, k], d1]
        parts = new if parts is None else [p + q for p, q in zip(parts, new, strict=True)]
    return parts


def _otherwise(change2=lambda d, a2: d, change1=lambda d, a1: d, W=lambda W2: W2.T):
    """The right pass, with another delta2, delta1 or way back."""

    def backward(W2, X, a1, a2, Y):
        delta2 = change2((a2 - Y) / Y.shape[1], a2)
        delta1 = change1((W(W2) @ delta2) * (1 - a1**2), a1)
        db2, db1 = (d.sum(axis=1, keepdims=True) for d in (delta2, delta1))
        return delta2 @ a1.T, db2, delta1 @ X.T, db1

    return backward


mended_backward = Function(
    id="mended_backward",
    title="Find the bugs: a backward pass",
    points=4,
    section=CHECK,
    shows="A gradient check does not only say that something is wrong: it says where.",
    reference=_backward(()),
    cases=_passes,
    returns="dW2, db2, dW1, db1",  # no letters: the formula would end the hunt before it begins
    right=(
        _backward_by_examples,
        _otherwise(change1=lambda d, a1: np.multiply(d, 1.0)),
        lambda *args: tuple(p.astype(np.float32) for p in _backward(())(*args)),
    ),
    mistakes=(
        *(
            _planted(bugs)
            for many in range(1, len(_PLANTED) + 1)
            for bugs in combinations(_PLANTED, many)
        ),
        Mistake(  # 5
            "the hidden slope has gone altogether",
            _otherwise(change1=lambda d, a1: d / (1 - a1**2)),
            "One slope was wrong. Is none better?",
            "The slope of tanh is 1 − a1².",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(  # 33
            "divided by the slope of tanh",
            _otherwise(change1=lambda d, a1: d / (1 - a1**2) ** 2),
            "Where tanh is nearly flat, should delta1 be huge?",
            "Multiply by 1 − a1².",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(  # 6
            "tanh taken twice in the slope",
            _otherwise(change1=lambda d, a1: d / (1 - a1**2) * (1 - np.tanh(a1) ** 2)),
            "How often has the tanh been taken here? What is a1?",
            "a1 is tanh(z) already: the slope is 1 − a1².",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(
            "the square is missing in the slope of tanh",
            _otherwise(change1=lambda d, a1: d / (1 + a1)),
            "tanh is flat at both ends. What does your slope say at a = −1?",
            "The slope of tanh is 1 − a1².",
            "04_hidden_delta.ipynb#In-code",
        ),
        Mistake(  # 16
            "no mean over the batch",
            _otherwise(change2=lambda d, a2: d * a2.shape[1]),
            "E is a mean over the examples. Where does its 1/m stand now?",
            "delta2 = (a2 − Y) / m.",
            BATCH,
        ),
        Mistake(
            "the nudge, not the gradient",
            _otherwise(change2=lambda d, a2: -d),
            "The output says too much. Should its delta be positive or negative?",
            "A gradient points uphill: a2 − Y.",
            "03_output_delta.ipynb#In-code",
        ),
        Mistake(  # 8
            "transpose forgotten",
            _otherwise(W=lambda W2: W2),
            "Row j of W2 leads *into* output j. Which numbers lead out of hidden unit i?",
            "Blame goes back along the same edges: W2.T @ delta2.",
            "04_hidden_delta.ipynb#In-code",
        ),
    ),
)

# — how to start —

how_it_starts = Match(
    id="how_it_starts",
    title="How will these begin?",
    points=2,
    section=LESSON + "4.-How-to-start:-no-twins",
    shows="Weights must differ, so that units do, and be of the right size, so that deltas come "
    "through.",
    items={
        "A": "8 hidden ReLUs; all weights and biases are 0",
        "B": "8 hidden sigmoids; all weights and biases are 0",
        "C": "8 hidden tanh units; all weights are 0.5",
        "D": "20 hidden layers of sigmoids; weights at random, Xavier",
        "E": "20 hidden layers of ReLUs; weights at random, five times the size of He's",
        "F": "20 hidden layers of ReLUs; weights at random, He; all biases are 0",
    },
    options={
        "stuck": "no weight moves, now or later",
        "twins": "weights move, but all hidden units of a layer stay alike",
        "vanish": "the first layers get hardly any delta",
        "explode": "the first layers get enormous deltas",
        "learns": "nothing stands in the way",
    },
    right={  # 35
        "A": "stuck",
        "B": "twins",
        "C": "twins",
        "D": "vanish",
        "E": "explode",
        "F": "learns",
    },
    reasons={
        "stuck": "Is every gradient 0? What are the hidden activations, and which weights does the "
        "blame go back through?",
        "twins": "Twins begin with equal weights, and have a gradient that is not 0. Is it so?",
        "vanish": "What is a delta multiplied by in each layer: less than 1, or more? And how many "
        "layers are there?",
        "explode": "What is a delta multiplied by in each layer: less than 1, or more? And how "
        "many layers are there?",
        "learns": "Do the units of a layer differ? Is the slope small, or the weights large, or "
        "are the activations 0?",
    },
)

# — momentum and Adam, by hand —


def _arriving(rng):
    g1, g2 = rng.choice([1.2, 1.6, 2.0]), rng.choice([-0.25, 0.5, 0.9])
    return {
        "w": float(rng.choice([0.7, 1.3, 2.1])),
        "g1": float(g1),
        "g2": float(g2),
        "beta": float(rng.choice([0.6, 0.8, 0.9])),
        "eta": 0.1,
    }


two_steps = Numbers(
    id="two_steps",
    title="Momentum, and Adam's mean",
    points=3,
    section=DESCENTS,
    shows="Momentum adds up gradients, Adam takes their mean, and corrects it for having begun "
    "at 0.",
    draw=_arriving,
    steps={
        "v1": lambda g, s: g.g1,
        "w1": lambda g, s: g.w - g.eta * s.v1,
        "v2": lambda g, s: g.beta * s.v1 + g.g2,
        "w2": lambda g, s: s.w1 - g.eta * s.v2,
        "m1": lambda g, s: (1 - g.beta) * g.g1,
        "m1_hat": lambda g, s: s.m1 / (1 - g.beta),
        "m2": lambda g, s: g.beta * s.m1 + (1 - g.beta) * g.g2,
        "m2_hat": lambda g, s: s.m2 / (1 - g.beta**2),
    },
    mistakes=(
        Mistake(
            "the first velocity is a mean already",
            {"v1": lambda g, s: (1 - g.beta) * g.g1},
            "Does momentum add gradients up, or average them?",
            "v ← β v + g, with no 1 − β: that is Adam's.",
        ),
        Mistake(  # 11
            "uphill",
            {
                "w1": lambda g, s: g.w + g.eta * s.v1,
                "w2": lambda g, s: s.w1 + g.eta * s.v2,
            },
            "The gradient points up. Where do you want to go?",
            "Subtract: w ← w − η v.",
            SLIPS,
        ),
        Mistake(  # 28, the other way round
            "the old velocity is forgotten",
            {"v2": lambda g, s: g.g2},
            "A ball rolls. What is left of its speed?",
            "v2 = β v1 + g2.",
        ),
        Mistake(
            "the old velocity is not slowed down",
            {"v2": lambda g, s: s.v1 + g.g2},
            "What is β for?",
            "v2 = β v1 + g2.",
        ),
        Mistake(
            "the new gradient is slowed down as well",
            {"v2": lambda g, s: g.beta * (s.v1 + g.g2)},
            "How old is g2? What does β weaken?",
            "v2 = β v1 + g2.",
        ),
        Mistake(
            "a mean in the place of a velocity",
            {"v2": lambda g, s: g.beta * s.v1 + (1 - g.beta) * g.g2},
            "Does momentum add gradients up, or average them?",
            "v2 = β v1 + g2; the 1 − β is Adam's.",
        ),
        Mistake(
            "the second step starts from the beginning",
            {"w2": lambda g, s: g.w - g.eta * s.v2},
            "Where were you after the first step?",
            "w2 = w1 − η v2.",
        ),
        Mistake(
            "the second step knows only its own gradient",
            {"w2": lambda g, s: s.w1 - g.eta * g.g2},
            "What is the velocity for?",
            "w2 = w1 − η v2.",
        ),
        Mistake(
            "a sum in the place of a mean",
            {
                "m1": lambda g, s: g.g1,
                "m2": lambda g, s: g.beta * s.m1 + g.g2,
            },
            "Adam takes a running *mean*. Do the shares of old and new add up to 1?",
            "m ← β m + (1 − β) g.",
        ),
        Mistake(
            "β and 1 − β exchanged",
            {
                "m1": lambda g, s: g.beta * g.g1,
                "m2": lambda g, s: (1 - g.beta) * s.m1 + g.beta * g.g2,
            },
            "With β = 0.9, is the old mean kept, or thrown away?",
            "β is the share of the old mean: m ← β m + (1 − β) g.",
        ),
        Mistake(
            "not corrected",
            {"m1_hat": lambda g, s: s.m1, "m2_hat": lambda g, s: s.m2},
            "m began at 0. After a step with the gradient g1, what should the mean be?",
            "Divide by 1 − βᵗ in step t.",
        ),
        Mistake(  # 38
            "1 − β in the place of 1 − βᵗ",
            {"m2_hat": lambda g, s: s.m2 / (1 - g.beta)},
            "Suppose both gradients were the same. What should their mean be?",
            "In step t, divide by 1 − βᵗ: in the second one by 1 − β².",
            LESSON + "What-goes-wrong",
        ),
        Mistake(
            "multiplied by the correction",
            {
                "m1_hat": lambda g, s: s.m1 * (1 - g.beta),
                "m2_hat": lambda g, s: s.m2 * (1 - g.beta**2),
            },
            "A mean that began at 0 is too small. Does your correction make it larger?",
            "Divide by 1 − βᵗ in step t.",
        ),
    ),
)

# — explain —

trust_it = Written(
    id="trust_it",
    title="What do these reports say?",
    points=3,
    section=CHECK,
    shows="You can tell a wrong gradient from a wrong check, and a falling loss from a proof.",
    criteria="½ point for each report. 1: right, such a difference is rounding. 2: exactly 1/3 "
    "everywhere is a factor of 2: the ½ of the loss is lost in the gradient, or the check divides "
    "by ε for 2ε. 3: a bug, or a corner of a ReLU within ε; right gradients come out at 1e-7 or "
    "better. 4: the check is at fault: float32 has 7 digits, and a difference over 1e-7 has none "
    "left; check in float64 with ε = 1e-5. 5: nothing is known about the biases. 6: nothing is "
    "known: most wrong gradients still lower the loss.",
)
