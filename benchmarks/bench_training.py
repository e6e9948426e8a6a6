"""One SGD step of the training loop against the same step elsewhere, one call a step.

The task is a classifier's, the same everywhere: hidden layers of sigmoids, cross-entropy on logits
(softmax; binary where there is one output), plain gradient descent at η = 0.1, always the same
batch. Before anything is timed, every peer starts from the same weights and takes the same steps,
and its weights must agree. The peers are used as their manuals say:

- limit: the step's matrix products alone, in NumPy, into arrays made before;
- equations: forward, backward and update of the course, which check what they are given;
- jax: one jitted function for gradient and update, its arguments donated, dispatched inline (which
  is faster here than through JAX's own thread);
- torch: nn.Sequential and optim.SGD, eager;
- sklearn: MLPClassifier.fit, one epoch over many copies of the batch, divided by their number. It
  also computes the loss.

`--json` prints the figures; a peer that is not installed is reported as missing.
"""

import warnings
from functools import partial

import measure
import numpy as np

from backprop import Network, backward, forward, update
from backprop.training import Loop

ETA = 0.1
STEPS = 5  # taken before the weights are compared

# What the loop aims at: its time as a multiple of the other's. "equations" is the other way round:
# the readable equations are to take at most 2.5 times as long as the loop.
TINY, SMALL = ((2, 2, 1), 4), ((64, 32, 10), 32)
MEDIUM, LARGE = ((784, 128, 64, 10), 64), ((784, 512, 512, 10), 256)
READABLE = {"equations": 1 / 2.5}


def all_peers(aim):
    return {"jax": aim, "torch": aim, "sklearn": aim}


AIMS = {
    (TINY, "float32"): READABLE | {"jax": 0.8},
    (TINY, "float64"): READABLE | {"jax": 0.8},
    (SMALL, "float32"): READABLE | {"limit": 3.8, "jax": 0.7, "torch": 0.1, "sklearn": 0.25},
    (SMALL, "float64"): READABLE,
    (MEDIUM, "float32"): READABLE | {"limit": 1.35} | all_peers(1.15),
    (MEDIUM, "float64"): READABLE | {"limit": 1.35} | all_peers(0.9),
    (LARGE, "float32"): READABLE | {"limit": 1.25} | all_peers(1.25),
    (LARGE, "float64"): READABLE | {"limit": 1.25} | all_peers(1.25),
}


def start(sizes, m, dtype):
    """The network that all start from, and the batch: x and y in columns, labels as numbers."""
    rng = np.random.default_rng(0)
    names = [*["sigmoid"] * (len(sizes) - 2), "identity"]
    loss = "softmax_cross_entropy" if sizes[-1] > 1 else "binary_cross_entropy"
    net = Network.random(sizes, names, loss, seed=1, dtype=dtype)
    rows = rng.standard_normal((m, sizes[0])).astype(dtype)
    labels = rng.permutation(np.arange(m) % max(sizes[-1], 2))
    y = np.eye(sizes[-1])[labels].T if sizes[-1] > 1 else labels[None]
    return net, rows.T, np.ascontiguousarray(y, dtype), labels


# — the same step in each: a callable, how many steps a call of it takes, and the weights so far —


def with_loop(net, x, y, labels):
    loop = Loop(net, ETA)
    return partial(loop.step, x, y), 1, lambda: loop.network.flat()


def with_equations(net, x, y, labels):
    current = net

    def step():
        nonlocal current
        current = update(current, backward(current, forward(current, x), y), ETA)

    return step, 1, lambda: current.flat()


def with_limit(net, x, y, labels):
    a = {l: np.ones((n, x.shape[1]), net.dtype) for l, n in enumerate(net.sizes)}
    W = {l: W.copy() for l, W in net.W.items()}
    L, products = net.L, []
    for l in range(1, L + 1):
        products.append(partial(W[l].dot, a[l - 1], np.empty_like(a[l])))
    for l in range(L, 0, -1):
        products.append(partial(a[l].dot, a[l - 1].T, np.empty_like(W[l])))
        if l > 1:
            products.append(partial(W[l].T.dot, a[l], np.empty_like(a[l - 1])))

    def step():
        for product in products:
            product()

    return step, 1, None


def with_jax(net, x, y, labels):
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    rows, targets = jnp.asarray(x.T), jnp.asarray(y.T)

    def loss(parameters, rows, targets):
        *hidden, (W, b) = parameters
        a = rows
        for V, c in hidden:
            a = jax.nn.sigmoid(a @ V + c)
        z = a @ W + b
        if targets.shape[1] > 1:
            return -jnp.mean(jnp.sum(targets * jax.nn.log_softmax(z), axis=1))
        return jnp.mean(jax.nn.softplus(z) - targets * z)

    @partial(jax.jit, donate_argnums=0)
    def descend(parameters, rows, targets):
        gradients = jax.grad(loss)(parameters, rows, targets)
        return jax.tree.map(lambda p, g: p - ETA * g, parameters, gradients)

    parameters = [(jnp.asarray(net.W[l].T), jnp.asarray(net.b[l][:, 0])) for l in net.W]

    def step():
        nonlocal parameters
        parameters = jax.block_until_ready(descend(parameters, rows, targets))

    return step, 1, lambda: flat((np.asarray(W).T, np.asarray(b)) for W, b in parameters)


def with_torch(net, x, y, labels):
    import torch

    torch.set_num_threads(1)
    layers = []
    for l in net.W:
        n, n_in = net.W[l].shape
        layer = torch.nn.Linear(n_in, n, dtype=getattr(torch, str(net.dtype)))
        with torch.no_grad():
            layer.weight.copy_(torch.tensor(net.W[l]))
            layer.bias.copy_(torch.tensor(net.b[l][:, 0]))
        layers += [layer, torch.nn.Sigmoid()]
    model = torch.nn.Sequential(*layers[:-1])
    if len(y) > 1:
        loss, targets = torch.nn.CrossEntropyLoss(), torch.tensor(labels)
    else:
        loss, targets = torch.nn.BCEWithLogitsLoss(), torch.tensor(y.T)
    rows = torch.tensor(x.T)
    optimiser = torch.optim.SGD(model.parameters(), lr=ETA)

    def step():
        optimiser.zero_grad()
        loss(model(rows), targets).backward()
        optimiser.step()

    def weights():
        return flat((p.weight.detach().numpy(), p.bias.detach().numpy()) for p in layers[::2])

    return step, 1, weights


def with_sklearn(net, x, y, labels):
    from sklearn.neural_network import MLPClassifier

    m, copies = x.shape[1], 200 if net.n_parameters < 10_000 else 10
    model = MLPClassifier(
        net.sizes[1:-1],
        activation="logistic",
        solver="sgd",
        alpha=0,
        batch_size=m,
        learning_rate_init=ETA,
        momentum=0,
        nesterovs_momentum=False,
        max_iter=1,
        shuffle=False,
        warm_start=True,
    )
    rows, many = np.tile(x.T, (copies, 1)), np.tile(labels, copies)
    model.partial_fit(rows[:m], labels, classes=np.unique(labels))
    model.coefs_ = [net.W[l].T.copy() for l in net.W]
    model.intercepts_ = [net.b[l][:, 0].copy() for l in net.W]

    def weights():
        return flat((W.T, b) for W, b in zip(model.coefs_, model.intercepts_, strict=True))

    return partial(model.fit, rows, many), copies, weights


def flat(layers):
    return np.concatenate([np.ravel(part) for layer in layers for part in layer])


WAYS = {
    "loop": (with_loop, None),
    "equations": (with_equations, None),
    "limit": (with_limit, None),
    "jax": (with_jax, "jax"),
    "torch": (with_torch, "torch"),
    "sklearn": (with_sklearn, "sklearn"),
}


def check(ways, begin, dtype):
    """Do all take the same steps? Raises AssertionError where weights differ."""
    tolerance = {"float32": 1e-5, "float64": 1e-12}[dtype]
    for name, make in ways.items():
        step, per_call, weights = make(*begin)
        if weights is None:
            continue
        for _ in range(max(1, STEPS // per_call)):
            step()
        loop, _, expected = with_loop(*begin)
        for _ in range(max(STEPS, per_call)):
            loop()
        off = float(np.abs(weights() - expected()).max() / np.abs(expected()).max())
        assert off < tolerance, f"{name}'s weights are off by {off:.1e} in {dtype}"


def rows(quick):
    """A row for each network, dtype and way: its time, and the loop's as a multiple of it."""
    ways = {
        name: make
        for name, (make, module) in WAYS.items()
        if module is None or measure.peer(module)
    }
    for ((sizes, m), dtype), aims in AIMS.items():
        begin = start(sizes, m, dtype)
        check(ways, begin, dtype)
        made = {name: make(*begin) for name, make in ways.items()}
        times = measure.interleave(
            {name: step for name, (step, _, _) in made.items()},
            rounds=300,
            budget_seconds=1 if quick else 10,
        )
        for name in WAYS:
            row = {"network": "-".join(map(str, sizes)), "batch": m, "dtype": dtype, "way": name}
            if name not in made:
                yield row | {"us": None, "loop/way": None, "aim": None, "": "not installed"}
                continue
            steps, aim = made[name][1], aims.get(name)
            ratio = times.ratio("loop", name) * steps
            met = aim is None or (ratio >= aim if name == "equations" else ratio <= aim)
            verdict = None if aim is None else "met" if met else "missed"
            us = times[name] / steps * 1e6
            yield row | {"us": us, "loop/way": ratio, "aim": aim, "": verdict}


if __name__ == "__main__":
    chosen = measure.options(__doc__.splitlines()[0])
    warnings.simplefilter("ignore")  # scikit-learn says after each epoch that it has not converged
    setting = measure.environment("jax", "torch", "sklearn")
    measure.report(list(rows(chosen.quick)), setting, chosen.json)
