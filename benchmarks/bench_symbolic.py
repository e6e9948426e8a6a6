"""Derivations and the code made of them, beside JAX's tracing and naive symbolic differentiation.

- matrix form: `matrix_form` beside `jax.make_jaxpr(jax.grad(loss))`, the same network and loss,
  both again and again in one process. JAX keeps what it knows of its own functions, SymPy what it
  knows of expressions; a row more clears SymPy's cache before each call.
- generated function: `gradient_function(net)` beside the course's forward and backward pass.
- neuron by neuron: operations of both passes for each parameter; how the time of `derive`, and of
  deriving and compiling with `scalar_step`, grows with the parameters, SymPy's cache cleared
  before each call: the slope of a line through all sizes, log to log.
- naive: `sympy.diff` of the written-out loss by each parameter, then `sympy.lambdify`, for 4-8-4-2;
  once, for it takes more than a minute.

`--json` prints the figures, `--quick` leaves the naive way out.
"""

import time
from functools import partial

import measure
import numpy as np
import sympy
from sympy.core.cache import clear_cache

from backprop import Network, backward, forward, letters
from backprop.derivation import derive
from backprop.generated import gradient_function, scalar_step
from backprop.matrixform import matrix_form
from backprop.proof import written_out

SIZES = ((2, 2, 1), (4, 4, 2), (4, 8, 4, 2), (16, 8, 4), (16, 16, 8), (32, 16, 10), (64, 32, 10))
NAIVE = (4, 8, 4, 2)


def row(what, figure, aim, unit="× as long"):
    verdict = "" if aim is None else "met" if figure <= aim else "missed"
    return {"what": what, "figure": float(figure), "unit": unit, "aim": aim, "": verdict}


def cold(task):
    """The task with SymPy's cache cleared before it."""

    def run():
        clear_cache()
        return task()

    return run


def matrix_forms(seconds):
    small, large = (Network.random(sizes, "sigmoid") for sizes in ((2, 2, 1), (784, 128, 10)))
    tasks = {
        "2-2-1": partial(matrix_form, small),
        "784-128-10": partial(matrix_form, large),
        "2-2-1, cache cleared": cold(partial(matrix_form, small)),
    }
    if measure.peer("jax"):
        tasks |= {"jax 2-2-1": traced(small), "jax 784-128-10": traced(large)}
    times = measure.interleave(tasks, budget_seconds=seconds)
    for name in tasks:
        if measure.peer("jax") and not name.startswith("jax"):
            size = name.split(",")[0]
            ratio = times.ratio(name, f"jax {size}")
            yield row(f"matrix form of {name} / jax.make_jaxpr(grad)", ratio, 1.2)
    ratio = times.ratio("784-128-10", "2-2-1")
    yield row("matrix form of 784-128-10 / 2-2-1", ratio, 1.2)


def traced(net, m=4):
    import jax
    import jax.numpy as jnp

    parameters = [(jnp.asarray(net.W[l]), jnp.asarray(net.b[l])) for l in net.W]
    x, y = jnp.ones((net.sizes[0], m)), jnp.ones((net.sizes[-1], m))

    def loss(parameters, x, y):
        a = x
        for W, b in parameters:
            a = jax.nn.sigmoid(W @ a + b)
        return jnp.sum((a - y) ** 2) / (2 * a.shape[1])

    return lambda: jax.make_jaxpr(jax.grad(loss))(parameters, x, y)


def generated(seconds):
    rng = np.random.default_rng(0)
    for sizes, m in (((2, 2, 1), 4), ((64, 32, 10), 32), ((784, 128, 64, 10), 64)):
        net = Network.random(sizes, "sigmoid")
        x, y = rng.standard_normal((sizes[0], m)), rng.uniform(size=(sizes[-1], m))
        f = partial(gradient_function(net), x, y, *(v for l in net.W for v in (net.W[l], net.b[l])))
        equations = lambda net=net, x=x, y=y: backward(net, forward(net, x), y)  # noqa: E731
        assert np.allclose(np.concatenate([g.ravel() for g in f()]), equations().flat(), rtol=1e-12)
        times = measure.interleave({"f": f, "equations": equations}, budget_seconds=seconds)
        name = f"generated function, {'-'.join(map(str, sizes))}, batch {m} / equations"
        yield row(name, times.ratio("f", "equations"), 1.15)


def neuron_by_neuron(seconds):
    nets = [Network.letters(sizes, "sigmoid") for sizes in SIZES]
    parameters = [net.n_parameters for net in nets]
    operations = derive(nets[-1]).operations() / parameters[-1]
    yield row(f"operations a parameter, {parameters[-1]}", operations, 3.5, "operations")
    for name, task in (("derive", derive), ("derive and compile", scalar_step)):
        tasks = {n: cold(partial(task, net)) for n, net in zip(parameters, nets, strict=True)}
        times = measure.interleave(tasks, budget_seconds=seconds)
        exponent = np.polyfit(np.log(parameters), np.log([times[n] for n in parameters]), 1)[0]
        what = (
            f"{name}: exponent of the time in the parameters, {parameters[0]} to {parameters[-1]}"
        )
        yield row(what, exponent, 1.0, "exponent")
        last = np.log(times.ratio(parameters[-1], parameters[-2]))
        what = f"{name}: the same, from {parameters[-2]} to {parameters[-1]}"
        yield row(what, last / np.log(parameters[-1] / parameters[-2]), 1.0, "exponent")


def naive():
    net = Network.letters(NAIVE, "sigmoid")
    ours = measure.interleave({"ours": cold(partial(scalar_step, net))}, rounds=9)["ours"]
    p, x, y = (
        list(v.entries) for v in (net.flat(), letters("x", NAIVE[0]), letters("y", NAIVE[-1]))
    )
    clear_cache()
    begin = time.perf_counter()
    derivatives = list(written_out(net).values())
    derived = time.perf_counter()
    f = sympy.lambdify([p, x, y], derivatives, "math")
    end = time.perf_counter()
    numbers = Network.random(NAIVE, "sigmoid")
    example = [0.5, -1.0, 2.0, 0.1], [0.3, 0.6]
    gradient = backward(numbers, forward(numbers, example[0]), example[1]).flat()
    assert np.allclose(f(numbers.flat().tolist(), *example), gradient, rtol=1e-9)
    operations = sum(int(d.count_ops()) for d in derivatives)
    few, naively = derive(net).operations(), f"naive {'-'.join(map(str, NAIVE))}"
    yield row(f"derive and compile / {naively}", ours / (end - begin), 1 / 300)
    yield row(f"derive and compile / {naively}, sympy.diff alone", ours / (derived - begin), None)
    yield row(f"operations / {naively}, {operations}", few / operations, None, "× as many")


def rows(quick):
    seconds = 1 if quick else 8
    yield from matrix_forms(seconds)
    yield from generated(seconds)
    yield from neuron_by_neuron(2 * seconds)
    if not quick:
        yield from naive()


if __name__ == "__main__":
    chosen = measure.options(__doc__.splitlines()[0])
    setting = measure.environment("jax") | {"sympy": sympy.__version__}
    measure.report(list(rows(chosen.quick)), setting, chosen.json)
