"""The fast loop: the four equations again, in place, on buffers that are made once.

All parameters lie in one vector w and all gradients in one vector g. From layer 2 on the bias is
one more column of W and a row of ones stands below a, so z = [W|b] [a; 1]; layer 1 has its bias
apart, so that x is used where it lies. For a batch of m examples one step is then a fixed list of
NumPy calls on fixed buffers. Gradient descent multiplies the output's delta, where the fewest
numbers are, by η/m, and the update is one pass: w ← w − g. This is the one room that changes
arrays, all of them its own; its numbers are those of `backward`, to rounding.
"""

import math
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace

import numpy as np

from backprop import activations, losses
from backprop.descent import GradientDescent
from backprop.descent import descent as look_up_descent
from backprop.inputs import batch as as_batch
from backprop.network import Network, forward, target

LARGE = 100  # inputs or targets beyond this are a likely cause of divergence
CHUNK = 1024  # as many examples at a time are measured

mul, sub = np.multiply, np.subtract


def _sigmoid(z, a, c):
    """(1 + tanh(z/2)) / 2, which never overflows."""
    return [(mul, z, c(1 / 2), a), (np.tanh, a, a), (mul, a, c(1 / 2), a), (np.add, a, c(1 / 2), a)]


# Each activation as NumPy calls: those that make a of the z that stands in a, and those that
# multiply d (the delta) by the slope, which every one of these can tell from a. t is scratch
# of the same shape, and c(…) makes a constant of the same dtype.
ACTIVATIONS_IN_PLACE = {
    activations.identity: lambda a, d, t, c: ([], []),
    activations.sigmoid: lambda a, d, t, c: (
        _sigmoid(a, a, c),
        [(mul, a, a, t), (sub, a, t, t), (mul, d, t, d)],
    ),
    activations.tanh: lambda a, d, t, c: (
        [(np.tanh, a, a)],
        [(mul, a, a, t), (sub, c(1), t, t), (mul, d, t, d)],
    ),
    activations.relu: lambda a, d, t, c: (
        [(partial(np.maximum, out=a), a, c(0))],
        [(np.sign, a, t), (mul, d, t, d)],
    ),
    activations.leaky_relu: lambda a, d, t, c: (
        [(mul, a, c(1 / 100), t), (partial(np.maximum, out=a), a, t)],
        [(np.sign, a, t), (partial(np.maximum, out=t), t, c(1 / 100)), (mul, d, t, d)],
    ),
    activations.softplus: lambda a, d, t, c: (
        [(np.logaddexp, a, c(0), a)],
        [(np.negative, a, t), (np.expm1, t, t), (mul, d, t, d), (np.negative, d, d)],
    ),
}


def _softmax(z, p, t, c):
    """exp(z − max z), divided by its sum.

    Products with ones sum, and spread a row over a matrix, in half the time that np.sum and
    broadcasting take on small arrays.
    """
    n, m = z.shape
    row, down, across = (c(np.ones(shape)) for shape in ((1, m), (n, 1), (1, n)))
    highest = [(np.maximum.reduce, z, 0, None, row, True), (down.dot, row, t), (sub, z, t, p)]
    return [
        *highest,
        (np.exp, p, p),
        (across.dot, p, row),
        (down.dot, row, t),
        (np.divide, p, t, p),
    ]


# Each loss as NumPy calls after which p − y is m ∂E/∂a: the calls, and p. They leave a as it is;
# d and t are as large.
LOSSES_IN_PLACE = {
    losses.squared_error: lambda a, d, t, c: ([], a),
    losses.binary_cross_entropy: lambda a, d, t, c: (_sigmoid(a, d, c), d),
    losses.softmax_cross_entropy: lambda a, d, t, c: (_softmax(a, d, t, c), d),
}


def _activation_in_place(f, a, d, t, c):
    """The calls for a's activation and slope; those of an activation of one's own keep z."""
    if f in ACTIVATIONS_IN_PLACE:
        return ACTIVATIONS_IN_PLACE[f](a, d, t, c)
    z = np.empty_like(a)
    return (
        [(np.copyto, z, a), (lambda: np.copyto(a, f.value(z), "same_kind"),)],
        [(lambda: mul(d, f.slope(z, a), d, casting="same_kind"),)],
    )


def _loss_in_place(loss, a, d, t, c):
    """The calls before y is needed, and what leaves m ∂E/∂a in d when y is given."""
    if loss in LOSSES_IN_PLACE:
        calls, p = LOSSES_IN_PLACE[loss](a, d, t, c)
        return calls, lambda y: sub(p, y, d, casting="same_kind")
    return [], lambda y: mul(loss.slope(a, y), a.shape[1], d, casting="same_kind")


class _Pass:
    """Buffers for a batch of m examples, and the calls of one pass over them.

    After `first(x, z)` and the calls of `forward` the output is in `output`. After `first(x, z)`,
    the calls of `to_loss`, `compare(y)`, the calls of `backward` and `last(x.T, gradient)`, g holds
    `scale` times the gradient at w. `x_rows` and `y` are room for a batch picked out of a set.
    """

    def __init__(self, net, w, g, m, scale):
        n, L, dtype = net.sizes, net.L, net.dtype
        (W, b1), (dW, db1) = _views(w, net), _views(g, net)
        c = partial(np.asarray, dtype=dtype)
        a_and_one = {l: np.ones((n[l] + 1, m), dtype) for l in W}
        d_and_one = {l: np.empty((n[l] + 1, m), dtype) for l in W}
        a, d = ({l: v[:-1] for l, v in layers.items()} for layers in (a_and_one, d_and_one))
        t, value, slope = {l: np.empty_like(a[l]) for l in W}, {}, {}
        for l, f in net.f.items():
            value[l], slope[l] = _activation_in_place(f, a[l], d[l], t[l], c)
        loss, self.compare = _loss_in_place(net.loss, a[L], d[L], t[L], c)

        ones = np.ones((1, m), dtype)
        forward = [(b1.dot, ones, t[1]), (np.add, a[1], t[1], a[1]), *value[1]]
        for l in range(2, L + 1):
            forward += [(W[l].dot, a_and_one[l - 1], a[l]), *value[l]]
        backward = [(mul, d[L], c(scale / m), d[L]), *slope[L]]  # BP1
        for l in range(L, 1, -1):
            backward += [(d[l].dot, a_and_one[l - 1].T, dW[l])]  # BP3 and BP4
            backward += [(W[l].T.dot, d[l], d_and_one[l - 1]), *slope[l - 1]]  # BP2
        backward += [(d[1].dot, ones.T, db1)]  # BP3

        self.forward, self.to_loss, self.backward = (
            [partial(*call) for call in calls] for calls in (forward, forward + loss, backward)
        )
        self.first, self.z, self.output = W[1].dot, a[1], a[L]
        self.last, self.gradient = d[1].dot, dW[1]  # BP4
        self.x_rows, self.y = np.empty((m, n[0]), dtype), np.empty((n[L], m), dtype)


def _views(vector, net):
    """W[1], and [W|b] of the other layers, and b[1], as views of one vector."""
    views, start = {}, 0
    for l, W in net.W.items():
        shape = W.shape if l == 1 else (W.shape[0], W.shape[1] + 1)
        views[l] = vector[start : start + math.prod(shape)].reshape(shape)
        start += views[l].size
    return views, vector[start:].reshape(-1, 1)


# — the loop —


class Diverged(ArithmeticError):
    """Training left the finite numbers: what was to become of the network was infinite or NaN.

    `step` is the number of the step, counted from 1, `network` the network before it, the last
    finite one, and `history` (from `train`) what was recorded until then.
    """

    def __init__(self, message, step, network, history=None):
        super().__init__(message)
        self.step, self.network, self.history = step, network, history


class Loop:
    """A network in training, one step of descent a call, in place on buffers that are made once.

    `eta` is the learning rate, the descent's usual one if it is not given; `descent` is a name or a
    Descent, which then has its eta itself. Raises ValueError or TypeError for what does not fit.

    >>> net = Network([[[2.0]]], [[0.0]], "identity")
    >>> loop = Loop(net, eta=0.5)
    >>> loop.step(np.array([[1.0]]), np.array([[1.0]]))
    >>> loop.network.W[1], loop.network.b[1], loop.steps
    (array([[1.5]]), array([[-0.5]]), 1)
    """

    def __init__(self, net, eta=None, descent="gradient_descent"):
        if not isinstance(net, Network) or net.dtype.kind != "f":
            kind = "one of letters" if isinstance(net, Network) else type(net).__name__
            raise TypeError(f"training needs a Network of numbers; got {kind}")
        self.descent = _with_eta(descent, eta)
        self.steps = 0
        self._net, self._dtype, self._passes = net, net.dtype, {}
        self._w, self._g = np.empty((2, net.n_parameters), net.dtype)
        W, b1 = _views(self._w, net)
        W[1][:], b1[:] = net.W[1], net.b[1]
        for l in range(2, net.L + 1):
            W[l][:, :-1], W[l][:, -1:] = net.W[l], net.b[l]
        if type(self.descent) is GradientDescent:
            self._scale, self._update = self.descent.eta, partial(sub, self._w, self._g, self._w)
        else:
            self._scale, self._update = 1, self._descend
            self._state = self.descent.start(self._w.copy())

    @property
    def network(self):
        """The network as trained so far."""
        views, b1 = _views(self._w.copy(), self._net)
        W = {l: V if l == 1 else V[:, :-1].copy() for l, V in views.items()}
        b = {l: b1 if l == 1 else V[:, -1:].copy() for l, V in views.items()}
        return self._net.with_parameters(W, b)

    def step(self, x, y):
        """One step on the batch x (n_0, m) and y (n_L, m), arrays of floats, a column an example.

        Raises Diverged, and takes no step, where the gradient is not finite; ValueError or
        TypeError for shapes that do not fit. The values of x and y are not checked: it is fast.
        """
        try:
            at = self._passes[x.shape, y.shape]
        except (KeyError, AttributeError):
            x = as_batch("x", x, self._net.sizes[0], "the network's input has", self._net.dtype)
            y = target(self._net, y, x.shape[1])
            at = self._pass_of(x.shape[1])
        if x.dtype is not self._dtype:
            x = x.astype(self._dtype)
        self._step(at, x, y)

    def _step(self, at, x, y):
        self._batch = x, y
        at.first(x, at.z)
        for call in at.to_loss:
            call()
        at.compare(y)
        for call in at.backward:
            call()
        at.last(x.T, at.gradient)
        if not math.isfinite(self._g.dot(self._g)):  # |g|² is finite only if all of g is
            raise self._diverged("the gradient")
        self._update()
        self.steps += 1

    def _output(self, x):
        at = self._pass_of(x.shape[1])
        at.first(x, at.z)
        for call in at.forward:
            call()
        return at.output

    def _descend(self):
        w, state = self.descent.step(self._w, self._g, self._state)
        if not np.isfinite(w).all():
            raise self._diverged(f"what {self.descent} makes of the weights")
        self._w[:], self._state = w, state

    def _pass_of(self, m):
        sizes = self._net.sizes
        shapes = (sizes[0], m), (sizes[-1], m)
        if shapes not in self._passes:
            self._passes[shapes] = _Pass(self._net, self._w, self._g, m, self._scale)
        return self._passes[shapes]

    def _diverged(self, what):
        x, y = (float(np.abs(array).max()) for array in self._batch)
        eta = getattr(self.descent, "eta", None)
        if not math.isfinite(x + y):
            cause = "the batch holds NaN or infinity"
        elif max(x, y) > LARGE:
            cause = f"{'xy'[y > x]} goes up to {max(x, y):.3g}; scale it to about −1 ... 1"
        elif eta is not None:
            cause = f"the learning rate eta={eta:g} is too large; try eta={eta / 10:g}"
        else:
            cause = f"{self.descent} takes too large steps"
        step = self.steps + 1
        return Diverged(
            f"{what} is not finite in step {step}. Likely cause: {cause}. The network before that "
            f"step is the error's `network`",
            step,
            self.network,
        )


# — training —


@dataclass(frozen=True, repr=False)
class History:
    """Loss and accuracy before the first epoch and after each: in each tuple `epochs` + 1 numbers.

    Those of one place are all measured on one network, the one at the end of that epoch. The
    accuracy is empty where the targets are no labels, the validation's numbers where there was
    none. `stopped` says where training was interrupted; it is empty where it was not.

    >>> History(loss=(0.5, 0.25), accuracy=(0.5, 1.0))
    History of 1 epoch: loss 0.5 → 0.25, accuracy 50.0% → 100.0%
    """

    loss: tuple
    accuracy: tuple = ()
    validation_loss: tuple = ()
    validation_accuracy: tuple = ()
    stopped: str = ""

    @property
    def epochs(self):
        """The number of complete epochs."""
        return len(self.loss) - 1

    def __repr__(self):
        measured = ", ".join(
            f"{name.replace('_', ' ')} {values[0]:{form}} → {values[-1]:{form}}"
            for name, form in FORMS.items()
            if (values := getattr(self, name))
        )
        of = "1 epoch" if self.epochs == 1 else f"{self.epochs} epochs"
        return f"History of {of}: {measured}" + (f"; {self.stopped}" if self.stopped else "")


FORMS = {"loss": ".4g", "accuracy": ".1%", "validation_loss": ".4g", "validation_accuracy": ".1%"}


def train(
    net,
    x,
    y,
    *,
    epochs,
    batch=32,
    eta=None,
    descent="gradient_descent",
    validation=None,
    seed=0,
    progress=True,
):
    """Train a network by mini-batches: the trained network, and the history of its losses.

    x (n_0, m) and y (n_L, m) hold the examples as columns. Every epoch goes through all of them in
    an order drawn with `seed`, `batch` at a time; a last batch that is smaller is a mean over its
    own. `eta` and `descent` are as for `Loop`; `validation` is a pair (x, y) that is measured and
    not trained on; `progress` shows a bar. All arguments stay as they were. An interrupt from the
    keyboard ends the training and keeps what was learned. Raises Diverged where numbers stop being
    finite, ValueError or TypeError for what does not fit.

    >>> x, y = np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]]), np.array([[0.0, 1, 1, 1]])
    >>> net = Network.random([2, 1], "sigmoid")
    >>> net, history = train(net, x, y, epochs=200, batch=2, eta=5, progress=False)
    >>> history.accuracy[-1], history.loss[-1] < 0.01
    (1.0, True)
    """
    epochs, batch = _count("epochs", epochs), _count("batch", batch)
    loop = Loop(net, eta, descent)
    sets = [_Examples(net, x, y)]
    if validation is not None:
        sets.append(_validation(net, validation))
    rng, m = np.random.default_rng(seed), sets[0].m
    with np.errstate(all="ignore"), _bar(epochs * math.ceil(m / batch), progress) as bar:
        records, stopped = [_measured(loop, sets)], ""
        try:
            for _ in range(epochs):
                for chosen in batches(m, batch, rng):
                    at = loop._pass_of(len(chosen))
                    loop._step(at, *sets[0].pick(chosen, at))
                    bar.update()
                records.append(_measured(loop, sets))
                if not math.isfinite(records[-1][0]):
                    raise loop._diverged("the loss")
                bar.set_postfix_str(
                    _latest(records[-1]), refresh=False
                )  # at most ten times a second
        except KeyboardInterrupt:
            stopped = f"interrupted in epoch {len(records)}, after step {loop.steps}"
        except Diverged as error:
            error.history = _history(records, f"diverged in epoch {len(records)}")
            raise
    return loop.network, _history(records, stopped)


def batches(m, batch, rng):
    """The numbers 0 ... m − 1 in random order, `batch` at a time, the last time those left over.

    >>> [len(chosen) for chosen in batches(10, 4, np.random.default_rng(0))]
    [4, 4, 2]
    """
    order = rng.permutation(m)
    return (order[start : start + batch] for start in range(0, m, batch))


def accuracy(net, x, y):
    """The share of examples that the network gets right, where the targets y are labels.

    Labels are one row of zeros and ones, and right is the same side of ½; or columns with a single
    one, and right is the largest output in its place. Raises ValueError for other targets.

    >>> net = Network([[[1.0, 1.0]]], [[-1.5]], "identity", loss="binary_cross_entropy")
    >>> accuracy(net, [[0, 0, 1, 1], [0, 1, 0, 1]], [[0, 1, 1, 1]])
    0.5
    """
    output = forward(net, x).output
    y = target(net, y, output.shape[1])
    if not _labels(y):
        raise ValueError(
            "accuracy needs labels: y must be one row of zeros and ones, or columns with a single 1"
        )
    return float(_right(net.loss.predict(output), y).mean())


def _labels(y):
    return bool(((y == 0) | (y == 1)).all() and (len(y) == 1 or (y.sum(axis=0) == 1).all()))


def _right(prediction, y):
    if len(y) == 1:
        return (prediction > 1 / 2) == (y > 1 / 2)
    return prediction.argmax(axis=0) == y.argmax(axis=0)


class _Examples:
    """Examples as the loop takes them: x with a row an example, so that they are quickly picked."""

    def __init__(self, net, x, y):
        x = as_batch("x", x, net.sizes[0], "the network's input has", net.dtype)
        self.m, self.y = x.shape[1], target(net, y, x.shape[1])
        self.x_rows = np.ascontiguousarray(x.T)
        self.labels = _labels(self.y)

    def pick(self, chosen, at):
        """The chosen examples, x and y as columns, in the buffers of a pass."""
        x = self.x_rows.take(chosen, 0, at.x_rows, "clip").T  # "raise" would copy once more
        return x, self.y.take(chosen, 1, at.y, "clip")


def _validation(net, pair):
    try:
        x, y = pair
    except (TypeError, ValueError):
        raise TypeError("validation must be a pair (x, y), as x and y are") from None
    try:
        return _Examples(net, x, y)
    except (TypeError, ValueError) as error:
        raise type(error)(f"in validation, {error}") from error


def _measured(loop, sets):
    """Loss and accuracy (None without labels) of the network as it is, set after set."""
    record = []
    for examples in sets:
        total = right = 0
        for start in range(0, examples.m, CHUNK):
            x, y = examples.x_rows[start : start + CHUNK].T, examples.y[:, start : start + CHUNK]
            output, loss = loop._output(x), loop._net.loss
            total += float(loss.value(output, y)) * y.shape[1]
            if examples.labels:
                right += int(_right(loss.predict(output), y).sum())
        record += [total / examples.m, right / examples.m if examples.labels else None]
    return record


def _history(records, stopped):
    columns = [column if None not in column else () for column in zip(*records, strict=True)]
    return History(*columns, *[()] * (4 - len(columns)), stopped)


def _latest(record):
    shown = zip(FORMS.items(), record, strict=False)
    return ", ".join(
        f"{name.replace('_', ' ')} {v:{form}}" for (name, form), v in shown if v is not None
    )


def _bar(steps, progress):
    if not progress:
        return nullcontext(
            SimpleNamespace(update=lambda: None, set_postfix_str=lambda *_, **__: None)
        )
    from tqdm.auto import tqdm  # only where a bar is shown: it brings ipywidgets along

    return tqdm(total=steps, unit="step", dynamic_ncols=True)


def _count(name, value):
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number; got {value!r}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1; got {value}")
    return int(value)


def _with_eta(name, eta):
    rule = look_up_descent(name)
    if eta is None:
        return rule
    if rule is name:
        raise ValueError(
            f"eta is given beside {rule}, which has its own: say {type(rule).__name__}(eta={eta:g})"
        )
    return replace(rule, eta=eta)
