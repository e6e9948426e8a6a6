"""The chain rule, derived: each step of backpropagation as a formula, with the numbers beside it.

Nothing here is typed by hand: the formulas are what the equations give when they run on letters.
"""

import difflib
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import sympy

from backprop.equations import bias_gradient, hidden_delta, output_delta, weight_gradient
from backprop.inputs import floats
from backprop.letters import Letter, Letters, letters
from backprop.network import forward, target, weighted_sum
from backprop.printing import SlidePrinter, text, typeset
from backprop.proof import in_letters, written_out

WORDS = {
    "z": "the weighted sum into unit {j} of layer {l}",
    "a": "the activation of unit {j} of layer {l}",
    "E": "the loss",
    "BP1": "the slope of the loss at output {j}, times the slope of its activation",
    "BP2": "the deltas of layer {next}, each through its weight, summed, times the slope here",
    "BP3": "a bias moves its weighted sum one for one, so its gradient is the delta",
    "BP4": "the delta of the unit it leads into, times the activation that comes in",
    "update": "one step downhill, the learning rate times the gradient",
}


def _plain(value):
    """A number in LaTeX, to four digits."""
    mantissa, e, exponent = f"{value + 0.0:.4g}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


def _factor(value):
    number = _plain(value)
    return rf"\left({number}\right)" if value < 0 or "cdot" in number else number


def _partial(of, by):
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


# — steps —


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a training step: `symbol` = `formula`, and the equation that says so.

    `given` holds the numbers by the names of their letters, where there are any.
    """

    symbol: Letter
    formula: sympy.Expr
    equation: str
    given: dict = field(default_factory=dict, repr=False)

    _words, _printer = WORDS, SlidePrinter

    @property
    def words(self):
        """What the step does, in words."""
        _, layer, indices = self.symbol.parts
        l, j = int(layer or 0), "".join(indices[:1])
        return self._words[self.equation].format(l=l, next=l + 1, j=j)

    @property
    def chain(self):
        """The step as the chain rule writes it, a product of slopes, in LaTeX; '' going forward."""
        if not self.equation.startswith("BP"):
            return ""
        _, l, (j, *_) = self.symbol.parts
        z, a = (typeset(Letter(f"{name}{l}_{j}")) for name in "za")
        if self.equation == "BP1":
            return rf"{_partial('E', a)} \cdot {_partial(a, z)}"
        if self.equation == "BP2":
            z_next = rf"z^{{({int(l) + 1})}}_{{k}}"
            through = rf"{_partial('E', z_next)} \cdot {_partial(z_next, a)}"
            return rf"\Bigl(\sum_{{k}} {through}\Bigr) \cdot {_partial(a, z)}"
        parameter = typeset(Letter(self.symbol.name.removeprefix("dE_d")))
        return rf"{_partial('E', z)} \cdot {_partial(z, parameter)}"

    @property
    def value(self):
        """The number that comes out; None where there are letters only."""
        return self.given.get(self.symbol.name)

    @property
    def numbers(self):
        """The formula with the numbers plugged in, in LaTeX; None where there are letters only."""
        if self.value is None:
            return None
        if self.formula.is_Symbol:
            return _plain(self.value)
        names = {s: _factor(self.given[s.name]) for s in self.formula.free_symbols}
        return typeset(self.formula, symbol_names=names, mul_symbol="dot")

    def parts(self):
        """What stands between the equals signs, in LaTeX; '' for what there is not."""
        value = "" if self.value is None else _plain(self.value)
        numbers = "" if self.formula.is_Symbol else self.numbers or ""
        symbol, formula = map(self._printer().doprint, (self.symbol, self.formula))
        return symbol, self.chain, formula, numbers, value

    def latex(self):
        """The step as one line of LaTeX: symbol = chain rule = formula = numbers = value."""
        return " = ".join(filter(None, self.parts()))

    def _repr_latex_(self):
        return rf"$\displaystyle {self.latex()}$"

    def __str__(self):
        number = "" if self.value is None else f" = {self.value:.9f}"
        return f"{self.equation:>6}  {self.symbol} = {text(self.formula)}{number}"


class Derivation:
    """Every step of one training step of a network on one example, neuron by neuron.

    `derivation["delta1_2"]` is the step that gives that symbol; `derivation.of("w1_1_2")` is the
    chain rule for one parameter, from the output's delta back to its gradient. Gradients are
    called "dE_dw1_1_2", updated parameters "new_w1_1_2".
    """

    def __init__(self, net, steps):
        self.net = net
        self.steps = tuple(steps)
        self._at = {step.symbol.name: step for step in self.steps}

    def __iter__(self):
        return iter(self.steps)

    def __len__(self):
        return len(self.steps)

    def __getitem__(self, name):
        if str(name) not in self._at:
            near = difflib.get_close_matches(str(name), self._at, n=1)
            some = {step.equation: step.symbol.name for step in self.steps}
            raise KeyError(
                f"{name} is not derived here{f'; did you mean {near[0]}?' if near else '.'} "
                f"Symbols look like {', '.join(some.values())}"
            )
        return self._at[str(name)]

    def of(self, parameter):
        """The steps back from the output to ∂E/∂parameter, such as "w1_1_2" or "b2_1"."""
        needed = {self[f"dE_d{parameter}"].symbol}
        for step in reversed(self._backward):
            if step.symbol in needed:
                needed |= step.formula.free_symbols
        return Derivation(self.net, (step for step in self._backward if step.symbol in needed))

    @property
    def gradient_steps(self):
        """The last steps of the way back: each parameter's ∂E/∂, in the order of `Network.flat`."""
        gradients = [step for step in self.steps if step.equation in ("BP3", "BP4")]
        return sorted(gradients, key=lambda step: int(step.symbol.parts[1]))

    @property
    def _backward(self):
        return [step for step in self.steps if step.equation.startswith("BP")]

    def operations(self):
        """How many operations the forward and the backward pass take."""
        passes = (step for step in self.steps if step.equation not in ("E", "update"))
        return sum(int(step.formula.count_ops()) for step in passes)

    def __repr__(self):
        return f"Derivation of {self.net}, {len(self)} steps"

    def __str__(self):
        return "\n".join(map(str, self.steps))

    def latex(self):
        """All steps as one block of LaTeX, to be set between dollar signs: a line a step."""
        rows = (step.latex().replace(" = ", " &= ", 1) for step in self.steps)
        return r"\begin{aligned}" + " \\\\\n".join(rows) + r"\end{aligned}"

    def _repr_markdown_(self):
        """A table with a row for each step; a column that would be empty is left out."""
        rows = []
        for step in self.steps:
            parts = [part and rf"$\displaystyle {part}$" for part in step.parts()]
            rows.append((step.equation, *parts, "" if step.given else step.words))
        heads = ("", "", "chain rule", "formula", "numbers", "value", "in words")
        columns = [c for c in zip(heads, "-" * 7, *rows, strict=True) if any(c[2:])]
        return "\n".join(f"| {' | '.join(row)} |" for row in zip(*columns, strict=True))


def derive(net, x=None, y=None, eta=None):
    """Derive one training step of a fully connected network, neuron by neuron, for one example.

    The cost grows in proportion to the number of weights: each z, a and delta gets a letter of its
    own. With an input x and a target y (vectors), each step carries its numbers; those of the
    updated parameters need the learning rate eta too. Raises ValueError or TypeError for numbers
    that do not fit.

    >>> from backprop import Network
    >>> net = Network.letters([2, 2, 2], "sigmoid")
    >>> print(derive(net)["delta1_1"])
       BP2  delta1_1 = a1_1*(1 - a1_1)*(w2_1_1*delta2_1 + w2_2_1*delta2_2)
    >>> print(derive(net).of("w2_1_2"))
       BP1  delta2_1 = a2_1*(1 - a2_1)*(a2_1 - y_1)
       BP4  dE_dw2_1_2 = delta2_1*a1_2
    """
    given = {} if x is None and y is None and eta is None else _numbers(net, x, y, eta)
    steps = []

    def name(symbol, formulas, equation):
        fresh = _named(symbol, formulas.shape)
        pairs = zip(fresh.entries.flat, formulas.entries.flat, strict=True)
        steps.extend(Step(letter, formula, equation, given) for letter, formula in pairs)
        return fresh.reshape(formulas.shape)

    x, y = _named("x", (net.sizes[0], 1)), _named("y", (net.sizes[-1], 1))
    walk(in_letters(net), x[:, None], y[:, None], Letter("eta"), name)
    return Derivation(net, steps)


def walk(net, x, y, eta, name):
    """Run the equations of one training step in order, giving a name to all that comes out.

    `name(symbol, result, equation)` writes a step down and returns what the next steps are computed
    on: fresh letters for a formula, so that each formula is as short as on a slide.
    """
    L, z, a, delta = net.L, {}, {0: x}, {}
    for l, f in net.f.items():
        z[l] = name(f"z{l}", weighted_sum(net.W[l], a[l - 1], net.b[l]), "z")
        a[l] = name(f"a{l}", f.value(z[l]), "a")
    name("E", net.loss.value(a[L], y), "E")
    delta[L] = name(f"delta{L}", output_delta(net.loss, net.f[L], z[L], a[L], y), "BP1")
    for l in range(L - 1, 0, -1):
        result = hidden_delta(net.W[l + 1], delta[l + 1], net.f[l], z[l], a[l])
        delta[l] = name(f"delta{l}", result, "BP2")
    dW, db = {}, {}
    for l in range(L, 0, -1):
        dW[l] = name(f"dE_dW{l}", weight_gradient(delta[l], a[l - 1]), "BP4")
        db[l] = name(f"dE_db{l}", bias_gradient(delta[l]), "BP3")
    for l in range(L, 0, -1) if eta is not None else ():
        name(f"new_W{l}", net.W[l] - eta * dW[l], "update")
        name(f"new_b{l}", net.b[l] - eta * db[l], "update")


def _named(symbol, shape):
    """The letters of an array: those of a weight have two indices, those of a column have one."""
    return letters(symbol.replace("W", "w"), shape if "W" in symbol else shape[:1])


def _numbers(net, x, y, eta):
    """The same walk on floats: the number behind each letter, by the letter's name."""
    if x is None or y is None:
        raise ValueError("for numbers give both the input x and the target y")
    x = forward(net, x).a[0]
    if x.shape[1] != 1:
        raise ValueError(
            f"a derivation follows one example and x holds {x.shape[1]}: pass one column, x[:, 0]"
        )
    y = target(net, y, 1)
    if any(isinstance(array, Letters) for array in (net.W[1], x, y)):
        raise TypeError("for numbers give a network, an x and a y that hold numbers, not letters")
    if np.ndim(eta):
        raise ValueError(f"eta must be one number; it has shape {np.shape(eta)}")
    given = {} if eta is None else {"eta": floats("eta", eta).item()}

    def note(symbol, result, equation=None):
        names = _named(symbol, result.shape).entries
        given.update((s.name, float(v)) for s, v in zip(names.flat, result.flat, strict=True))
        return result

    parameters = {f"{k}{l}": v for k in "Wb" for l, v in getattr(net, k).items()}
    for symbol, array in ({"x": x, "y": y} | parameters).items():
        note(symbol, array)
    walk(net, x, y, given.get("eta"), note)
    return given


# — for every width at once —


class _Entry(sympy.Indexed):
    """An indexed letter, typeset and put in order as the letters of a network are."""

    def sort_key(self, order=None):
        return Letter(str(self.base)).sort_key()

    def _latex(self, printer):
        return f"{printer._print(self.base.label)}_{{{''.join(map(str, self.indices))}}}"


class _Function(sympy.Function):
    """An activation of which nothing is known but its name, f, and that its slope is f′."""

    primes = ""

    def fdiff(self, argindex=1):
        return _Slope(*self.args)

    def _sympystr(self, printer):
        return f"f{self.primes}({printer._print(self.args[0])})"

    def _latex(self, printer):
        return rf"f{self.primes}{{\left({printer._print(self.args[0])}\right)}}"


class _Slope(_Function):
    primes = "'"


_h, _i, _j, _k, _n, _p = sympy.symbols("h i j k n p", integer=True, positive=True)
_w, _b, _a, _z, _delta = (
    partial(_Entry, sympy.IndexedBase(name)) for name in ("w", "b", "a", "z", "delta")
)


def _to_first_order(a, i):
    """E = Σ_k δ_k z_k with z_k = Σ_i w_ki a_i + b_k, from i = 1 to n and k = 1 to p."""
    z = sympy.Sum(_w(_k, i) * a, (i, 1, _n)) + _b(_k)
    return sympy.Sum(_delta(_k) * z, (_k, 1, _p))


def _slope(loss, by):
    """∂E/∂ of an indexed letter; unit i is one of the n, and so is j, or one of the p."""
    within = dict.fromkeys((_i <= _n, _j <= _n, _j <= _p), sympy.true)
    slope = loss.diff(by)
    for _ in "ik":  # the sums over i and over k
        slope = sympy.factor_terms(slope.doit().subs(within))
    return slope


def general_hidden_delta():
    """BP2 for layers of any width, derived by SymPy with indexed letters and sums.

    To first order, a change of the next z_k changes the loss δ_k times as much: that is what
    δ means. So E is written as Σ_k δ_k z_k with z_k = Σ_i w_ki f(z_i) + b_k, and SymPy takes
    its derivative by one z_j. Returns the pair (that expression, its derivative).

    >>> loss, delta = general_hidden_delta()
    >>> delta
    f'(z[j])*Sum(w[k, j]*delta[k], (k, 1, p))
    """
    loss = _to_first_order(_Function(_z(_i)), _i)
    return loss, _slope(loss, _z(_j))


def general_gradients():
    """BP4 and BP3 for layers of any width, derived by SymPy with indexed letters and sums.

    As in `general_hidden_delta`, E is Σ_k δ_k z_k to first order; here z_k = Σ_h w_kh a_h + b_k,
    and SymPy takes the derivatives by one weight w_ji and by one bias b_j. Returns the triple
    (that expression, ∂E/∂w_ji, ∂E/∂b_j).

    >>> loss, by_weight, by_bias = general_gradients()
    >>> by_weight, by_bias
    (delta[j]*a[i], delta[j])
    """
    loss = _to_first_order(_a(_h), _h)
    return loss, _slope(loss, _w(_j, _i)), _slope(loss, _b(_j))


def growth(networks):
    """How long the gradients are when written out, beside what backpropagation takes.

    For each network: (parameters, operations in the written-out derivatives, operations of
    backpropagation). The second grows with the paths in the network, the third with its weights.

    >>> from backprop import Network
    >>> growth([Network.letters(sizes, "sigmoid") for sizes in ([1, 1], [2, 2, 1], [2, 2, 2])])
    [(2, 39, 11), (9, 725, 42), (12, 1456, 60)]
    """
    return [
        (
            net.n_parameters,
            sum(int(derivative.count_ops()) for derivative in written_out(net).values()),
            derive(net).operations(),
        )
        for net in networks
    ]
