"""How a budget becomes a tuning: how long each training is, and how many there are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from assay.budget import budget_text
from assay.errors import InputError
from assay.planning import (
    ABLATION_EPOCHS,
    FEWEST_STEPS,
    FEWEST_VALIDATION,
    JUDGING_SHARE,
    OF_ALONE,
    VALIDATION_EXAMPLES,
    ComparisonPlan,
    Speed,
)
from assay.recipe import Recipe
from assay.tuning.halving import KEPT, looks_of_halving
from assay.tuning.stopping import LOOKS, LOOKS_OF_THIRDS
from assay.tuning.thorough import FINALISTS, LEARNING, Plan

USUAL_TRIALS, FEWEST_TRIALS, MOST_TRIALS = 20, 8, 60
"""The best of n random settings is among the best 5 % of all with chance 1 - .95^n: 64, 34 and 95 %."""

FEWEST_FINAL_SEEDS, FEWEST_JUDGING_SEEDS = 2, 3
"""Two are the fewest with a spread; the verdict has three, as the first look of a study."""


@dataclass(frozen=True)
class Sizes:
    """Examples of the splits."""

    train: int
    validation: int


@dataclass(frozen=True)
class Work:
    """What a tuning does: whole trainings, looks of all of them at the validation split, and steps of a range test."""

    trainings: float
    looks: float
    range_steps: int = 0

    def seconds(self, steps: int, speed: Speed, judged: int) -> float:
        """Of all of it, with whole trainings of so many steps, each look at so many examples."""
        return (self.trainings * steps + self.range_steps) * speed.step + self.looks * speed.evaluation * judged


def work_of(plan: Plan) -> Work:
    """Of a search with all that belongs to it.

    Trainings of a search look as often as what stops them early asks, and once more where they end there; those on
    fresh seeds only at their end.
    """
    fresh = plan.rounds * FINALISTS * plan.final_seeds + 2 * plan.judging_seeds
    looks = LOOKS * plan.cost_before + plan.rounds * _looks_of_search(plan) + fresh
    return Work(plan.cost, looks, plan.range_steps)


def _looks_of_search(plan: Plan) -> float:
    """Of one round."""
    if plan.halving and plan.search not in LEARNING:
        return looks_of_halving(plan.settings)
    stopped = plan.settings - plan.settings // KEPT**2 if plan.halving else plan.settings / 2
    return (LOOKS_OF_THIRDS if plan.halving else LOOKS) * plan.cost_of_search + stopped


def plan_tuning(
    seconds: float, speed: Speed, recipe: Recipe, sizes: Sizes, plan: Plan, *, trials: int | None,
    epochs: float | None, work: Callable[[Plan], Work] = work_of,
) -> tuple[Plan, ComparisonPlan]:  # fmt: skip
    """The tuning that fits, and the length and examples of its trainings.

    Each training is as long as the recipe's own, or as long as there is time for; it sees its examples
    `ABLATION_EPOCHS` times, if need be fewer examples. With time to spare and no `trials` given there are more trials;
    with too little, fewer trials and seeds, down to what still is an answer.

    Args:
        seconds: infinite where there is no budget: then nothing is shortened.
        trials, epochs: as the user wants them, else chosen.
        work: that a plan takes.
    Raises:
        InputError: the budget is too small for the smallest of them; tells what that would take.
    """
    usual = replace(plan, trials=trials or USUAL_TRIALS)
    if math.isinf(seconds):
        return usual, ComparisonPlan(0, usual.judging_seeds, sizes.train, epochs or recipe.epochs, sizes.validation)
    least = replace(plan, trials=trials or max(FEWEST_TRIALS, plan.fewest), final_seeds=FEWEST_FINAL_SEEDS,
                    judging_seeds=FEWEST_JUDGING_SEEDS)  # fmt: skip
    per_epoch = max(1, sizes.train // recipe.batch_size)
    wanted = round((epochs or recipe.epochs) * per_epoch)
    fewest = wanted if epochs else min(FEWEST_STEPS, wanted)
    for chosen in (usual, least):
        judged = _judged(seconds, speed, work(chosen), sizes)
        steps = min(wanted, _affordable_steps(seconds, speed, work(chosen), judged))
        if steps >= fewest:
            if trials is None and steps == wanted:
                chosen = _with_more_trials(seconds, speed, chosen, steps, judged, work)
            return chosen, _comparison(steps, epochs, recipe, sizes, chosen, judged)
    needed = work(least).seconds(fewest + 1, speed, min(sizes.validation, FEWEST_VALIDATION))
    what = f"{work(least).trainings:.0f} trainings of {fewest} steps ({_what_is_trained(least)})"
    raise InputError(
        f"a budget of {seconds / OF_ALONE:.0f} s is too small for the smallest honest tuning: {what}; give at least "
        f"--budget {budget_text(needed / OF_ALONE)}{', fewer --trials' if trials and plan.space else ''}"
        f"{', fewer --epochs' if epochs else ''}"
    )


def _what_is_trained(plan: Plan) -> str:
    if not plan.space:
        return "all its steps"
    return f"{plan.settings} settings a round, the best few and the gain on fresh seeds"


def _judged(seconds: float, speed: Speed, work: Work, sizes: Sizes) -> int:
    """Validation examples whose judging takes a fifth of the time at the most, but enough to tell something."""
    most = int(JUDGING_SHARE * seconds / (work.looks * speed.evaluation))
    return min(sizes.validation, VALIDATION_EXAMPLES, max(FEWEST_VALIDATION, most))


def _affordable_steps(seconds: float, speed: Speed, work: Work, judged: int) -> int:
    return int((seconds - work.seconds(0, speed, judged)) / (work.trainings * speed.step))


def _with_more_trials(
    seconds: float, speed: Speed, plan: Plan, steps: int, judged: int, work: Callable[[Plan], Work]
) -> Plan:  # fmt: skip
    """As many as there is time for, up to `MOST_TRIALS`, where those are other settings."""
    best = plan
    for trials in range(plan.trials, MOST_TRIALS + 1):
        more = replace(plan, trials=trials)
        if work(more).seconds(steps, speed, judged) > seconds:
            break
        best = more if more.settings > best.settings else best
    return best


def _comparison(
    steps: int, epochs: float | None, recipe: Recipe, sizes: Sizes, plan: Plan, judged: int
) -> ComparisonPlan:  # fmt: skip
    """Examples and epochs of a training of so many steps."""
    per_epoch = max(1, sizes.train // recipe.batch_size)
    passes = min(ABLATION_EPOCHS, recipe.epochs)
    if epochs or steps >= passes * per_epoch:
        return ComparisonPlan(0, plan.judging_seeds, sizes.train, epochs or steps / per_epoch, judged)
    seen = min(sizes.train, max(2 * recipe.batch_size, round(steps * recipe.batch_size / passes)))
    return ComparisonPlan(0, plan.judging_seeds, seen, steps / max(1, seen // recipe.batch_size), judged)
