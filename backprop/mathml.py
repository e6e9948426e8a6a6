"""LaTeX formulas as MathML, which browsers typeset by themselves: no script, no font to load.

It reads what SymPy and the derivation write: fractions, scripts, brackets, cases, functions.
"""

import re
from functools import cache
from html import escape

from backprop.letters.entry import SIGNS

TOKEN = re.compile(r"@\w+@|\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|[A-Za-z]|[^\s]")
LETTERS = SIGNS | {"varepsilon": "ε", "partial": "∂", "infty": "∞"}
OPERATORS = {"cdot": "·", "sum": "∑", "odot": "⊙", "times": "×", "geq": "≥", "leq": "≤", "neq": "≠"}
OPERATORS |= {"wedge": "∧", "vee": "∨", "neg": "¬", "to": "→", "top": "⊤", "gets": "←"}
FUNCTIONS = {"exp", "log", "ln", "tanh", "sinh", "cosh", "sin", "cos", "tan", "max", "min", "atan"}
SPACES = {"\\,", "\\:", "\\;", "\\ ", "\\!", "\\displaystyle", "\\limits"}
BRACKETS = {"left", "right", "Bigl", "Bigr", "bigl", "bigr"}
WRAPS = {"mathrm", "text", "operatorname"}


@cache
def mathml(latex):
    r"""A formula in LaTeX as a `<math>` element; raises ValueError for a command it does not know.

    `@name@` stands for a number that is put in later, by `fill`.

    >>> mathml(r"\frac{\delta}{2}")
    '<math displaystyle="true"><mfrac><mi>δ</mi><mn>2</mn></mfrac></math>'
    """
    return f'<math displaystyle="true">{_Reader(latex).row()}</math>'


def fill(template, numbers, write):
    """The template with `write(numbers[name])` for each @name@, a negative number in brackets.

    >>> fill("<mn>@x_1@</mn>", {"x_1": -2.0}, "{:.1f}".format)
    '<mn>(-2.0)</mn>'
    """

    def put(match):
        value = numbers[match[1]]
        return f"({write(value)})" if value < 0 else write(value)

    return re.sub(r"@(\w+)@", put, template)


class _Reader:
    """Reads tokens from left to right; each method consumes what it turns into MathML."""

    def __init__(self, latex):
        self.latex, self.tokens = latex, TOKEN.findall(latex)
        self.tokens.reverse()

    def peek(self):
        return self.tokens[-1] if self.tokens else None

    def row(self, *ends):
        """Everything up to one of `ends`, which is left in place."""
        parts = []
        while self.peek() not in (None, *ends):
            parts.append(self.scripted())
        return "".join(parts)

    def group(self, *ends):
        """The row up to one of `ends`, which is consumed, as one element."""
        row = self.row(*ends)
        self.tokens.pop()
        return f"<mrow>{row}</mrow>"

    def scripted(self):
        base, scripts = self.atom(), {}
        while self.peek() in ("^", "_"):
            place = self.tokens.pop()
            scripts[place] = self.atom()
        below, above = scripts.get("_", ""), scripts.get("^", "")
        if not scripts:
            return base
        tag = "munder" if base == "<mo>∑</mo>" else f"m{'sub' * bool(below)}{'sup' * bool(above)}"
        return f"<{tag}>{base}{below}{above}</{tag}>"

    def atom(self):
        token = self.tokens.pop()
        if token == "{":
            row = self.row("}")
            self.tokens.pop()
            return row if re.fullmatch(r"<(m[a-z]+)>[^<]*</\1>", row) else f"<mrow>{row}</mrow>"
        if token.startswith("@") or token[0].isdigit():
            return f"<mn>{token}</mn>"
        if token in SPACES:
            return '<mspace width=".2em"></mspace>' if token != "\\displaystyle" else ""
        if token.startswith("\\") and len(token) > 1:
            return self.command(token[1:])
        return (
            f"<mi>{token}</mi>"
            if token.isalpha()
            else f"<mo>{escape(token.replace('-', '−'))}</mo>"
        )

    def command(self, name):
        if name in LETTERS:
            return f"<mi>{LETTERS[name]}</mi>"
        if name in OPERATORS:
            return f"<mo>{OPERATORS[name]}</mo>"
        if name in FUNCTIONS:
            return f'<mi class="upright">{name}</mi>'
        if name == "frac":
            return f"<mfrac>{self.atom()}{self.atom()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.atom()}</msqrt>"
        if name in WRAPS:
            return f"<mtext>{self.letters()}</mtext>"
        if name in ("left", "Bigl", "bigl"):
            opening = self.bracket()
            row = self.row("\\right", "\\Bigr", "\\bigr")
            self.tokens.pop()
            return f"<mrow>{opening}{row}{self.bracket()}</mrow>"
        if name == "begin" and self.letters() == "cases":
            return self.cases()
        raise ValueError(f"\\{name} in {self.latex!r} has no MathML here: add it to mathml.py")

    def bracket(self):
        token = self.tokens.pop().lstrip("\\")
        return "" if token == "." else f"<mo>{token}</mo>"

    def letters(self):
        """The letters of {word}."""
        word = ""
        while (token := self.tokens.pop()) != "}":
            word += token.strip("{")
        return word

    def cases(self):
        rows, cells = [], []
        while True:
            cell = self.row("&", "\\\\", "\\end")
            cells.append(f"<mtd>{cell}</mtd>")
            end = self.tokens.pop()
            if end != "&":
                rows.append(f"<mtr>{''.join(cells)}</mtr>")
                cells = []
            if end == "\\end":
                self.letters()
                return f"<mrow><mo>{{</mo><mtable>{''.join(rows)}</mtable></mrow>"
