"""Which recipe goes on in a run: candidates alone, then step by step, then by estimate, then against a rival.

    choice = choose_stack(baseline, [Cosine(), Mixup(0.2)], in_turn(measure_on(data)), rival=expert)

Verdicts are those of a stepwise study and hold together. What goes on is another question, and may be more than what is
clear: see `assay.ablation.by_estimate`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assay.ablation.by_estimate import Stack, compare, divergence, extend_by_estimate
from assay.ablation.judge import Judge
from assay.ablation.metrics.metric import Metric
from assay.ablation.sequential import Looks
from assay.ablation.stack_findings import tell_divergence, tell_nothing, tell_rival, tell_stack
from assay.ablation.stepwise import Steps, run_stepwise, why_not_joining
from assay.ablation.studied import Study
from assay.ablation.study_findings import broken_off, tell_study
from assay.finding import Finding, Report, Skipped
from assay.in_place import put_in_place
from assay.recipe import Recipe, Trick, describe_part
from assay.trial import MeasureAll, Trial

FOR_STACKING = 0.35
"""Share of the time that single tricks and rounds leave to the stack and its rival."""


@dataclass(frozen=True)
class Choice:
    """study: of each candidate alone on the baseline; None where none was measured. recipe: what goes on."""

    report: Report
    study: Study | None
    tricks: tuple[Trick, ...]
    recipe: Recipe


def choose_stack(
    baseline: Recipe,
    candidates: Sequence[Trick],
    measure_all: MeasureAll,
    *,
    looks: Looks,
    metric: Metric,
    first_seed: int = 0,
    rival: Recipe | None = None,
    share_used: Callable[[], float] = lambda: 0.0,
    training: str = "",
) -> Choice:
    """Measure, stack, and hold the stack against the rival; the better goes on, and the rival where they tie.

    Args:
        metric: the data's own, which trials are scored by; what is clear, what is kept and what goes on all are by it.
        rival: a recipe of another origin, the expert's.
        share_used: asked before each recipe for the part of the time that is gone; what no time is left for is skipped
            and listed.
        training: how long each training is, in words.
    """
    started, remembered = time.perf_counter(), remember(measure_all)
    seeds = range(first_seed, first_seed + looks.seeds[0])
    control = remembered([(baseline, seed) for seed in seeds])
    if divergence(control):
        report = Report("ablate", (tell_divergence(baseline, control),), (), time.perf_counter() - started)
        return Choice(report, None, (), baseline if rival is None else rival)
    tried, skipped = measure_in_time(baseline, candidates, remembered, seeds, share_used)
    steps = _rounds(baseline, tried, remembered, looks, first_seed, metric, share_used)
    last = _last_round(steps, looks, first_seed)
    stack = _stack(baseline, tried, steps, remembered, last, share_used)
    found, recipe, more = _compared(baseline, stack, steps, rival, remembered, last, looks, share_used, metric)
    study = replace(steps.rounds[0].study, training=training) if steps else None
    told = tell_study(study) if study else [tell_nothing()]
    skips = (*skipped, *(broken_off(study) if study else ()), *stack.skipped, *more)
    return Choice(Report("ablate", (*told, *found), skips, time.perf_counter() - started), study, tried, recipe)


def remember(measure_all: MeasureAll) -> MeasureAll:
    """The same, asking for each training once."""
    known: dict[tuple[str, int], Trial] = {}

    def remembered(pairs: Sequence[tuple[Recipe, int]]) -> list[Trial]:
        new = {(recipe.key(), seed): (recipe, seed) for recipe, seed in pairs if (recipe.key(), seed) not in known}
        known.update(zip(new, measure_all(list(new.values())), strict=True))
        return [known[recipe.key(), seed] for recipe, seed in pairs]

    return remembered


def measure_in_time(
    baseline: Recipe, candidates: Sequence[Trick], measure_all: MeasureAll, seeds: Sequence[int],
    share_used: Callable[[], float],
) -> tuple[tuple[Trick, ...], list[Skipped]]:  # fmt: skip
    """The candidates that can be measured alone while there is time, trained already; and why not the others."""
    tried, skipped = list[Trick](), list[Skipped]()
    for trick in candidates:
        reason = why_not_joining(baseline, trick, baseline) or ("" if share_used() < 1 - FOR_STACKING else "budget")
        if reason:
            skipped.append(Skipped(describe_part(trick), reason))
            continue
        measure_all([(put_in_place(baseline, trick, baseline.tricks)[0], seed) for seed in seeds])
        tried.append(trick)
    return tuple(tried), skipped


def _rounds(
    baseline: Recipe, tried: Sequence[Trick], measure_all: MeasureAll, looks: Looks, first_seed: int, metric: Metric,
    share_used: Callable[[], float],
) -> Steps | None:  # fmt: skip
    """Step by step, in the time that is not kept for the stack; None where nothing was tried."""
    if not tried:
        return None
    return run_stepwise(baseline, tried, measure_all, looks=looks, first_seed=first_seed, judge=Judge(metric),
                        share_used=lambda: share_used() / (1 - FOR_STACKING))  # fmt: skip


def _last_round(steps: Steps | None, looks: Looks, first_seed: int) -> range:
    """The seeds of the first look of the last round: every trick was trained on them."""
    start = first_seed + (len(steps.rounds) - 1 if steps else 0) * looks.seeds[-1]
    return range(start, start + looks.seeds[0])


def _stack(
    baseline: Recipe, tried: Sequence[Trick], steps: Steps | None, measure_all: MeasureAll, last: range,
    share_used: Callable[[], float],
) -> Stack:  # fmt: skip
    """What goes on by estimate after the last round."""
    if steps is None:
        return Stack(baseline, (), ())
    return extend_by_estimate(baseline, steps.recipe, tried, steps.rounds[-1], measure_all, last,
                              share_used=share_used)  # fmt: skip


def _compared(
    baseline: Recipe, stack: Stack, steps: Steps | None, rival: Recipe | None, measure_all: MeasureAll,
    last: range, looks: Looks, share_used: Callable[[], float], metric: Metric,
) -> tuple[list[Finding], Recipe, list[Skipped]]:  # fmt: skip
    """The stack against baseline and rival, on seeds that chose nothing; late, against the rival on the last ones."""
    fresh = range(last.start + looks.seeds[-1], last.stop + looks.seeds[-1])
    is_asked = stack.recipe.tricks != baseline.tricks and share_used() < 1
    worth = compare(baseline, stack.recipe, measure_all, fresh) if is_asked else None
    findings = [tell_stack(baseline, stack, steps, worth, metric)]
    if rival is None:
        return findings, stack.recipe, []
    has_time = share_used() < 1
    against = compare(stack.recipe, rival, measure_all, fresh if has_time else last)
    if isinstance(against, str):
        return findings, stack.recipe, [Skipped("the expert's recipe", against)]
    findings.append(tell_rival(rival, against, metric, is_fresh=has_time))
    return findings, rival if against is None or against.estimate >= 0 else stack.recipe, []
