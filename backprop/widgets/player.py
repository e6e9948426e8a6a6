"""Views to step through that need no kernel: they travel with the page, an exported one too."""

import json
from dataclasses import replace

from backprop.widgets.controls import button, group, slider
from backprop.widgets.scene import SCRIPT, Scene, differences

# Where no widgets are shown, each player on the page shows itself, as a widget would be shown.
STANDALONE = """
for (const player of document.querySelectorAll(".bp-player")) {
  const traits = JSON.parse(player.querySelector("script").textContent);
  const model = { get: (name) => traits[name], on: () => {}, off: () => {}, send: () => {} };
  player.classList.remove("bp-player");
  render({ model, el: player });
}
"""


class Player(Scene):
    """Views to step through, with buttons and a slider; they can play by themselves.

    `shown` says of each view what stands beside the slider; each is shown for `pace` milliseconds
    when they play.

    >>> from backprop.widgets.scene import View
    >>> player = Player([View("<svg/>", "", f"step {k}") for k in (1, 2, 3)])
    >>> [player.move(name).state for name in ("next", "next", "next", "back")]
    [1, 2, 2, 1]
    """

    def __init__(self, views, shown=None, pace=1500):
        n = len(views)
        shown = [f"{k} of {n}" for k in range(1, n + 1)] if shown is None else shown
        views = [
            replace(view, controls=_turning(k, n, text) + view.controls)
            for k, (view, text) in enumerate(zip(views, shown, strict=True))
        ]
        first, *others = (view.html() for view in views)
        changes = ((html, differences(first, html)) for html in others)
        frames = [first, *(html if change is None else change for html, change in changes)]
        super().__init__(0, views.__getitem__, self._turn, frames=frames, pace=pace)

    def _turn(self, k, name, value):
        to = {"back": k - 1, "next": k + 1, "frame": value}.get(name, k)
        return min(max(int(to), 0), len(self.frames) - 1)

    def _still(self):
        """The view with all others inside, for a page that may run scripts, though no widgets."""
        traits = {"frames": self.frames, "pace": self.pace}
        data = json.dumps(traits, ensure_ascii=False).replace("<", r"\u003c")
        return (
            f'<div class="bp-player">{super()._still()}'
            f'<script type="application/json">{data}</script></div>'
            f'<script type="module">{SCRIPT}{STANDALONE}</script>'
        )


def _turning(k, n, shown):
    buttons = button("back", "Back") + button("next", "Next") + button("play", "Play or pause")
    buttons += button("frame", "Start again", "0")
    return group("Steps", buttons + slider("frame", "Step", k, 0, n - 1, 1, shown, "Step"))
