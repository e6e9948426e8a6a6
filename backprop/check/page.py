"""What a check says: as HTML in a notebook, as plain text elsewhere."""

import re
from dataclasses import dataclass
from html import escape
from types import SimpleNamespace

import numpy as np
import sympy

from backprop.mathml import mathml
from backprop.printing import text, typeset
from backprop.questions.outcomes import shown

HEADS = {
    "right": "✓ Right",
    "wrong": "✗ Not yet",
    "not answered": "○ Not answered yet",
    "by hand": "✎ Read by a person",
}
EMPHASIS = re.compile(r"(?<![\w*])\*(\w[\w ]*)\*(?![\w*])")
STYLE = """<style>
.bp-check { border-left: 5px solid #0072b2; padding: .2em 0 .2em .9em; line-height: 1.5 }
.bp-check.bp-wrong { border-left-color: #d55e00 }
.bp-check.bp-right { border-left-color: #009e73 }
.bp-check p { margin: .3em 0; max-width: 60em }
.bp-check .bp-two { border-collapse: collapse; margin: .4em 0 }
.bp-check.bp-check .bp-two :is(td, th) {
  text-align: left; padding: .2em 1em .2em 0; background: none; border: 0; font-size: 1em }
.bp-rows.bp-rows { margin: .4em 0 } .bp-rows caption { text-align: left; white-space: nowrap }
.bp-rows.bp-rows :is(td, th) { text-align: left; vertical-align: top; white-space: pre-wrap }
.bp-check.bp-check .bp-two tr { background: none }
.bp-check mark {
  display: inline-block; background: none; color: inherit; border-bottom: 3px solid #d55e00 }
.bp-check mark.bp-extra { border-bottom-style: dashed }
</style>"""


@dataclass(frozen=True, eq=False)
class Feedback:
    """What a check says, line by line: each a kind of line and what stands in it."""

    head: str
    status: str
    lines: tuple
    verdict: object = None

    @property
    def ok(self):
        return self.status == "right"

    def __repr__(self):
        return "\n".join([self.head, *("  " + line.text() for line in self.lines)])

    def _repr_html_(self):
        kind = self.status.split()[0]
        body = "".join(line.html() for line in self.lines)
        return (
            f'{STYLE}<div class="bp-check bp-{kind}" role="status">'
            f"<p><b>{escape(self.head)}</b></p>{body}</div>"
        )


@dataclass(frozen=True)
class Say:
    """A sentence, after a word in bold where there is one."""

    sentence: str
    label: str = ""

    def text(self):
        pieces = self.sentence.split("`")
        pieces[::2] = [EMPHASIS.sub(r"\1", piece) for piece in pieces[::2]]
        return (f"{self.label}: " if self.label else "") + "".join(pieces)

    def html(self):
        label = f"<b>{escape(self.label)}:</b> " if self.label else ""
        pieces = escape(self.sentence).split("`")
        pieces[::2] = [EMPHASIS.sub(r"<em>\1</em>", piece) for piece in pieces[::2]]
        coded = "".join(f"<code>{p}</code>" if k % 2 else p for k, p in enumerate(pieces))
        return f"<p>{label}{coded}</p>"


@dataclass(frozen=True)
class Link:
    """Where to read it up: a lesson and its section."""

    section: str
    label: str = "Read it up"

    def _names(self):
        lesson, _, heading = self.section.partition("#")
        return lesson, heading.replace("-", " ")

    def text(self):
        lesson, heading = self._names()
        return f"{self.label}: notebooks/{lesson}" + (f", {heading}" if heading else "")

    def where(self):
        """The place in words, for who has no notebooks at hand."""
        lesson, heading = self._names()
        name = lesson.removesuffix(".ipynb").replace("_", " ")
        return f"lesson {name}" + (f", {heading}" if heading else "")

    def html(self):
        href = escape(f"../notebooks/{self.section}", quote=True)
        return f'<p><b>{escape(self.label)}:</b> <a href="{href}">{escape(self.where())}</a></p>'


@dataclass(frozen=True, eq=False)
class Formulas:
    """The student's formula beside the expected one; what is missing or too much is marked.

    With `told` False the expected one is kept back.
    """

    beside: object
    told: bool = True

    def text(self):
        b = self.beside
        lines = [
            f"your formula:   {b.place}{text(b.yours)}",
            f"it should be:   {b.place}{text(b.expected)}",
        ]
        lines = lines[: 1 + self.told]
        lines += [f"{what + ':':<15} {text(part)}" for what, part in self._marked()]
        return "\n  ".join(lines)

    def _marked(self):
        b = self.beside
        marked = {f"missing {b.by}": b.missing, f"extra {b.by}": b.extra}
        return [(what, part) for what, part in marked.items() if part is not None]

    def html(self):
        b = self.beside
        rows = {"Your formula": formula(b.yours), "It should be": formula(b.expected)}
        if not self.told:
            del rows["It should be"]
        for what, part in self._marked():
            kind = ' class="bp-extra"' if part is b.extra else ""
            rows[what.capitalize()] = f"<mark{kind}>{formula(part)}</mark>"
        rows = "".join(f'<tr><th scope="row">{k}</th><td>{v}</td></tr>' for k, v in rows.items())
        where = f", <code>{escape(b.place.removesuffix(' = '))}</code>" if b.place else ""
        where = f"In letters{where}:"
        return f'<p>{where}</p><table class="bp-two"><tbody>{rows}</tbody></table>'


def formula(expression):
    """A formula as MathML, or as code where it holds what MathML is not written for."""
    try:
        return mathml(typeset(sympy.sympify(expression)))
    except (ValueError, TypeError, AttributeError):
        return f"<code>{escape(text(expression))}</code>"


# — tables —


class Given(SimpleNamespace):
    """Numbers by name, such as `g.w`; shown as a table."""

    def __repr__(self):
        return "\n".join(f"{name} = {plain(v)}" for name, v in vars(self).items())

    def _repr_html_(self):
        return table("Given to you", (), [(name, plain(v)) for name, v in vars(self).items()])


def plain(value):
    """A given value as text; a matrix with a row on each line."""
    return value if isinstance(value, str) else str(np.asarray(value))


@dataclass(frozen=True, eq=False)
class Progress:
    """What was said of each question, in a table."""

    verdicts: list

    def rows(self):
        """Status, name, title and points of each."""
        for v in self.verdicts:
            points = "–" if v.question.by_hand else shown(v.points)
            yield HEADS[v.status], v.question.id, v.question.title, f"{points}/{v.question.points}"

    def total(self):
        """The points so far, of those that need no person."""
        of = [v.question.points for v in self.verdicts if not v.question.by_hand]
        said = f"{shown(sum(v.points for v in self.verdicts))} of {sum(of)} points"
        rest = sum(v.question.points for v in self.verdicts) - sum(of)
        return f"{said}, and {rest} that a person gives" if rest else said

    def __repr__(self):
        return "\n".join(["   ".join(row) for row in self.rows()] + [self.total()])

    def _repr_html_(self):
        return table(self.total(), ("Status", "Answer", "Question", "Points"), self.rows())


def table(caption, head, rows):
    """An HTML table of texts."""
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows
    )
    head = f"<thead><tr>{cells}</tr></thead>" if head else ""
    caption = f"<caption>{escape(caption)}</caption>"
    return f'{STYLE}<table class="bp-rows">{caption}{head}<tbody>{body}</tbody></table>'
