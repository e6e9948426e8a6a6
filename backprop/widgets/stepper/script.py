"""The order in which the formulas of a training step are gone through, and its phases."""

from dataclasses import dataclass

from backprop.letters import Letter
from backprop.widgets.formulas import Formula, formulas_of

PHASES = {
    "forward pass": ("z", "a"),
    "loss": ("E",),
    "output deltas": ("BP1",),
    "hidden deltas": ("BP2",),
    "gradients": ("BP4", "BP3"),
    "update": ("update",),
}
PHASE = {equation: phase for phase, equations in PHASES.items() for equation in equations}


@dataclass(frozen=True)
class Script:
    """The formulas by name, and the names in their order; all updates together come after them."""

    formulas: dict[str, Formula]
    names: tuple

    @classmethod
    def of(cls, net):
        """Forward unit by unit, z before a; then as the derivation goes.

        >>> from backprop import Network
        >>> script = Script.of(Network([[[0.5]], [[1]]], [[0], [0]], "tanh"))
        >>> script.names
        ('z1_1', 'a1_1', 'z2_1', 'a2_1', 'E', 'delta2_1', 'delta1_1', 'dE_dw2_1_1', 'dE_db2_1', \
'dE_dw1_1_1', 'dE_db1_1')
        >>> script.phases["gradients"]
        7
        """
        formulas = formulas_of(net)
        names = (name for name, formula in formulas.items() if formula.equation != "update")
        return cls(formulas, tuple(sorted(names, key=lambda name: _order(formulas[name]))))

    def phase(self, name):
        return PHASE[self.formulas[name].equation]

    @property
    def phases(self):
        """Where each phase begins."""
        begins = {"update": len(self.names)}
        for place, name in reversed([*enumerate(self.names)]):
            begins[self.phase(name)] = place
        return {phase: begins[phase] for phase in PHASES if phase in begins}


def _order(formula):
    phase = list(PHASES).index(PHASE[formula.equation])
    if phase:
        return (phase,)
    letter, layer, unit = Letter(formula.name).parts
    return phase, int(layer), int(*unit), letter != "z"
