"""The controls of a setting; how far they reach follows from where the reader started."""

import numpy as np

from backprop.activations import ACTIVATIONS
from backprop.losses import LOSSES, softmax_cross_entropy
from backprop.widgets.controls import choice, group, letter_slider, letter_sliders, parameter_choice
from backprop.widgets.setting import with_own


def parameter_dials(at, start):
    """A list of all weights and biases, and a slider for the chosen one."""
    reach = max(2.0, float(np.ceil(2 * np.abs(start.net.flat()).max())))
    look = parameter_choice("pick", "Look at", at.net, at.chosen)
    look += letter_slider("value", at.chosen, at.numbers[at.chosen], -reach, reach)
    return group("Click on a weight, or choose one", look)


def example_dials(at, start):
    """Sliders for the inputs and the targets, which for softmax are a class."""
    inputs = letter_sliders("x", at.x, -_reach(start.x), _reach(start.x))
    if at.net.loss is softmax_cross_entropy:
        return group("Input and target", inputs + _classes(at.y))
    logits = at.net.loss.logits
    low = -_reach(start.y) if start.y.min() < 0 and not logits else 0
    high = 1 if logits else _reach(start.y)
    return group("Input and target", inputs + letter_sliders("y", at.y, low, high))


def _reach(values):
    return max(1.0, float(np.ceil(np.abs(values).max())))


def _classes(y):
    """The target is a class, or as it was given."""
    classes = {str(k): f"class {k}" for k in range(1, len(y) + 1)}
    sure = str(int(y.argmax()) + 1) if y.max() == 1 else ""
    return choice("class", "Target", classes | ({} if sure else {"": "as given"}), sure)


def function_dials(at, start):
    """Lists of activations, one a layer, and of losses."""
    net, names = at.net, {name: name for name in with_own(ACTIVATIONS, at.net.f.values())}
    chosen = [(l, f) for l, f in net.f.items() if l < net.L or not net.loss.logits]
    lists = "".join(choice(f"f_{l}", f"Layer {l}", names, f.name) for l, f in chosen)
    losses = {name: name.replace("_", " ") for name in with_own(LOSSES, [start.net.loss])}
    if len(at.y) == 1:
        losses.pop(softmax_cross_entropy.name)
    lists += choice("loss", "Loss", losses, net.loss.name)
    return group("Activations and loss", lists)


def eta_dial(at, start):
    return letter_slider("eta", "eta", at.eta, 0, max(5.0, 2 * start.eta), 0.05)
