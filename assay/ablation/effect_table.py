"""The table of a study: a row for each effect, the best first, with n, interval and cost.

The verdict stands beside the trick, so that a narrow terminal, which leaves out columns from the right, keeps it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from assay.ablation.cost_findings import cost_cells
from assay.ablation.metrics.metric import Metric
from assay.ablation.studied import StudiedEffect, Study
from assay.ablation.wording import CLEAR_ALONE, leaves_out_zero, told_p

COLUMNS = (
    "trick",
    "verdict",
    "effect",
    "95 % interval",
    "seeds",
    "p alone",
    "p adjusted",
    "chance it helps",
    "seen from",
    "seconds a step",
)
LENGTHS = "epochs, with it / without"
OF_COSTS = ("peak memory", "operations")
CLEAR = ("helps", "hurts")
TOGETHER = {True: "help each other", False: "stand in each other's way"}


def columns_of(study: Study) -> tuple[str, ...]:
    """With lengths of trainings where they differ, and costs where they are known."""
    lengths = (LENGTHS,) if lengths_differ(study) else ()
    return (*COLUMNS, *lengths, *(OF_COSTS if costs_known(study) else ()))


def rows_of(study: Study, *, in_full: bool = False) -> tuple[tuple[str, ...], ...]:
    """A row for each effect, as the columns are.

    Args:
        in_full: whether tricks are named with all their arguments, as a paper needs them.
    """
    return tuple(_row(study, effect, in_full=in_full) for effect in best_first(study))


def best_first(study: Study) -> list[StudiedEffect]:
    """Those with an estimate."""
    known = (effect for effect in study.effects if not math.isnan(effect.estimate))
    return sorted(known, key=lambda effect: -effect.estimate * study.judge.metric.sign)


def lengths_differ(study: Study) -> bool:
    """Whether any trick changes how many epochs a training has."""
    return any(effect.has_other_length for effect in study.effects)


def costs_known(study: Study) -> bool:
    """Of any trick."""
    return bool(study.costs and study.costs.tricks)


def verdict_of(effect: StudiedEffect) -> str:
    """Of a pair, that two help each other or do not."""
    if len(effect.tricks) > 1 and effect.verdict in CLEAR:
        return TOGETHER[effect.verdict == "helps"]
    return effect.verdict


def is_clear_alone(effect: StudiedEffect) -> bool:
    """Whether its own interval leaves out 0, and the family's error rate allows no verdict."""
    return effect.verdict not in CLEAR and leaves_out_zero(effect.low, effect.high)


def seen_from(effect: StudiedEffect, metric: Metric) -> str:
    """What would have been found four times in five; of an effect that is clear alone, that it is."""
    if math.isnan(effect.detectable):
        return ""
    return CLEAR_ALONE if is_clear_alone(effect) else metric.told(effect.detectable, signed=False)


def lengths_of(effect: StudiedEffect) -> str:
    """`1.37 / 2`; empty where they are not known."""
    return "" if math.isnan(effect.epochs[0]) else " / ".join(f"{epochs:.3g}" for epochs in effect.epochs)


def _row(study: Study, effect: StudiedEffect, *, in_full: bool) -> tuple[str, ...]:
    metric = study.judge.metric
    return (
        (effect.in_full or effect.name) if in_full else effect.name, verdict_of(effect), metric.told(effect.estimate),
        f"{metric.told(effect.low)} to {metric.told(effect.high)}", str(effect.n), f"{effect.p:.2g}",
        told_p(effect.p_adjusted, study.looks.alpha), f"{effect.chance_it_helps:.1%}", seen_from(effect, metric),
        seconds_of(effect),
        *((lengths_of(effect),) if lengths_differ(study) else ()),
        *(cost_cells(study, effect) if costs_known(study) else ()),
    )  # fmt: skip


def seconds_of(effect: StudiedEffect) -> str:
    """The ratio with its range; over what they are, the legend tells."""
    if math.isnan(effect.seconds_per_step_ratio):
        return ""
    return f"{effect.seconds_per_step_ratio:.2f}x{_range(effect.seconds_range)}"


def _range(ends: Sequence[float]) -> str:
    return "" if any(map(math.isnan, ends)) else f" ({ends[0]:.2f} to {ends[1]:.2f})"
