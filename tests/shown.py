"""What each widget must say and draw after each move, computed here from what the lesson gave it.

A widget has one function here, of its name: it moves the controls of a scene and knows, by NumPy
and the module's plain functions, which numbers must be there then.
"""

import ast
import inspect
import re
import time
from functools import partial

import numpy as np

from backprop import Network, backward, forward, loss_of, update, widgets
from backprop.descent import GradientDescent
from backprop.diagram import number, written
from backprop.widgets.races import line, valley

KINDS = set(widgets.__all__) - {"Player", "Scene", "View"}

# — which widgets a notebook shows, and with what —


def widgets_of(sources):
    """Its widgets: (number of the cell, name, arguments) each.

    The arguments are made as the notebook makes them, by those of its statements on which they
    depend; the others are not run.
    """
    statements, found = [], []
    for k, source in enumerate(sources):
        before, cell = list(statements), ast.parse(source).body
        statements += cell
        last = getattr(cell[-1], "value", None) if cell else None
        name = getattr(getattr(last, "func", None), "id", None)
        if name in KINDS:
            found.append((k, name, _arguments(last, [*before, *cell[:-1]])))
    return found


def _arguments(call, statements):
    names, needed = _names(call), []
    for statement in reversed(statements):
        if names & _bound(statement):
            names |= _names(statement)
            needed.insert(0, statement)
    given = {}
    exec(compile(ast.Module(needed, []), "notebook", "exec"), given)
    given[call.func.id] = inspect.signature(given[call.func.id]).bind
    bound = eval(compile(ast.Expression(call), "notebook", "eval"), given)
    bound.apply_defaults()
    return bound.arguments


def _names(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _bound(statement):
    """The names that a statement binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    nodes = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
    return {node.id for node in nodes if isinstance(node.ctx, ast.Store)}


# — a scene on a page —


class Shown:
    """A scene on a page: moved as a reader does, and read."""

    def __init__(self, scene):
        self.scene, self.before = scene, ""

    def control(self, name):
        """The control of that name: of several, the slider or the list before the buttons."""
        all_of_them = self.scene.locator(".bp-controls")
        control = all_of_them.locator(f"input[name={name}], select[name={name}]")
        if not control.count():
            control = all_of_them.locator(f"button[name={name}]").first
        control.evaluate("control => control.closest('details')?.setAttribute('open', '')")
        return control

    def press(self, name, key="Enter"):
        """Press a key on a control; returns the value it has then."""
        control, self.before = self.control(name).element_handle(), self.words()
        control.press(key)  # which may give a button another name
        return control.evaluate("({ value }) => value")

    def slide(self, name):
        """Move a slider by one step, to the right if it can; returns the number it shows."""
        right = self.control(name).evaluate("({ value, max }) => Number(value) < Number(max)")
        return float(self.press(name, "ArrowRight" if right else "ArrowLeft"))

    def choose(self, name, value):
        control, self.before = self.control(name), self.words()
        control.select_option(value)

    def options(self, name):
        return self.control(name).evaluate("({ options }) => [...options].map((o) => o.value)")

    def words(self):
        return self.scene.locator(".bp-words").text_content()

    def says(self, *texts):
        """Wait until the words hold all of this, which they did not before the move."""
        self._waits(self.words, texts)
        assert not _holds(self.before, texts), f"{texts} were there before the move"

    def draws(self, *texts):
        """Wait until the picture holds all of this."""
        self._waits(self.scene.locator(".bp-picture > svg").text_content, texts)

    def _waits(self, read, texts):
        end = time.monotonic() + 20
        while not _holds(read(), texts):
            assert time.monotonic() < end, f"expected {texts} in: {read()[:600]}"
            self.scene.page.wait_for_timeout(20)


def _holds(words, texts):
    """Are all the texts there, with no digit after the last one?"""
    return all(re.search(rf"{re.escape(text)}(?!\.?\d|e[−\d])", words) for text in texts)


# — numbers of a network by their letters —


def _entry(of, name):
    """The number behind "w2_1_1" or "b1_2" in a network or in its gradients."""
    letter, l, *places = re.findall(r"[a-z]|\d+", name)
    j, i = [int(k) - 1 for k in (*places, 1)][:2]
    return getattr(of, letter.upper() if letter == "w" else letter)[int(l)][j, i]


def _moved(net, name, value):
    """The network with one parameter changed."""
    W, b = ([array.copy() for array in arrays.values()] for arrays in (net.W, net.b))
    letter, l, *places = re.findall(r"[a-z]|\d+", name)
    j, i = [int(k) - 1 for k in (*places, 1)][:2]
    {"w": W, "b": b}[letter][int(l) - 1][j, i] = value
    return Network(W, b, list(net.f.values()), net.loss)


def _gradient(net, x, y, name):
    return _entry(backward(net, forward(net, x), y), name)


def _after(net, x, y, eta):
    return update(net, backward(net, forward(net, x), y), eta)


def _column(values):
    return np.array(values, dtype=float).reshape(-1, 1)


# — one training step —


def explore_step(shown, net, x, y, eta, chosen):
    start, example, chosen = net, (x, y), chosen or "w1_1_1"
    x, y = _column(x), _column(y)

    def follows():
        slope, after = _gradient(net, x, y, chosen), _after(net, x, y, eta)
        shown.says(
            f"E = {number(loss_of(net, x, y), 6)}",
            f"and {number(loss_of(after, x, y), 6)} after",
            f"∂E/∂{written(chosen)} = {number(slope, 6)}",
            f"from {number(_entry(net, chosen), 6)} to {number(_entry(after, chosen), 6)}",
        )
        shown.draws(number(_entry(net, chosen), sign=True))

    net = _moved(net, chosen, shown.slide("value"))
    follows()
    for letter, column in (("x", x), ("y", y)):
        for k in range(len(column)):
            column[k] = shown.slide(f"{letter}_{k + 1}")
            follows()
    eta = shown.slide("eta")
    follows()
    shown.press("step")
    net = _after(net, x, y, eta)
    follows()
    chosen = "w1_2_1"
    shown.choose("pick", chosen)
    follows()
    shown.press("reset")
    shown.says(f"E = {number(loss_of(start, *example), 6)}")


def step_through(shown, net, x, y, eta):
    x, y, chosen = _column(x), _column(y), "w1_1_1"

    def follows(name):
        trace = forward(net, x)
        numbers = {"delta": backward(net, trace, y).delta, "z": trace.z, "a": trace.a}
        letter, l, j = re.findall(r"[a-z]+|\d+", name)
        value = numbers[letter][int(l)][int(j) - 1, 0]
        shown.says(f"{written(name)} = {number(value, 6)}")
        shown.draws(number(value, 4, sign=True) if letter == "delta" else number(value))

    def loses():
        shown.says(f"E = {number(loss_of(net, x, y), 6)}")

    def updates():
        old, new = _entry(net, chosen), _entry(_after(net, x, y, eta), chosen)
        shown.says(f"{written(chosen)} goes from {number(old, 6)} to {number(new, 6)}")

    shown.press("next")
    follows("a1_1")
    x[0] = shown.slide("x_1")
    follows("a1_1")
    shown.press("back")
    follows("z1_1")
    net = _moved(net, chosen, shown.slide("value"))
    follows("z1_1")
    last = net.L
    shown.choose("goto", "output deltas")
    follows(f"delta{last}_1")
    y[0] = shown.slide("y_1")
    follows(f"delta{last}_1")
    shown.choose("goto", "hidden deltas")
    follows(f"delta{last - 1}_1")
    shown.press("step", "End")
    updates()
    chosen = "w2_1_1"
    shown.choose("pick", chosen)
    updates()
    eta = shown.slide("eta")
    updates()
    shown.press("again")
    net = _after(net, x, y, eta)
    follows("z1_1")
    shown.choose("goto", "loss")
    loses()
    shown.choose("f_1", "tanh")
    net = Network(net.W, net.b, ["tanh", *list(net.f.values())[1:]], net.loss)
    loses()
    shown.choose("loss", "binary_cross_entropy")
    net = Network(net.W, net.b, [*list(net.f.values())[:-1], "identity"], "binary_cross_entropy")
    loses()
    shown.choose("predict", "first")
    shown.choose("goto", "output deltas")
    shown.says(f"Is {written(f'delta{last}_1')} negative, zero or positive?")
    shown.press("say")  # the first of the three: negative
    follows(f"delta{last}_1")
    negative = backward(net, forward(net, x), y).delta[last][0, 0] < 0
    assert shown.words().split(". ")[1].startswith("Right" if negative else "You said negative")


# — curves —


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


CURVES = {  # an activation and its slope, at z
    "identity": lambda z: (z, 1 + 0 * z),
    "sigmoid": lambda z: (_sigmoid(z), _sigmoid(z) * (1 - _sigmoid(z))),
    "tanh": lambda z: (np.tanh(z), 1 - np.tanh(z) ** 2),
    "relu": lambda z: (np.maximum(z, 0), np.heaviside(z, 0)),
    "leaky_relu": lambda z: (np.maximum(z, z / 100), np.heaviside(z, 0.01) + 0.01 * (z < 0)),
    "softplus": lambda z: (np.log(1 + np.exp(z)), _sigmoid(z)),
}


def explore_activation(shown, name):
    def follows():
        a, slope = CURVES[name](z)
        shown.says(f"{name} at z = {number(z, 2)}: a = {number(a, 6)}", f"is {number(slope, 6)}")
        shown.draws(f"slope {number(slope, 4)}")

    z = shown.slide("z")
    follows()
    assert shown.options("f") == list(CURVES)
    for name in [other for other in CURVES if other != name]:
        shown.choose("f", name)
        follows()
        z = shown.slide("z")
        follows()


def explore_loss(shown, name):
    def follows():
        a = _sigmoid(z)
        E, delta = {
            "squared_error": ((a - y) ** 2 / 2, (a - y) * a * (1 - a)),
            "binary_cross_entropy": (-y * np.log(a) - (1 - y) * np.log(1 - a), a - y),
        }[name]
        shown.says(f"E = {number(E, 6)}", f"δ = {number(delta, 6)}", f"output {number(a, 4)}")
        shown.draws(f"slope {number(delta, 4)}")

    y, z = 1, shown.slide("z")
    follows()
    y = shown.slide("y")
    follows()
    (name,) = set(shown.options("loss")) - {name}
    shown.choose("loss", name)
    follows()


# — depth —


WEIGHTS = {  # how they are drawn, and by what they are multiplied
    "xavier": ("xavier", 1),
    "he": ("he", 1),
    "too_small": ("xavier", 1 / 4),
    "too_large": ("xavier", 4),
}


def explore_depth(shown, depth, activation, weights):
    seed = 0

    def follows():
        init, scale = WEIGHTS[weights]
        net = Network.random([16] * (depth + 2), "identity", init=init, seed=seed)
        a, y = np.random.default_rng((seed, 1)).standard_normal((2, 16, 32))
        slopes = []
        for l in range(1, depth + 1):
            a, slope = CURVES[activation](scale * net.W[l] @ a)
            slopes.append(slope)
        delta = (scale * net.W[depth + 1] @ a - y) / 32
        output = np.abs(delta).mean()
        for l in range(depth, 0, -1):
            delta = scale * net.W[l + 1].T @ delta * slopes[l - 1]
        first = np.abs(delta).mean()
        shown.says(f"{depth} hidden layer", f"{number(first)} in layer 1", f"{number(output)} at")
        shown.draws(number(first), number(output))

    depth = int(shown.slide("depth"))
    follows()
    shown.press("draw")
    seed += 1
    follows()
    activation = "tanh"
    shown.choose("f", activation)
    follows()
    weights = "too_large"
    shown.choose("weights", weights)
    follows()


# — landscape —


def explore_landscape(shown, net, x, y, axes, eta):
    start, taken = net, 0

    def follows():
        point = [f"{written(axis)} = {number(_entry(net, axis), 3)}" for axis in axes]
        slopes = [
            f"{written(f'dE_d{axis}')} = {number(_gradient(net, x, y, axis), 4)}" for axis in axes
        ]
        shown.says(
            f"{taken} step",
            f"E = {number(loss_of(net, x, y), 6)} at {', '.join(point)}.",
            ", ".join(slopes),
            f"to {number(loss_of(stepped(net), x, y), 6)}",
        )
        shown.draws(f"slope {slopes[0]}")

    def stepped(net):
        slopes = [_gradient(net, x, y, axis) for axis in axes]
        for axis, slope in zip(axes, slopes, strict=True):
            net = _moved(net, axis, _entry(net, axis) - eta * slope)
        return net

    for k in (0, 1):
        net = _moved(net, axes[k], shown.slide(f"value_{k}"))
        follows()
    eta = float(f"{10 ** shown.slide('log_eta'):.2g}")
    follows()
    for name, steps in (("step", 1), ("ten", 10)):
        shown.press(name)
        taken += steps
        for _ in range(steps):
            net = stepped(net)
        follows()
    shown.press("reset")
    net, taken = start, 0
    follows()
    axes = ("b1_1", axes[1])
    shown.choose("axis_0", "b1_1")
    follows()


# — players: all that they show was computed beforehand —


def _plays(shown, expected):
    """Turn to the second, the last and the last but one; `expected(k)` are the texts of each."""
    shown.says(*expected(int(shown.press("frame", "ArrowRight"))))
    last = int(shown.press("frame", "End"))
    shown.says(*expected(last))
    shown.press("back")
    shown.says(*expected(last - 1))


def race_learning_rates(shown, net, x, y, etas, axes, steps):
    if net is None:
        (net, x, y, _), axes = line(), ("w1_1_1", "b1_1")
    racers = {f"η = {eta:g}": GradientDescent(eta) for eta in etas}
    _plays(shown, partial(_race, net, x, y, racers, axes, steps))


def race_descents(shown, net, x, y, descents, axes, steps):
    if net is None:
        (net, x, y, _), axes = valley(), ("w1_1_1", "w1_1_2")
    names = {"GradientDescent": "gradient descent", "Momentum": "momentum"}
    names = [names.get(kind, kind) for kind in (type(d).__name__ for d in descents)]
    racers = dict(zip(names, descents, strict=True))
    _plays(shown, partial(_race, net, x, y, racers, axes, steps))


def _race(net, x, y, racers, axes, steps, k):
    """Where each racer stands after k steps, of which only the two parameters are moved."""
    moving = sum(_moved(net, axis, 1e9).flat() == 1e9 for axis in axes)
    told = [f"Step {k} of {steps}"]
    for label, descent in racers.items():
        w, state = net.flat(), descent.start(net.flat())
        for _ in range(k):
            there = net.with_flat(w)
            slope = backward(there, forward(there, x), y).flat() * moving
            w, state = descent.step(w, slope, state)
        told.append(f"{label}, E = {number(loss_of(net.with_flat(w), x, y))}")
    return told


def watch_training(shown, net, data, epochs, batch, eta, seed):
    nets, rng, m = [net], np.random.default_rng(seed), data.x_train.shape[1]
    for _ in range(epochs):
        order = rng.permutation(m)
        for chosen in np.split(order, range(batch, m, batch)):
            net = _after(net, data.x_train[:, chosen], data.y_train[:, chosen], eta)
        nets.append(net)
    every = -(-epochs // 60)

    def expected(k):
        epoch = min(k * every, epochs)
        told = [f"Epoch {epoch} of {epochs}"]
        for x, y in ((data.x_train, data.y_train), (data.x_test, data.y_test)):
            says = nets[epoch].loss.predict(forward(nets[epoch], x).output) > 1 / 2
            right = int((says == y).sum())
            told += [f"oss {number(loss_of(nets[epoch], x, y), 4)}, {right} of {y.size}"]
        return told

    _plays(shown, expected)
