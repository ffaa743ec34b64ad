"""What a recipe costs: seconds, memory and floating-point operations of an optimiser update, and its parameters.

    cost = measure_cost(baseline | SAM(0.05), data)

Updates are sampled at places all over the training, a few in a row at each, since schedules change what an update
is: images grow, batches grow, every tenth update takes two passes. Each is first counted, then timed without being
watched:

    operations = mean over the sampled updates
    seconds    = mean over them of the median seconds of all with as many operations, once warm
    peak       = the largest over them

Two floating-point operations are one multiply-add. Counted are matrix products, convolutions and attention, forward and
backward, of all passes of an update, those of an optimiser (Muon's) too; elementwise work, norms and pools, and with
them the arithmetic of most optimisers, are not, nor what comes before the first update or judges the network.
A sample is an estimate where updates differ by their number: `sampled` tells how many there were.

Source: PyTorch's own `FlopCounterMode`; He et al. 2018 (arXiv:1812.01187), table 5, counts multiply-adds instead.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from assay.data.data import Data
from assay.device import choose_device
from assay.loop import training_steps
from assay.models.counting import count_parameters
from assay.peak_memory import watch_peak
from assay.recipe import Recipe
from assay.training.train import Training

PLACES, IN_A_ROW = 5, 10
"""Ten in a row tell exactly what every second, fifth or tenth update adds; five places, as schedules have phases."""


@dataclass(frozen=True)
class Cost:
    """Of one optimiser update, averaged over a training.

    steps: updates of the training; sampled: how many of them were measured.
    """

    seconds_per_step: float
    peak_bytes: int
    flops_per_step: float
    parameters: int
    steps: int
    sampled: int

    @property
    def seconds(self) -> float:
        """Of all updates, without looks at validation."""
        return self.seconds_per_step * self.steps

    @property
    def flops(self) -> float:
        """Of all updates: what to compare where batches grow, and updates become fewer."""
        return self.flops_per_step * self.steps


def measure_cost(
    recipe: Recipe,
    data: Data,
    *,
    device: str | torch.device | None = None,
    seed: int = 0,
    places: int = PLACES,
    in_a_row: int = IN_A_ROW,
) -> Cost:
    """Train a throw-away network at a few places of the recipe's schedules.

    Args:
        places, in_a_row: at least 1; more updates than there are count once.
    Raises:
        ValueError: places or in_a_row is below 1.
        RecipeError: the recipe is for other data.
    """
    if places < 1 or in_a_row < 1:
        raise ValueError(f"places and in_a_row must be at least 1, got {places} and {in_a_row}; 5 and 10 are usual")
    device = choose_device(device)
    with watch_peak(device) as peak:
        training = Training(recipe, data, seed=seed, device=device, evaluations=0, monitored=False)
        windows = sample_windows(training.total_steps, places, in_a_row)
        counted = [flops for window in windows for flops in _count(training, window)]
    _time(training, windows[0])  # warms what the counting left cold
    timed = [update for window in windows for update in _time(training, window)]
    return Cost(
        seconds_per_step=typical_seconds(counted, timed),
        peak_bytes=peak.bytes,
        flops_per_step=statistics.fmean(counted),
        parameters=count_parameters(training.learner.model),
        steps=training.total_steps,
        sampled=len(counted),
    )


MOST_SPREAD = 2.0
"""Our choice: above the 1 of a quiet machine, and below the seven times that were seen with other work on two cores."""

FAR_FROM_OPERATIONS = 4.0
"""Elementwise work is not counted and small networks leave hardware idle, so seconds and operations differ; where they
do by more than this, the timing is taken for wrong."""


@dataclass(frozen=True)
class InTurn:
    """What a recipe takes by what another takes, both timed in turn.

    seconds_per_step: of an update; low, high: the same at each place of the training, the least and the most.
    seconds, flops: of all updates of a training, without looks at validation; flops is nan where none are counted.
    spread: of seconds by operations, the most of a place by the least; 1 on a quiet machine.
    is_of_trainings: whether whole trainings told it, seed by seed: then low and high are those of seeds.
    """

    seconds_per_step: float
    low: float
    high: float
    seconds: float
    flops: float
    spread: float = 1.0
    is_of_trainings: bool = False

    @property
    def is_drowned(self) -> bool:
        """Whether places differ so much that seconds tell nothing that operations do not: other work on the machine."""
        whole = self.seconds / self.seconds_per_step
        return self.spread > MOST_SPREAD and whole * self.low <= self.flops <= whole * self.high

    @property
    def believable_seconds(self) -> float:
        """Of whole trainings: operations where the timing is drowned, and never further than four times from them."""
        if math.isnan(self.flops):
            return self.seconds
        if self.is_drowned:
            return self.flops
        return min(max(self.seconds, self.flops / FAR_FROM_OPERATIONS), self.flops * FAR_FROM_OPERATIONS)


def measure_in_turn(
    recipe: Recipe, other: Recipe, data: Data, *, device: str | torch.device | None = None, seed: int = 0,
    places: int = PLACES, in_a_row: int = IN_A_ROW,
) -> InTurn:  # fmt: skip
    """Seconds of a recipe by those of another.

    Both are sampled as by `measure_cost`, but in turn, place by place: what else slows the machine slows both, where
    two measurements a minute apart may differ by half on a busy one.
    """
    device = choose_device(device)
    pair = [Training(one, data, seed=seed, device=device, evaluations=0, monitored=False) for one in (recipe, other)]
    windows = [_as_many_windows(training.total_steps, places, in_a_row) for training in pair]
    sampled: tuple[list[Sample], list[Sample]] = [], []
    for place in range(places):
        for side in (0, 1) if place % 2 == 0 else (1, 0):
            window = windows[side][place]
            sampled[side].append(list(zip(_count(pair[side], window), _time(pair[side], window), strict=True)))
    at_places, ratio = ratios_of([_seconds(one) for one in sampled[0]], [_seconds(one) for one in sampled[1]])
    counted = [_flops(mine) / max(1.0, _flops(others)) or 1.0 for mine, others in zip(*sampled, strict=True)]
    by_flops = [seconds / flops for seconds, flops in zip(at_places, counted, strict=True)]
    mine, others = ([update for sample in side for update in sample] for side in sampled)
    steps = pair[0].total_steps / pair[1].total_steps
    flops_ratio = steps * _flops(mine) / _flops(others) if _flops(mine) and _flops(others) else math.nan
    return InTurn(ratio, min(at_places), max(at_places), steps * ratio, flops_ratio, max(by_flops) / min(by_flops))


def ratios_of(mine: Sequence[float], others: Sequence[float]) -> tuple[list[float], float]:
    """Of seconds at each place, and of their means: never beyond the least and the most of the places."""
    return [one / other for one, other in zip(mine, others, strict=True)], sum(mine) / sum(others)


def _seconds(sample: Sample) -> float:
    return typical_seconds([flops for flops, _ in sample], [timed for _, timed in sample])


def _flops(sample: Sample) -> float:
    return statistics.fmean(flops for flops, _ in sample)


def _as_many_windows(steps: int, places: int, in_a_row: int) -> list[range]:
    """One for each place: a short training in equal parts, one of fewer updates than places whole each time."""
    if steps > places * in_a_row:
        return sample_windows(steps, places, in_a_row)
    if steps < places:
        return [range(steps)] * places
    ends = [round(place * steps / places) for place in range(places + 1)]
    return [range(first, last) for first, last in pairwise(ends)]


def sample_windows(steps: int, places: int, in_a_row: int) -> list[range]:
    """Stretches of a training, the same share of it around each: all of it where it is no longer than they."""
    if steps <= places * in_a_row:
        return [range(steps)]
    starts = (round((place + 0.5) * steps / places - in_a_row / 2) for place in range(places))
    return [range(start, start + in_a_row) for start in starts]


@dataclass(frozen=True)
class Timed:
    """Seconds of one update, its batch included. sets_up: also what a stretch of updates begins with."""

    seconds: float
    sets_up: bool


Sample = list[tuple[float, Timed]]
"""Operations and seconds of updates in a row."""


def typical_seconds(counted: Sequence[float], timed: Sequence[Timed]) -> float:
    """Mean over updates of the median of those with as many operations.

    A median of all would hide every tenth update that takes twice as long; a mean would believe every hiccup of the
    machine. Updates that set up something count only where there are no others of their kind.
    """
    alike = defaultdict[float, list[Timed]](list)
    for flops, update in zip(counted, timed, strict=True):
        alike[flops].append(update)
    medians = {}
    for flops, updates in alike.items():
        plain = [update.seconds for update in updates if not update.sets_up]
        medians[flops] = statistics.median(plain or [update.seconds for update in updates])
    return statistics.fmean(medians[flops] for flops in counted)


def _count(training: Training, window: range) -> list[float]:
    """Operations of each update."""
    # Imported here: it pulls in a large part of PyTorch that training does not need.
    from torch.utils.flop_counter import FlopCounterMode

    counts = [0]
    with FlopCounterMode(display=False) as counter:
        for _ in _updates(training, window):
            counts.append(counter.get_total_flops())
    return [float(after - before) for before, after in pairwise(counts)]


def _time(training: Training, window: range) -> list[Timed]:
    """Seconds of each update."""
    moments = [time.perf_counter()]
    for _ in _updates(training, window):
        moments.append(time.perf_counter())
    return [Timed(after - before, place == 0) for place, (before, after) in enumerate(pairwise(moments))]


def _updates(training: Training, window: range) -> Iterator[float]:
    """The losses of these updates; waited for, since an accelerator works behind the program's back."""
    feed, total = training.feed, training.total_steps
    batches, clocks = feed.batches(window, total), feed.timetable.clocks(window, total)
    for step in training_steps(training.learner, batches, clocks, seed=training.seed):
        yield float(step.loss)
