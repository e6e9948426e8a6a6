"""The stepper's controls: to move from step to step, to look at a weight, to change the rest."""

from backprop.diagram import written
from backprop.widgets.controls import button, choice, group, slider
from backprop.widgets.dials import eta_dial, example_dials, function_dials, parameter_dials
from backprop.widgets.stepper.words import SIGNS


def controls(at, start):
    return _steps(at) + parameter_dials(at, start) + _rest(at, start)


def _steps(at):
    n = len(at.script.names) + 1
    onward = button("again", "Next training step") if at.last else button("next", _next(at))
    moves = button("back", "Back") + onward
    moves += slider("step", "Step", at.place + 1, 1, n, 1, f"{at.place + 1}/{n}", "Step")
    moves += choice("goto", "Go to", {phase: phase for phase in at.script.phases}, at.phase)
    signs = {"shown": "shown at once", "first": "predict first"}
    moves += choice("predict", "Signs", signs, "first" if at.predict else "shown")
    return group(f"Training step {at.taken + 1}", moves + (_signs(at) if at.guessable else ""))


def _next(at):
    names = (*at.script.names[at.place + 1 :], "")
    return f"Next: {written(names[0]) if names[0] else 'update'}"


def _signs(at):
    sure = at.said.get(at.name)
    buttons = "".join(_pressed(button("say", s, s), s == sure) for s in SIGNS.values())
    return group(f"I think {written(at.name)} is", buttons)


def _pressed(html, pressed):
    state = "true" if pressed else "false"
    style = "box-shadow: inset 0 -3px var(--accent)" if pressed else ""
    return html.replace("<button", f'<button aria-pressed="{state}" style="{style}"', 1)


def _rest(at, start):
    """Example, functions and learning rate, folded away until somebody wants to change them."""
    learning = group("Learning rate", eta_dial(at, start) + button("reset", "Start again"))
    parts = example_dials(at, start) + function_dials(at, start) + learning
    summary = '<summary style="font-weight: 600; cursor: pointer">Change everything else</summary>'
    return f"<details>{summary}{parts}</details>"
