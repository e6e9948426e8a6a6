"""One picture of a network: its numbers and its signals, as an SVG that says them in words too.

Forward values live in circles, what flows back wears a diamond. Sign is told three times, by colour
(blue +, orange −), by line (solid +, dashed −) and in the label; a thick edge has a large weight.
"""

from backprop.diagram.drawing import Drawing, Picture
from backprop.diagram.labels import named, number, typeset, written

__all__ = ["Picture", "diagram", "named", "number", "typeset", "written"]


def diagram(net, trace=None, y=None, grads=None, *, lit=(), hide=(), title=None):
    """The network as a picture, an SVG string that shows itself; its `alt` says it in words.

    Without a trace: weights and biases, or their letters. With `trace = forward(net, x)`, x being
    one example: its values, in circles. With the target y: the loss. With `grads = backward(net,
    trace, y)`: deltas and gradients, beside diamonds. The same numbers give the same string.

    `lit` and `hide` are names such as "w2_1_1", "a1_2", "delta2_1", "dE_dw2_1_1" or "E": what is
    lit has a halo, what is hidden is a question mark. Layers of more than 5 units and networks of
    more than 5 layers are summarised. Raises ValueError for a batch of several examples and for a
    target without a trace.

    >>> from backprop import Network, forward
    >>> net = Network([[[0.5, -1]]], [[0]], "tanh")
    >>> print(diagram(net, forward(net, [1, 0.2])).alt)
    2-1 network. Input: x₁ = 1.000, x₂ = 0.200. Output, tanh: a⁽¹⁾₁ = 0.291, z⁽¹⁾₁ = 0.300,
    b⁽¹⁾₁ = 0.000. Weights: w⁽¹⁾₁₁ = +0.500, w⁽¹⁾₁₂ = −1.000.
    """
    if trace is not None and trace.a[0].shape[1] != 1:
        raise ValueError(
            f"the picture shows one example and the trace holds {trace.a[0].shape[1]}: "
            f"draw forward(net, x[:, k])"
        )
    if trace is None and (y is not None or grads is not None):
        raise ValueError("targets and gradients belong to an example: give forward(net, x) too")
    return Drawing(net, trace, y, grads, lit, hide).picture(title)
