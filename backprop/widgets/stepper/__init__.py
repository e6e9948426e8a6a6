"""One training step, one formula at a time: forward, loss, deltas, gradients, update."""

from backprop.widgets.scene import Scene
from backprop.widgets.stepper.place import At, react
from backprop.widgets.stepper.show import view

__all__ = ["step_through"]


def step_through(net, x, y, eta=0.5):
    """One training step of a small network to go through, one formula at a time.

    Buttons, a slider and a list of phases move from the first weighted sum to the update; what is
    not computed yet is a question mark. A weight is picked by a click or from a list: its gradient
    stands below as the product of its factors, symbols above numbers. One can ask to predict the
    sign of each delta and gradient before it is shown. Every number, activation and loss can be
    changed. Raises ValueError for more than 60 parameters, for a batch of several examples, and
    for what does not fit the network.

    >>> from backprop import Network
    >>> scene = step_through(Network([[[0.5, -1]]], [[0]], "sigmoid"), [1, 0.5], [1])
    >>> scene
    Step 1 of 8, forward pass: z⁽¹⁾₁ = 0.000000, the weighted sum into unit 1 of layer 1.
    >>> scene.move("goto", "output deltas")
    Step 4 of 8, output deltas: δ⁽¹⁾₁ = −0.125000 is negative: a little more z⁽¹⁾₁ would lower \
the loss.
    """
    start = At.of(net, x, y, eta)
    return Scene(start, lambda at: view(at, start), lambda *event: react(start, *event))
