"""A tiny course: each kind of question once or more, and points that show each loss."""

from backprop.questions import Choice, Formula, Function, Mistake, Numbers, Source, Written

SECTION = "04_hidden_delta.ipynb#In-code"


def _normal(rng, *shape):
    return rng.normal(size=shape)


weight_gradient = Function(
    id="weight_gradient",
    title="The gradient of the weights",
    points=4,
    section=SECTION,
    shows="Each weight's gradient is a mean over the batch.",
    returns="dW",
    reference=lambda delta, a: delta @ a.T / a.shape[1],
    cases=lambda rng: [
        ("one example", (_normal(rng, 2, 1), _normal(rng, 3, 1))),
        ("a batch of 4", (_normal(rng, 2, 4), _normal(rng, 3, 4))),
        ("a batch of 5", (_normal(rng, 4, 5), _normal(rng, 2, 5))),
    ],
    mistakes=(
        Mistake(
            "the sum over the batch, not the mean",
            lambda delta, a: delta @ a.T,
            "With twice as many examples, is your gradient twice as large?",
            "Divide by the number of examples.",
        ),
    ),
)

layer = Function(
    id="layer",
    title="One layer",
    points=3,
    section=SECTION,
    shows="A layer is a weighted sum and a bend.",
    returns="z, a",
    reference=lambda W, x, b, f: (W @ x + b, f(W @ x + b)),
    cases=lambda rng: [
        (_normal(rng, 2, 3), _normal(rng, 3, 1), _normal(rng, 2, 1), Source("np.tanh")),
        (
            "large sums",
            (
                800 * _normal(rng, 3, 2),
                _normal(rng, 2, 4),
                _normal(rng, 3, 1),
                Source("lambda z: np.maximum(z, 0)"),
            ),
        ),
    ],
)

loss = Function(
    id="loss",
    title="The loss of a batch",
    points=2,
    section=SECTION,
    shows="Half the squared distance, as a mean over the batch.",
    returns="E",
    reference=lambda a, y: ((a - y) ** 2).sum() / (2 * a.shape[1]),
    cases=lambda rng: [
        (_normal(rng, 2, 1), _normal(rng, 2, 1)),
        ("a batch of 3", (_normal(rng, 2, 3), _normal(rng, 2, 3))),
    ],
)

by_hand = Numbers(
    id="by_hand",
    title="By hand",
    points=3,
    section=SECTION,
    shows="Each step follows from the one before.",
    draw=lambda rng: dict(zip("wxy", map(float, rng.uniform(0.5, 3, 3).round(2)), strict=True)),
    steps={
        "z": lambda g, s: g.w * g.x,
        "E": lambda g, s: (s.z - g.y) ** 2 / 2,
        "dE_dw": lambda g, s: (s.z - g.y) * g.x,
    },
)

which_way = Choice(
    id="which_way",
    title="Which way is down?",
    points=1,
    section=SECTION,
    shows="Against the slope it goes down.",
    options={"up": "make w larger", "down": "make w smaller"},
    draw=lambda rng: {"slope": float(rng.choice([-0.8, -0.3, 0.4, 0.9]))},
    right=lambda g: "down" if g.slope > 0 else "up",
    reasons={"up": "With a positive slope it goes up.", "down": "With a negative slope it does."},
)

slope_formula = Formula(
    id="slope_formula",
    title="The slope in letters",
    points=2,
    section=SECTION,
    shows="The outer slope times the inner one.",
    letters="w x y",
    reference=lambda w, x, y: (w * x - y) * x,
    mistakes=(
        Mistake(
            "inner slope forgotten",
            lambda w, x, y: w * x - y,
            "Move w by a little. Does wx − y move by as much?",
            "Multiply by the slope of wx − y with respect to w.",
        ),
    ),
)

why = Written(
    id="why",
    title="Why the mean?",
    points=2,
    section=SECTION,
    shows="",
    criteria="The step should not grow with the batch.",
)
