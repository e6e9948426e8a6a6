"""What is said at each step of a training step, and of what the reader predicted."""

import numpy as np

from backprop.diagram import number, written
from backprop.widgets.setting import parameter_of

SIGNS = {-1: "negative", 0: "zero", 1: "positive"}


def words(at):
    name, value = written(at.name), number(at.value, 6)
    told = f"Step {at.place + 1} of {len(at.script.names) + 1}, {at.phase}"
    if at.asked:
        first = "First decide: is" if at.urged else "Is"
        return f"{told}. {first} {name} negative, zero or positive? It is hidden until you say."
    if at.last:
        return f"{told}: {_update(at)}"
    if at.formula.equation.startswith("BP"):
        told += f". {_verdict(at)} " if at.guessable else ": "
        return f"{told}{name} = {value} is {_sign(at.value)}: {_meaning(at)}."
    told += f": {name} = {value}, {at.formula.words}."
    if at.name == "E" and at.before is not None:
        told += f" One training step ago it was {number(at.before, 6)}."
    return told


def _update(at):
    old, new, E = (number(at.numbers[name], 6) for name in (at.chosen, at.name, "E"))
    return (
        f"{written(at.chosen)} goes from {old} to {new}, and all the others move too, at once. "
        f"Take the next training step: will the loss be less than {E}?"
    )


def _sign(value):
    return SIGNS[int(np.sign(value))]


def _verdict(at):
    """Was the predicted sign right, and what makes the sign what it is?"""
    guess, why = at.said[at.name], _why(at)
    return f"Right, {why}." if guess == _sign(at.value) else f"You said {guess}, but {why}."


def _why(at):
    factors = [factor.value(at.numbers) for factor in at.formula.factors]
    minus = sum(factor < 0 for factor in factors)
    if at.formula.equation == "BP3":
        return f"it is the delta, which is {_sign(at.value)}"
    if len(factors) == 1:
        what = "sum" if at.formula.equation == "BP2" else "difference"
        return f"the {what} is {_sign(at.value)}"
    if 0 in factors:
        return f"of its {len(factors)} factors one is zero"
    cancel = ", and their signs cancel" if minus == 2 else ""
    are = "is" if minus < 2 else "are"
    return f"of its {len(factors)} factors {minus or 'none'} {are} negative{cancel}"


def _meaning(at):
    """What the sign of a delta or a gradient is good for."""
    sign = int(np.sign(at.value))
    if at.phase == "gradients":
        does = {-1: "will raise", 0: "will not move", 1: "will lower"}[sign]
        return f"the update {does} {written(parameter_of(at.name))}"
    does = {-1: "would lower", 0: "would not change", 1: "would raise"}[sign]
    return f"a little more {written('z' + at.name.removeprefix('delta'))} {does} the loss"
