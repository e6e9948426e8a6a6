"""Sliders, steppers and players around the pictures: no mathematics and no drawing of their own."""

from backprop.widgets.curves import explore_activation, explore_loss
from backprop.widgets.depth import explore_depth
from backprop.widgets.explore import explore_step
from backprop.widgets.scene import Player, Scene, View
from backprop.widgets.stepper import step_through

__all__ = [
    "Player",
    "Scene",
    "View",
    "explore_activation",
    "explore_depth",
    "explore_loss",
    "explore_step",
    "step_through",
]
