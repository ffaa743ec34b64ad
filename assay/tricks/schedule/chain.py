"""Chain: schedules one after the other, each of which takes its own stretch for a whole training.

    factor = factor of schedules[i] at step - start_i of end_i - start_i steps,   start_i <= step < end_i
    end_i  = start_(i + 1) = round(at[i] * total_steps),   start_0 = 0,   the last end = total_steps

Each begins from the base value anew; one that is to go on at a tenth is multiplied by a tenth, as here, where
`StepDecay` has its milestone at its first step. A `Warmup` is the whole schedule of its stretch, and lengths that
schedules give in epochs stay epochs.

    Chain(schedules=(LinearDecay(0.1), Product((StepDecay((0.0,), 0.1), Cosine()))), at=(0.5,))

Also: SequentialLR, composed schedule, warmup-stable-decay, WSD, trapezoidal schedule.
Ends: first that of the first schedule; the first value of the next one at step round(at * total_steps); last that of
the last schedule, one step short of its end.
Source: PyTorch's `SequentialLR`; the default, a constant rate and a line to 0 over the last fifth: Hägele et al. 2024
(arXiv:2405.18392).
Measured: a constant rate and a cool-down scale as cosine does on language models (Hägele et al. 2024, abstract; no
figure read by us).
Hurts: a training whose rate jumps up at a hand-over, where that was not meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from assay.recipe import Recipe
from assay.schedule import chain, require_shares
from assay.tricks.inner_schedule import ScheduleTrick, require_inner, shape_of
from assay.tricks.quantity import require_quantity, schedule_quantity
from assay.tricks.schedule.constant import ConstantLR
from assay.tricks.schedule.linear_decay import LinearDecay


@dataclass(frozen=True)
class Chain:
    """Schedule `of` by one schedule after the other.

    schedules: at least one, in their order; at: shares of the training at which the next one takes over, rising, one
    fewer than there are schedules.
    """

    schedules: tuple[ScheduleTrick, ...] = (ConstantLR(), LinearDecay(end_factor=0.0))
    at: tuple[float, ...] = (0.8,)
    of: str = "learning_rate"

    def __post_init__(self) -> None:
        require_inner("schedules", self.schedules)
        require_shares(self.at, len(self.schedules))
        require_quantity(self.of)

    def __call__(self, recipe: Recipe) -> Recipe:
        lengths = [(end - start) * recipe.epochs for start, end in pairwise((0.0, *self.at, 1.0))]
        parts = zip(self.schedules, lengths, strict=True)
        shapes = [shape_of(inner, self, recipe, epochs) for inner, epochs in parts]
        return schedule_quantity(recipe, self, self.of, chain(*shapes, at=self.at))
