"""One whole training step to play with: move a number, and every formula's number follows."""

from dataclasses import dataclass, replace

from backprop.diagram import diagram, number, written
from backprop.network import loss_of
from backprop.widgets.controls import button, group
from backprop.widgets.dials import eta_dial, example_dials, parameter_dials
from backprop.widgets.formulas import formulas_of, tables
from backprop.widgets.scene import Scene, View
from backprop.widgets.setting import Setting, parameter_of


def explore_step(net, x, y, eta=0.5, chosen=None):
    """One training step of a small network: picture, formulas and numbers that follow the hand.

    Sliders move the inputs, the targets, the learning rate and one weight or bias, `chosen` by a
    name such as "w1_2_1" or "b2_1", by a list or by a click; a button takes the step, as often as
    one likes. Raises ValueError for more than 60 parameters, for a batch of several examples, for
    a parameter that is not there, and for what does not fit the network.

    >>> from backprop import Network
    >>> net = Network([[[0.5, -1]]], [[0]], "sigmoid")
    >>> scene = explore_step(net, [1, 0.5], [1])
    >>> scene
    E = 0.125000, and 0.108067 after this step. ∂E/∂w⁽¹⁾₁₁ = −0.125000 is negative: \
the step raises w⁽¹⁾₁₁ from 0.500000 to 0.562500.
    >>> float(scene.move("value", 2).state.net.W[1][0, 0])
    2.0
    """
    start = Step.of(net, x, y, eta, chosen)
    return Scene(start, lambda step: _view(step, start), lambda *event: _react(start, *event))


@dataclass(frozen=True, eq=False)
class Step(Setting):
    """What the reader has set, and how many steps were taken before this one."""

    taken: int = 0


def _react(start, step, name, value):
    """The state after the control of that name was moved to `value`, or a part picked."""
    if name == "step":
        return replace(step, net=step.after, taken=step.taken + 1)
    if name == "reset":
        return replace(start, chosen=step.chosen)
    return step.looking_at(value) if name == "pick" else step.moved(name, value)


def _view(step, start):
    formulas = formulas_of(step.net)
    way = [formulas[name] for name in formulas[f"dE_d{step.chosen}"].way]
    lit = {step.chosen}.union(*(formula.letters for formula in way))
    return View(
        picture=diagram(step.net, step.trace, step.y, step.grads, lit=lit),
        controls=_controls(step, start),
        words=_words(step),
        text=_chain([*way, formulas[f"new_{step.chosen}"]], step) + _tables(formulas, step),
    )


def _words(step):
    name, numbers = written(step.chosen), step.numbers
    slope, old, new = (numbers[prefix + step.chosen] for prefix in ("dE_d", "", "new_"))
    loss_after = loss_of(step.after, step.x, step.y)
    told = f"E = {number(numbers['E'], 6)}, and {number(loss_after, 6)} after this step. "
    told += f"∂E/∂{name} = {number(slope, 6)}"
    if not slope:
        return f"{told}: the step leaves {name} as it is."
    sign, does = ("positive", "lowers") if slope > 0 else ("negative", "raises")
    change = f"{name} from {number(old, 6)} to {number(new, 6)}"
    return f"{told} is {sign}: the step {does} {change}."


def _controls(step, start):
    learning = eta_dial(step, start)
    learning += button("step", "Take the step") + button("reset", "Start again")
    times = f"{step.taken} step{'s' if step.taken != 1 else ''} taken"
    return (
        parameter_dials(step, start)
        + example_dials(step, start)
        + group(f"Learning rate · {times}", learning)
    )


def _chain(way, step):
    """The chain rule for one parameter, from the output back to it: symbols, then numbers."""
    rows = "".join(formula.explained(step.numbers) for formula in way)
    caption = f"<caption>The way back to {written(step.chosen)}</caption>"
    return f'<table class="bp-chain">{caption}<tbody>{rows}</tbody></table>'


PARTS = {
    "Forward": ("z", "a"),
    "Loss and deltas": ("E", "BP1", "BP2"),
    "Gradients and the step": ("BP4", "BP3"),
}


def _tables(formulas, step):
    """Every formula beside its number; after a gradient, what the step makes of the parameter."""
    rows = dict.fromkeys(PARTS, "")
    for caption, equations in PARTS.items():
        for formula in (f for f in formulas.values() if f.equation in equations):
            parameter = parameter_of(formula.name)
            new, more = formulas.get(f"new_{parameter}"), ""
            if new:
                more = f'<td>{new.symbol}</td><td class="number">'
                more += f"{number(step.numbers[new.name], 6)}</td>"
            rows[caption] += formula.row(step.numbers, parameter == step.chosen, more)
    summary = "<summary>Every formula and its number</summary>"
    return f'<details open="">{summary}{tables(rows)}</details>'
