"""Where the reader is in a training step, and where each move leads."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from backprop.widgets.setting import Setting
from backprop.widgets.stepper.script import Script


@dataclass(frozen=True, eq=False)
class At(Setting):
    """What the reader has set, where in the training step he is, and what he has predicted."""

    place: int = 0
    taken: int = 0
    before: float | None = None  # the loss of the training step before
    predict: bool = False
    said: dict = field(default_factory=dict)  # the sign that was predicted, by name
    urged: bool = False

    @cached_property
    def script(self):
        return Script.of(self.net)

    @property
    def name(self):
        """The letter of the formula that is lit; all updates are one step, and one of them lit."""
        return (*self.script.names, f"new_{self.chosen}")[self.place]

    @property
    def formula(self):
        return self.script.formulas[self.name]

    @property
    def value(self):
        return self.numbers[self.name]

    @property
    def phase(self):
        return self.script.phase(self.name)

    @property
    def last(self):
        return self.place == len(self.script.names)

    # — what is hidden —

    @property
    def guessable(self):
        return self.predict and self.formula.equation.startswith("BP")

    @property
    def asked(self):
        """Is the number hidden until its sign is predicted?"""
        return self.guessable and self.name not in self.said

    @property
    def hidden(self):
        """The names of what is not computed yet, or not shown."""
        if self.last:
            return set()
        shown = self.script.names[: self.place + (not self.asked)]
        return self.script.formulas.keys() - set(shown)

    # — moves —

    def to(self, place):
        """Go to a step; at a gradient, its weight is the one that is looked at."""
        place = min(max(place, 0), len(self.script.names))
        moved = replace(self, place=place, urged=False)
        return moved.looking_at(moved.name) if moved.phase == "gradients" else moved

    def onward(self):
        """The next step; but what is asked is to be answered first."""
        return replace(self, urged=True) if self.asked else self.to(self.place + 1)

    def to_phase(self, phase):
        phases = self.script.phases
        if phase not in phases:
            raise ValueError(f"there is no phase {phase!r}; there are: {', '.join(phases)}")
        return self.to(phases[phase])

    def again(self):
        """The next training step, from its beginning, with the updated network."""
        E, after = self.numbers["E"], self.after
        return replace(self, net=after, taken=self.taken + 1, before=E, said={}).to(0)

    def picked(self, part):
        """A weight or a gradient is looked at; of anything else, the step that makes it."""
        looking = self.looking_at(part)
        if looking is not self:
            return looking
        names = self.script.names
        return self.to(names.index(part)) if part in names else self

    def saying(self, sign):
        """A prediction is made once."""
        if not self.asked:
            return self
        return replace(self, said=self.said | {self.name: sign}, urged=False)

    def moved(self, control, value):
        """Other numbers: what was predicted before is no longer said of them."""
        moved = super().moved(control, value)
        return moved if control == "eta" else replace(moved, said={}, urged=False)


def react(start, at, name, value):
    """The state after the control of that name was moved to `value`, or a part picked."""
    moves = {
        "next": at.onward,
        "back": lambda: at.to(at.place - 1),
        "step": lambda: at.to(int(value) - 1),
        "goto": lambda: at.to_phase(value),
        "again": at.again,
        "reset": lambda: replace(start, chosen=at.chosen, predict=at.predict),
        "pick": lambda: at.picked(value),
        "predict": lambda: replace(at, predict=value == "first", urged=False),
        "say": lambda: at.saying(value),
    }
    return moves[name]() if name in moves else at.moved(name, value)
