"""One training step, one formula at a time: forward, loss, deltas, gradients, update."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import count
from math import isfinite

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.derivation import derive
from backprop.diagram import diagram, named, number, written
from backprop.equations import backward, update
from backprop.inputs import floats
from backprop.letters import Letter
from backprop.losses import LOSSES, softmax_cross_entropy
from backprop.network import Network, forward, target
from backprop.printing import typeset
from backprop.widgets.controls import button, choice, group, slider
from backprop.widgets.explore import (
    MOST,
    Formula,
    _formula,
    _options,
    _reach,
    _short,
    _slider,
    _sliders,
    parameters,
)
from backprop.widgets.mathml import fill, mathml
from backprop.widgets.scene import Scene, View

PHASES = {
    "forward pass": ("z", "a"),
    "loss": ("E",),
    "output deltas": ("BP1",),
    "hidden deltas": ("BP2",),
    "gradients": ("BP4", "BP3"),
    "update": ("update",),
}
PHASE = {equation: phase for phase, equations in PHASES.items() for equation in equations}
SIGNS = {-1: "negative", 0: "zero", 1: "positive"}


def step_through(net, x, y, eta=0.5):
    """One training step of a small network to go through, one formula at a time.

    Buttons, a slider and a list of phases move from the first weighted sum to the update; what is
    not computed yet is a question mark. A weight is picked by a click or from a list: its gradient
    stands below as the product of its factors, symbols above numbers. One can ask to predict the
    sign of each delta and gradient before it is shown. Every number, activation and loss can be
    changed. Raises ValueError for more than 60 parameters, for a batch of several examples, and
    for what does not fit the network.

    >>> scene = step_through(Network([[[0.5, -1]]], [[0]], "sigmoid"), [1, 0.5], [1])
    >>> scene
    Step 1 of 8, forward pass: z⁽¹⁾₁ = 0.000000, the weighted sum into unit 1 of layer 1.
    >>> scene.move("goto", "output deltas")
    Step 4 of 8, output deltas: δ⁽¹⁾₁ = −0.125000 is negative: a little more z⁽¹⁾₁ would lower \
the loss.
    """
    if net.n_parameters > MOST:
        raise ValueError(
            f"{net} has {net.n_parameters} parameters, too many to follow one by one: "
            f"take a network of at most {MOST}"
        )
    x, eta = forward(net, x).a[0], floats("eta", eta)
    if x.shape[1] != 1 or eta.shape:
        raise ValueError(
            f"step_through follows one example with one learning rate; x holds {x.shape[1]} and "
            f"eta has shape {eta.shape}: give one column of x and of y, x[:, k] and y[:, k]"
        )
    start = At(net, x, target(net, y, 1), float(eta), parameters(net.sizes)[0])
    return Scene(start, lambda at: _view(at, start), lambda *event: _react(start, *event))


# — where the reader is —


@dataclass(frozen=True, eq=False)
class At:
    """What the reader has set, where in the training step he is, and what he has predicted."""

    net: Network
    x: np.ndarray
    y: np.ndarray
    eta: float
    chosen: str
    place: int = 0
    taken: int = 0
    before: float | None = None  # the loss of the training step before
    predict: bool = False
    said: dict = field(default_factory=dict)  # the sign that was predicted, by name
    urged: bool = False

    @property
    def script(self):
        return _script(self.net.sizes, tuple(self.net.f.values()), self.net.loss)

    @property
    def name(self):
        """The letter of the formula that is lit; all updates are one step, and one of them lit."""
        return (*self.script.names, f"new_{self.chosen}")[self.place]

    @property
    def formula(self):
        return self.script.formulas[self.name]

    @property
    def phase(self):
        return PHASE[self.formula.equation]

    @property
    def guessable(self):
        return self.predict and self.formula.equation.startswith("BP")

    @property
    def asked(self):
        """Is the number hidden until its sign is predicted?"""
        return self.guessable and self.name not in self.said

    @property
    def last(self):
        return self.place == len(self.script.names)

    @property
    def known(self):
        """The names of what is computed so far, and shown."""
        if self.last:
            return self.script.formulas.keys()
        return set(self.script.names[: self.place + (not self.asked)])

    @property
    def hidden(self):
        return self.script.formulas.keys() - self.known

    def to(self, place):
        """Go to a step; at a gradient, its weight is the one that is looked at."""
        names = self.script.names
        place = min(max(place, 0), len(names))
        name = names[place] if place < len(names) else ""
        chosen = name.removeprefix("dE_d") if name.startswith("dE_d") else self.chosen
        return replace(self, place=place, chosen=chosen, urged=False)

    def with_numbers(self, **numbers):
        """Other numbers: what was predicted before is no longer said of them."""
        return replace(self, **numbers, said={}, urged=False)

    def numbers(self):
        """Every number of this training step by the name of its letter."""
        trace = forward(self.net, self.x)
        grads = backward(self.net, trace, self.y)
        after = named(update(self.net, grads, self.eta))
        numbers = named(self.net, trace, self.y, grads) | {"eta": self.eta}
        return trace, grads, numbers | {f"new_{name}": value for name, value in after.items()}


def _react(start, at, name, value):
    """The state after the control of that name was moved to `value`, or a part picked."""
    if name in ("next", "back", "step", "goto", "again"):
        return _go(at, name, value)
    if name == "reset":
        return replace(start, chosen=at.chosen, predict=at.predict)
    if name == "pick":
        return _pick(at, value)
    if name == "predict":
        return replace(at, predict=value == "first", urged=False)
    if name == "say":
        return replace(at, said=at.said | {at.name: value}, urged=False) if at.asked else at
    if name == "eta":
        return replace(at, eta=_number(value))
    return at.with_numbers(**_changed(at, name, value))


def _go(at, name, value):
    if name == "next" and at.asked:
        return replace(at, urged=True)
    if name == "again":
        _, grads, numbers = at.numbers()
        net = update(at.net, grads, at.eta)
        at = at.with_numbers(net=net, taken=at.taken + 1, before=numbers["E"])
        return at.to(0)
    if name == "goto" and value not in at.script.phases:
        raise ValueError(f"there is no phase {value!r}; there are: {', '.join(at.script.phases)}")
    if name in ("step", "goto"):
        return at.to(int(value) - 1 if name == "step" else at.script.phases[value])
    return at.to(at.place + {"next": 1, "back": -1}[name])


def _pick(at, name):
    """A click: on a weight or a gradient to look at it, on anything else to go where it is made."""
    parameter = name.removeprefix("dE_d").removeprefix("new_")
    if parameter in parameters(at.net.sizes):
        return replace(at, chosen=parameter)
    return at.to(at.script.names.index(name)) if name in at.script.names else at


def _changed(at, name, value):
    """The parts of the state that a control for a number, an activation or the loss changes."""
    net = at.net
    if name == "value":
        flat = net.flat()
        flat[parameters(net.sizes).index(at.chosen)] = _number(value)
        return {"net": net.with_flat(flat)}
    if name == "class":
        return {"y": np.eye(len(at.y))[:, [int(value) - 1]]}
    if name == "loss":
        loss = _own(LOSSES, [net.loss])[value]
        last = ["identity"] if loss.logits else [net.f[net.L]]
        f = [*list(net.f.values())[:-1], *last]
        return {"net": Network(net.W, net.b, f, loss), "y": _fitting(loss, at.y)}
    letter, _, index = name.partition("_")
    if letter == "f":
        f = dict(net.f) | {int(index): _own(ACTIVATIONS, net.f.values())[value]}
        return {"net": Network(net.W, net.b, list(f.values()), net.loss)}
    if letter not in ("x", "y"):
        raise ValueError(f"there is no control {name!r}")
    moved = getattr(at, letter).copy()
    moved[int(index) - 1] = _number(value)
    return {letter: moved if letter == "x" else target(net, moved, 1)}


def _number(value):
    value = float(value)
    if not isfinite(value):
        raise ValueError(f"{value} is not a number to compute with; it must be finite")
    return value


def _own(table, used):
    """The functions to choose from, those of one's own among them."""
    return table | {f.name: f for f in used}


def _fitting(loss, y):
    """Targets that the loss can take: probabilities for one on logits, one class for softmax."""
    if loss is softmax_cross_entropy:
        return np.eye(len(y))[:, [int(y.argmax())]]
    return np.clip(y, 0, 1) if loss.logits else y


# — the steps, derived once for a kind of network —


@dataclass(frozen=True)
class Script:
    """The formulas by name, the order in which they are gone through, where each phase begins."""

    formulas: dict[str, Formula]
    factors: dict[str, tuple]
    ways: dict[str, tuple]
    names: tuple
    phases: dict[str, int]


@lru_cache(maxsize=32)
def _script(sizes, activations, loss):
    derivation = derive(Network.letters(sizes, list(activations), loss))
    formulas = {step.symbol.name: _formula(step) for step in derivation}
    names = sorted(
        (name for name, f in formulas.items() if f.equation != "update"),
        key=lambda name: _order(formulas[name]),
    )
    phases = {}
    for k, name in zip(count(), names):
        phases.setdefault(PHASE[formulas[name].equation], k)
    return Script(
        formulas=formulas,
        factors={step.symbol.name: _factors(step.formula) for step in derivation},
        ways={p: tuple(s.symbol.name for s in derivation.of(p)) for p in parameters(sizes)},
        names=tuple(names),
        phases=phases | {"update": len(names)},
    )


def _order(formula):
    """Forward unit by unit, z before a; the rest stays in the order of the derivation."""
    phase = list(PHASES).index(PHASE[formula.equation])
    if phase:
        return (phase,)
    letter, layer, unit = Letter(formula.name).parts
    return phase, int(layer), int(*unit), letter != "z"


def _factors(formula):
    """The factors of a formula: each as MathML, in brackets where it is a sum, and as it is."""
    factors = formula.as_ordered_factors()
    alone = len(factors) == 1
    return tuple((mathml(_bracketed(f, f.is_Add and not alone)), f) for f in factors)


def _bracketed(formula, brackets):
    latex = typeset(formula)
    return rf"\left({latex}\right)" if brackets else latex


def _values(factors, numbers):
    """The number behind each factor."""
    return [
        float(factor.subs({letter: numbers[letter.name] for letter in factor.free_symbols}))
        for _, factor in factors
    ]


# — what is shown —


@dataclass(frozen=True)
class Upright(View):
    """A view whose picture stays at the top when the controls beside it grow."""

    def html(self):
        start = '<div class="bp-stage"'
        return super().html().replace(start, f'{start} style="align-items: start"', 1)


def _view(at, start):
    trace, grads, numbers = at.numbers()
    back = at.place >= at.script.phases["output deltas"]
    lit = {*at.formula.letters, at.name.removeprefix("dE_d").removeprefix("new_")}
    return Upright(
        picture=diagram(at.net, trace, at.y, grads if back else None, lit=lit, hide=at.hidden),
        controls=_controls(at, start, numbers),
        words=_words(at, numbers),
        text=f"{_card(at, numbers)}"
        f'<div class="bp-tables">{_product(at, numbers)}{_ledger(at, numbers)}</div>',
    )


def _words(at, numbers):
    name, value = written(at.name), numbers[at.name]
    said = f"Step {at.place + 1} of {len(at.script.names) + 1}, {at.phase}"
    if at.asked:
        first = "First decide: is" if at.urged else "Is"
        return f"{said}. {first} {name} negative, zero or positive? It is hidden until you say."
    if at.last:
        old = numbers[at.chosen]
        return (
            f"{said}: {written(at.chosen)} goes from {number(old, 6)} to {number(value, 6)}, and "
            f"all the others move too, at once. Take the next training step: will the loss be less "
            f"than {number(numbers['E'], 6)}?"
        )
    if at.formula.equation.startswith("BP"):
        said += f". {_verdict(at, numbers)}" if at.guessable else ": "
        return f"{said}{name} = {number(value, 6)} is {_sign(value)}: {_meaning(at.name, value)}."
    said += f": {name} = {number(value, 6)}, {at.formula.words}."
    if at.name == "E" and at.before is not None:
        said += f" One training step ago it was {number(at.before, 6)}."
    return said


def _sign(value):
    return SIGNS[int(np.sign(value))]


def _verdict(at, numbers):
    """Was the predicted sign right, and what makes the sign what it is?"""
    value, guess = numbers[at.name], at.said[at.name]
    values = _values(at.script.factors[at.name], numbers)
    minus = sum(factor < 0 for factor in values)
    if at.formula.equation == "BP3":
        why = f"it is the delta, which is {_sign(value)}"
    elif len(values) == 1:
        why = f"the {'sum' if at.formula.equation == 'BP2' else 'difference'} is {_sign(value)}"
    elif 0 in values:
        why = f"of its {len(values)} factors one is zero"
    else:
        why = f"of its {len(values)} factors {minus or 'none'} {'is' if minus < 2 else 'are'} "
        why += "negative" + (", and their signs cancel" if minus == 2 else "")
    right = guess == _sign(value)
    return f"Right, {why}. " if right else f"You said {guess}, but {why}. "


def _meaning(name, value):
    """What the sign of a delta or a gradient is good for."""
    if name.startswith("dE_d"):
        parameter = written(name.removeprefix("dE_d"))
        does = {-1: "will raise", 0: "will not move", 1: "will lower"}[int(np.sign(value))]
        return f"the update {does} {parameter}"
    does = {-1: "would lower", 0: "would not change", 1: "would raise"}[int(np.sign(value))]
    return f"a little more {written('z' + name.removeprefix('delta'))} {does} the loss"


def _card(at, numbers):
    """The formula that is lit: in words, as a chain of slopes, in letters, in numbers."""
    f = at.formula
    cells = [f.symbol, f.chain, f.formula, fill(f.template, numbers, _short)]
    cells = "".join(f"<td>{cell}</td>" for cell in cells)
    value = "?" if at.asked else number(numbers[f.name], 6)
    return (
        f'<table class="bp-chain" aria-label="The formula of this step" style="{LIT}"><tbody>'
        f'<tr><th scope="row">{f.equation}</th><td colspan="5">{f.words}</td></tr>'
        f'<tr class="step"><td></td>{cells}<td class="number">{value}</td></tr></tbody></table>'
    )


LIT = "font-size: 1.1em; border-left: 5px solid var(--chosen); padding-left: 0.7rem; "
LIT += "border-collapse: separate; border-spacing: 0"


def _product(at, numbers):
    """The gradient of the chosen parameter, factor by factor: symbols above numbers."""
    rows = ""
    for name in at.script.ways[at.chosen]:
        f, factors = at.script.formulas[name], at.script.factors[name]
        values = zip(factors, _values(factors, numbers), strict=True)
        figures = [_shown(at, {s.name for s in f.free_symbols}, v) for (_, f), v in values]
        result = "?" if name in at.hidden else _short(numbers[name])
        rows += f'<tr><th scope="row" rowspan="2">{f.equation}</th><td>{f.symbol}</td>'
        rows += f"{_times(symbol for symbol, _ in factors)}</tr>"
        rows += f"<tr><td><b>{result}</b></td>{_times(figures)}</tr>"
    caption = f"<caption>∂E/∂{written(at.chosen)}, factor by factor</caption>"
    return f"<table>{caption}<tbody>{rows}</tbody></table>"


def _times(factors):
    return f"<td>=</td><td>{'</td><td>·</td><td>'.join(factors)}</td>"


def _shown(at, names, value):
    """A factor's number, once everything in it is known."""
    if names & at.hidden:
        return "?"
    return f"({_short(value)})" if value < 0 else _short(value)


def _ledger(at, numbers):
    """What is known so far, by phase: every formula beside its number."""
    tables = dict.fromkeys(PHASES, "")
    updated = (name for name in at.script.formulas if name.startswith("new_"))
    for name in (*at.script.names, *updated):
        if name in at.hidden:
            continue
        f, lit = at.script.formulas[name], "chosen" if name == at.name else ""
        tables[PHASE[f.equation]] += (
            f'<tr data-name="{name}" class="{lit}"><td>{f.symbol}</td><td class="equals">=</td>'
            f'<td>{f.formula}</td><td class="number">{number(numbers[name], 6)}</td></tr>'
        )
    tables = "".join(
        f"<table><caption>{phase.capitalize()}</caption><tbody>{rows}</tbody></table>"
        for phase, rows in tables.items()
        if rows
    )
    summary = "<summary>What is known so far</summary>"
    style = "flex: 1 1 24rem"  # beside the product where there is room
    return (
        f'<details open="" style="{style}">{summary}<div class="bp-tables">{tables}</div></details>'
    )


# — controls —


def _controls(at, start, numbers):
    return _steps(at) + _weight(at, start, numbers) + _rest(at, start)


def _steps(at):
    n = len(at.script.names) + 1
    onward = button("again", "Next training step") if at.last else button("next", _next(at))
    moves = button("back", "Back") + onward
    moves += slider("step", "Step", at.place + 1, 1, n, 1, f"{at.place + 1}/{n}", "Step")
    moves += choice("goto", "Go to", {phase: phase for phase in at.script.phases}, at.phase)
    signs = {"shown": "shown at once", "first": "predict first"}
    moves += choice("predict", "Signs", signs, "first" if at.predict else "shown")
    if at.guessable:
        sure = at.said.get(at.name)
        buttons = "".join(_pressed(button("say", s, s), s == sure) for s in SIGNS.values())
        moves += group(f"I think {written(at.name)} is", buttons)
    return group(f"Training step {at.taken + 1}", moves)


def _next(at):
    names = (*at.script.names[at.place + 1 :], "")
    return f"Next: {written(names[0]) if names[0] else 'update'}"


def _pressed(html, pressed):
    state = "true" if pressed else "false"
    style = "box-shadow: inset 0 -3px var(--accent)" if pressed else ""
    return html.replace("<button", f'<button aria-pressed="{state}" style="{style}"', 1)


def _weight(at, start, numbers):
    reach = max(2.0, float(np.ceil(2 * np.abs(start.net.flat()).max())))
    look = choice("pick", "Look at", _options(start.net.sizes), at.chosen)
    look += _slider("value", at.chosen, numbers[at.chosen], -reach, reach)
    return group("Click on a weight, or choose one", look)


def _rest(at, start):
    """Example, functions and learning rate, folded away until somebody wants to change them."""
    net = at.net
    low = -_reach(start.y) if start.y.min() < 0 and not net.loss.logits else 0
    example = _sliders("x", at.x, -_reach(start.x), _reach(start.x))
    if net.loss is softmax_cross_entropy:
        example += _class(at.y)
    else:
        example += _sliders("y", at.y, low, 1 if net.loss.logits else _reach(start.y))
    names = list(_own(ACTIVATIONS, net.f.values()))
    functions = "".join(
        choice(f"f_{l}", f"Layer {l}", {name: name for name in names}, f.name)
        for l, f in net.f.items()
        if l < net.L or not net.loss.logits
    )
    losses = _own(LOSSES, [start.net.loss])
    if len(at.y) == 1:
        losses.pop(softmax_cross_entropy.name)
    losses = {name: name.replace("_", " ") for name in losses}
    functions += choice("loss", "Loss", losses, net.loss.name)
    learning = _slider("eta", "eta", at.eta, 0, max(5.0, 2 * start.eta), 0.05)
    learning += button("reset", "Start again")
    parts = group("Input and target", example) + group("Activations and loss", functions)
    parts += group("Learning rate", learning)
    summary = '<summary style="font-weight: 600; cursor: pointer">Change everything else</summary>'
    return f"<details>{summary}{parts}</details>"


def _class(y):
    """Softmax knows classes: the target is one of them, or as it was given."""
    classes = {str(k + 1): f"class {k + 1}" for k in range(len(y))}
    sure = str(int(y.argmax()) + 1) if y.max() == 1 else ""
    return choice("class", "Target", classes | ({} if sure else {"": "as given"}), sure)
