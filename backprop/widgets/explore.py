"""One whole training step to play with: move a number, and every formula's number follows."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from backprop.derivation import derive
from backprop.diagram import diagram, named, number, written
from backprop.equations import backward, update
from backprop.letters import Letter
from backprop.network import Network, forward
from backprop.printing import typeset
from backprop.widgets.controls import button, choice, group, slider
from backprop.widgets.mathml import fill, mathml
from backprop.widgets.scene import Scene, View

MOST = 60  # parameters that can still be followed one by one


def explore_step(net, x, y, eta=0.5, chosen=None):
    """One training step of a small network: picture, formulas and numbers that follow the hand.

    Sliders move the inputs, the targets, the learning rate and one weight or bias, `chosen` by a
    name such as "w1_2_1" or "b2_1", by a list or by a click; a button takes the step, as often as
    one likes. Raises ValueError for more than 60 parameters, for a batch of several examples and
    for a parameter that is not there.

    >>> net = Network([[[0.5, -1]]], [[0]], "sigmoid")
    >>> scene = explore_step(net, [1, 0.5], [1])
    >>> scene
    E = 0.125000, and 0.108067 after this step. ∂E/∂w⁽¹⁾₁₁ = −0.125000 is negative: \
the step raises w⁽¹⁾₁₁ from 0.500000 to 0.562500.
    >>> float(scene.move("value", 2).state.net.W[1][0, 0])
    2.0
    """
    names = parameters(net.sizes) if net.n_parameters <= MOST else ()
    if not names:
        raise ValueError(
            f"{net} has {net.n_parameters} parameters, too many to follow one by one: "
            f"take a network of at most {MOST}"
        )
    chosen = chosen or names[0]
    if chosen not in names:
        raise ValueError(f"{net} has no parameter {chosen!r}; it has {', '.join(names)}")
    start = Step(net, _column(x), _column(y), float(eta), chosen)
    return Scene(start, lambda step: _view(step, start), lambda *event: _react(start, *event))


@dataclass(frozen=True, eq=False)
class Step:
    """What the reader has set: the network, one example, the learning rate, and what to look at."""

    net: Network
    x: np.ndarray
    y: np.ndarray
    eta: float
    chosen: str
    taken: int = 0

    def after(self):
        return update(self.net, backward(self.net, forward(self.net, self.x), self.y), self.eta)


def _column(values):
    column = np.array(values, dtype=float)
    column = column.reshape(-1, 1) if column.ndim < 2 else column
    if column.shape[1] != 1:
        raise ValueError(
            f"explore_step follows one example and was given {column.shape[1]}: "
            f"give one column of x and of y, x[:, k] and y[:, k]"
        )
    return column


@lru_cache
def parameters(sizes):
    """The names of all weights and biases, in the order of `Network.flat`."""
    return tuple(letter.name for letter in Network.letters(sizes, "identity").flat().entries)


def _react(start, step, name, value):
    """The state after the control of that name was moved to `value`, or a part picked."""
    names = parameters(step.net.sizes)
    if name == "step":
        return replace(step, net=step.after(), taken=step.taken + 1)
    if name == "reset":
        return replace(start, chosen=step.chosen)
    if name == "pick":
        value = value.removeprefix("dE_d").removeprefix("new_")
        return replace(step, chosen=value) if value in names else step
    if name == "eta":
        return replace(step, eta=float(value))
    if name == "value":
        flat = step.net.flat()
        flat[names.index(step.chosen)] = float(value)
        return replace(step, net=step.net.with_flat(flat))
    letter, index = name.split("_")
    moved = getattr(step, letter).copy()
    moved[int(index) - 1] = float(value)
    return replace(step, **{letter: moved})


def _view(step, start):
    net, trace, after = step.net, forward(step.net, step.x), step.after()
    grads = backward(net, trace, step.y)
    numbers = named(net, trace, step.y, grads) | {"eta": step.eta}
    numbers |= {f"new_{name}": value for name, value in named(after).items()}
    loss_after = net.loss.value(forward(after, step.x).output, step.y)
    formulas = _formulas(net.sizes, tuple(net.f.values()), net.loss)
    way = [formulas[name] for name in formulas[f"dE_d{step.chosen}"].way]
    lit = {step.chosen}.union(*(formula.letters for formula in way))
    return View(
        picture=diagram(net, trace, step.y, grads, lit=lit),
        controls=_controls(step, start, numbers),
        words=_words(step.chosen, numbers, loss_after),
        text=_chain([*way, formulas[f"new_{step.chosen}"]], step.chosen, numbers)
        + _tables(formulas, step.chosen, numbers),
    )


def _words(chosen, numbers, loss_after):
    slope, old, new = (numbers[prefix + chosen] for prefix in ("dE_d", "", "new_"))
    told = f"E = {number(numbers['E'], 6)}, and {number(loss_after, 6)} after this step. "
    told += f"∂E/∂{written(chosen)} = {number(slope, 6)}"
    if not slope:
        return f"{told}: the step leaves {written(chosen)} as it is."
    sign, does = ("positive", "lowers") if slope > 0 else ("negative", "raises")
    change = f"{written(chosen)} from {number(old, 6)} to {number(new, 6)}"
    return f"{told} is {sign}: the step {does} {change}."


# — controls —


def _controls(step, start, numbers):
    reach = max(2.0, float(np.ceil(2 * np.abs(start.net.flat()).max())))
    look = choice("pick", "Look at", _options(start.net.sizes), step.chosen)
    look += _slider("value", step.chosen, numbers[step.chosen], -reach, reach)
    example = _sliders("x", step.x, -_reach(start.x), _reach(start.x))
    low = -_reach(start.y) if start.y.min() < 0 else 0
    example += _sliders("y", step.y, low, _reach(start.y))
    learning = _slider("eta", "eta", step.eta, 0, max(5.0, 2 * start.eta), 0.05)
    learning += button("step", "Take the step") + button("reset", "Start again")
    times = f"{step.taken} step{'s' if step.taken != 1 else ''} taken"
    return (
        group("Click on a weight, or choose one", look)
        + group("Input and target", example)
        + group(f"Learning rate · {times}", learning)
    )


@lru_cache
def _options(sizes):
    """What can be looked at: {"into the output": {"w1_1_1": "w⁽¹⁾₁₁ x₁ → a⁽¹⁾₁", ...}, ...}."""
    options = {}
    for name in parameters(sizes):
        _, layer, (j, *i) = Letter(name).parts
        l = int(layer)
        before = "".join(written(f"a{l - 1}_{k}" if l > 1 else f"x_{k}") for k in i) or "bias"
        into = "into the output" if l == len(sizes) - 1 else f"into hidden layer {l}"
        text = f"{written(name)}\N{EM SPACE}{before} → {written(f'a{l}_{j}')}"
        options.setdefault(into, {})[name] = text
    return options


def _reach(values):
    return max(1.0, float(np.ceil(np.abs(values).max())))


def _sliders(letter, values, low, high):
    names = [f"{letter}_{k + 1}" for k in range(len(values))]
    return "".join(
        _slider(name, name, value, low, high)
        for name, value in zip(names, values[:, 0], strict=True)
    )


@lru_cache
def _label(name):
    return mathml(typeset(Letter(name)))


def _slider(control, name, value, low, high, by=0.01):
    return slider(control, _label(name), float(value), low, high, by, number(value), written(name))


# — formulas: derived once for a kind of network, filled with numbers at every move —


@dataclass(frozen=True)
class Formula:
    """A step of the derivation in MathML: symbol = chain rule = formula = formula with numbers."""

    name: str
    symbol: str
    chain: str
    formula: str
    template: str
    equation: str
    words: str
    letters: frozenset
    way: tuple = ()


@lru_cache(maxsize=32)
def _formulas(sizes, activations, loss):
    derivation = derive(Network.letters(sizes, list(activations), loss))
    formulas = {step.symbol.name: _formula(step) for step in derivation}
    for name in parameters(sizes):
        way = tuple(step.symbol.name for step in derivation.of(name))
        formulas[f"dE_d{name}"] = replace(formulas[f"dE_d{name}"], way=way)
    return formulas


def _formula(step):
    letters = step.formula.free_symbols
    places = {letter: f"@{letter.name}@" for letter in letters}
    return Formula(
        name=step.symbol.name,
        symbol=mathml(typeset(step.symbol)),
        chain=mathml(step.chain) if step.chain else "",
        formula=mathml(typeset(step.formula)),
        template=mathml(typeset(step.formula, symbol_names=places, mul_symbol="dot")),
        equation=step.equation,
        words=step.words,
        letters=frozenset(letter.name for letter in (step.symbol, *letters)),
    )


def _chain(way, chosen, numbers):
    """The chain rule for one parameter, from the output back to it: symbols, then numbers."""
    rows = ""
    for f in way:
        parts = [f.symbol, f.chain, f.formula, fill(f.template, numbers, _short)]
        cells = "".join(f"<td>{part}</td>" for part in parts)
        cells += f'<td class="number">{number(numbers[f.name], 6)}</td>'
        rows += f'<tr><th scope="row">{f.equation}</th><td colspan="4">{f.words}</td></tr>'
        rows += f'<tr class="step"><td></td>{cells}</tr>'
    caption = f"<caption>The way back to {written(chosen)}</caption>"
    return f'<table class="bp-chain">{caption}<tbody>{rows}</tbody></table>'


def _short(value):
    return number(value, 4)


PARTS = {
    "Forward": ("z", "a"),
    "Loss and deltas": ("E", "BP1", "BP2"),
    "Gradients and the step": ("BP4", "BP3"),
}


def _tables(formulas, chosen, numbers):
    """Every formula beside its number; after a gradient, what the step makes of the parameter."""
    tables = ""
    for caption, equations in PARTS.items():
        rows = ""
        for f in (f for f in formulas.values() if f.equation in equations):
            parameter = f.name.removeprefix("dE_d")
            new = numbers.get(f"new_{parameter}")
            rows += f'<tr data-name="{f.name}" class="{"chosen" if parameter == chosen else ""}">'
            rows += f'<td>{f.symbol}</td><td class="equals">=</td><td>{f.formula}</td>'
            rows += f'<td class="number">{number(numbers[f.name], 6)}</td>'
            if new is not None:
                rows += f"<td>{formulas[f'new_{parameter}'].symbol}</td>"
                rows += f'<td class="number">{number(new, 6)}</td>'
            rows += "</tr>"
        tables += f"<table><caption>{caption}</caption><tbody>{rows}</tbody></table>"
    summary = "<summary>Every formula and its number</summary>"
    return f'<details open="">{summary}<div class="bp-tables">{tables}</div></details>'
