"""Add candidate tricks to a baseline one at a time, then stack greedily what did not lose.

    ablation = ablate(baseline, [Cosine(), Mixup(0.2)], measure_on(data), seeds=range(3))

Every comparison is between trials on the same seeds and examples. A trick enters the stack when the
stack with it measured better than without it; its verdict says whether that gain is more than luck.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assay.ablation.effect import Effect, paired_effect
from assay.figure import Forest, Interval
from assay.finding import Finding, Report, Skipped
from assay.recipe import Recipe, RecipeError, Trick, describe_part
from assay.trial import Measure, Trial

FOR_STACKING = 0.35


@dataclass(frozen=True)
class TrickResult:
    """One candidate: its effect alone on the baseline, and whether the recipe that goes on has it."""

    trick: Trick
    effect: Effect
    kept: bool

    @property
    def name(self) -> str:
        return describe_part(self.trick)


@dataclass(frozen=True)
class Ablation:
    """What the tricks were worth. recipe: what goes on, the baseline with the kept tricks or the rival."""

    report: Report
    results: tuple[TrickResult, ...]
    recipe: Recipe


def ablate(
    baseline: Recipe,
    candidates: Sequence[Trick],
    measure: Measure,
    *,
    seeds: Sequence[int] = (0, 1, 2),
    metric: str = "accuracy",
    rival: Recipe | None = None,
    share_used: Callable[[], float] = lambda: 0.0,
) -> Ablation:
    """Measure each candidate alone and stack greedily.

    Args:
        measure: trains and judges a recipe on a seed; see `assay.trial.measure_on`.
        metric: name of what `measure` judges by, for the texts.
        rival: a recipe of another origin (the expert's) to hold the stack against; the better goes on,
            and the rival where they tie.
        share_used: asked before each recipe for the part of the time that is gone; what no time is left
            for is skipped and listed. Single tricks leave `FOR_STACKING` of it to their stack.
    Raises:
        ValueError: fewer than two seeds.
    """
    if len(seeds) < 2:
        raise ValueError(f"need at least two seeds to tell an effect from luck, got {list(seeds)}")
    started = time.perf_counter()
    control = [measure(baseline, seed) for seed in seeds]
    if divergence(control):
        report = Report("ablate", (describe_divergence(baseline, control),), (), time.perf_counter() - started)
        return Ablation(report, (), baseline if rival is None else rival)
    effects: list[tuple[Trick, Effect]] = []
    skipped: list[Skipped] = []
    for trick in candidates:
        reason = why_not(baseline, trick) or ("" if share_used() < 1 - FOR_STACKING else "budget")
        treated = [] if reason else [measure(baseline | trick, seed) for seed in seeds]
        reason = reason or divergence(treated)
        if reason:
            skipped.append(Skipped(describe_part(trick), reason))
        else:
            effects.append((trick, paired_effect(control, treated)))
    recipe, trials, notes = stack_greedily(baseline, control, effects, measure, seeds, share_used)
    findings = [describe_stack(recipe, control, trials, metric)]
    judged = [measure(rival, seed) for seed in seeds] if rival is not None else []
    if divergence(judged):
        skipped.append(Skipped("the expert's recipe", divergence(judged)))
    elif rival is not None:
        against = paired_effect(trials, judged)
        findings.append(describe_rival(rival, against, metric))
        recipe = rival if against.estimate >= 0 else recipe
    results = tuple(TrickResult(trick, effect, trick in recipe.tricks) for trick, effect in effects)
    findings.insert(0, describe_effects(results, metric, control))
    report = Report("ablate", tuple(findings), (*skipped, *notes), time.perf_counter() - started)
    return Ablation(report, results, recipe)


def why_not(recipe: Recipe, trick: Trick) -> str:
    """Why the trick cannot be added to the recipe; empty when it can."""
    try:
        _ = recipe | trick
    except RecipeError as error:
        return str(error)
    return ""


def divergence(trials: Sequence[Trial]) -> str:
    """That a training ended in numbers that are not finite, and on which seeds; empty when none did."""
    seeds = [str(t.seed) for t in trials if not (math.isfinite(t.loss) and math.isfinite(t.value))]
    return f"diverged: the validation loss is not a finite number with seed {', '.join(seeds)}" if seeds else ""


def stack_greedily(
    baseline: Recipe,
    control: Sequence[Trial],
    effects: Sequence[tuple[Trick, Effect]],
    measure: Measure,
    seeds: Sequence[int],
    share_used: Callable[[], float],
) -> tuple[Recipe, Sequence[Trial], list[Skipped]]:
    """Best first: add each trick that gained alone, keep it if the stack gains too."""
    recipe, trials, skipped = baseline, control, []
    promising = sorted((pair for pair in effects if pair[1].estimate > 0), key=lambda pair: -pair[1].estimate)
    for trick, _ in promising:
        reason = why_not(recipe, trick) or ("" if share_used() < 1 else "budget")
        if reason:
            skipped.append(Skipped(f"{describe_part(trick)} in the stack", reason))
            continue
        longer = recipe | trick
        treated = [measure(longer, seed) for seed in seeds]
        if divergence(treated):
            skipped.append(Skipped(f"{describe_part(trick)} in the stack", divergence(treated)))
        elif paired_effect(trials, treated).estimate > 0:
            recipe, trials = longer, treated
    return recipe, trials, skipped


def describe_effects(results: Sequence[TrickResult], metric: str, control: Sequence[Trial]) -> Finding:
    """The forest plot and the verdicts."""
    points = points_of(metric)
    ordered = sorted(results, key=lambda result: -result.effect.estimate)
    rows = tuple(
        Interval(r.name, r.effect.estimate * points, r.effect.low * points, r.effect.high * points, r.effect.verdict)
        for r in ordered
    )
    helped = [r.name for r in ordered if r.effect.verdict == "helps"]
    hurt = [r.name for r in ordered if r.effect.verdict == "hurts"]
    unclear = len(results) - len(helped) - len(hurt)
    summary = (
        f"Of {len(results)} {'trick' if len(results) == 1 else 'tricks'}, {counted(helped, 'helps', 'help')}, "
        f"{counted(hurt, 'hurts', 'hurt')}, {unclear or 'none'} had no measurable effect. Measured on trainings of "
        f"{control[0].steps} steps, {control[0].recipe.epochs:.3g} epochs: a longer one may judge otherwise."
        if results
        else "No trick was measured: none was given, or each was skipped for the reason beside it."
    )
    detectable = sorted(r.effect.detectable * points for r in results)
    evidence = {
        "seeds": len(control), "validation_examples": control[0].n, "steps": control[0].steps,
        "smallest_detectable": round(detectable[len(detectable) // 2], 3) if detectable else None,
        "unit": unit_of(metric),
    }  # fmt: skip
    figure = Forest(f"Effect of each trick alone on the baseline ({unit_of(metric)})", unit_of(metric), rows)
    return Finding(
        "trick_effects", "note", summary, evidence,
        source="Paired seeds; intervals over seeds and validation examples, not corrected for the number of tricks.",
        figures=(figure,) if rows else (),
    )  # fmt: skip


def describe_divergence(baseline: Recipe, control: Sequence[Trial]) -> Finding:
    """Nothing can be compared with a baseline that blows up."""
    return Finding(
        "baseline_diverged", "suspect", f"The baseline itself {divergence(control)}; no trick was measured.",
        {"recipe": baseline.describe()}, cause="A learning rate too high for this model, or inputs on a huge scale.",
        fix="Lower the learning rate, to a tenth at first; add gradient clipping if that does not suffice.",
    )  # fmt: skip


def counted(names: Sequence[str], one: str, several: str) -> str:
    """`none helps`, `1 helps (Mixup())`, `2 help (Mixup(), Flip())`."""
    return f"{len(names)} {one if len(names) == 1 else several} ({', '.join(names)})" if names else f"none {one}"


def describe_stack(recipe: Recipe, control: Sequence[Trial], trials: Sequence[Trial], metric: str) -> Finding:
    """What the kept stack is worth against the baseline."""
    names = [describe_part(trick) for trick in recipe.tricks if trick not in control[0].recipe.tricks]
    if not names:
        return Finding("trick_stack", "note", "No trick improved the baseline; it goes on unchanged.")
    effect, points = paired_effect(control, trials), points_of(metric)
    summary = (
        f"The stack {' | '.join(names)} measures {effect.estimate * points:+.2f} {unit_of(metric)} "
        f"[{effect.low * points:+.2f}, {effect.high * points:+.2f}] against the baseline (n = {effect.n} seeds): "
        f"{effect.verdict}. Chosen and measured on the same examples, so a little flattering."
    )
    return Finding("trick_stack", "note", summary, {"recipe": recipe.describe(), "verdict": effect.verdict})


def describe_rival(rival: Recipe, against: Effect, metric: str) -> Finding:
    """The expert's stack against the one measured here."""
    points, winner = points_of(metric), "the expert's" if against.estimate >= 0 else "the measured stack"
    summary = (
        f"The expert's recipe measures {against.estimate * points:+.2f} {unit_of(metric)} "
        f"[{against.low * points:+.2f}, {against.high * points:+.2f}] against the measured stack "
        f"(n = {against.n} seeds, {against.verdict}); {winner} goes on. Its tricks are marked as kept, whatever each "
        "of them measured alone."
    )
    return Finding("expert_recipe", "note", summary, {"recipe": rival.describe(), "verdict": against.verdict})


def points_of(metric: str) -> float:
    """Accuracy differences are told in percentage points."""
    return 100.0 if metric == "accuracy" else 1.0


def unit_of(metric: str) -> str:
    """The word behind a difference of the metric."""
    return "points" if metric == "accuracy" else metric
