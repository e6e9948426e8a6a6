"""First steps: how answering and checking work, on a chain rule that everybody can do."""

import numpy as np

from backprop.letters import letters
from backprop.questions import Choice, Formula, Function, Match, Mistake, Numbers, Written

SECTION = "00_start_here.ipynb#3.-The-chain-rule,-in-one-picture"

# — write a function —


def _cases(rng):
    several = rng.uniform(-2, 2, 3).round(2)
    return [(1.5,), ("an array", (several,)), ("a negative number", (-float(rng.integers(2, 9)),))]


slope_of_square = Function(
    id="slope_of_square",
    title="The slope of a square",
    points=1,
    section=SECTION,
    shows="Near x, the square changes 2x times as fast as x does.",
    reference=lambda x: 2 * x,
    cases=_cases,
    on_letters=lambda: (letters("x"),),
    right=(lambda x: x + x, lambda x: np.multiply(x, 2.0)),
    mistakes=(
        Mistake(
            "the square itself, not its slope",
            lambda x: x**2,
            "You were asked how fast x² *changes*.",
            "The derivative of x² is 2x.",
        ),
        Mistake(
            "the 2 is missing",
            lambda x: x,
            "From 3 to 3.01 the square moves by about 0.06. How much is that for each 0.01?",
            "The exponent comes down as a factor: 2x.",
        ),
    ),
)

# — compute by hand, with numbers of one's own —


def _numbers(rng):
    w, k = rng.choice([-1.3, -0.7, 0.6, 1.1, 1.7], 2)
    return {"x": float(rng.integers(2, 6)), "k": float(k), "w": float(w)}


chain_by_hand = Numbers(
    id="chain_by_hand",
    title="A chain of two slopes",
    points=2,
    section=SECTION,
    shows="Slopes along a chain multiply.",
    draw=_numbers,
    steps={
        "u": lambda g, s: g.w * g.x + g.k,
        "E": lambda g, s: s.u**2 / 2,
        "dE_du": lambda g, s: s.u,
        "du_dw": lambda g, s: g.x,
        "dE_dw": lambda g, s: s.dE_du * s.du_dw,
    },
    mistakes=(
        Mistake(
            "slopes added, not multiplied",
            {"dE_dw": lambda g, s: s.dE_du + s.du_dw},
            "If u moves 3 times as fast as w, and E 5 times as fast as u: how fast does E move?",
            "Along a chain slopes multiply: dE/dw = dE/du · du/dw.",
        ),
        Mistake(
            "derivative with respect to x, not w",
            {"du_dw": lambda g, s: g.w},
            "Which of the letters in u = w·x + k is being moved?",
            "Move w by 1, and u moves by x: du/dw = x.",
        ),
        Mistake(
            "the ½ was lost",
            {"dE_du": lambda g, s: 2 * s.u},
            "E is *half* of u².",
            "The 2 of the exponent and the ½ cancel: dE/du = u.",
        ),
    ),
)

# — give a formula —

chain_formula = Formula(
    id="chain_formula",
    title="The same in letters",
    points=2,
    section=SECTION,
    shows="The outer slope times the inner one: this is all of backpropagation, done once.",
    letters="w x y",
    reference=lambda w, x, y: (w * x - y) * x,
    mistakes=(
        Mistake(
            "inner slope forgotten",
            lambda w, x, y: w * x - y,
            "Move w by a little. Does wx − y move by as much?",
            "Multiply by the slope of wx − y with respect to w.",
        ),
        Mistake(
            "derivative with respect to x, not w",
            lambda w, x, y: (w * x - y) * w,
            "Which letter moves, and which stand still?",
            "With respect to w, the slope of wx − y is x.",
        ),
        Mistake(
            "the ½ was lost",
            lambda w, x, y: 2 * (w * x - y) * x,
            "The loss has a factor in front.",
            "½ · 2 is 1.",
        ),
    ),
)

# — choose, match, explain —

which_way = Choice(
    id="which_way",
    title="Which way is down?",
    points=1,
    section=SECTION,
    shows="The slope points uphill, so a step against it goes down.",
    options={"up": "make w larger", "down": "make w smaller", "stay": "leave w as it is"},
    draw=lambda rng: {"dE_dw": float(rng.choice([-0.8, -0.3, 0.4, 0.9]))},
    right=lambda g: "down" if g.dE_dw > 0 else "up",
    reasons={
        "up": "With a positive slope, a larger w means a larger loss.",
        "down": "With a negative slope, a larger w means a smaller loss.",
        "stay": "Only where the slope is 0 is there nothing to gain.",
    },
)

name_the_slopes = Match(
    id="name_the_slopes",
    title="What is what?",
    points=1,
    section=SECTION,
    shows="You can read a derivative aloud.",
    items={"dE/dw": "dE/dw", "dE/du": "dE/du", "du/dw": "du/dw"},
    options={
        "loss per weight": "how fast the loss moves when the weight does",
        "loss per sum": "how fast the loss moves when the sum does",
        "sum per weight": "how fast the sum moves when the weight does",
    },
    right={"dE/dw": "loss per weight", "dE/du": "loss per sum", "du/dw": "sum per weight"},
)

in_your_words = Written(
    id="in_your_words",
    title="In your words",
    points=1,
    section=SECTION,
    shows="You can say what a slope is good for.",
    criteria="Says that the slope tells the direction and the size of the change of the loss, and "
    "that one goes against it.",
)
