"""Backpropagation: four equations, each an ordinary line of NumPy, and the pass that applies them.

    BP1  delta[L] = ∂E/∂a[L] ⊙ f′(z[L])
    BP2  delta[l] = W[l+1]ᵀ delta[l+1] ⊙ f′(z[l])
    BP3  ∂E/∂b[l] = delta[l], summed over the batch
    BP4  ∂E/∂W[l] = delta[l] a[l-1]ᵀ

Run on floats they give the numbers of a network, on letters the formulas of a slide.
"""

from backprop.inputs import number
from backprop.network import Gradients, frozen, target


def output_delta(loss, f, z, a, y):
    """BP1: the error signal of the output layer, ∂E/∂z = ∂E/∂a ⊙ f′(z), of shape (n_L, m).

    >>> from backprop import letters, sigmoid, squared_error
    >>> z, a, y = (letters(name, 1)[:, None] for name in "zay")
    >>> output_delta(squared_error, sigmoid, z, a, y)
    Letters([[a_1*(1 - a_1)*(a_1 - y_1)]])
    """
    return loss.slope(a, y) * f.slope(z, a)


def hidden_delta(W_next, delta_next, f, z, a):
    """BP2: the error signal of a hidden layer, Wᵀδ of the next layer ⊙ f′(z), of shape (n_l, m).

    >>> from backprop import letters, sigmoid
    >>> z, a = letters("z1", (2, 1)), letters("a1", 2)[:, None]
    >>> hidden_delta(letters("w2", (2, 2)), letters("delta2", 2)[:, None], sigmoid, z, a)[0]
    Letters([a1_1*(1 - a1_1)*(w2_1_1*delta2_1 + w2_2_1*delta2_2)])
    """
    return (W_next.T @ delta_next) * f.slope(z, a)


def bias_gradient(delta):
    """BP3: ∂E/∂b = δ summed over the examples of the batch, of shape (n_l, 1).

    >>> import numpy as np
    >>> bias_gradient(np.array([[1.0, 2.0], [0.0, -1.0]]))
    array([[ 3.],
           [-1.]])
    """
    return delta.sum(axis=1, keepdims=True)


def weight_gradient(delta, a_prev):
    """BP4: ∂E/∂W = δ aᵀ with a of the layer before, of shape (n_l, n_{l-1}).

    >>> import numpy as np
    >>> weight_gradient(np.array([[1.0], [0.0]]), np.array([[2.0], [3.0], [4.0]]))
    array([[2., 3., 4.],
           [0., 0., 0.]])
    """
    return delta @ a_prev.T


def backward(net, trace, y):
    """The backward pass: every delta and every gradient of E, the mean loss over the batch.

    `trace` is what `forward(net, x)` kept; y is the target, (n_L,) or (n_L, m). Raises ValueError
    where y does not fit the network's output or its loss, or the trace is another network's.

    >>> from backprop import Network, forward
    >>> net = Network.random([2, 3, 1], "tanh", seed=1)
    >>> grads = backward(net, forward(net, [1.0, 2.0]), [0.5])
    >>> grads.W[1].shape, grads.b[2].shape
    ((3, 2), (1, 1))
    """
    L, z, a, f = net.L, trace.z, trace.a, net.f
    _check_sizes("the trace", tuple(map(len, a.values())), net)
    y = target(net, y, a[L].shape[1])
    delta, dW, db = {}, {}, {}
    delta[L] = output_delta(net.loss, f[L], z[L], a[L], y)
    for l in range(L - 1, 0, -1):
        delta[l] = hidden_delta(net.W[l + 1], delta[l + 1], f[l], z[l], a[l])
    for l in range(1, L + 1):
        db[l] = bias_gradient(delta[l])
        dW[l] = weight_gradient(delta[l], a[l - 1])
    return Gradients(frozen(delta), frozen(dW), frozen(db))


def update(net, grads, eta):
    """Gradient descent: the network with W − η ∂E/∂W and b − η ∂E/∂b; the old one stays as it was.

    Backpropagation ends with the gradients; this step uses them. η (`eta`) is the learning rate.

    >>> from backprop import Network, forward, loss_of
    >>> net = Network([[[2.0]]], [[0.0]], "identity")
    >>> grads = backward(net, forward(net, [1.0]), [1.0])
    >>> update(net, grads, eta=0.5).W[1], float(loss_of(update(net, grads, eta=0.5), [1.0], [1.0]))
    (array([[1.5]]), 0.0)

    Raises ValueError for gradients of another network, ValueError or TypeError for an eta that is
    no finite number; a letter will do.
    """
    _check_sizes("the gradients", (grads.W[1].shape[1], *map(len, grads.W.values())), net)
    eta = number("eta", eta)
    return net.with_parameters(
        {l: W - eta * grads.W[l] for l, W in net.W.items()},
        {l: b - eta * grads.b[l] for l, b in net.b.items()},
    )


def _check_sizes(what, sizes, net):
    if sizes != net.sizes:
        mine, others = ("-".join(map(str, n)) for n in (net.sizes, sizes))
        raise ValueError(f"{what} came from a network {others}; this network is {mine}")
