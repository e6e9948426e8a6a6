"""What is shown at each step: the picture, the formula that is lit, its factors, what is known."""

from backprop.diagram import diagram, written
from backprop.widgets.formulas import short, tables
from backprop.widgets.scene import View
from backprop.widgets.setting import parameter_of
from backprop.widgets.stepper.controls import controls
from backprop.widgets.stepper.script import PHASES
from backprop.widgets.stepper.words import words


def view(at, start):
    back = at.place >= at.script.phases["output deltas"]
    lit = at.formula.letters | {parameter_of(at.name)}
    grads = at.grads if back else None
    return View(
        picture=diagram(at.net, at.trace, at.y, grads, lit=lit, hide=at.hidden),
        controls=controls(at, start),
        words=words(at),
        text=f'{_card(at)}<div class="bp-tables">{_product(at)}{_ledger(at)}</div>',
    )


def _card(at):
    """The formula that is lit: in words, as a chain of slopes, in letters, in numbers."""
    return (
        f'<table class="bp-chain" aria-label="The formula of this step" style="{LIT}"><tbody>'
        f"{at.formula.explained(at.numbers, known=not at.asked)}</tbody></table>"
    )


LIT = "font-size: 1.1em; border-left: 5px solid var(--chosen); padding-left: 0.7rem; "
LIT += "border-collapse: separate; border-spacing: 0"


def _product(at):
    """The gradient of the chosen parameter, factor by factor: symbols above numbers."""
    rows = ""
    for name in at.script.formulas[f"dE_d{at.chosen}"].way:
        formula = at.script.formulas[name]
        symbols = (factor.mathml for factor in formula.factors)
        figures = (_figure(at, factor) for factor in formula.factors)
        result = "?" if name in at.hidden else short(at.numbers[name])
        rows += f'<tr><th scope="row" rowspan="2">{formula.equation}</th>'
        rows += f"<td>{formula.symbol}</td>{_times(symbols)}</tr>"
        rows += f"<tr><td><b>{result}</b></td>{_times(figures)}</tr>"
    caption = f"<caption>∂E/∂{written(at.chosen)}, factor by factor</caption>"
    return f"<table>{caption}<tbody>{rows}</tbody></table>"


def _times(factors):
    return f"<td>=</td><td>{'</td><td>·</td><td>'.join(factors)}</td>"


def _figure(at, factor):
    """A factor's number, once everything in it is known."""
    if factor.letters & at.hidden:
        return "?"
    value = factor.value(at.numbers)
    return f"({short(value)})" if value < 0 else short(value)


def _ledger(at):
    """What is known so far, by phase: every formula beside its number."""
    rows, hidden = {phase.capitalize(): "" for phase in PHASES}, at.hidden
    updates = (name for name in at.script.formulas if name.startswith("new_"))
    for name in (*at.script.names, *updates):
        if name not in hidden:
            row = at.script.formulas[name].row(at.numbers, name == at.name)
            rows[at.script.phase(name).capitalize()] += row
    summary = "<summary>What is known so far</summary>"
    style = "flex: 1 1 24rem"  # beside the product where there is room
    return f'<details open="" style="{style}">{summary}{tables(rows)}</details>'
