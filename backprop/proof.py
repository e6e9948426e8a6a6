"""Proof that backpropagation is right: its gradients are SymPy's derivatives of the same loss."""

from dataclasses import dataclass

import numpy as np
import sympy

from backprop.equations import backward
from backprop.letters import Letters, letters
from backprop.network import Network, forward, loss_of


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

    Takes the sizes, activations and loss of a small network; one example. `is_zero` shows that
    their difference is zero.

    >>> print(prove(Network.letters([1, 1, 1], "tanh")))
    parameter  same?  operations  shown by
    w1_1_1     yes            24  identity
    b1_1       yes            23  identity
    w2_1_1     yes            20  identity
    b2_1       yes            18  identity
    Network 1-1-1 (tanh, tanh; squared_error): all the same
    """
    net = in_letters(net)
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
    net = in_letters(net)
    loss = loss_of(net, letters("x", net.sizes[0]), letters("y", net.sizes[-1])).item()
    return {parameter: loss.diff(parameter) for parameter in net.flat().entries}


def in_letters(net):
    """The network with letters for its numbers."""
    return Network.letters(net.sizes, list(net.f.values()), net.loss)


IDENTITY = True, "identity"


def is_zero(expression, seed=0):
    """Whether an expression is zero for all its letters, and how that was shown.

    First as an identity of rational functions, with a letter for each eᵘ, log u, tanh u, ... and
    for each condition; where that does not decide, at three random points to 40 digits, or at 24
    where it has conditions, so that they are met and failed. A float counts as the fraction that it
    stands for: 0.01 as 1/100. An array of letters is zero if every entry is, and was shown to be in
    the way that proves least; ValueError if it has none.

    >>> a = letters("a").item()
    >>> is_zero(sympy.exp(a) / (1 + sympy.exp(a)) - 1 / (1 + sympy.exp(-a)))
    (True, 'identity')
    >>> is_zero(a**2 - 2 * a)
    (False, 'a point where they differ')
    >>> is_zero(a - sympy.Piecewise((a, a > -0.9), (0, True)))
    (False, 'a point where they differ')
    """
    if isinstance(expression, Letters):
        if not expression.size:
            raise ValueError(f"an array of shape {expression.shape} has no entries to be zero")
        shown = (is_zero(entry, seed) for entry in expression.entries.flat)
        return min(shown, key=lambda same_and_how: (same_and_how[0], same_and_how == IDENTITY))
    rng, expression = np.random.default_rng(seed), sympy.sympify(expression)
    if expression.has(sympy.Float):
        expression = sympy.nsimplify(expression, rational=True)
    quotient, conditions = _rational(expression)
    # One point first: what is not zero would grow without end when it is expanded.
    if _at_a_point(quotient, rng, conditions) == 0 and _numerator(quotient, conditions) == 0:
        return IDENTITY
    points = 24 if conditions else 3
    for _ in range(points):  # in floats: exact numbers in deep functions would take SymPy for ever
        value = _at_a_point(expression, rng, digits=100).evalf(100)
        if not value.is_finite:
            return False, "a point where it is no number"
        if abs(value) > sympy.Float("1e-30"):
            return False, "a point where they differ"
    return True, f"{points if conditions else 'three'} points, 40 digits"


def _at_a_point(expression, rng, conditions=(), digits=None):
    """The expression at a random point, exactly or to `digits`; the conditions are true there."""
    symbols = sorted(expression.free_symbols, key=str)
    odd = 2 * rng.integers(-500, 500, len(symbols)) + 1  # not zero
    point = {s: sympy.Rational(int(n), 1000) for s, n in zip(symbols, odd, strict=True)}
    if digits:
        point = {s: sympy.Float(number, digits) for s, number in point.items()}
    return expression.xreplace(point | dict.fromkeys(conditions, sympy.S.One))


def _numerator(quotient, conditions):
    """The numerator, expanded, with c² = c for conditions: they are 1 or 0."""
    numerator = sympy.expand(sympy.fraction(sympy.together(quotient))[0])
    return numerator.replace(lambda e: e.is_Pow and e.base in conditions, lambda e: e.base)


def _rational(expression):
    """The expression with a letter for each function and condition, and the conditions' letters."""
    names, done = {}, {}

    def letter(kind, key):
        return names.setdefault((kind, key), sympy.Dummy(f"t{len(names)}"))

    def power(u):  # e^(2v + w/3) = (e^v)² e^(w/3): each term of the exponent has its letter
        terms = [term.as_coeff_Mul(rational=True) for term in sympy.Add.make_args(u)]
        return sympy.Mul(*(letter(sympy.exp, rest / c.q) ** c.p for c, rest in terms))

    def choice(cases):  # c value + (1 − c) other, where c is 1 if the condition holds and else 0
        result = sympy.S.Zero
        for value, condition in reversed(cases):
            c = 1 if condition == sympy.true else letter(bool, rational(condition))
            result += c * (rational(value) - result)
        return result

    def named(e):
        if isinstance(e, sympy.Piecewise):
            return choice(e.args)
        args = list(map(rational, e.args))
        if isinstance(e, sympy.exp):
            return power(*args)
        if isinstance(e, sympy.Function):
            return letter(e.func, tuple(args))
        if e.is_Pow and not e.exp.is_Integer:
            return power(args[1] * letter(sympy.log, (args[0],)))
        return e.func(*args)

    def rational(e):
        if e not in done:
            done[e] = named(e) if e.args else e
        return done[e]

    quotient = rational(expression)
    return quotient, {name for (kind, _), name in names.items() if kind is bool}
