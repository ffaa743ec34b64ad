"""What each trick costs beside what it gains: seconds, memory and operations of an update."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from assay.ablation.costs import Cost, InTurn
from assay.ablation.studied import StudiedEffect, Study
from assay.figure import Table
from assay.finding import Finding
from assay.recipe import Trick

COLUMNS = ("recipe", "milliseconds a step", "peak memory", "operations a step", "parameters")
SOURCE = (
    "Seconds by the baseline's: from trainings of one command, paired by seed, the median ratio with the range over "
    "seeds; where they were found again and their own command told nothing sure, or workers train, from updates timed "
    "in turn, with the range over places of the training. "
    "Memory and operations of a few updates all over a training; operations are those of matrix products and "
    "convolutions (PyTorch's FlopCounterMode)."
)


@dataclass(frozen=True)
class Costs:
    """Of an update of the baseline, and of the baseline with each trick, by their places in the list.

    in_turn: seconds by those of the baseline, of tricks whose trainings' own seconds do not compare.
    """

    baseline: Cost
    tricks: Mapping[int, Cost] = field(default_factory=dict)
    in_turn: Mapping[int, InTurn] = field(default_factory=dict)

    def of(self, tricks: Sequence[Trick], chosen: Sequence[Trick]) -> Costs:
        """The same of some of the tricks, by their places among these."""
        places = {tricks.index(trick): number for number, trick in enumerate(chosen)}
        return Costs(
            self.baseline,
            {places[place]: cost for place, cost in self.tricks.items() if place in places},
            {places[place]: ratio for place, ratio in self.in_turn.items() if place in places},
        )

    def seconds_of(self, effects: Sequence[StudiedEffect]) -> tuple[StudiedEffect, ...]:
        """The effects with seconds as they were timed in turn, where they were."""
        return tuple(self._with_seconds(effect) for effect in effects)

    def _with_seconds(self, effect: StudiedEffect) -> StudiedEffect:
        timed = self.in_turn.get(effect.tricks[0]) if len(effect.tricks) == 1 else None
        if timed is None:
            return effect
        return replace(effect, seconds_per_step_ratio=timed.seconds_per_step, seconds_range=(timed.low, timed.high))


def tell_costs(study: Study) -> Finding | None:
    """None where no cost is known."""
    costs = study.costs
    if costs is None or not costs.tricks:
        return None
    named = {place: name_of(study, place) for place in costs.tricks}
    seconds = costs.baseline.seconds_per_step
    rows = (
        _row("baseline", costs.baseline, f"{1e3 * seconds:.3g}"),
        *(_row(named[place], cost, _milliseconds(study, place, costs)) for place, cost in costs.tricks.items()),
    )
    untold = [named[place] for place in costs.tricks if math.isnan(_ratio_of(study, place))]
    worth = best_worth(study)
    told = f"; the most for its seconds: {worth}" if worth else ""
    return Finding(
        "trick_costs", "note",
        f"An update of the baseline takes {1e3 * seconds:.3g} ms, "
        f"{_bytes(costs.baseline.peak_bytes)} and {_operations(costs.baseline.flops_per_step)} (measured once, on "
        f"{_updates(costs.baseline.sampled)}){told}.{_tell_untold(untold)}",
        {"baseline": _plain(costs.baseline, seconds),
         "tricks": {named[place]: _plain(cost, seconds * _ratio_of(study, place))
                    for place, cost in costs.tricks.items()}},
        source=SOURCE, figures=(Table("What an update costs", COLUMNS, rows),),
    )  # fmt: skip


def cost_cells(study: Study, effect: StudiedEffect) -> tuple[str, str]:
    """Peak memory and operations with the trick by those without; empty where they are not known."""
    cost = study.costs.tricks.get(effect.tricks[0]) if study.costs and len(effect.tricks) == 1 else None
    if cost is None or study.costs is None:
        return "", ""
    baseline = study.costs.baseline
    return _times(cost.peak_bytes, baseline.peak_bytes), _times(cost.flops_per_step, baseline.flops_per_step)


def singles(study: Study) -> list[StudiedEffect]:
    """The effects of one trick each."""
    return [effect for effect in study.effects if len(effect.tricks) == 1]


def name_of(study: Study, place: int) -> str:
    """The trick at this place."""
    return _effect_of(study, place).name


def best_worth(study: Study) -> str:
    """Of tricks that help, the one that gains most for each second it adds; those that add none come first."""
    helping = [effect for effect in singles(study) if effect.verdict == "helps"]
    known = [effect for effect in helping if not math.isnan(effect.seconds_per_step_ratio)]
    if not known:
        return ""
    return max(known, key=lambda one: abs(one.estimate) / max(1e-3, one.seconds_per_step_ratio - 1)).name


def _updates(count: int) -> str:
    """`1 update`, `50 updates`."""
    return f"{count:,} {'update' if count == 1 else 'updates'}"


def _milliseconds(study: Study, place: int, costs: Costs) -> str:
    """A step's: the baseline's by the ratio of every table, with its range; empty where that cannot be told."""
    effect = _effect_of(study, place)
    if math.isnan(effect.seconds_per_step_ratio):
        return ""
    baseline = 1e3 * costs.baseline.seconds_per_step
    median = f"{baseline * effect.seconds_per_step_ratio:.3g}"
    if math.isnan(effect.seconds_range[0]):
        return median
    return f"{median} ({' to '.join(f'{baseline * ratio:.3g}' for ratio in effect.seconds_range)})"


def _row(name: str, cost: Cost, milliseconds: str) -> tuple[str, ...]:
    return (name, milliseconds, _bytes(cost.peak_bytes), _operations(cost.flops_per_step),
            f"{cost.parameters:,}")  # fmt: skip


def _plain(cost: Cost, seconds: float) -> dict[str, float | None]:
    return {"seconds_per_step": None if math.isnan(seconds) else seconds, "peak_bytes": cost.peak_bytes,
            "flops_per_step": cost.flops_per_step, "parameters": cost.parameters}  # fmt: skip


def _effect_of(study: Study, place: int) -> StudiedEffect:
    return next(effect for effect in study.effects if effect.tricks == (place,))


def _ratio_of(study: Study, place: int) -> float:
    return _effect_of(study, place).seconds_per_step_ratio


def _tell_untold(names: Sequence[str]) -> str:
    """Of which tricks no seconds are told, and where else to look."""
    if not names:
        return ""
    return (
        f" Seconds of {', '.join(names)} cannot be told: nothing was timed in turn with the baseline's; operations "
        "tell what there is to compute."
    )


def _times(one: float, other: float) -> str:
    return f"{one / other:.2f}x" if other else ""


def _bytes(count: int) -> str:
    return f"{count / 2**30:.3g} GiB" if count >= 2**30 else f"{count / 2**20:.3g} MiB"


def _operations(count: float) -> str:
    for power, letter in ((12, "T"), (9, "G"), (6, "M")):
        if count >= 10**power:
            return f"{count / 10**power:.3g} {letter}FLOP"
    return f"{count:,.0f} FLOP"
