"""One training step of a tiny network on one example: generated plain Python beside others.

Forward, backward and update of 2-2-1, one example, one call a step, each step from the weights
that the step before has left. Before anything is timed, all must have the same weights after a
few steps. The peers are used as their manuals say:

- jax: one jitted function for gradient and update, dispatched inline (which is faster here than
  through JAX's own thread), in three forms: parameters as a list of arrays, or as one vector, or
  as one vector that is donated. The fastest counts. In float64, as Python's floats.
- micrograd: its own MLP, ReLU and then linear, which it was made for; squared error.
- equations: forward, backward and update of the course.
"""

from functools import partial

import measure
import numpy as np

from backprop import Network, backward, forward, update
from backprop.generated import scalar_step

X, Y, ETA, STEPS = [0.5, -1.0], [0.3], 0.1, 5


def with_scalar_step(net):
    step, parameters = scalar_step(net), net.flat().tolist()

    def run():
        nonlocal parameters
        parameters = step(parameters, X, Y, ETA)

    return run, lambda: parameters


def with_equations(net):
    x, y = np.array(X), np.array(Y)

    def run():
        nonlocal net
        net = update(net, backward(net, forward(net, x), y), ETA)

    return run, lambda: net.flat()


def with_jax(net, form):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    f = {"sigmoid": jax.nn.sigmoid, "relu": jax.nn.relu, "identity": lambda z: z}
    functions = [f[activation.name] for activation in net.f.values()]
    x, y = jnp.asarray(X), jnp.asarray(Y)

    def unflatten(vector):
        if form == "list":
            return vector
        ends = np.cumsum([part.size for l in net.W for part in (net.W[l], net.b[l])])[:-1]
        parts = jnp.split(vector, ends)
        shapes = [net.W[l].shape for l in net.W]
        return [(W.reshape(n), b) for W, b, n in zip(parts[::2], parts[1::2], shapes, strict=True)]

    def loss(parameters, x, y):
        a = x
        for (W, b), function in zip(unflatten(parameters), functions, strict=True):
            a = function(W @ a + b)
        return jnp.sum((a - y) ** 2) / 2

    @partial(jax.jit, donate_argnums=0 if form == "donated vector" else ())
    def descend(parameters, x, y):
        gradient = jax.grad(loss)(parameters, x, y)
        return jax.tree.map(lambda p, g: p - ETA * g, parameters, gradient)

    if form == "list":
        parameters = [(jnp.asarray(net.W[l]), jnp.asarray(net.b[l][:, 0])) for l in net.W]
    else:
        parameters = jnp.asarray(net.flat())

    def run():
        nonlocal parameters
        parameters = jax.block_until_ready(descend(parameters, x, y))

    return run, lambda: np.concatenate([np.ravel(p) for p in jax.tree.leaves(parameters)])


def with_micrograd(net):
    from micrograd.nn import MLP

    model = MLP(net.sizes[0], list(net.sizes[1:]))
    for layer, l in zip(model.layers, net.W, strict=True):
        for neuron, w, b in zip(layer.neurons, net.W[l], net.b[l][:, 0], strict=True):
            neuron.b.data = float(b)
            for weight, value in zip(neuron.w, w, strict=True):
                weight.data = float(value)
    (y,) = Y

    def run():
        loss = (model(X) - y) ** 2 * 0.5
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= ETA * p.grad

    def weights():
        layers = [layer.neurons for layer in model.layers]
        parts = [[w for n in layer for w in n.w] + [n.b for n in layer] for layer in layers]
        return [p.data for part in parts for p in part]

    return run, weights


def start(activations):
    net = Network.random([2, 2, 1], activations, seed=1)
    return net.with_flat(net.flat() + 0.5)  # no ReLU that is off, which would spare work


def rows(quick):
    own = {"scalar step": with_scalar_step, "equations": with_equations}
    forms = ("list", "vector", "donated vector")
    jax = {f"jax, {form}": partial(with_jax, form=form) for form in forms}
    jax = jax if measure.peer("jax") else {}
    micrograd = {"micrograd": with_micrograd} if measure.peer("micrograd") else {}
    for activations, peers in (
        (["sigmoid", "sigmoid"], jax),
        (["relu", "identity"], jax | micrograd),
    ):
        net, ways = start(activations), own | peers
        check(net, ways)
        tasks = {name: make(net)[0] for name, make in ways.items()}
        times = measure.interleave(tasks, rounds=300, budget_seconds=2 if quick else 12)
        fastest = min((name for name in jax), key=times.get, default=None)
        for name in ways:
            ratio = times.ratio("scalar step", name)
            aim = 0.2 if name == fastest else 1 / 30 if name == "micrograd" else None
            verdict = "" if aim is None else "met" if ratio <= aim else "missed"
            yield {
                "network": "2-2-1 " + ", ".join(activations),
                "way": name,
                "us": times[name] * 1e6,
                "scalar step/way": ratio,
                "aim": aim,
                "": verdict,
            }


def check(net, ways):
    """Do all take the same steps? Raises AssertionError where weights differ."""
    results = {}
    for name, make in ways.items():
        step, weights = make(net)
        for _ in range(STEPS):
            step()
        results[name] = np.asarray(weights(), float)
    for name, result in results.items():
        off = np.abs(result - results["equations"]).max()
        assert off < 1e-12, f"{name}'s weights are off by {off:.1e}"


if __name__ == "__main__":
    chosen = measure.options(__doc__.splitlines()[0])
    measure.report(list(rows(chosen.quick)), measure.environment("jax", "micrograd"), chosen.json)
