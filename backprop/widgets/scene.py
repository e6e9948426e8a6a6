"""One widget for all that moves: HTML made in Python and patched in place, with native controls."""

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from time import perf_counter

import anywidget
import traitlets

HERE = Path(__file__).parent
STYLE = (HERE / "scene.css").read_text(encoding="utf-8")
SCRIPT = "\n".join((HERE / js).read_text(encoding="utf-8") for js in ("ahead.js", "scene.js"))
AHEAD = 0.012  # seconds for views that nobody may come to see: so long a move may have to wait


@dataclass(frozen=True)
class View:
    """What a scene shows: an SVG, controls beside it, words (read aloud too), and HTML below.

    `over` lies on the picture, such as an invisible slider to drag it by.
    """

    picture: str
    controls: str
    words: str
    text: str = ""
    over: str = ""

    def html(self):
        return self._html(self.over, f'<div class="bp-controls">{self.controls}</div>')

    def still(self):
        """The same without controls, for pages where nothing moves."""
        return self._html("", "")

    def _html(self, over, controls):
        picture = f'<div class="bp-picture">{self.picture}{over}</div>'
        return (
            f'<div class="bp-stage">{picture}{controls}</div>'
            f'<p class="bp-words">{escape(self.words)}</p><div class="bp-text">{self.text}</div>'
        )


class Scene(anywidget.AnyWidget):
    """A picture that follows its controls: a state, a view of it, and what each control does to it.

    `draw(state)` gives a :class:`View`; `react(state, name, value)` gives the next state when the
    control of that name is moved to `value`; a click on a part of the picture is `react(state,
    "pick", part)`. Both are plain functions, so a scene can be tried without a browser:
    `scene.move("eta", 0.1).state`.

    Where no kernel runs, the scene leaves its picture and its words.
    """

    _esm = SCRIPT
    _css = STYLE
    html = traitlets.Unicode().tag(sync=True)
    changes = traitlets.List().tag(sync=True)  # where the view differs from `html`
    frames = traitlets.List().tag(sync=True)  # the first, then changes to it, or HTML again
    pace = traitlets.Int(1500).tag(sync=True)  # milliseconds a frame, when they play
    replies = traitlets.Int().tag(sync=True)

    def __init__(self, state, draw, react, **traits):
        self.state, self.draw, self.react = state, draw, react
        self.view = draw(state)
        self._took = 0.0  # seconds to come to the last view
        super().__init__(html=self.view.html(), **traits)
        self.on_msg(self._receive)

    def move(self, name, value=""):
        """Move a control as a reader does; returns the scene itself."""
        self._move([(name, value)])
        return self

    def _receive(self, _widget, content, _buffers):
        if "ahead" in content:
            views = self._ahead(content["name"], content["values"])
            self.send({"ahead": content["ahead"], "views": views})
        if not content.get("moves"):
            return
        with self.hold_sync():  # the page gets one message
            try:
                self._move(content["moves"])
            finally:  # whatever happens, the page may send its next value
                self.replies += 1

    def _move(self, moves):
        self.state, self.view, changes = self._after(moves)
        with self.hold_sync():
            if changes is None:
                self.html, self.changes = self.view.html(), []
            else:
                self.changes = changes

    def _after(self, moves):
        """The state and the view after some moves, and where the view differs from `html`."""
        start, state = perf_counter(), self.state
        for name, value in moves:
            state = self.react(state, name, value)
        view = self.draw(state)
        changes = differences(self.html, view.html())
        self._took = perf_counter() - start
        return state, view, changes

    def _ahead(self, name, values):
        """What a move to each of the values would change, as far as there is time.

        Pairs of a value and the changes; None where the page had to be sent anew, or nothing can
        be drawn.
        """
        views, end = [], perf_counter() + AHEAD
        for value in values:
            if perf_counter() + self._took > end:
                break
            try:
                changes = self._after([(name, value)])[-1]
            except Exception:  # to be told when the reader really goes there
                changes = None
            views.append([value, changes])
        return views

    def __repr__(self):
        return self.view.words

    def _repr_mimebundle_(self, **kwargs):
        data, metadata = super()._repr_mimebundle_(**kwargs)
        html = f"<style>{STYLE}</style>{self._still()}"
        return {"text/html": html, "image/svg+xml": self.view.picture} | data, metadata

    def _still(self):
        """What is left on a page without widgets."""
        return f'<div class="bp-scene">{self.view.still()}</div>'


def differences(old, new):
    """Where the texts and attributes of two pieces of HTML differ, as [place, piece] pairs.

    A piece is a tag and the text after it, without its "<". None where they differ in more than
    texts and values of attributes.

    >>> differences('<p id="a">1</p>', '<p id="b">2</p>')
    [[0, 'p id="b">2']]
    >>> differences("<p>1</p>", "<p>1</p><p>2</p>")
    """
    before, after = _pieces(old), new.split("<")
    if len(before) != len(after):
        return None
    changes = [[k, b] for k, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    same = all(_shape(before[k]) == _shape(piece) for k, piece in changes)
    return [[k - 1, piece] for k, piece in changes] if same else None


VALUE = re.compile('"[^"]*"')


@lru_cache(maxsize=8)
def _pieces(html):
    return html.split("<")


def _shape(piece):
    """What a piece is without the values of its attributes, and whether there is a text."""
    tag, _, text = piece.partition(">")
    return VALUE.sub("", tag), bool(text)
