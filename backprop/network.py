"""A network, what passes forward through it, and what comes back: immutable values.

z = W a_prev + b,   a = f(z),   layer by layer from a[0] = x; a column is an example
"""

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np

from backprop.activations import activation
from backprop.letters import Letters, letters
from backprop.losses import loss as look_up_loss


class Layers(dict):
    """Something for each layer, by the layer's number, as on the slides: W[1] ... W[L], a[0] ... a[L].

    >>> Layers({1: "W of layer 1", 2: "W of layer 2"})[0]
    Traceback (most recent call last):
    KeyError: 'there is nothing here for layer 0; there is for layers 1 to 2 (layer 0 is the input)'
    """

    def __missing__(self, l):
        raise KeyError(
            f"there is nothing here for layer {l!r}; there is for layers {min(self)} to {max(self)} "
            f"(layer 0 is the input)"
        )


def frozen(layers):
    """A read-only view of `layers`, by number, its arrays made read-only too."""
    for array in layers.values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return MappingProxyType(Layers(layers))


class Network:
    """A fully connected network: for each layer l = 1 ... L the weights W[l], biases b[l] and activation f[l].

    W and b are lists of arrays, the first for layer 1: W[l] has the shape (n_l, n_{l-1}), row j the
    weights into unit j; b[l] has n_l entries and is kept as a column (n_l, 1). `activations` is one
    name for all layers or a list, one a layer. Raises ValueError or TypeError for arrays that do not fit.

    >>> net = Network(W=[[[1, -1], [2, 0], [0, 1]], [[1, 1, 1]]], b=[[0, 0, 0], [0.5]],
    ...               activations=["relu", "identity"])
    >>> net
    Network 2-3-1 (relu, identity; squared_error)
    >>> forward(net, [1.0, 2.0]).output
    array([[4.5]])
    """

    __slots__ = ("W", "b", "f", "loss")

    def __init__(self, W, b, activations, loss="squared_error"):
        W, b = _per_layer("W", W), _per_layer("b", b)
        if len(W) != len(b):
            raise ValueError(
                f"W has {len(W)} layers and b has {len(b)}: give one array of each for every layer"
            )
        dtype = None if isinstance(W[0], Letters) else np.result_type(*(_array("W", w) for w in W))
        dtype = np.dtype(np.float32) if dtype == np.float32 else np.dtype(float)
        W = [_array(f"W[{l}]", w, dtype) for l, w in enumerate(W, 1)]
        b = [_array(f"b[{l}]", v, dtype) for l, v in enumerate(b, 1)]
        for l, (w, v) in enumerate(zip(W, b, strict=True), 1):
            if w.ndim != 2 or 0 in w.shape:
                raise ValueError(
                    f"W[{l}] has shape {w.shape}; it must be a matrix (units of layer {l}, units of layer {l - 1})"
                )
            if l > 1 and w.shape[1] != W[l - 2].shape[0]:
                raise ValueError(
                    f"W[{l}] has shape {w.shape}, so it takes {w.shape[1]} inputs; layer {l - 1} has "
                    f"{W[l - 2].shape[0]} units, so W[{l}] must have the shape (units of layer {l}, {W[l - 2].shape[0]})"
                )
            n = w.shape[0]
            if v.shape not in ((n,), (n, 1)):
                raise ValueError(
                    f"b[{l}] has shape {v.shape}; layer {l} has {n} units, so it must be ({n},) or ({n}, 1)"
                )
        b = [v.reshape(-1, 1) for v in b]
        f, loss = _activations(activations, len(W)), look_up_loss(loss)
        if loss.logits and f[-1].name != "identity":
            raise ValueError(
                f"{loss.name} makes probabilities of the last layer's z itself, so the last activation must be "
                f'"identity"; it is "{f[-1].name}". Write activations={[*(g.name for g in f[:-1]), "identity"]}'
            )
        self._set(
            frozen(dict(enumerate(W, 1))),
            frozen(dict(enumerate(b, 1))),
            frozen(dict(enumerate(f, 1))),
            loss,
        )

    def _set(self, W, b, f, loss):
        for name, value in zip(self.__slots__, (W, b, f, loss), strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, name, value):
        raise AttributeError(f"a Network never changes; make a new one instead of setting {name!r}")

    __delattr__ = lambda self, name: self.__setattr__(name, None)

    def __reduce__(self):
        return Network, (
            list(self.W.values()),
            list(self.b.values()),
            list(self.f.values()),
            self.loss,
        )

    def __repr__(self):
        names = ", ".join(f.name for f in self.f.values())
        return f"Network {'-'.join(map(str, self.sizes))} ({names}; {self.loss.name})"

    def __eq__(self, other):
        if not isinstance(other, Network):
            return NotImplemented
        return (self.sizes, dict(self.f), self.loss) == (
            other.sizes,
            dict(other.f),
            other.loss,
        ) and np.array_equal(self.flat(), other.flat())

    __hash__ = None

    # — where networks come from —

    @classmethod
    def random(cls, sizes, activations, loss="squared_error", init="xavier", seed=0, dtype=float):
        """A network of the given sizes with random weights and zero biases, the same for the same seed.

        `init` says how the weights W[l], n_{l-1} → n_l, are drawn:

        - "xavier": uniform in ±√(6 / (n_{l-1} + n_l)); X. Glorot and Y. Bengio, "Understanding the difficulty
          of training deep feedforward neural networks", AISTATS 2010, equation 16. For sigmoid and tanh.
        - "he": normal with variance 2 / n_{l-1}; K. He, X. Zhang, S. Ren and J. Sun, "Delving deep into
          rectifiers", ICCV 2015, equation 10. For ReLU.
        - "zeros": all zero, to see that hidden units which start equal stay equal.

        >>> Network.random([784, 64, 1], ["relu", "identity"], "binary_cross_entropy", init="he").n_parameters
        50305
        """
        sizes = _sizes(sizes)
        if init not in INITS:
            raise ValueError(f"there is no init {init!r}; there are: {', '.join(INITS)}")
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise TypeError(f"dtype must be float32 or float64; got {np.dtype(dtype)}")
        rng = np.random.default_rng(seed)
        W = [INITS[init](rng, n_in, n_out).astype(dtype) for n_in, n_out in pairwise(sizes)]
        return cls(W, [np.zeros((n, 1), dtype) for n in sizes[1:]], activations, loss)

    @classmethod
    def letters(cls, sizes, activations, loss="squared_error"):
        """The network with letters for numbers: W[l] holds w^{(l)}_{ji}, b[l] holds b^{(l)}_j.

        >>> net = Network.letters([2, 1], "sigmoid")
        >>> forward(net, letters("x", 2)).z[1]
        Letters([[w1_1_1*x_1 + w1_1_2*x_2 + b1_1]])
        """
        sizes = _sizes(sizes)
        W = [letters(f"w{l}", (n, n_in)) for l, (n_in, n) in enumerate(pairwise(sizes), 1)]
        return cls(W, [letters(f"b{l}", n) for l, n in enumerate(sizes[1:], 1)], activations, loss)

    @classmethod
    def load(cls, path):
        """The network that `save` wrote. Nothing is unpickled; raises ValueError for any other file."""
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
            L = int(arrays["layers"])
            names = [str(name) for name in arrays["activations"]]
            W, b = ([arrays[f"{letter}{l}"] for l in range(1, L + 1)] for letter in "Wb")
            return cls(W, b, names, str(arrays["loss"]))
        except FileNotFoundError:
            raise
        except Exception as error:
            raise ValueError(f"{path} is not a network saved by Network.save: {error}") from error

    def save(self, path):
        """Write the network to an `.npz` file: W1, b1, ..., and the names of its activations and loss."""
        if isinstance(self.W[1], Letters):
            raise TypeError("a network of letters has no numbers to save")
        arrays = {f"W{l}": w for l, w in self.W.items()} | {f"b{l}": v for l, v in self.b.items()}
        names = [f.name for f in self.f.values()]
        for name in (*names, self.loss.name):  # what cannot be found again by name cannot be loaded
            if name in names:
                activation(name)
            else:
                look_up_loss(name)
        np.savez(path, layers=self.L, activations=names, loss=self.loss.name, **arrays)

    # — what a network is asked —

    @property
    def L(self):
        """The number of layers, the input not counted."""
        return len(self.W)

    @property
    def sizes(self):
        """The number of units in each layer, from the input on: (n_0, n_1, ..., n_L)."""
        return (self.W[1].shape[1], *(w.shape[0] for w in self.W.values()))

    @property
    def dtype(self):
        return self.W[1].dtype

    @property
    def n_parameters(self):
        return sum(w.size for w in (*self.W.values(), *self.b.values()))

    def flat(self):
        """All parameters in one vector: W[1] row by row, b[1], W[2], b[2], ..."""
        return flattened(self.W, self.b)

    def with_flat(self, vector):
        """The same network with the parameters taken from a vector in the order of `flat`."""
        if np.shape(vector) != (self.n_parameters,):
            raise ValueError(
                f"the network has {self.n_parameters} parameters; the vector has shape {np.shape(vector)}"
            )
        W, b, start = {}, {}, 0
        for l, w in self.W.items():
            W[l] = vector[start : start + w.size].reshape(w.shape)
            start += w.size
            b[l] = vector[start : start + w.shape[0]].reshape(-1, 1)
            start += w.shape[0]
        return self.with_parameters(W, b)

    def with_parameters(self, W, b):
        """The same network with other weights and biases, by layer number and of the same shapes (not checked)."""
        net = object.__new__(Network)
        net._set(frozen(W), frozen(b), self.f, self.loss)
        return net


INITS = {
    "xavier": lambda rng, n_in, n: rng.uniform(-1, 1, (n, n_in)) * np.sqrt(6 / (n_in + n)),
    "he": lambda rng, n_in, n: rng.standard_normal((n, n_in)) * np.sqrt(2 / n_in),
    "zeros": lambda rng, n_in, n: np.zeros((n, n_in)),
}


@dataclass(frozen=True, eq=False, slots=True)
class Trace:
    """What a forward pass leaves behind, all of it needed on the way back: z[1] ... z[L] and a[0] ... a[L]."""

    z: Layers
    a: Layers

    @property
    def output(self):
        """The network's output a[L]."""
        return self.a[len(self.z)]


@dataclass(frozen=True, eq=False, slots=True)
class Gradients:
    """What a backward pass brings: delta[l] = ∂E/∂z[l], W[l] = ∂E/∂W[l] and b[l] = ∂E/∂b[l], for l = 1 ... L."""

    delta: Layers
    W: Layers
    b: Layers

    def flat(self):
        """All gradients in one vector, in the order of `Network.flat`."""
        return flattened(self.W, self.b)


def flattened(W, b):
    """W[1] row by row, b[1], W[2], b[2], ... as one vector."""
    return np.concatenate([part.ravel() for l in W for part in (W[l], b[l])])


def forward(net, x):
    """The forward pass: z[l] = W[l] a[l-1] + b[l] and a[l] = f[l](z[l]), each of them kept.

    x has the shape (n_0,) for one example or (n_0, m) for a batch, a column an example; it is floats
    or letters. Raises ValueError or TypeError for an x that does not fit.

    >>> net = Network.random([2, 3, 1], "tanh", seed=1)
    >>> trace = forward(net, [[0.0, 1.0], [0.0, 1.0]])
    >>> trace.z[1].shape, trace.output.shape
    ((3, 2), (1, 2))
    """
    z, a = {}, {0: batch("x", x, net.sizes[0], "the network has {n} inputs", net.dtype)}
    for l, f in net.f.items():
        z[l] = weighted_sum(net.W[l], a[l - 1], net.b[l])
        a[l] = f.value(z[l])
    return Trace(MappingProxyType(Layers(z)), MappingProxyType(Layers(a)))


def weighted_sum(W, a, b):
    """z = W a + b, of shape (n_l, m), from W (n_l, n_{l-1}), a (n_{l-1}, m) and b (n_l, 1)."""
    return W @ a + b


def batch(name, array, n, having, dtype=float):
    """`array` as a matrix (n, m) of finite floats (or of letters), a column an example; else a clear error."""
    if not isinstance(array, Letters):
        array = _array(name, array, dtype)
    if array.ndim == 1:
        array = array.reshape(-1, 1)
    if array.ndim != 2 or array.shape[0] != n or array.shape[1] == 0:
        shape = array.shape[:1] if array.shape[1:] == (1,) else array.shape
        transposed = (
            f". Rows seem to be examples here: pass {name}.T" if array.shape[1:] == (n,) else ""
        )
        raise ValueError(
            f"{name} has shape {shape}; {having.format(n=n)}, so {name} must be ({n},) or ({n}, m){transposed}"
        )
    return array


def _per_layer(name, arrays):
    if isinstance(arrays, MappingProxyType | Layers):
        arrays = arrays.values()
    if isinstance(arrays, np.ndarray | Letters | str) or not hasattr(arrays, "__iter__"):
        raise TypeError(
            f"{name} must be a list with one array a layer; got {type(arrays).__name__}"
        )
    arrays = list(arrays)
    if not arrays:
        raise ValueError(f"{name} is empty: a network has at least one layer")
    return arrays


def _array(name, array, dtype=None):
    if isinstance(array, Letters):
        return array
    given = array
    try:
        array = np.asarray(array)
    except ValueError as error:
        raise ValueError(f"{name} is no array: its rows differ in length") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers; it holds {array.dtype.name}")
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} holds NaN or infinity at index {tuple(map(int, np.argwhere(~np.isfinite(array))[0]))}"
        )
    if dtype is None:
        return array
    array = array.astype(dtype, copy=False)
    return array.copy() if array is given or array.base is not None else array


def _activations(names, L):
    if isinstance(names, MappingProxyType | Layers):
        names = names.values()
    if isinstance(names, str) or not hasattr(names, "__iter__"):
        return [activation(names)] * L
    names = [activation(name) for name in names]
    if len(names) != L:
        raise ValueError(
            f"{len(names)} activations were given for {L} layers: give one name, or one for each layer"
        )
    return names


def _sizes(sizes):
    try:
        sizes = tuple(sizes)
    except TypeError:
        raise TypeError(
            f"sizes must be a list of numbers of units such as [2, 3, 1]; got {sizes!r}"
        ) from None
    for n in sizes:
        if isinstance(n, bool) or not isinstance(n, int | np.integer):
            raise TypeError(f"sizes must be whole numbers of units; {n!r} is not")
        if n < 1:
            raise ValueError(f"every layer needs at least one unit; sizes has {n}")
    if len(sizes) < 2:
        raise ValueError(
            f"sizes must name the inputs and at least one layer, such as [2, 1]; got {list(sizes)}"
        )
    return tuple(map(int, sizes))
