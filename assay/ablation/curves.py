"""Learning curves of a study's arms: the loss that was trained on, averaged over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assay.ablation.designs.design import Arm
from assay.figure import Lines, Series
from assay.finding import Finding
from assay.recipe import Trick, describe_part
from assay.trial import Trial

if TYPE_CHECKING:
    from assay.ablation.studied import Study

MOST_CURVES = 16
"""Lines that are still told apart; of more, the baseline and the arms of one trick are drawn."""


@dataclass(frozen=True)
class Curve:
    """losses: mean over n seeds of the training loss in each part of the training, the parts equally long."""

    name: str
    losses: tuple[float, ...]
    n: int


def curves_of(trials: Mapping[tuple[Arm, int], Trial], tricks: Sequence[Trick]) -> tuple[Curve, ...]:
    """Of each arm whose trials keep a curve, the baseline first."""
    of_arms: dict[Arm, list[np.ndarray]] = {}
    for (arm, _), trial in trials.items():
        if trial.curve is not None and np.isfinite(trial.curve).all():
            of_arms.setdefault(arm, []).append(trial.curve)
    if len(of_arms) > MOST_CURVES:
        of_arms = {arm: curves for arm, curves in of_arms.items() if len(arm) < 2}
    return tuple(
        Curve(_name(arm, tricks), _mean(of_arms[arm]), len(of_arms[arm]))
        for arm in sorted(of_arms, key=lambda arm: (len(arm), arm))
    )


def tell_curves(study: Study) -> Finding | None:
    """None of a study whose trainings kept none."""
    if not study.curves:
        return None
    return Finding(
        "learning_curves", "note", f"The training loss of {len(study.curves)} recipes, each the mean over its seeds. "
        "What mixes or smooths targets has another loss, and its curve lies higher without being worse.",
        {"recipes": len(study.curves)}, figures=(draw_curves(study.curves),),
    )  # fmt: skip


def draw_curves(curves: Sequence[Curve]) -> Lines:
    """All in one figure, against the share of the training that is done."""
    series = (
        Series(one.name, tuple((part + 0.5) / len(one.losses) for part in range(len(one.losses))), one.losses)
        for one in curves
    )
    return Lines("Training loss, as each recipe defines it", "share of the training", "loss", tuple(series))


def _name(arm: Arm, tricks: Sequence[Trick]) -> str:
    return " | ".join(describe_part(tricks[place]) for place in arm) or "baseline"


def _mean(curves: Sequence[np.ndarray]) -> tuple[float, ...]:
    """Over the parts that all of them have."""
    parts = min(len(curve) for curve in curves)
    return tuple(np.mean([curve[:parts] for curve in curves], axis=0).tolist())
