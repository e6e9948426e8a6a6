"""An end to formulas that grow without one: what a function on letters may take, in symbols."""

import contextlib
from contextvars import ContextVar

import sympy

DEEPEST = 200  # brackets in brackets; SymPy's own functions need Python's stack for each
CALL = 20  # what each call costs, in symbols, so that a loop ends in which nothing grows
_BUDGET = ContextVar("budget", default=None)


class _Budget:
    def __init__(self, most):
        self.most = self.left = most
        self.known = {}

    def spend(self, symbols):
        self.left -= symbols
        if self.left < 0:
            raise OverflowError(
                f"the formulas of this function grow beyond {self.most:,} symbols, too long for "
                f"SymPy. Run it on letters for fewer units, layers or examples, and for one step "
                f"of training, not a loop of many"
            )

    def measure(self, e, level=0):
        """How many symbols an expression takes when it is written out, and how deep it goes."""
        if e not in self.known and level <= DEEPEST:
            parts = [self.measure(part, level + 1) for part in e.args]
            symbols = 1 + sum(symbols for symbols, _ in parts) + digits(e)
            self.known[e] = symbols, 1 + max((depth for _, depth in parts), default=0)
        if e not in self.known or self.known[e][1] > DEEPEST:
            raise OverflowError(
                f"the formulas of this function are nested more than {DEEPEST} brackets deep, too "
                f"deep for SymPy. Run it on letters for fewer layers or steps"
            )
        return self.known[e]


@contextlib.contextmanager
def budget(most):
    """In here, all formulas together may take that many symbols; OverflowError beyond."""
    token = _BUDGET.set(_Budget(most))
    try:
        yield
    finally:
        _BUDGET.reset(token)


def spend(symbols):
    """Take symbols from the budget, where there is one: for work that is about to be done."""
    if found := _BUDGET.get():
        found.spend(symbols)


def pay(entries):
    """Take from the budget what the entries that were not there before are long."""
    if found := _BUDGET.get():
        found.spend(CALL)
        for entry in entries.flat:
            new = entry not in found.known
            found.spend(found.measure(entry)[0] * new)


def digits(e):
    """The length of a number that is kept exactly, in bytes; 0 for what is none."""
    return (e.p.bit_length() + e.q.bit_length()) // 8 if isinstance(e, sympy.Rational) else 0
