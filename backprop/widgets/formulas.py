"""The formulas of a training step, derived once for a kind of network: rows and tables of them."""

from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from html import escape

import sympy

from backprop.derivation import derive
from backprop.diagram import number
from backprop.letters import Letter
from backprop.mathml import fill, mathml
from backprop.network import Network
from backprop.printing import typeset
from backprop.widgets.parameters import parameters


@dataclass(frozen=True)
class Formula:
    """A step of the derivation in MathML: symbol = chain rule = formula = formula with numbers.

    `template` has places for the numbers. `way` names, for a gradient, the formulas that lead to
    it from the output back.
    """

    name: str
    symbol: str
    chain: str
    formula: str
    template: str
    equation: str
    words: str
    expression: sympy.Expr
    way: tuple = ()

    @classmethod
    def of(cls, step):
        return cls(
            name=step.symbol.name,
            symbol=symbol(step.symbol.name),
            chain=mathml(step.chain) if step.chain else "",
            formula=mathml(typeset(step.formula)),
            template=template(step.formula),
            equation=step.equation,
            words=step.words,
            expression=step.formula,
        )

    @cached_property
    def letters(self):
        """The names of all that it speaks of, its own among them."""
        return {self.name, *(letter.name for letter in self.expression.free_symbols)}

    @cached_property
    def factors(self):
        """What is multiplied in it."""
        factors = self.expression.as_ordered_factors()
        return tuple(Factor(factor, len(factors) == 1) for factor in factors)

    def row(self, numbers, chosen, more=""):
        """A row of a table: the symbol, the formula and the number, and `more` cells."""
        return (
            f'<tr data-name="{self.name}" class="{"chosen" if chosen else ""}">'
            f'<td>{self.symbol}</td><td class="equals">=</td><td>{self.formula}</td>'
            f'<td class="number">{number(numbers[self.name], 6)}</td>{more}</tr>'
        )

    def explained(self, numbers, known=True):
        """Two rows: in words, and from the symbol by the chain rule to the number."""
        parts = [self.symbol, self.chain, self.formula, fill(self.template, numbers, short)]
        cells = "".join(f"<td>{part}</td>" for part in parts)
        value = number(numbers[self.name], 6) if known else "?"
        return (
            f'<tr><th scope="row">{self.equation}</th><td colspan="5">{self.words}</td></tr>'
            f'<tr class="step"><td></td>{cells}<td class="number">{value}</td></tr>'
        )


@dataclass(frozen=True)
class Factor:
    """A factor of a formula, which may be the only one."""

    expression: sympy.Expr
    alone: bool

    @cached_property
    def letters(self):
        return {letter.name for letter in self.expression.free_symbols}

    @cached_property
    def mathml(self):
        """The factor, in brackets where it is a sum and others stand beside it."""
        latex = typeset(self.expression)
        brackets = self.expression.is_Add and not self.alone
        return mathml(rf"\left({latex}\right)" if brackets else latex)

    def value(self, numbers):
        letters = self.expression.free_symbols
        return float(self.expression.subs({letter: numbers[letter.name] for letter in letters}))


def formulas_of(net):
    """The formulas of one training step of a network, by the names of what they give."""
    return _formulas(net.sizes, tuple(net.f.values()), net.loss)


@lru_cache(maxsize=32)
def _formulas(sizes, activations, loss):
    derivation = derive(Network.letters(sizes, list(activations), loss))
    found = {step.symbol.name: Formula.of(step) for step in derivation}
    for name in parameters(sizes):
        way = tuple(step.symbol.name for step in derivation.of(name))
        found[f"dE_d{name}"] = replace(found[f"dE_d{name}"], way=way)
    return found


@cache
def symbol(name):
    """A letter in MathML, by its name."""
    return mathml(typeset(Letter(name)))


def template(expression):
    """A formula in MathML with a place for each number, for `fill`."""
    places = {letter: f"@{letter.name}@" for letter in expression.free_symbols}
    return mathml(typeset(expression, symbol_names=places, mul_symbol="dot"))


def short(value):
    """A number within a formula."""
    return number(value, 4)


def tables(rows):
    """Tables side by side, from rows by caption; one without rows is left out."""
    found = "".join(
        f"<table><caption>{escape(caption)}</caption><tbody>{inside}</tbody></table>"
        for caption, inside in rows.items()
        if inside
    )
    return f'<div class="bp-tables">{found}</div>'
