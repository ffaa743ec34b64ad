"""Cheap first: all tricks in short trainings, a few of them in full, and then in full what may still help.

The short trainings are believed only where the two studies put the few tricks in the same order
(`assay.ablation.fidelity`); else all tricks are studied in full. The full study of the end has seeds that chose nothing
among the tricks left, and finds the trainings of the few again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assay.ablation.designs.add_one import add_one
from assay.ablation.fidelity import USUAL_FEW, CheckedFidelity, check_fidelity
from assay.ablation.studied import Study
from assay.ablation.study import run_study
from assay.recipe import Recipe, Trick
from assay.trial import MeasureAll


@dataclass(frozen=True)
class CheapFirst:
    """study: in full, of tricks. checked: what was asked of the cheap one before."""

    study: Study
    tricks: tuple[Trick, ...]
    checked: CheckedFidelity


def study_cheap_first(
    baseline: Recipe,
    tricks: tuple[Trick, ...],
    measure_all: MeasureAll,
    *,
    fidelity: float,
    first_seed: int,
    tell_length: Callable[[Recipe], str],
    **options: Any,
) -> CheapFirst:
    """Trainings of `fidelity` times the epochs first.

    Args:
        fidelity: share of the epochs, in (0, 1).
        first_seed: of the full study; the cheap one has the seeds after its last.
        tell_length: how long trainings of a recipe are, in words.
        options: those of `run_study`.
    Raises:
        InputError: fewer than three tricks.
    """
    short = baseline.change(epochs=baseline.epochs * fidelity)

    def made_of(recipe: Recipe, seed: int) -> Callable[[Sequence[Trick]], Study]:
        def study(chosen: Sequence[Trick]) -> Study:
            made = run_study(recipe, chosen, measure_all, design=add_one, first_seed=seed, **options)
            return replace(made, training=tell_length(recipe))

        return study

    full = made_of(baseline, first_seed)
    checked = check_fidelity(made_of(short, first_seed + options["looks"].seeds[-1]), full, tricks,
                             few=min(USUAL_FEW, len(tricks)), seed=first_seed)  # fmt: skip
    # Where the cheap study rules out everything, the few that were studied in full are what there is.
    left = checked.go_on or checked.drawn
    study = checked.full if left == checked.drawn else full(left)
    return CheapFirst(replace(study, checked=checked), tuple(left), checked)
