"""Healthy programs in which two networks, or two passes of one, meet in the loss."""

from __future__ import annotations

import random

from faults.parts import Parts
from faults.worlds import adversaries, distillation, twins


def draw(chance: random.Random) -> Parts:
    """A teacher and its student, twins on pairs, twins on two views, or a generator and its critic."""
    return chance.choice([distillation.draw, twins.draw_pairs, twins.draw_views, adversaries.draw])(chance)
