"""A network, what passes forward through it, and what comes back: immutable values.

z = W a_prev + b,   a = f(z),   layer by layer from a[0] = x; a column is an example
"""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from backprop.activations import activation
from backprop.inputs import batch, floats, layer_sizes, named
from backprop.letters import Letters, letters
from backprop.losses import loss as look_up_loss
from backprop.losses import softmax_cross_entropy


class Layers(dict):
    """Something for each layer by its number, as on the slides: W[1] ... W[L], a[0] ... a[L].

    What stands in it stays: it cannot be changed.

    >>> Layers({1: "W of layer 1", 2: "W of layer 2"})[0]
    Traceback (most recent call last):
    KeyError: 'nothing for layer 0 here, only for layers 1 to 2; layer 0 is the input'
    """

    def __missing__(self, l):
        if not self:
            raise KeyError(f"nothing here yet, for layer {l!r} neither")
        raise KeyError(
            f"nothing for layer {l!r} here, only for layers {min(self)} to {max(self)}; "
            f"layer 0 is the input"
        )

    def _refuse(self, *_, **__):
        raise TypeError("what a network, a trace or gradients hold never changes: make new ones")

    __setitem__ = __delitem__ = __ior__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse

    def __reduce__(self):
        return frozen, (dict(self),)


def frozen(layers):
    """Arrays by layer number as Layers, the arrays made read-only too."""
    for array in layers.values():
        if isinstance(array, np.ndarray):
            array.setflags(False)  # not to be written to
        elif isinstance(array, Letters):
            array.entries.setflags(False)
    return Layers(layers)


class Network:
    """A fully connected network: weights W[l], biases b[l] and activation f[l] for l = 1 ... L.

    `sizes` is the number of units in each layer, from the input on: (n_0, n_1, ..., n_L).

    W and b are lists of arrays, the first for layer 1: W[l] has the shape (n_l, n_{l-1}), row j the
    weights into unit j; b[l] has n_l entries, kept as a column (n_l, 1). `activations` is one
    name for all layers or a list, one a layer. The numbers are float32 if all that is given is,
    else float64. Raises ValueError or TypeError for arrays and names that do not fit.

    >>> net = Network(W=[[[1, -1], [2, 0], [0, 1]], [[1, 1, 1]]], b=[[0, 0, 0], [0.5]],
    ...               activations=["relu", "identity"])
    >>> net
    Network 2-3-1 (relu, identity; squared_error)
    >>> forward(net, [1.0, 2.0]).output
    array([[4.5]])
    """

    __slots__ = ("W", "b", "f", "loss", "sizes")

    def __init__(self, W, b, activations, loss="squared_error"):
        W, b = _one_a_layer("W", W), _one_a_layer("b", b)
        if len(W) != len(b):
            raise ValueError(
                f"W has {len(W)} layers and b has {len(b)}: give one array of each for every layer"
            )
        single = all(getattr(array, "dtype", None) == np.float32 for array in (*W, *b))
        dtype = np.float32 if single else float
        W = {l: floats(f"W[{l}]", w, dtype) for l, w in enumerate(W, 1)}
        b = {l: floats(f"b[{l}]", v, dtype) for l, v in enumerate(b, 1)}
        for l, w in W.items():
            _check_shapes(l, w, W.get(l - 1), b[l])
            b[l] = b[l].reshape(-1, 1)
        f, loss = _activations(activations, len(W)), look_up_loss(loss)
        if loss.logits and f[len(W)].name != "identity":
            names = [g.name for g in f.values()]
            raise ValueError(
                f"{loss.name} makes probabilities of the last layer's z itself, so the last "
                f"activation must be 'identity'; it is {names[-1]!r}. "
                f"Write activations={[*names[:-1], 'identity']}"
            )
        sizes = (W[1].shape[1], *(w.shape[0] for w in W.values()))
        self._set(frozen(W), frozen(b), Layers(f), loss, sizes)

    def _set(self, W, b, f, loss, sizes):
        put = object.__setattr__
        put(self, "W", W)
        put(self, "b", b)
        put(self, "f", f)
        put(self, "loss", loss)
        put(self, "sizes", sizes)

    def __setattr__(self, name, value=None):
        raise AttributeError(f"a Network never changes: make a new one instead of setting {name!r}")

    __delattr__ = __setattr__

    def __copy__(self, memo=None):
        return self

    __deepcopy__ = __copy__

    def __reduce__(self):
        return Network, (*map(list, (self.W.values(), self.b.values(), self.f.values())), self.loss)

    def __repr__(self):
        names = ", ".join(f.name for f in self.f.values())
        return f"Network {'-'.join(map(str, self.sizes))} ({names}; {self.loss.name})"

    def __eq__(self, other):
        if not isinstance(other, Network):
            return NotImplemented
        mine, others = self.flat(), other.flat()
        if isinstance(mine, Letters) and isinstance(others, Letters):
            mine, others = mine.entries, others.entries
        alike = (self.sizes, self.dtype, self.f, self.loss)
        return alike == (other.sizes, other.dtype, other.f, other.loss) and bool(
            (mine == others).all()
        )

    __hash__ = None

    # — where networks come from —

    @classmethod
    def random(cls, sizes, activations, loss="squared_error", init="xavier", seed=0, dtype=float):
        """A network with random weights and zero biases, the same for the same seed.

        `init` says how the weights W[l], n_{l-1} → n_l, are drawn:

        - "xavier": uniform in ±√(6 / (n_{l-1} + n_l)), for sigmoid and tanh. X. Glorot and
          Y. Bengio, "Understanding the difficulty of training deep feedforward neural networks",
          AISTATS 2010, equation 16.
        - "he": normal with variance 2 / n_{l-1}, for ReLU. K. He, X. Zhang, S. Ren and J. Sun,
          "Delving deep into rectifiers", ICCV 2015, equation 10.
        - "zeros": all zero, to see that hidden units which start equal stay equal.

        >>> Network.random([784, 64, 1], "sigmoid").n_parameters
        50305
        """
        sizes, draw = layer_sizes(sizes), named("init", init, INITS)
        if dtype not in (float, np.float32, np.float64, "float32", "float64"):
            raise TypeError(f"dtype must be float32 or float64; got {dtype!r}")
        try:
            rng = np.random.default_rng(seed)
        except (TypeError, ValueError) as error:
            raise type(error)(f"seed must be a whole number from 0 on; got {seed!r}") from error
        W = [draw(rng, n_in, n).astype(dtype) for n_in, n in pairwise(sizes)]
        return cls(W, [np.zeros(n, dtype) for n in sizes[1:]], activations, loss)

    @classmethod
    def letters(cls, sizes, activations, loss="squared_error"):
        """The network with letters for numbers: W[l] holds w^{(l)}_{ji}, b[l] holds b^{(l)}_j.

        >>> net = Network.letters([2, 1], "sigmoid")
        >>> forward(net, letters("x", 2)).z[1]
        Letters([[w1_1_1*x_1 + w1_1_2*x_2 + b1_1]])
        """
        sizes = layer_sizes(sizes)
        W = [letters(f"w{l}", (n, n_in)) for l, (n_in, n) in enumerate(pairwise(sizes), 1)]
        b = [letters(f"b{l}", n) for l, n in enumerate(sizes[1:], 1)]
        return cls(W, b, activations, loss)

    @classmethod
    def load(cls, path):
        """The network that `save` wrote. Nothing is unpickled; ValueError for any other file."""
        try:
            with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                if any(entry.compress_type for entry in stored.zip.infolist()):
                    raise ValueError("it is compressed, and could be of any size")
                layers = range(1, int(stored["layers"]) + 1)
                W, b = ([stored[f"{letter}{l}"] for l in layers] for letter in "Wb")
                return cls(W, b, list(map(str, stored["activations"])), str(stored["loss"]))
        except (FileNotFoundError, IsADirectoryError, PermissionError):
            raise
        except Exception as error:  # whatever a broken or hostile file makes of the reader
            raise ValueError(f"{path} is no network written by Network.save: {error}") from error

    def save(self, path):
        """Write W1, b1, ... and the names of activations and loss to an `.npz` file.

        Raises TypeError for a network of letters, ValueError for an activation or a loss of one's
        own: it could not be found again by its name.
        """
        if isinstance(self.W[1], Letters):
            raise TypeError("a network of letters has no numbers to save")
        names = [activation(f.name).name for f in self.f.values()]
        loss = look_up_loss(self.loss.name).name
        arrays = {f"{letter}{l}": v for letter in "Wb" for l, v in getattr(self, letter).items()}
        path = Path(path)
        half = path.with_name(f".{path.name}.half")  # so that nothing half-written takes its place
        try:
            with half.open("wb") as file:
                np.savez(file, layers=self.L, activations=names, loss=loss, **arrays)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)

    def with_parameters(self, W, b):
        """The same network with other weights and biases, by layer number; not checked."""
        net = object.__new__(Network)
        net._set(frozen(W), frozen(b), self.f, self.loss, self.sizes)
        return net

    def with_flat(self, vector):
        """The same network with its parameters taken from a vector in the order of `flat`."""
        if np.shape(vector) != (self.n_parameters,):
            raise ValueError(
                f"the vector has shape {np.shape(vector)}; this network has {self.n_parameters} "
                f"parameters, so it must be ({self.n_parameters},)"
            )
        vector = vector.copy() if isinstance(vector, Letters) else np.array(vector, self.W[1].dtype)
        W, b, start = {}, {}, 0
        for l, n in enumerate(self.sizes[1:], 1):
            middle = start + self.W[l].size
            W[l] = vector[start:middle].reshape(self.W[l].shape)
            b[l] = vector[middle : middle + n].reshape(n, 1)
            start = middle + n
        return self.with_parameters(W, b)

    # — what a network is asked —

    @property
    def L(self):
        """The number of layers, the input not counted."""
        return len(self.W)

    @property
    def dtype(self):
        """float32 or float64; object for letters."""
        W = self.W[1]
        return W.entries.dtype if isinstance(W, Letters) else W.dtype

    @property
    def n_parameters(self):
        """How many weights and biases there are."""
        return sum(array.size for array in (*self.W.values(), *self.b.values()))

    def flat(self):
        """All parameters in one vector: W[1] row by row, b[1], W[2], b[2], ..."""
        return flattened(self.W, self.b)


INITS = {
    "xavier": lambda rng, n_in, n: rng.uniform(-1, 1, (n, n_in)) * np.sqrt(6 / (n_in + n)),
    "he": lambda rng, n_in, n: rng.standard_normal((n, n_in)) * np.sqrt(2 / n_in),
    "zeros": lambda rng, n_in, n: np.zeros((n, n_in)),
}


@dataclass(frozen=True, eq=False, slots=True)
class Trace:
    """What a forward pass leaves behind, needed on the way back: z[1] ... z[L], a[0] ... a[L]."""

    z: Layers
    a: Layers

    @property
    def output(self):
        """The network's output, a[L]."""
        return self.a[len(self.z)]


@dataclass(frozen=True, eq=False, slots=True)
class Gradients:
    """What a backward pass brings: delta[l] = ∂E/∂z[l], W[l] = ∂E/∂W[l], b[l] = ∂E/∂b[l]."""

    delta: Layers
    W: Layers
    b: Layers

    def flat(self):
        """All gradients in one vector, in the order of `Network.flat`."""
        return flattened(self.W, self.b)


def forward(net, x):
    """The forward pass: z[l] = W[l] a[l-1] + b[l] and a[l] = f[l](z[l]), each of them kept.

    x has the shape (n_0,) for one example or (n_0, m) for a batch, a column an example; it holds
    floats or letters. Raises ValueError or TypeError for an x that does not fit.

    >>> net = Network.random([2, 3, 1], "tanh", seed=1)
    >>> trace = forward(net, [[0.0, 1.0], [0.0, 1.0]])
    >>> trace.z[1].shape, trace.output.shape
    ((3, 2), (1, 2))
    """
    z, a = {}, {0: batch("x", x, net.sizes[0], "the network's input has", net.W[1].dtype)}
    for l, f in net.f.items():
        z[l] = weighted_sum(net.W[l], a[l - 1], net.b[l])
        a[l] = f.value(z[l])
    return Trace(frozen(z), frozen(a))


def weighted_sum(W, a, b):
    """z = W a + b, of shape (n_l, m), from W (n_l, n_{l-1}), a (n_{l-1}, m) and b (n_l, 1)."""
    return W @ a + b


def target(net, y, m):
    """y as a batch (n_L, m) that fits the network and its loss; ValueError if it does not."""
    given = y
    try:
        y = batch("y", y, net.sizes[-1], "the network's output layer has", net.W[1].dtype)
        if net.loss.logits and not isinstance(y, Letters):
            _check_probabilities(net.loss, y)
    except ValueError as error:
        labels = net.loss is softmax_cross_entropy and np.asarray(given).dtype.kind in "iu"
        one_hot = f". If y numbers the classes, pass np.eye({net.sizes[-1]})[y].T" if labels else ""
        raise ValueError(f"{error}{one_hot}") from None
    if y.shape[1] != m:
        raise ValueError(f"x holds {m} examples and y holds {y.shape[1]}: they must be as many")
    return y


def loss_of(net, x, y):
    """E, the mean loss of the network on a batch of inputs x with targets y.

    >>> net = Network([[[1.0, 1.0]]], [[0.0]], "identity")
    >>> float(loss_of(net, [1.0, 2.0], [1.0]))
    2.0
    """
    output = forward(net, x).output
    return net.loss.value(output, target(net, y, output.shape[1]))


def _check_probabilities(loss, y):
    low, high = np.minimum.reduce(y, axis=None), np.maximum.reduce(y, axis=None)
    if low < 0 or high > 1:
        raise ValueError(
            f"{loss.name} takes targets between 0 and 1, probabilities; "
            f"y goes from {low:g} to {high:g}"
        )
    if loss is softmax_cross_entropy:
        sums = np.add.reduce(y, axis=0)
        off = abs(sums - 1)
        worst = off.argmax()
        if off[worst] > 1e-5:
            raise ValueError(
                f"{loss.name} takes a probability for each of the {len(y)} classes, so a column of "
                f"y must sum to 1; column {worst} sums to {sums[worst]:g}"
            )


def flattened(W, b):
    """W[1] row by row, b[1], W[2], b[2], ... as one vector."""
    return np.concatenate([part.ravel() for l in W for part in (W[l], b[l])])


def _one_a_layer(name, arrays):
    if isinstance(arrays, dict):
        arrays = arrays.values()
    if isinstance(arrays, np.ndarray | Letters | str) or not hasattr(arrays, "__iter__"):
        kind = type(arrays).__name__
        raise TypeError(f"{name} must be a list with one array a layer; got {kind}")
    arrays = list(arrays)
    if not arrays:
        raise ValueError(f"{name} is empty: a network has at least one layer")
    return arrays


def _check_shapes(l, w, w_before, v):
    if w.ndim != 2 or w.size == 0:
        raise ValueError(
            f"W[{l}] has shape {w.shape}; it must be a matrix "
            f"(units of layer {l}, units of layer {l - 1})"
        )
    n, n_in = w.shape
    if w_before is not None and n_in != w_before.shape[0]:
        raise ValueError(
            f"W[{l}] has shape {w.shape}; layer {l - 1} has {w_before.shape[0]} units, so it must "
            f"be ({n}, {w_before.shape[0]}): a row for each unit, a column for each unit before"
        )
    if v.shape not in ((n,), (n, 1)):
        raise ValueError(
            f"b[{l}] has shape {v.shape}; layer {l} has {n} units, so it must be ({n},) or ({n}, 1)"
        )


def _activations(names, L):
    if isinstance(names, dict):
        names = names.values()
    one = isinstance(names, str) or not hasattr(names, "__iter__")
    f = [activation(name) for name in ([names] * L if one else names)]
    if len(f) != L:
        raise ValueError(
            f"{len(f)} activations were given for {L} layers: give one for all, or one for each"
        )
    return dict(enumerate(f, 1))
