"""Lesson 1: weigh, add, bend; a unit, a layer, a batch; and keep what the way back will need."""

import numpy as np

from backprop.activations import sigmoid
from backprop.letters import letters
from backprop.questions import Choice, Formula, Function, Mistake, Numbers, Ruler, Written

LESSON = "01_forward_pass.ipynb#"
UNIT = LESSON + "1.-Derive-it:-one-unit"
LAYER = LESSON + "2.-Derive-it:-a-layer,-unit-by-unit"
BATCH = LESSON + "4.-A-batch:-a-column-an-example"
SHAPES = LESSON + "Every-shape-follows"
SLOPES = LESSON + "Slopes,-proved"
KEPT = LESSON + "What-is-kept-for-later,-and-for-whom?"
IN_CODE = LESSON + "5.-In-code,-and-in-numbers"
WRONG = LESSON + "What-goes-wrong"

# — a unit, by hand —


def _unit(rng):
    one = {"w1": (0.5, 0.6, 0.7), "w2": (-0.5, -0.4, -0.3), "b": (0.2, 0.3, 0.6)}
    return {name: float(rng.choice(values)) for name, values in one.items()} | {
        "x1": float(rng.integers(3, 5)),
        "x2": float(rng.integers(1, 3)),
    }


unit_by_hand = Numbers(
    id="unit_by_hand",
    title="One unit, by hand",
    points=2,
    section=UNIT,
    shows="Weigh, add, bend: a unit does nothing else.",
    draw=_unit,
    steps={
        "weighted": lambda g, s: g.w1 * g.x1 + g.w2 * g.x2,
        "z": lambda g, s: s.weighted + g.b,
        "a": lambda g, s: sigmoid.value(s.z),
        "slope": lambda g, s: s.a * (1 - s.a),
    },
    mistakes=(
        Mistake(
            "weights at the wrong inputs",
            {"weighted": lambda g, s: g.w1 * g.x2 + g.w2 * g.x1},
            "Which weight belongs to which input?",
            "The first weight goes with the first input: w1·x1 + w2·x2.",
        ),
        Mistake(
            "inputs added without their weights",
            {"weighted": lambda g, s: g.x1 + g.x2},
            "Does each input count the same?",
            "Each input is multiplied by its own weight first: w1·x1 + w2·x2.",
        ),
        Mistake(
            "bias forgotten",
            {"z": lambda g, s: s.weighted},
            "What would z be if both inputs were 0? Should it be 0?",
            "z = w1·x1 + w2·x2 + b.",
        ),
        Mistake(
            "bias subtracted",
            {"z": lambda g, s: s.weighted - g.b},
            "With nothing coming in, is z equal to b, or to −b?",
            "The bias is added: z = w1·x1 + w2·x2 + b.",
        ),
        Mistake(
            "activation forgotten",
            {"a": lambda g, s: s.z},
            "Can a sigmoid put out the very number that it gets?",
            "a = σ(z) = 1 / (1 + e⁻ᶻ).",
        ),
        Mistake(
            "minus in the exponent lost",
            {"a": lambda g, s: 1 / (1 + np.exp(s.z))},
            "Your z is positive. On which side of ½ must the sigmoid be then?",
            "σ(z) = 1 / (1 + e⁻ᶻ), with a minus in the exponent.",
        ),
        Mistake(  # 6
            "slope taken at a, not at z",
            {"slope": lambda g, s: sigmoid.value(s.a) * (1 - sigmoid.value(s.a))},
            "How many times did you apply the sigmoid before you multiplied?",
            "a is σ(z) already. The slope is a(1 − a), with that a.",
            section=SLOPES,
        ),
        Mistake(  # 7
            "a(1 − a) applied to z",
            {"slope": lambda g, s: s.z * (1 - s.z)},
            "The rule has one letter in it, twice. Which of your numbers is that letter?",
            "The slope is a(1 − a), not z(1 − z).",
            section=SLOPES,
        ),
    ),
)

# — a unit, in code —


def _one_unit(w, a, b):
    return w @ a + b


def _one_unit_cases(rng):
    def one(n):
        return (*rng.uniform(-1, 1, (2, n)).round(2), round(rng.uniform(0.2, 0.9), 2))

    w, _, b = one(2)
    below = np.sign(w) * rng.uniform(-0.9, -0.4, 2).round(2)
    return [
        one(3),
        one(4),
        ("nothing comes in", (w, np.zeros(2), b)),
        ("a sum below 0", (w, below, -b)),
    ]


def _one_unit_loop(w, a, b):
    z = 0
    for weight, coming_in in zip(w, a, strict=True):
        z = z + weight * coming_in
    return z + b


one_unit = Function(
    id="one_unit",
    title="One unit, in code",
    points=1,
    section=UNIT,
    shows="The weighted sum is a loop over what comes in, and the bias is added once.",
    reference=_one_unit,
    cases=_one_unit_cases,
    ruler=Ruler(flat=True),
    on_letters=lambda: (letters("w", 3), letters("a", 3), letters("b")),
    right=(
        _one_unit_loop,
        lambda w, a, b: b + sum(a * w),
        lambda w, a, b: np.float32(np.append(w, b).dot(np.append(a, 1))),
        lambda w, a, b: w[None] @ a + b,  # an array of one number
    ),
    mistakes=(
        Mistake(
            "bias forgotten",
            lambda w, a, b: w @ a,
            "What should z be when nothing comes in?",
            "Start with z = b, or add b at the end.",
        ),
        Mistake(
            "bias subtracted",
            lambda w, a, b: w @ a - b,
            "With nothing coming in, is z equal to b, or to −b?",
            "z = Σ w[i]·a[i] + b.",
        ),
        Mistake(
            "bias added in every round",
            lambda w, a, b: (w * a + b).sum(),
            "How often is your + b carried out, and how many biases has the unit?",
            "The bias is added once, outside the sum: Σ w[i]·a[i], and then + b.",
        ),
        Mistake(
            "only the last input counts",
            lambda w, a, b: w[-1] * a[-1] + b,
            "What becomes, in your loop, of the sum from the rounds before?",
            "Add to what is there already: z = z + w[i] * a[i].",
        ),
        Mistake(
            "only the first input counts",
            lambda w, a, b: w[0] * a[0] + b,
            "Is your `return` inside the loop?",
            "Let the loop finish, and return after it.",
        ),
        Mistake(
            "inputs added without their weights",
            lambda w, a, b: a.sum() + b,
            "Does each input count the same?",
            "Weigh each input before you add it: w[i] * a[i].",
        ),
        Mistake(
            "weighted, but not added up",
            lambda w, a, b: w * a + b,
            "How many numbers should one unit give?",
            "Add up the products to one number; then add b.",
        ),
        Mistake(
            "activation applied already",
            lambda w, a, b: sigmoid.value(w @ a + b),
            "Is it z that you return, or a?",
            "Return the sum z itself. The activation comes after it.",
        ),
        Mistake(
            "a ReLU applied already",
            lambda w, a, b: max(w @ a + b, 0),
            "May a weighted sum be negative?",
            "Return the sum z itself. The activation comes after it.",
        ),
    ),
)

# — a layer —


def _layer(W, a, b):
    return W @ a + b


def _layer_cases(rng):
    def one(n, below, m=1):
        W, a = rng.uniform(-1, 1, (n, below)).round(2), rng.uniform(-1, 1, (below, m)).round(2)
        return W, a, rng.permutation([0.3, 0.5, 0.8, 1.1])[:n, None] * rng.choice([-1, 1])

    return [
        one(3, 2),
        ("a square layer", one(2, 2)),
        ("a batch, with as many examples as units", one(3, 4, 3)),
        ("a batch of 5", one(2, 3, 5)),
    ]


def _layer_by_units(W, a, b):
    z = np.zeros((len(W), a.shape[1]))
    for j in range(W.shape[0]):
        for k in range(a.shape[1]):
            z[j, k] = _one_unit_loop(W[j], a[:, k], b[j, 0])
    return z


layer_sum = Function(
    id="layer_sum",
    title="A layer, for a whole batch",
    points=2,
    section=LAYER,
    shows="One line does all units and all examples: a matrix product is a name for two loops.",
    reference=_layer,
    cases=_layer_cases,
    on_letters=lambda: (
        letters("w", (2, 2)),
        letters("a", 2)[:, None],
        letters("b", 2)[:, None],
    ),
    right=(
        _layer_by_units,
        lambda W, a, b: np.einsum("ji,ik->jk", W, a) + b,
        lambda W, a, b: (a.T @ W.T).T.astype(np.float32) + b,
        lambda W, a, b: np.hstack([W, b]) @ np.vstack([a, np.ones((1, a.shape[1]))]),
    ),
    mistakes=(
        Mistake(  # 8, on the way forward
            "a transpose too many",
            lambda W, a, b: W.T @ a + b,
            "Row j of W leads into unit j. Which numbers of W did you use for unit j?",
            "W has a row for each unit already: W @ a, without .T.",
            section=WRONG,
        ),
        Mistake(  # 34
            "a bias that lies flat",
            lambda W, a, b: W @ a + b.ravel(),
            "Print the shapes. To what does NumPy add a flat bias: to rows, or to columns?",
            "b is a column, (n, 1), so that every column gets it: W @ a + b.",
            section=WRONG,
        ),
        Mistake(
            "bias forgotten",
            lambda W, a, b: W @ a,
            "What should z be when nothing comes in?",
            "z = W @ a + b.",
        ),
        Mistake(
            "bias subtracted",
            lambda W, a, b: W @ a - b,
            "With nothing coming in, is z equal to b, or to −b?",
            "z = W @ a + b.",
        ),
        Mistake(
            "bias added for every input",
            lambda W, a, b: W @ a + W.shape[1] * b,
            "How often is your + b carried out for one unit?",
            "Each unit has one bias, added once, after the sum over what comes in.",
        ),
        Mistake(
            "bias added to what comes in",
            lambda W, a, b: W @ (a + b),
            "Does a bias belong to a unit, or to an input?",
            "First W @ a, then + b; no brackets around a + b.",
        ),
        Mistake(
            "examples in rows",
            lambda W, a, b: (W @ a + b).T,
            "What is a column of your result: a unit, or an example?",
            "A column is an example: z has the shape (n, m), a row for each unit.",
            section=BATCH,
        ),
        Mistake(
            "multiplied entry by entry",
            lambda W, a, b: W * a + b,
            "What is the difference between * and @?",
            "Rows times columns, added up, is W @ a.",
        ),
        Mistake(
            "activation applied already",
            lambda W, a, b: sigmoid.value(W @ a + b),
            "Is it z that you return, or a?",
            "Return the sums z themselves. The activation comes after them.",
        ),
    ),
)

# — which line? —


def _shapes(rng):
    n, below, m = (int(k) for k in rng.permutation([2, 3, 4, 5, 6])[:3])
    X = (m, below) if rng.random() < 0.5 else (below, m)
    return {"W": f"({n}, {below})", "b": f"({n}, 1)", "X": f"({X[0]}, {X[1]})"}


which_line = Choice(
    id="which_line",
    title="Which line is it?",
    points=1,
    section=SHAPES,
    shows="The inner numbers must meet, and the outer ones stay: say the shapes before you run.",
    options={
        "W @ X + b": "the table as it is",
        "W @ X.T + b": "the table turned round",
        "W.T @ X + b": "the weights turned round",
        "X @ W.T + b": "the table first",
    },
    draw=_shapes,
    right=lambda g: "W @ X + b" if _ends(g.W) == _starts(g.X) else "W @ X.T + b",
    reasons={
        "W @ X + b": "W has a column for each number that comes in. How many rows has your X?",
        "W @ X.T + b": "W has a column for each number that comes in. How many rows has X.T?",
        "W.T @ X + b": "W.T has a row for each input, so z would have one, too. It needs a row for "
        "each unit.",
        "X @ W.T + b": "Say its shape: a row for each example, at best, and b has one for each "
        "unit. In z a column is an example.",
    },
)


def _starts(shape):
    return shape.strip("()").split(", ")[0]


def _ends(shape):
    return shape.strip("()").split(", ")[1]


# — why bend? —

straight_bias = Formula(
    id="straight_bias",
    title="Two straight units are one",
    points=2,
    section=LESSON + "3.-Why-bend-at-all?",
    shows="Without bending, a second unit gives you nothing that the first could not.",
    letters="w1 b1 w2 b2",
    reference=lambda w1, b1, w2, b2: w2 * b1 + b2,
    mistakes=(
        Mistake(
            "first bias not weighed",
            lambda w1, b1, w2, b2: b1 + b2,
            "On its way to the end, what does the first bias pass through?",
            "The second unit weighs all of u, the bias in it too: w2·b1.",
        ),
        Mistake(
            "second bias forgotten",
            lambda w1, b1, w2, b2: w2 * b1,
            "If w2 were 0, what would the second unit still put out?",
            "The second unit adds its own bias: w2·b1 + b2.",
        ),
        Mistake(
            "weighed with the wrong weight",
            lambda w1, b1, w2, b2: w1 * b1 + b2,
            "Does b1 meet w1 at all, or is it added after it?",
            "u = w1·x + b1 is multiplied by w2, so b1 is, too.",
        ),
        Mistake(
            "second bias weighed as well",
            lambda w1, b1, w2, b2: w2 * (b1 + b2),
            "Is b2 added before or after the multiplication by w2?",
            "v = w2·u + b2: only what is in u is weighed.",
        ),
        Mistake(
            "the weight, not the bias",
            lambda w1, b1, w2, b2: w1 * w2,
            "That is what x is multiplied by. What is left when x is 0?",
            "Set x = 0: then u = b1, and v = w2·b1 + b2.",
        ),
    ),
)

# — an activation of your own —


def _scaled_tanh(z, c, k):
    h = np.tanh(k * z)
    return c * h, c * k * (1 - h**2)


def _scaled_tanh_cases(rng):
    def one(*shape):
        c, k = round(rng.uniform(1.2, 2), 2), round(rng.uniform(0.3, 0.7), 2)
        return rng.uniform(-1.5, 1.5, shape).round(2), c, k

    return [
        ("the one of 1998", (np.array([-2.0, -1.0, 0.0, 1.0, 2.0]), 1.7159, 2 / 3)),
        one(4),
        ("a batch", one(2, 3)),
    ]


def _with_slope(slope):
    """The right value, and a slope made of h = tanh(k z) and the rest."""

    def makes(z, c, k):
        return c * np.tanh(k * z), slope(np.tanh(k * z), z, c, k)

    return makes


def _by_exponentials(z, c, k):
    up, down = np.exp(k * z), np.exp(-k * z)
    return c * (up - down) / (up + down), 4 * c * k / (up + down) ** 2


scaled_tanh = Function(
    id="scaled_tanh",
    title="An activation of your own, with its slope",
    points=3,
    section=SLOPES,
    shows="Stretch a curve by c and squeeze it by k: its slope is multiplied by both.",
    returns="a, slope",
    reference=_scaled_tanh,
    cases=_scaled_tanh_cases,
    on_letters=lambda: (letters("z"), letters("c"), letters("k")),
    right=(
        _by_exponentials,
        lambda z, c, k: [c * np.tanh(k * z), c * k / np.cosh(k * z) ** 2],
        lambda z, c, k: (c * np.tanh(k * z), k * (c - (c * np.tanh(k * z)) ** 2 / c)),
        lambda z, c, k: tuple(p.astype(np.float32) for p in _scaled_tanh(z, c, k)),
    ),
    mistakes=(
        Mistake(
            "inner factor k missing in the slope",
            _with_slope(lambda h, z, c, k: c * (1 - h**2)),
            "How fast does kz move when z does?",
            "Along a chain slopes multiply, and the slope of kz is k: c·k·(1 − tanh²(kz)).",
        ),
        Mistake(
            "outer factor c missing in the slope",
            _with_slope(lambda h, z, c, k: k * (1 - h**2)),
            "A curve that is c times as high: is it as steep as before?",
            "Multiply by c, too: c·k·(1 − tanh²(kz)).",
        ),
        Mistake(
            "both factors missing in the slope",
            _with_slope(lambda h, z, c, k: 1 - h**2),
            "That is the slope of a plain tanh. Which two factors make yours another curve?",
            "The slope is multiplied by both: c·k·(1 − tanh²(kz)).",
        ),
        Mistake(  # 33
            "divided by 1 − tanh², not multiplied",
            _with_slope(lambda h, z, c, k: c * k / (1 - h**2)),
            "Far out the curve is flat. Does your slope get small there, or large?",
            "1 − tanh²(kz) is a factor: multiply by it.",
        ),
        Mistake(
            "a in the place of tanh(kz)",
            _with_slope(lambda h, z, c, k: c * k * (1 - (c * h) ** 2)),
            "The rule 1 − a² is for a plain tanh. How high does your a get, and what comes out?",
            "Square tanh(kz) before it is multiplied by c: keep it under a name of its own.",
        ),
        Mistake(
            "the slope of a sigmoid",
            _with_slope(lambda h, z, c, k: c * k * h * (1 - h)),
            "At z = 0 your curve is at its steepest. What does your slope say there?",
            "h(1 − h) belongs to the sigmoid. With h = tanh(kz) it is 1 − h².",
        ),
        Mistake(
            "the square is missing",
            _with_slope(lambda h, z, c, k: c * k * (1 - h)),
            "The curve is as steep at −1 as it is at 1. Is your slope?",
            "1 − tanh²(kz), with a square.",
        ),
        Mistake(  # 6
            "slope taken at a, not at z",
            _with_slope(lambda h, z, c, k: c * k * (1 - np.tanh(k * c * h) ** 2)),
            "How often did you apply tanh on the way to your slope?",
            "Take tanh(kz) once, and use it for both: h = tanh(kz), c·h, and c·k·(1 − h²).",
            section=WRONG,
        ),
        Mistake(  # 7
            "1 − tanh² applied to z",
            _with_slope(lambda h, z, c, k: c * k * (1 - (k * z) ** 2)),
            "A tanh never goes down. Is your slope ever negative?",
            "Square tanh(kz), not kz.",
        ),
        Mistake(
            "1 − a², and neither factor",
            _with_slope(lambda h, z, c, k: 1 - (c * h) ** 2),
            "The rule 1 − a² is for a plain tanh. How high does your a get, and what comes out?",
            "Keep h = tanh(kz) under a name of its own. The slope is c·k·(1 − h²).",
        ),
        Mistake(
            "tanh of z, not of kz, in the slope",
            _with_slope(lambda h, z, c, k: c * k * (1 - np.tanh(z) ** 2)),
            "Of what did you take tanh for the values, and of what for the slope?",
            "It is the same tanh(kz) in both: c·k·(1 − tanh²(kz)).",
        ),
        Mistake(
            "k left out altogether",
            lambda z, c, k: (c * np.tanh(z), c * (1 - np.tanh(z) ** 2)),
            "What does your curve do when k changes?",
            "First multiply z by k: c·tanh(kz), and its slope c·k·(1 − tanh²(kz)).",
        ),
        Mistake(
            "c left out altogether",
            lambda z, c, k: (np.tanh(k * z), k * (1 - np.tanh(k * z) ** 2)),
            "How high does your curve get? How high should it get?",
            "Multiply both by c: c·tanh(kz), and c·k·(1 − tanh²(kz)).",
        ),
        Mistake(
            "the values alone",
            lambda z, c, k: c * np.tanh(k * z),
            "Two things are asked. Which one is missing?",
            "Return the values and the slopes: return a, slope.",
        ),
        Mistake(
            "k outside the tanh",
            lambda z, c, k: (c * k * np.tanh(z), c * k * (1 - np.tanh(z) ** 2)),
            "Is it z that is squeezed by k, or the height of the curve?",
            "First multiply z by k, then take the tanh: c·tanh(kz).",
        ),
        Mistake(
            "the two in the wrong order",
            lambda z, c, k: _scaled_tanh(z, c, k)[::-1],
            "Which of the two was to come first?",
            "Return a first, and then its slope.",
        ),
    ),
)

# — the whole way, and what is kept —


def _forward(W, b, x, hidden=np.tanh, last=sigmoid.value, on=lambda z, a: a):
    """All z and all a; `on` says what of a layer the next one gets."""
    zs, activations, coming_in = [], [x], x
    for l in range(len(W)):
        z = W[l] @ coming_in + b[l]
        a = last(z) if l == len(W) - 1 else hidden(z)
        zs.append(z)
        activations.append(a)
        coming_in = on(z, a)
    return zs, activations


def _forward_cases(rng):
    def one(*widths, m=1):
        pairs = list(zip(widths[1:], widths, strict=False))
        W = [rng.uniform(0.4, 1, pair).round(2) * rng.choice([-1, 1], pair) for pair in pairs]
        b = [rng.uniform(0.3, 0.9, (n, 1)).round(2) for n, _ in pairs]
        return W, b, rng.uniform(0.3, 1, (widths[0], m)).round(2)

    return [
        one(2, 3, 1),
        ("square layers", one(2, 2, 2)),
        ("three layers, a batch of 4", one(3, 2, 4, 2, m=4)),
    ]


def _by_recursion(W, b, x):
    if not W:
        return (), (x,)
    z = np.einsum("ji,ik->jk", W[0], x) + b[0]
    zs, activations = _by_recursion(W[1:], b[1:], np.tanh(z) if W[1:] else 1 / (1 + np.exp(-z)))
    return (z, *zs), (x, *activations)


def _only_x(W, b, x):
    zs = [V @ x + c for V, c in zip(W, b, strict=True)]
    return zs, [x, *map(np.tanh, zs[:-1]), sigmoid.value(zs[-1])]


def _in_place(W, b, x):
    activations = _forward(W, b, x)[1]
    return activations[1:], activations


forward_kept = Function(
    id="forward_kept",
    title="All the way forward, and keep everything",
    points=3,
    section=IN_CODE,
    shows="This is all of a forward pass, for any depth and any batch, and nothing is thrown away.",
    returns="z, a",
    reference=_forward,
    cases=_forward_cases,
    on_letters=lambda: (
        [letters("w1", (1, 1)), letters("w2", (1, 1))],
        [letters("b1", (1, 1)), letters("b2", (1, 1))],
        letters("x", (1, 1)),
    ),
    right=(
        _by_recursion,
        lambda W, b, x: _forward(W, b, x.astype(np.float32)),
        lambda W, b, x: _forward(W, b, x, last=lambda z: (1 + np.tanh(z / 2)) / 2),
    ),
    mistakes=(
        Mistake(
            "activation forgotten in the hidden layers",
            lambda W, b, x: _forward(W, b, x, hidden=lambda z: z),
            "What would several layers amount to if none of them bends?",
            "In every layer but the last, a = np.tanh(z).",
            section=LESSON + "3.-Why-bend-at-all?",
        ),
        Mistake(
            "activation forgotten at the output",
            lambda W, b, x: _forward(W, b, x, last=lambda z: z),
            "Can what the last layer puts out be a probability?",
            "In the last layer a is the sigmoid of z.",
        ),
        Mistake(
            "activation applied twice",
            lambda W, b, x: _forward(W, b, x, hidden=lambda z: np.tanh(np.tanh(z))),
            "Does the next layer bend again what it gets before it weighs it?",
            "One tanh a hidden layer: a = np.tanh(z), and the next layer weighs that a as it is.",
        ),
        Mistake(
            "z handed on, not a",
            lambda W, b, x: _forward(W, b, x, on=lambda z, a: z),
            "What does a unit show to the next layer: its sum, or what it makes of it?",
            "With a[0] = x in the list, the sum is W[l] @ a[l] + b[l]: with an a, not with a z.",
        ),
        Mistake(
            "every layer gets x",
            _only_x,
            "What comes into the second layer?",
            "Only the first layer sees x. Each later one gets the a of the layer before.",
        ),
        Mistake(
            "tanh at the output, too",
            lambda W, b, x: _forward(W, b, x, last=np.tanh),
            "Which activation did the task ask of the last layer?",
            "tanh in the hidden layers; the sigmoid, 1 / (1 + e⁻ᶻ), in the last.",
        ),
        Mistake(
            "sigmoid in the hidden layers, too",
            lambda W, b, x: _forward(W, b, x, hidden=sigmoid.value),
            "Which activation did the task ask of the hidden layers?",
            "tanh in the hidden layers; the sigmoid only in the last.",
        ),
        Mistake(  # 32
            "z overwritten by a",
            _in_place,
            "Are your z and your a two arrays, or one?",
            "Make a new array for a: a = np.tanh(z), and put z into its list as it was.",
            section=WRONG,
        ),
        Mistake(
            "biases forgotten",
            lambda W, b, x: _forward(W, [0 * c for c in b], x),
            "What should a layer put out when nothing comes in?",
            "With a[0] = x in the list, the sum is W[l] @ a[l] + b[l].",
        ),
        Mistake(  # 8, on the way forward
            "a transpose too many",
            lambda W, b, x: _forward([V.T for V in W], b, x),
            "On square layers it runs. What does NumPy say where they are not?",
            "Row j of W leads into unit j already: W @ a, without .T.",
            section=WRONG,
        ),
        Mistake(
            "the two activations exchanged",
            lambda W, b, x: _forward(W, b, x, hidden=sigmoid.value, last=np.tanh),
            "Which layers were to have tanh, and which the sigmoid?",
            "tanh in the hidden layers; the sigmoid, 1 / (1 + e⁻ᶻ), in the last.",
        ),
        Mistake(
            "no activation anywhere",
            lambda W, b, x: _forward(W, b, x, hidden=lambda z: z, last=lambda z: z),
            "What would several layers amount to if none of them bends?",
            "a = np.tanh(z) in the hidden layers, and the sigmoid of z in the last.",
            section=LESSON + "3.-Why-bend-at-all?",
        ),
        Mistake(
            "the two lists in the wrong order",
            lambda W, b, x: _forward(W, b, x)[::-1],
            "Which of the two lists was to come first?",
            "Return z first, and then a.",
        ),
        Mistake(
            "the input is not in the list",
            lambda W, b, x: (_forward(W, b, x)[0], _forward(W, b, x)[1][1:]),
            "The way back will ask for what came into the first layer, too. Where is it?",
            "The list of activations starts with a⁰ = x.",
            section=KEPT,
        ),
    ),
)

why_keep = Written(
    id="why_keep",
    title="Why keep all that?",
    points=2,
    section=KEPT,
    shows="You know what the way back will ask for.",
    criteria="One point: to know only the answer, each layer's z and a may be forgotten once the "
    "next layer is computed; to learn, the way back needs the input and every a for the weights' "
    "gradients, and a or z for the slopes. One point: sums that are overwritten give the right "
    "output, so nothing is noticed, but slopes that are taken from them are wrong (with ReLU: "
    "nothing tells which units were on, unless a does).",
)
