"""Product: several schedules at once, whose factors are multiplied, as a warm-up times a decay.

    factor = factor of schedules[0] * factor of schedules[1] * ...

Each sees the whole training. The learning rate has a slot for `Warmup` beside its schedule; for momentum, weight
decay, batch size and resolution this is how a rise and a decay come together.

Also: ChainedScheduler, warm-up times decay.
Ends: first and last the products of the first and last values.
Source: PyTorch's `ChainedScheduler`; the default, a warm-up of 5 epochs times steps: Goyal et al. 2017, sections 2.2
and 5.1 (arXiv:1706.02677).
Measured: see `Warmup` for what the rise is worth and `StepDecay` for the steps; no figure is of a product as such.
Hurts: two decays in it, which leave a smaller rate than either was tuned for.
"""

from __future__ import annotations

from dataclasses import dataclass

from assay.recipe import Recipe
from assay.schedule import product
from assay.tricks.inner_schedule import ScheduleTrick, require_inner, shape_of
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup


@dataclass(frozen=True)
class Product:
    """Multiply schedules of `of`. schedules: at least one; their order is of no matter."""

    schedules: tuple[ScheduleTrick, ...] = (Warmup(), StepDecay())
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_inner("schedules", self.schedules)
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        shapes = [shape_of(inner, self, recipe, recipe.epochs) for inner in self.schedules]
        return schedule_quantity(recipe, self, self.of, product(*shapes))
