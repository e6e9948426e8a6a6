"""The chain rule, derived: each step of backpropagation as a formula, with the numbers beside it.

Nothing here is typed by hand: the formulas are what the equations give when they run on letters.
"""

import difflib
from dataclasses import dataclass, replace

import numpy as np
import sympy

from backprop.equations import (
    backward,
    bias_gradient,
    hidden_delta,
    output_delta,
    weight_gradient,
)
from backprop.letters import Letter, Letters, letters
from backprop.network import Network, forward, loss_of, weighted_sum

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


@dataclass(frozen=True)
class Step:
    """One step of a training step: `symbol` = `formula`, and the equation that says so.

    `chain` is the step as the chain rule writes it, a product of partial derivatives in LaTeX, ''
    on the way forward. `numbers` is the formula with the numbers plugged in, in LaTeX, and `value`
    what comes out, both None where there are letters only.
    """

    symbol: Letter
    formula: sympy.Expr
    equation: str
    words: str
    chain: str = ""
    numbers: str | None = None
    value: float | None = None

    def latex(self):
        """The step as one line of LaTeX: symbol = chain rule = formula = numbers = value."""
        parts = [sympy.latex(self.symbol), self.chain, sympy.latex(self.formula)]
        if self.value is not None:
            parts += [self.numbers, _plain(self.value)]
        return " = ".join(part for part in parts if part)

    def _repr_latex_(self):
        return rf"$\displaystyle {self.latex()}$"

    def __str__(self):
        number = "" if self.value is None else f" = {self.value:.9f}"
        formula = sympy.sstr(self.formula, full_prec=False)
        return f"{self.equation:>6}  {self.symbol} = {formula}{number}"


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
            raise KeyError(
                f"{name} is not derived here{f'; did you mean {near[0]}?' if near else ''} "
                f"Symbols look like z1_2, delta1_2, dE_dw1_2_1 (layer, unit, unit before)"
            )
        return self._at[str(name)]

    def of(self, parameter):
        """The steps that lead from the output to ∂E/∂parameter, such as "w1_1_2" or "b2_1"."""
        needed = {self[f"dE_d{parameter}"].symbol}
        for step in reversed(self.steps):
            if step.symbol in needed and step.equation in ("BP1", "BP2", "BP3", "BP4"):
                needed |= step.formula.free_symbols
        backward_steps = ("BP1", "BP2", "BP3", "BP4")
        return [s for s in self.steps if s.symbol in needed and s.equation in backward_steps]

    @property
    def gradient_steps(self):
        """The last steps of the way back: each parameter's ∂E/∂, in the order of `Network.flat`."""
        return [self[f"dE_d{letter}"] for letter in _in_letters(self.net).flat().entries]

    def operations(self):
        """How many operations the forward and the backward pass take."""
        passes = (step for step in self.steps if step.equation not in ("E", "update"))
        return sum(int(step.formula.count_ops()) for step in passes)

    def __str__(self):
        return "\n".join(map(str, self.steps))

    def _repr_latex_(self):
        rows = (r" &= ".join((sympy.latex(s.symbol), s.latex().split(" = ", 1)[1])) for s in self)
        return r"$\displaystyle \begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}$"


def derive(net, x=None, y=None, eta=None):
    """Derive one training step of a fully connected network, neuron by neuron, for one example.

    The cost grows in proportion to the number of weights: each z, a and delta gets a letter of its
    own. With an input x and a target y (vectors), each step carries its numbers; those of the
    updated parameters need the learning rate eta too.

    >>> net = Network.letters([2, 2, 2], "sigmoid")
    >>> print(derive(net)["delta1_1"])
       BP2  delta1_1 = a1_1*(1 - a1_1)*(w2_1_1*delta2_1 + w2_2_1*delta2_2)
    >>> for step in derive(net).of("w2_1_2"):
    ...     print(step)
       BP1  delta2_1 = a2_1*(1 - a2_1)*(a2_1 - y_1)
       BP4  dE_dw2_1_2 = delta2_1*a1_2
    """
    steps = _steps(_in_letters(net))
    if x is not None:
        values = _values(net, x, y, eta)
        steps = [_with_numbers(step, values) for step in steps]
    return Derivation(net, steps)


def _steps(net):
    steps = []

    def name(symbol, formula, equation, l):
        """Give each entry of a formula a letter of its own, and write the step down."""
        shape = formula.shape if symbol.endswith(f"w{l}") else formula.shape[:1]
        fresh = letters(symbol, shape).reshape(formula.shape)
        for index, letter in np.ndenumerate(fresh.entries):
            j = index[0] + 1 if index else None
            words = WORDS[equation].format(j=j, l=l, next=l + 1)
            chain = _chain(letter, equation, l, j)
            steps.append(Step(letter, formula.entries[index], equation, words, chain))
        return fresh

    x, y = (letters(letter, net.sizes[l])[:, None] for letter, l in (("x", 0), ("y", -1)))
    walk(net, x, y, name)
    return steps


def walk(net, x, y, name):
    """Run the equations of one training step in order, giving a name to all that comes out.

    `name(symbol, formula, equation, l)` writes a step down and returns the letters for it, on which
    the next steps are computed: so each formula is as short as on a slide.
    """
    L, z, a, delta = net.L, {}, {0: x}, {}
    w = "w" if isinstance(x, Letters) else "W"
    for l, f in net.f.items():
        z[l] = name(f"z{l}", weighted_sum(net.W[l], a[l - 1], net.b[l]), "z", l)
        a[l] = name(f"a{l}", f.value(z[l]), "a", l)
    name("E", net.loss.value(a[L], y), "E", L)
    delta[L] = name(f"delta{L}", output_delta(net.loss, net.f[L], z[L], a[L], y), "BP1", L)
    for l in range(L - 1, 0, -1):
        formula = hidden_delta(net.W[l + 1], delta[l + 1], net.f[l], z[l], a[l])
        delta[l] = name(f"delta{l}", formula, "BP2", l)
    dW, db, eta = {}, {}, Letter("eta")
    for l in range(L, 0, -1):
        dW[l] = name(f"dE_d{w}{l}", weight_gradient(delta[l], a[l - 1]), "BP4", l)
        db[l] = name(f"dE_db{l}", bias_gradient(delta[l]), "BP3", l)
    for l in range(L, 0, -1):
        name(f"new_{w}{l}", net.W[l] - eta * dW[l], "update", l)
        name(f"new_b{l}", net.b[l] - eta * db[l], "update", l)


def _chain(symbol, equation, l, j):
    """The chain rule behind an equation: which partial derivatives are multiplied and summed."""
    z, a = (sympy.latex(Letter(f"{name}{l}_{j}")) for name in "za")
    if equation == "BP1":
        return rf"{_partial('E', a)} \cdot {_partial(a, z)}"
    if equation == "BP2":
        z_next = rf"z^{{({l + 1})}}_k"
        through = rf"{_partial('E', z_next)} \cdot {_partial(z_next, a)}"
        return rf"\Bigl(\sum_k {through}\Bigr) \cdot {_partial(a, z)}"
    if equation in ("BP3", "BP4"):
        parameter = sympy.latex(Letter(symbol.name.removeprefix("dE_d")))
        return rf"{_partial('E', z)} \cdot {_partial(z, parameter)}"
    return ""


def _partial(of, by):
    return rf"\frac{{\partial {of}}}{{\partial {by}}}"


def _values(net, x, y, eta):
    """The number behind each letter, by the letter's name."""
    trace = forward(net, x)
    if trace.output.shape[1] != 1:
        raise ValueError(f"a derivation follows one example; x holds {trace.output.shape[1]}")
    if y is None:
        raise ValueError("give the target y beside the input x")
    grads = backward(net, trace, y)
    y = np.reshape(np.asarray(y, float), (-1, 1))
    arrays = {"x": trace.a[0], "y": y, "E": np.asarray(loss_of(net, x, y))}
    for l in net.W:
        arrays |= {f"z{l}": trace.z[l], f"a{l}": trace.a[l], f"delta{l}": grads.delta[l]}
        for name, old, slope in (("w", net.W, grads.W), ("b", net.b, grads.b)):
            arrays |= {f"{name}{l}": old[l], f"dE_d{name}{l}": slope[l]}
            if eta is not None:
                arrays[f"new_{name}{l}"] = old[l] - eta * slope[l]
    values = {} if eta is None else {"eta": float(eta)}
    for name, array in arrays.items():
        column = array.ndim == 2 and not name.rstrip("0123456789").endswith("w")
        for index, value in np.ndenumerate(array[:, 0] if column else array):
            values["_".join([name, *(str(i + 1) for i in index)])] = float(value)
    return values


def _with_numbers(step, values):
    if step.symbol.name not in values:
        return step
    names = {s: _in_formula(values[s.name]) for s in step.formula.free_symbols}
    numbers = sympy.latex(step.formula, symbol_names=names, mul_symbol="dot")
    return replace(step, numbers=numbers, value=values[step.symbol.name])


def _plain(value):
    text = f"{value:.4g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return text


def _in_formula(value):
    text = _plain(value)
    return rf"\left({text}\right)" if value < 0 or "cdot" in text else text


# — for every width at once —


def general_hidden_delta():
    """BP2 for layers of any width, derived by SymPy with indexed letters and sums.

    To first order, a change of the next z_k changes the loss δ_k times as much: that is what
    δ means. So E is written as Σ_k δ_k z_k with z_k = Σ_i w_ki f(z_i) + b_k, and SymPy takes
    its derivative by one z_j. Returns the pair (that expression, its derivative).

    >>> loss, delta = general_hidden_delta()
    >>> delta
    f'(z[j])*Sum(delta[k]*w[k, j], (k, 1, p))
    """
    i, j, k, n, p = sympy.symbols("i j k n p", integer=True, positive=True)
    w, b, z, delta = map(sympy.IndexedBase, ("w", "b", "z", "delta"))
    f, slope = sympy.Function("f"), sympy.Function("f'")
    z_next = sympy.Sum(w[k, i] * f(z[i]), (i, 1, n)) + b[k]
    loss = sympy.Sum(delta[k] * z_next, (k, 1, p))
    derivative = loss.diff(z[j]).doit().subs(j <= n, True)  # unit j is one of the n
    derivative = derivative.replace(sympy.Derivative(f(z[j]), z[j]), slope(z[j]))
    return loss, sympy.factor_terms(derivative)


# — proof —


@dataclass(frozen=True)
class Proof:
    """Backpropagation's gradients beside SymPy's derivatives of the written-out loss, a row each.

    A row is (parameter, are they the same?, how that was shown, operations in the written-out one).
    """

    net: Network
    rows: tuple

    @property
    def ok(self):
        """Whether every gradient is the same."""
        return all(same for _, same, _, _ in self.rows)

    def __str__(self):
        lines = [f"{'parameter':<10} {'same?':<6} {'operations':>10}  shown by"]
        lines += [
            f"{p!s:<10} {'yes' if same else 'NO':<6} {operations:>10}  {how}"
            for p, same, how, operations in self.rows
        ]
        verdict = "all the same" if self.ok else "NOT all the same"
        return "\n".join([*lines, f"{self.net}: {verdict}"])

    def _repr_markdown_(self):
        head = "| parameter | the same? | operations, written out | shown by |\n|-|-|-|-|\n"
        return head + "\n".join(
            f"| ${sympy.latex(p)}$ | {'yes' if same else '**no**'} | {operations} | {how} |"
            for p, same, how, operations in self.rows
        )


def prove(net):
    """Compare every gradient with `sympy.diff` of the loss written out as one expression.

    Takes the sizes, activations and loss of a small network; one example. Their difference is shown
    to be zero as an identity of rational functions, each exponential a letter of its own; where
    that does not decide (conditions, logarithms), at three random points to 40 digits.

    >>> print(prove(Network.letters([1, 1, 1], "tanh")))
    parameter  same?  operations  shown by
    w1_1_1     yes            24  identity
    b1_1       yes            23  identity
    w2_1_1     yes            20  identity
    b2_1       yes            18  identity
    Network 1-1-1 (tanh, tanh; squared_error): all the same
    """
    net = _in_letters(net)
    x, y = letters("x", net.sizes[0]), letters("y", net.sizes[-1])
    gradients = backward(net, forward(net, x), y).flat().entries
    rows = []
    for gradient, (parameter, derivative) in zip(gradients, written_out(net).items(), strict=True):
        same, how = is_zero(derivative - gradient)
        rows.append((parameter, same, how, int(derivative.count_ops())))
    return Proof(net, tuple(rows))


def written_out(net):
    """∂E/∂ of each parameter by `sympy.diff` of the loss written out as one expression, a dict.

    Without backpropagation this is how one would do it: each derivative holds every path from its
    parameter to the loss, so its length grows with their number.

    >>> net = Network.letters([1, 1], "identity")
    >>> written_out(net)
    {w1_1_1: x_1*(w1_1_1*x_1 + b1_1 - y_1), b1_1: w1_1_1*x_1 + b1_1 - y_1}
    """
    net = _in_letters(net)
    loss = loss_of(net, letters("x", net.sizes[0]), letters("y", net.sizes[-1])).item()
    return {parameter: loss.diff(parameter) for parameter in net.flat().entries}


def _in_letters(net):
    return Network.letters(net.sizes, list(net.f.values()), net.loss)


def is_zero(expression, seed=0):
    """Whether an expression is zero for all its letters, and how that was shown.

    >>> a = Letter("a")
    >>> is_zero(sympy.exp(a) / (1 + sympy.exp(a)) - 1 / (1 + sympy.exp(-a)))
    (True, 'identity')
    >>> is_zero(a**2 - 2 * a)
    (False, 'a point where they differ')
    """
    numerator = sympy.fraction(sympy.together(_rational(expression)))[0]
    if sympy.expand(numerator) == 0:
        return True, "identity"
    rng = np.random.default_rng(seed)
    symbols = sorted(expression.free_symbols, key=str)
    for _ in range(3):
        point = {s: sympy.Rational(int(rng.integers(-999, 1000)), 1000) for s in symbols}
        if abs(expression.xreplace(point).evalf(40)) > sympy.Float("1e-30"):
            return False, "a point where they differ"
    return True, "three points, 40 digits"


def _rational(expression):
    """The expression with e^u, and its inverse e^−u, named by letters, innermost first."""
    names, done = {}, {}

    def walk(e):
        if e not in done:
            new = e.func(*map(walk, e.args)) if e.args else e
            if isinstance(new, sympy.exp):
                sign = -1 if new.exp.could_extract_minus_sign() else 1
                new = names.setdefault(sign * new.exp, sympy.Dummy("t")) ** sign
            done[e] = new
        return done[e]

    return walk(expression)


def growth(networks):
    """How long the gradients are when written out, beside what backpropagation takes.

    For each network: (parameters, operations in the written-out derivatives, operations of
    backpropagation). The second grows with the paths in the network, the third with its weights.

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
