"""Reverse-mode differentiation on any graph of scalar operations: a table of slopes and one sweep.

The adjoint of a node, ∂output/∂node, says how fast the output grows with the node. Each node hands
its own to its inputs, times the slope of its operation; what comes over several paths is summed:

    adjoint[x] += adjoint[z] · ∂z/∂x     for z = operation(x, ...), the output first, each node once

NumPy does the recording: a node takes part in its dispatch, so ordinary code builds the graph.

>>> x, y = Node(3.0), Node(4.0)
>>> f = x**2 * y + y + 2
>>> adjoint = adjoints(f)
>>> float(f.value), float(adjoint[x]), float(adjoint[y])
(42.0, 24.0, 10.0)
"""

import functools
import numbers
from dataclasses import dataclass

import numpy as np
import sympy

from backprop.letters import Letters


def _power_slope(x, y, z):
    return 0.0 if isinstance(y, numbers.Real) and y == 0 else y * x ** (y - 1)


SLOPES = {  # of z = operation(x) or operation(x, y), one for each input
    np.positive: (lambda x, z: 1.0,),
    np.negative: (lambda x, z: -1.0,),
    np.add: (lambda x, y, z: 1.0, lambda x, y, z: 1.0),
    np.subtract: (lambda x, y, z: 1.0, lambda x, y, z: -1.0),
    np.multiply: (lambda x, y, z: y, lambda x, y, z: x),
    np.divide: (lambda x, y, z: 1 / y, lambda x, y, z: -z / y),
    np.power: (_power_slope, lambda x, y, z: z * np.log(x)),
    np.square: (lambda x, z: 2 * x,),
    np.sqrt: (lambda x, z: 1 / (2 * z),),
    np.reciprocal: (lambda x, z: -z * z,),
    np.exp: (lambda x, z: z,),
    np.expm1: (lambda x, z: z + 1,),
    np.log: (lambda x, z: 1 / x,),
    np.log1p: (lambda x, z: 1 / (1 + x),),
    np.logaddexp: (lambda x, y, z: np.exp(x - z), lambda x, y, z: np.exp(y - z)),
    np.sin: (lambda x, z: np.cos(x),),
    np.cos: (lambda x, z: -np.sin(x),),
    np.tanh: (lambda x, z: 1 - z * z,),
    np.absolute: (lambda x, z: np.sign(x),),
    np.maximum: (lambda x, y, z: x > y, lambda x, y, z: x <= y),  # so ReLU's slope at 0 is 0
    np.minimum: (lambda x, y, z: x < y, lambda x, y, z: x >= y),
}
FLAT = {  # what these give only jumps: a plain value, through which no gradient comes
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal,
    np.sign, np.floor, np.ceil, np.rint, np.isfinite, np.isnan,
}  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Node(np.lib.mixins.NDArrayOperatorsMixin):
    """A value in a graph, with the operation and the inputs that made it.

    `Node(3.0)` is an input of the graph; of any other node `operation` is a NumPy function from the
    table `SLOPES`, and `inputs` are the nodes and plain numbers that it was given. Nodes compare by
    value, as numbers do; as keys of a dictionary each is itself. A NumPy function that has no slope
    in the table raises a TypeError that names those which have one.

    >>> a, b = Node(-4.0), Node(2.0)
    >>> c = np.maximum(a * b, 0)
    >>> c, c.operation.__name__, c.inputs
    (Node(0), 'maximum', (Node(-8), 0))
    """

    value: object
    operation: np.ufunc | None = None
    inputs: tuple = ()

    __hash__ = object.__hash__

    def __post_init__(self):
        if isinstance(self.value, int | float):
            object.__setattr__(self, "value", np.float64(self.value))

    def __array_ufunc__(self, ufunc, method, *inputs, out=(None,), **options):
        name = f"np.{ufunc.__name__}"
        if ufunc not in SLOPES and ufunc not in FLAT:
            known = ", ".join(sorted(operation.__name__ for operation in SLOPES))
            raise TypeError(
                f"{name} has no slope in the table backprop.graph.SLOPES. These have: {known}. "
                f"Write it with them, or add its line to the table"
            )
        if method != "__call__" or options:
            raise TypeError(
                f"of {name}, nodes know the plain call {name}(...) only, without options"
            )
        if any(isinstance(x, np.ndarray | list | tuple) for x in inputs):  # entry by entry
            result = ufunc(*(np.asarray(x, dtype=object) for x in inputs))
        else:
            value = ufunc(*map(_value, inputs))
            result = value if ufunc in FLAT else Node(value, ufunc, inputs)
        if isinstance(out[0], np.ndarray):
            out[0][...] = result
            return out[0]
        return result  # after `c += a`, c is this new node

    def __getattr__(self, name):  # np.exp of an array of nodes asks each for its method exp
        operation = getattr(np, name, None)
        if isinstance(operation, np.ufunc) and operation.nin == 1:
            return functools.partial(operation, self)
        raise AttributeError(f"a node has a value, an operation and inputs; it has no {name!r}")

    def __bool__(self):
        return bool(self.value)

    def __float__(self):
        raise TypeError(
            "as a float a node would lose its graph: write np.exp instead of math.exp, "
            "np.zeros(n, dtype=object) instead of np.zeros(n), and .value to read the number"
        )

    def __repr__(self):
        number = isinstance(self.value, numbers.Real)
        return f"Node({self.value:g})" if number else f"Node({self.value})"


def _value(x):
    return x.value if isinstance(x, Node) else x


def _itself(x):
    return x


def topological_order(output):
    """The nodes that `output` depends on and `output` itself, each once, inputs before results.

    >>> a = Node(2.0)
    >>> topological_order(a * (a + 1))
    [Node(2), Node(3), Node(6)]
    """
    order, seen, waiting = [], set(), [(output, False)]
    while waiting:
        node, inputs_done = waiting.pop()
        if inputs_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting += [(x, False) for x in node.inputs if isinstance(x, Node)]
    return order


def adjoints(output):
    """The adjoint ∂output/∂node of each node that `output` depends on, in a dictionary.

    >>> a, b = Node(2.0), Node(1.0)
    >>> adjoint = adjoints((a + b) * (b + 1))
    >>> float(adjoint[a]), float(adjoint[b])
    (2.0, 5.0)

    The example is from C. Olah, "Calculus on Computational Graphs: Backpropagation", 2015.
    """
    return _sweep(_one_node(output), read=_value)


def _sweep(output, read):
    adjoint = {output: 1.0}
    for z in reversed(topological_order(output)):
        for x, slope in zip(z.inputs, SLOPES.get(z.operation, ()), strict=True):
            if isinstance(x, Node):
                path = adjoint[z] * slope(*map(read, z.inputs), read(z))
                adjoint[x] = adjoint[x] + path if x in adjoint else path
    return adjoint


def _one_node(output):
    node = np.asarray(output, dtype=object)
    if node.size == 1 and isinstance(node.item(), Node):
        return node.item()
    raise TypeError(
        f"a gradient is that of one node, made by operations on the inputs; this is {output!r}. "
        f"Of several nodes take one, or their sum"
    )


def gradient(f):
    """The function that takes what f takes and gives ∂f/∂argument, in each argument's shape.

    `f` takes numbers or arrays and returns one number. Letters for numbers give the formula.

    >>> df = gradient(lambda x, y: x**2 * y + y + 2)
    >>> df(3.0, 4.0)
    (24.0, 10.0)
    >>> from backprop.letters import letters
    >>> gradient(lambda x: np.exp(-x * x))(letters("x"))
    Letters(-2*x*exp(-x**2))

    It can be differentiated again: row i of the Hessian is the gradient of entry i.

    >>> [gradient(lambda x, y: df(x, y)[i])(3.0, 4.0) for i in range(2)]
    [(8.0, 6.0), (6.0, 0.0)]

    The example is from A. Géron, "Hands-On Machine Learning", appendix on autodiff. Raises
    TypeError for an operation that is not in the table, and where f does not return one number.
    """

    @functools.wraps(f)
    def gradient_of_f(*args):
        inputs = [_each(_input, arg) for arg in args]
        again = any(node.inputs for array in inputs for node in array.flat)  # made from other nodes
        read, kind = (_itself, _as_node) if again else (_value, _value)
        output = f(*(array[()] for array in inputs))
        independent = isinstance(output, numbers.Real)  # of all arguments
        adjoint = {} if independent else _sweep(_one_node(output), read)
        gradients = [_each(lambda node: kind(adjoint.get(node, 0.0)), array) for array in inputs]
        gradients = tuple(map(_like, args, gradients))
        return gradients if len(args) > 1 else gradients[0]

    return gradient_of_f


def _each(function, array):
    entries = array.entries if isinstance(array, Letters) else np.asarray(array, dtype=object)
    results = np.empty(entries.size, dtype=object)
    for i, entry in enumerate(entries.flat):
        results[i] = function(entry)
    return results.reshape(entries.shape)


def _input(x):
    if isinstance(x, Node):
        return +x  # a node of its own: f may use x itself as well, as a constant
    if isinstance(x, numbers.Real):
        return Node(float(x))
    if isinstance(x, sympy.Basic):
        return Node(Letters(x))
    raise TypeError(f"a gradient is taken at numbers, arrays, letters or nodes, not at {x!r}")


def _as_node(x):
    return x if isinstance(x, Node) else Node(x)


def _like(arg, entries):
    if isinstance(arg, Letters):
        return Letters(_each(lambda x: Letters(x).item(), entries))
    if entries.size and isinstance(entries.flat[0], Node):
        return entries[()]
    return entries.astype(float) if entries.ndim else float(entries[()])
