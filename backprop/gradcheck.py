"""Is a gradient right, and if not, what is wrong with it? Each entry against its difference:

|g − n| / (|g| + |n|)   with   n = (E(θ + ε) − E(θ − ε)) / 2ε
"""

import functools
import html
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from backprop import equations
from backprop.inputs import floats
from backprop.network import forward, target
from backprop.oracles import by_layer, differences, in_float64, loss_function


def gradient_check(net, x, y, grads=None, backward=equations.backward, eps=1e-5, tolerance=1e-6):
    """Is this gradient of the loss right, and if not, what is wrong with it?

    Each entry g, those of the biases too, is compared with its central difference n, taken in
    float64: |g − n| / (|g| + |n|) must be at most `tolerance`. What is checked is `grads`, or else
    what `backward(net, trace, y)` returns: Gradients, or a pair (W, b) of lists or dictionaries,
    or a vector in the order of `Network.flat`. Entries that have a kink within ε are left out and
    counted. A wrong gradient raises nothing: the GradientCheck that comes back is false, and says
    what is wrong.

    >>> from backprop import Network
    >>> net = Network.random([2, 3, 2], "sigmoid", seed=1)
    >>> gradient_check(net, [1.0, 2.0], [0.0, 1.0]).ok
    True
    >>> def no_half(net, trace, y):
    ...     return 2 * equations.backward(net, trace, y).flat()
    >>> print(*gradient_check(net, [1.0, 2.0], [0.0, 1.0], backward=no_half).diagnosis)
    All parts: every entry is exactly 2 times what it should be: the ½ of the loss was lost, or the
    2 in the 2ε of a central difference.
    """
    net = in_float64(net)
    trace = forward(net, x)
    m = trace.output.shape[1]
    loss, at = loss_function(net, x, y), net.flat()
    given = backward(net, trace, target(net, y, m)) if grads is None else grads
    given, measured = _by_name(net, given), _by_name(net, differences(loss, at, eps))
    places, parameters = _by_name(net, np.arange(at.size)), _by_name(net, net)
    ruler = _Ruler(eps, tolerance, loss(at))
    if any(getattr(array, "dtype", None) == np.float32 for array in given.values()):
        largest = max(float(np.abs(array).max()) for array in measured.values())
        ruler = replace(ruler, tolerance=max(tolerance, 1e-4), blur=largest * 2.0**-20)

    def part(name):
        def along(index, step):
            return loss(at + step * (np.arange(at.size) == places[name][index]))

        mistakes = _mistakes(name[0], m, net.sizes[-1], parameters[name])
        return ruler.part(name, given[name], measured[name], along, mistakes)

    parts = tuple(map(part, measured))
    title = f"Gradient of {net!r}, {m} example{'s' if m > 1 else ''}, ε = {eps:g}"
    return GradientCheck(title, parts, (*ruler.sentences(parts), *_suspects(parts, net.L)))


def check_gradient(f, df, x, eps=1e-5, tolerance=1e-6):
    """Is `df` the derivative of `f` at x, both ordinary functions of an array, and if not, why not?

    Where f gives one number, as a loss does, df gives its gradient in the shape of x. Where f works
    entry by entry, as an activation does, df gives the slopes in the shape of x. Otherwise df gives
    the Jacobian, of shape f.shape + x.shape. Measured and reported as by `gradient_check`.

    >>> check_gradient(np.tanh, lambda z: 1 - np.tanh(z) ** 2, [-1.0, 0.0, 2.0]).ok
    True
    >>> print(*check_gradient(np.square, lambda z: z, [-1.0, 2.0]).diagnosis)
    df: every entry is exactly 1/2 times what it should be: there is a ½ too many.
    """
    x = floats("x", x)
    value = np.asarray(f(x.copy()), dtype=float)
    given, jacobian = df(x.copy()), differences(f, x, eps)
    ruler = _Ruler(eps, tolerance, value)
    measured, mixed = jacobian, ()
    if value.ndim and value.shape == x.shape and np.shape(given) != jacobian.shape:
        square = jacobian.reshape(x.size, x.size)
        if ruler.agree(square, np.diag(square.diagonal())):
            measured = square.diagonal().reshape(x.shape)
        else:
            mixed = ("An entry of f depends on other entries of x too: df must be the Jacobian.",)

    def along(index, step):
        where, moved = index[-x.ndim :] if x.ndim else (), x.copy()
        moved[where] += step
        return np.asarray(f(moved), dtype=float)[index[: value.ndim]]

    m = x.shape[1] if x.ndim == 2 and not value.ndim else 1
    part = ruler.part("df", given, measured, along, _mistakes("df", m, 1, np.zeros_like(x)))
    title = f"Derivative at {x.size} point{'s' if x.size > 1 else ''}, ε = {eps:g}"
    return GradientCheck(title, (part,), (*ruler.sentences([part]), *mixed))


# — what comes back —


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a gradient: the value given, the value measured, and their relative error."""

    name: str
    given: float
    measured: float
    error: float


@dataclass(frozen=True, eq=False, slots=True)
class Part:
    """One array of a gradient, as given and as measured, and what is wrong with it ('' if nothing).

    `error` is the relative error of each entry, NaN where the entry was left out; `given` is None
    where it cannot be compared entry by entry.
    """

    name: str
    given: np.ndarray | None
    measured: np.ndarray
    error: np.ndarray
    problem: str

    @property
    def kinks(self):
        """How many entries were left out."""
        return int(np.isnan(self.error).sum())

    @property
    def worst(self):
        """The entry with the largest relative error; None where there is nothing to compare."""
        if self.given is None or self.kinks == self.error.size:
            return None
        index = np.unravel_index(np.nanargmax(self.error), self.error.shape)
        name = f"{self.name}[{', '.join(map(str, index))}]" if index else self.name
        return Entry(name, *(float(a[index]) for a in (self.given, self.measured, self.error)))


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class GradientCheck:
    """Whether a gradient is right, part by part, and in `diagnosis` what is wrong, in sentences."""

    title: str
    parts: tuple
    diagnosis: tuple

    @property
    def ok(self):
        """Whether every entry that could be measured is right, and at least one could."""
        measured = any(part.kinks < part.error.size for part in self.parts)
        return measured and not any(part.problem for part in self.parts)

    @property
    def worst(self):
        """The entry with the largest relative error; None where there is nothing to compare."""
        entries = [part.worst for part in self.parts if part.worst]
        return max(entries, key=lambda entry: entry.error, default=None)

    def __bool__(self):
        return self.ok

    def _heading(self):
        return f"{self.title}: {'right' if self.ok else 'WRONG'}"

    def _rows(self):
        yield "part", "entries", "left out", "worst entry", "given", "measured", "error", ""
        for part in self.parts:
            worst = ("",) * 4
            if w := part.worst:
                worst = w.name, f"{w.given:.9g}", f"{w.measured:.9g}", f"{w.error:.1e}"
            verdict = "WRONG" if part.problem else "right" if part.worst else "not checked"
            yield part.name, str(part.error.size), str(part.kinks), *worst, verdict

    def __repr__(self):
        rows = list(self._rows())
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
        return "\n".join([self._heading(), *lines, *self.diagnosis])

    def _repr_html_(self):
        def row(tag, cells):
            return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"

        head, *body = self._rows()
        return (
            f"<table><caption>{html.escape(self._heading())}</caption>"
            f"<thead>{row('th', head)}</thead>"
            f"<tbody>{''.join(row('td', cells) for cells in body)}</tbody></table>"
            f"{''.join(f'<p>{html.escape(sentence)}</p>' for sentence in self.diagnosis)}"
        )


# — measuring —

WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class _Ruler:
    """How gradients of f are compared: `value` is f, and `blur` the rounding of what is given."""

    eps: float
    tolerance: float
    value: np.ndarray
    blur: float = 0.0

    @property
    def rounding(self):
        """What a central difference may be off by because f itself is rounded."""
        return 16 * 2.0**-52 * max(1.0, float(np.max(np.abs(self.value)))) / self.eps

    def error(self, g, n):
        with np.errstate(invalid="ignore"):
            off, size, rounding = np.abs(g - n), np.abs(g) + np.abs(n), self.rounding + self.blur
            size = np.where(off > rounding, size, np.maximum(size, rounding / self.tolerance))
            return np.where(np.isfinite(g), off / size, np.inf)

    def agree(self, g, n):
        return bool((self.error(g, n) <= self.tolerance).all())

    def kinked(self, line, off):
        """Whether f bends too sharply within ε for a slope, or for one more exact than `off`.

        Where f is smooth, the slopes to the right and to the left come together as fast as ε
        shrinks, and their mean stays where it is.
        """
        shares, here = np.array([1, 1 / 2, 1 / 4]), line(0)
        slopes = [((line(h) - here) / h, (here - line(-h)) / h) for h in self.eps * shares]
        right, left = np.array(slopes).T
        gap, mean = np.abs(right - left), (right + left) / 2
        corner = np.abs(gap - gap[0] * shares).max() > gap[0] / 10 + self.rounding
        drift = np.abs(mean - mean[0]).max()
        return corner or off <= 2 * drift > self.rounding

    def part(self, name, given, measured, along, mistakes):
        """`given` beside `measured`: `along(index, step)` is f with one entry moved by a step."""
        given, problem = _fitted(given, measured)
        if given is None:
            return Part(name, None, measured, np.full(measured.shape, np.inf), problem)
        error = self.error(given, measured)
        for index in map(tuple, np.argwhere(error > self.tolerance)):
            if self.kinked(functools.partial(along, index), abs(given - measured)[index]):
                error[index] = np.nan
        if not problem and (error > self.tolerance).any():
            seen = ~np.isnan(error)
            known = mistakes(given, measured)
            named = [words for words, g, n in known if self.agree(g[seen], n[seen])]
            problem = "; or ".join(named) or WRONG
        return Part(name, given, measured, error, problem)

    def sentences(self, parts):
        """The problems of all parts, in sentences."""
        for problem in dict.fromkeys(part.problem for part in parts if part.problem):
            yield f"{_who(parts, problem)}: {problem}."
        wrong = [part for part in parts if part.problem == WRONG]
        seen = [~np.isnan(part.error) for part in wrong]
        if sum(map(np.count_nonzero, seen)) > 2:
            g = np.concatenate([part.given[s] for part, s in zip(wrong, seen, strict=True)])
            n = np.concatenate([part.measured[s] for part, s in zip(wrong, seen, strict=True)])
            factor = g @ n / (n @ n) if n.any() else 0
            if factor and self.agree(g / factor, n):
                yield f"Each entry there is {factor:.6g} times what it should be, one for all."
        kinks, entries = sum(part.kinks for part in parts), sum(part.error.size for part in parts)
        if kinks:
            yield (
                f"{kinks} of {entries} entries were left out: within ε of them the function bends "
                f"too sharply to have one slope, as ReLU does at z = 0."
            )
        if unseen := [part.name for part in parts if part.kinks == part.error.size]:
            yield f"Nothing of {', '.join(unseen)} could be checked: every entry was left out."


def _by_name(net, gradients):
    """{"W[1]": array, "b[1]": array, ...} of Gradients, of a pair (W, b) or of one vector."""
    if isinstance(gradients, np.ndarray) and gradients.shape == (net.n_parameters,):
        gradients = by_layer(net, gradients)
    if hasattr(gradients, "W") and hasattr(gradients, "b"):
        gradients = gradients.W, gradients.b
    if not isinstance(gradients, tuple | list) or len(gradients) != 2:
        raise TypeError(
            f"a gradient is Gradients, a pair (W, b) with an array for each layer, or a vector of "
            f"all {net.n_parameters} entries; this is of type {type(gradients).__name__}"
        )
    W, b = (p if isinstance(p, Mapping) else dict(enumerate(p, 1)) for p in gradients)
    return {f"{name}[{l}]": part.get(l) for l in net.W for name, part in (("W", W), ("b", b))}


def _fitted(given, measured):
    """What was given, as floats in the shape of `measured`, or None; and what is wrong with it."""
    if given is None:
        return None, "missing"
    try:
        given = np.array(given)
        given = given.astype(float, casting="same_kind" if given.dtype.kind == "c" else "unsafe")
    except (TypeError, ValueError):
        return None, "not an array of real numbers"
    if given.shape == measured.shape[:1] and measured.shape[1:] == (1,):
        given = given.reshape(measured.shape)
    if given.shape == measured.shape:
        return given, "" if np.isfinite(given).all() else "it holds NaN or infinity"
    problem = f"shape {given.shape} where {measured.shape} belongs"
    if given.shape == measured.shape[::-1]:
        problem += ", the transpose: the outer product is δ aᵀ (BP4), a row for each unit"
    elif given.shape[:1] == measured.shape[:1] and measured.shape[1:] == (1,):
        problem += ": sum δ over the examples of the batch (BP3)"
    return None, problem


# — diagnosing —


def _mistakes(letter, m, outputs, parameter):
    """A function of g and n: known mistakes in words, each with two arrays that it makes equal."""

    def mistakes(g, n):
        for factor, reasons in _factors(m, outputs).items():
            words = f"every entry is exactly {factor} times what it should be: "
            yield words + ", or ".join(reasons), g / float(factor), n
        yield "every entry is zero: it was never computed", g, 0 * n
        if n.ndim == 2 and n.shape[0] == n.shape[1]:
            yield "the transpose of what it should be: the outer product is δ aᵀ (BP4)", g, n.T
        if letter == "b":
            total = np.full_like(n, n.sum())
            yield "every entry is the sum over all units: sum over the batch only (BP3)", g, total
        if n.size > 1 and (size := (parameter**2).sum()):
            rate = ((g - n) * parameter).sum() / size
            words = f"off by {rate:.4g} times the parameter: weight decay that is not in the loss"
            yield words, g, n + rate * parameter

    return mistakes


def _factors(m, outputs):
    """Factors by which a whole gradient may be off, each with its reasons."""
    reasons = {
        Fraction(2): ["the ½ of the loss was lost, or the 2 in the 2ε of a central difference"],
        Fraction(1, 2): ["there is a ½ too many"],
        Fraction(-1): ["the sign is turned round, so that a step of descent goes uphill"],
    }
    for factor, size, reason in (
        (Fraction(m), m, f"there is no mean over the batch (m = {m})"),
        (Fraction(1, m), m, f"the mean over the batch was taken twice (m = {m})"),
        (
            Fraction(1, outputs),
            outputs,
            f"it is a mean over the {outputs} outputs, where the loss is their sum",
        ),
    ):
        if size > 1:
            reasons.setdefault(factor, []).append(reason)
    return reasons


def _who(parts, problem):
    names = [part.name for part in parts if part.problem == problem]
    groups = {"All parts": "", "All weights": "W", "All biases": "b"}
    for who, letter in groups.items():
        if len(names) > 1 and names == [p.name for p in parts if p.name.startswith(letter)]:
            return who
    return ", ".join(names)


def _suspects(parts, L):
    """Which equation to look at, by where it is wrong for no simpler reason."""
    wrong = [part.name for part in parts if part.problem == WRONG]
    W, b = ({int(name[2:-1]) for name in wrong if name[0] == letter} for letter in "Wb")
    if W and not b:
        yield "The biases are right: look at BP4, ∂E/∂W[l] = delta[l] a[l-1]ᵀ."
    elif b and not W:
        yield "The weights are right: look at BP3, ∂E/∂b[l] = delta[l], summed over the batch."
    elif L in b:
        yield "Wrong from the output layer on: look at BP1, delta[L] = ∂E/∂a[L] ⊙ f′(z[L])."
    elif b:
        l = max(b)
        yield (
            f"Right down to layer {l + 1}, wrong from layer {l} on: look at BP2, "
            f"delta[{l}] = W[{l + 1}]ᵀ delta[{l + 1}] ⊙ f′(z[{l}])."
        )
