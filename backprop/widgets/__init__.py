"""Sliders, steppers and players around the pictures: no mathematics and no drawing of their own."""

from backprop.widgets.explore import explore_step
from backprop.widgets.scene import Player, Scene, View

__all__ = ["Player", "Scene", "View", "explore_step"]
