"""Pages that stand alone: one file, no script, nothing fetched, and every text escaped."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backprop.check.page import Say

TURNS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], "�")


def visible(value):
    r"""A text in which nothing turns the direction of what stands around it; another value as is.

    Letters that are written from right to left stay as they are.

    >>> visible("b.txt\u202egnp.a"), visible("שלום")
    ('b.txt�gnp.a', 'שלום')
    """
    return type(value)(str.translate(value, TURNS)) if isinstance(value, str) else value


def sentence(text, label=""):
    """A sentence as a paragraph, after a word in bold where there is one; see :class:`Say`.

    >>> sentence("Is `a < b` *really* so?", "Hint")
    Markup('<p><b>Hint:</b> Is <code>a &lt; b</code> <em>really</em> so?</p>')
    """
    return Markup(Say(text, label).html())


@cache
def environment():
    """What the templates of pages are rendered in: a missing name is an error."""
    made = Environment(
        autoescape=True,
        finalize=visible,
        loader=PackageLoader("backprop.grading"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["sentence"] = sentence
    return made
