"""Draw the picture of the README: python site/draw.py"""

from pathlib import Path

from backprop import backward, derive, forward, mazur
from backprop.diagram import diagram

PICTURE = Path(__file__).parent / "training-step.svg"


def picture():
    """The 2-2-2 network with its numbers, the way back from the loss to one weight lit."""
    net, x, y, _ = mazur()
    trace = forward(net, x)
    way = derive(net).of("w1_1_1")
    lit = {"w1_1_1"}.union(*({str(s) for s in (e.symbol, *e.formula.free_symbols)} for e in way))
    svg = diagram(net, trace, y, backward(net, trace, y), lit=lit)
    on_white = "<style>svg { background: #fff; color: #000 } "  # on dark pages too
    return svg.replace("<style>", on_white, 1)


if __name__ == "__main__":
    PICTURE.write_text(picture() + "\n", encoding="utf-8")
