"""What a study found, as plain values; it tells itself as findings, tables and a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assay.ablation.designs.design import Arm
from assay.ablation.effect import Verdict
from assay.ablation.judge import Judge
from assay.ablation.sequential import Looks

if TYPE_CHECKING:
    from assay.ablation.by_class import ClassEffect
    from assay.ablation.cost_findings import Costs
    from assay.ablation.curves import Curve
    from assay.ablation.fidelity import CheckedFidelity
    from assay.ablation.level import Level
    from assay.finding import Report


@dataclass(frozen=True)
class StudiedEffect:
    """What a trick, or a pair of them, was worth.

    estimate, low, high: mean of the contrast with its own 95 % interval, not corrected for the family.
    n: paired seeds. p: two-sided, of this effect alone, not corrected for anything.
    p_adjusted: for the family by Holm and for all looks (`assay.ablation.sequential`): at most the study's error rate
    exactly where the verdict is helps or hurts; nan of what is in no family.
    verdict: helps or hurts only where the family's error rate allows it; nan estimates have none.
    chance_it_helps: posterior, under a flat prior: 1 - p / 2 where the estimate is for the better, else p / 2.
    detectable: an effect of this size would have been found four times in five, by all looks and at the family's error
    rate (`assay.ablation.power`); nan of one that was passed over.
    seconds_per_step_ratio: with it by without it, median over seeds, or as timed in turn (`Costs.in_turn`); nan of
    pairs, whose contrast is no ratio. seconds_range: the lowest and the highest of a seed, or of a place.
    reason: why it was not followed to the most seeds; empty where it was, or is decided.
    in_full: its name with all arguments.
    epochs: of trainings with it and without it, the mean over those of its contrast; nan of pairs.
    whole_seconds_ratio: of whole trainings, with it by without it, median over seeds; nan of pairs.
    """

    name: str
    tricks: Arm
    estimate: float
    low: float
    high: float
    n: int
    p: float
    verdict: Verdict
    chance_it_helps: float
    detectable: float
    seconds_per_step_ratio: float
    reason: str = ""
    in_full: str = ""
    seconds_range: tuple[float, float] = (math.nan, math.nan)
    epochs: tuple[float, float] = (math.nan, math.nan)
    whole_seconds_ratio: float = math.nan
    p_adjusted: float = math.nan

    @property
    def has_other_length(self) -> bool:
        """Whether trainings with it have other epochs than those without, as at equal seconds."""
        return abs(self.epochs[0] - self.epochs[1]) > 1e-9  # False of nan


@dataclass(frozen=True)
class Study:
    """effects in the order of the design.

    trainings: how many there were; fixed: how many it would have been without stopping early.
    out_of_time: whether it ended before what was open had its most seeds.
    judge: by what metric and what kind of interval. training: how long each training was, in words.
    examples: of the validation split, which judge every training; 0 where they are not known.
    equal: what trainings were meant to have alike, epochs or seconds.
    whole: the effect of all tricks together, where those of single tricks are shares of it (Shapley).
    stack: of a stepwise study, the places of the tricks that were added, in this order.
    of_classes: the effects on each class, where they were asked for. curves: how each arm learnt.
    costs: of an update with each trick and without; None where they were not measured.
    checked: the cheap study before this one, and whether it was believed; None where there was none.
    level: what the baseline reached, or the whole stack; None where neither finished.
    """

    design: str
    meaning: str
    effects: tuple[StudiedEffect, ...]
    looks: Looks
    trainings: int
    fixed: int
    out_of_time: bool = False
    judge: Judge = field(default_factory=Judge)
    training: str = ""
    stack: Arm = ()
    of_classes: tuple[ClassEffect, ...] = ()
    curves: tuple[Curve, ...] = ()
    costs: Costs | None = None
    checked: CheckedFidelity | None = None
    examples: int = 0
    equal: str = "epochs"
    whole: StudiedEffect | None = None
    level: Level | None = None

    def sentence(self) -> str:
        """For a paper: what was done, with every number that a reviewer asks for."""
        from assay.ablation.study_findings import sentence

        return sentence(self)

    def table(self) -> str:
        """A row for each effect with n and interval, in Markdown, with the sentence that explains it."""
        from assay.ablation.paper_tables import markdown_table

        return markdown_table(self)

    @property
    def report(self) -> Report:
        """The findings of `assay ablate`, with their figures."""
        from assay.ablation.study_findings import report_of

        return report_of(self)
