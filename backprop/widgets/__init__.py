"""Sliders, steppers and players around the pictures: no mathematics and no drawing of their own."""

from backprop.widgets.activation_curve import explore_activation
from backprop.widgets.boundary import watch_training
from backprop.widgets.depth import explore_depth
from backprop.widgets.explore import explore_step
from backprop.widgets.landscape import explore_landscape
from backprop.widgets.loss_curve import explore_loss
from backprop.widgets.player import Player
from backprop.widgets.races import race_descents, race_learning_rates
from backprop.widgets.scene import Scene, View
from backprop.widgets.stepper import step_through

__all__ = [
    "Player",
    "Scene",
    "View",
    "explore_activation",
    "explore_depth",
    "explore_landscape",
    "explore_loss",
    "explore_step",
    "race_descents",
    "race_learning_rates",
    "step_through",
    "watch_training",
]
