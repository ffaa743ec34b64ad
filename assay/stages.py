"""Each stage of a run: how much time it gets, what it is given, and what it hands on.

The stages themselves know nothing of budgets, stores or each other; here they are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from assay.ablation.choice import choose_stack
from assay.ablation.effect import Effect, paired_effect
from assay.ablation.metrics.catalog import metric_for
from assay.ablation.sequential import USUAL_LOOKS, Looks
from assay.ablation.timed_here import timed_here
from assay.advice.advise import advise, curves_of
from assay.advice.next_step import tell_next_step
from assay.artifact import load_model, save_model
from assay.audit.inspect import inspect
from assay.audit.similar.leaked_examples import tell_leaked
from assay.baselines.baseline import Baseline
from assay.baselines.dumb import measure_baselines
from assay.baselines.overfit import Fit, fit_on, overfit
from assay.baselines.verdict import hold_against_baselines
from assay.checks.recipe_training import verify_recipe
from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.defaults import baseline_recipe, candidate_tricks, default_recipe, model_sizes
from assay.evaluation import Evaluation, evaluate
from assay.example_scores import keep_scores
from assay.figure import Forest, Interval
from assay.final_trainings import FinalTrainings
from assay.finding import Finding, Report
from assay.finishing.examine import confusion, first_filters, prediction_dynamics, worst_errors
from assay.finishing.squeeze import Squeezed, squeeze
from assay.history import History
from assay.models.builder import ModelBuilder
from assay.planning import (
    ComparisonPlan,
    Speed,
    measure_speed,
    plan_ablation,
    plan_pairs,
    plan_range_test,
    plan_search,
)
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.run_folder import AUDIT, RECIPE
from assay.saying import now_and_then
from assay.session import Session
from assay.study_stage import is_timed, rows_for_summary
from assay.training import Run
from assay.tuning.search import Searched
from assay.tuning.tune import tune
from assay.tuning_watch import trainer_of
from assay.whole_file import write_whole

Result = dict[str, Any]


def inspect_stage(session: Session, data: Data) -> Result:
    """Become one with the data; the table of examples is left in the run's folder."""
    audit = inspect(data, budget_seconds=session.seconds_for("inspect"), say=now_and_then(session.say))
    audit.save(session.folder / AUDIT)
    return {"report": audit.report.to_dict()}


def verify_stage(session: Session, data: Data, seed: int, recipe: Recipe) -> Result:
    """Is the pipeline correct: the recipe's own loader, network, loss, step and optimiser, on the run's device."""
    seconds = session.seconds_for("verify")
    return {"report": verify_recipe(recipe, data, seed=seed, device=session.device, budget_seconds=seconds).to_dict()}


def baselines_stage(session: Session, data: Data, seed: int) -> Result:
    """What predictors of no ambition reach."""
    seconds = session.seconds_for("baselines")
    report, baselines = measure_baselines(data, seed=seed, budget_seconds=seconds)
    return {"report": report.to_dict(), "baselines": [asdict(baseline) for baseline in baselines]}


def overfit_stage(session: Session, data: Data, seed: int) -> Result:
    """Can a model big enough fit it at all."""
    sizes = model_sizes(data.specification)
    seconds = session.seconds_for("overfit")
    fit = fit_on(data, seed=seed, seconds=min(15.0, seconds / 2), device=session.device)

    def remembered(size: ModelBuilder) -> Fit:
        session.say(f"fits {size}")
        return Fit.from_dict(session.decide(f"overfit {size}", lambda: fit(size).to_dict()))

    return {"report": overfit(sizes, remembered, time_is_left=lambda: session.share_used() < 1).to_dict()}


def ablate_stage(session: Session, data: Data, seed: int) -> Result:
    """Which tricks pay here, by how much, how sure are we."""
    specification = data.specification
    baseline = baseline_recipe(specification, len(data.train), device=session.device)
    candidates = candidate_tricks(specification)
    plan = comparison_plan(session, data, baseline, "ablate")
    small = small_data(data, plan, seed)
    expert = default_recipe(specification, len(data.train), epochs=plan.epochs, device=session.device)
    measure_all = timed_here(session.measure_all_on(small), lambda one, number: is_timed(session, small, one, number))
    choice = choose_stack(
        baseline.change(epochs=plan.epochs), candidates[: plan.candidates], measure_all,
        looks=Looks((*(look for look in USUAL_LOOKS if look < plan.seeds), plan.seeds)), first_seed=seed, rival=expert,
        share_used=session.share_used, metric=metric_for(specification.metric, specification.task),
        training=f"trainings of {plan.epochs:.3g} epochs of {len(small.train):,} examples",
    )  # fmt: skip
    rows = rows_for_summary(choice.study, choice.tricks, choice.recipe) if choice.study else []
    return {"report": choice.report.to_dict(), "tricks": rows, "recipe": recipe_to_toml(choice.recipe)}


def tune_stage(session: Session, data: Data, seed: int, recipe: Recipe) -> Result:
    """Which hyperparameters, learning rate first; on trainings as short as the ablation's."""
    plan, speed = comparison_plan(session, data, recipe, "tune"), measured_speed(session, data, recipe)
    seconds, batch_size = session.seconds_for("tune"), recipe.batch_size
    trials = session.decide("search", lambda: {"trials": plan_search(seconds, speed, plan, batch_size=batch_size)})
    steps = session.decide("range test", lambda: {"steps": plan_range_test(seconds, speed)})["steps"]

    def say(number: int, searched: Searched) -> None:
        share = (number + 1) / trials["trials"]
        session.say(f"setting {number + 1} of {trials['trials']}: {searched.value:.4f}", share)

    tuning = tune(
        recipe.change(epochs=plan.epochs), small_data(data, plan, seed), trials=trials["trials"], range_steps=steps,
        seed=seed, trainer=trainer_of(session), device=session.device,
        time_is_left=lambda: session.share_used() < 1, on_trial=say,
    )  # fmt: skip
    return {"report": tuning.report.to_dict(), "recipe": recipe_to_toml(tuning.recipe)}


def decisions_stage(session: Session, data: Data, before: Data, seed: int, recipe: Recipe) -> Result:
    """What training on the corrected labels changes: the same recipe and seeds, judged on the same examples.

    Args:
        before: the data without the decisions. Both trainings are judged on the validation split as `data` has it.
    """
    speed, steps = measured_speed(session, data, recipe), max(1, len(data.train) // recipe.batch_size)
    seconds, validation = session.seconds_for("decisions"), len(data.validation)
    plan = session.decide("pairs", lambda: plan_pairs(seconds, speed, steps_per_epoch=steps, validation=validation))
    epochs, seeds = plan["epochs"], range(seed, seed + int(plan["pairs"]))
    measures = [session.measure_on(arm) for arm in (replace(data, train=before.train), data)]
    trials = [[measure(recipe.change(epochs=epochs), number) for number in seeds] for measure in measures]
    effect = paired_effect(*trials)
    was, now = (float(np.mean([trial.value for trial in arm])) for arm in trials)
    found = tell_decisions_effect(data.specification.metric, was, now, effect, changed_labels(before, data), epochs,
                                  trials[0][0].n)  # fmt: skip
    return {"report": Report("decisions", (found,)).to_dict()}


def changed_labels(before: Data, after: Data) -> int:
    """How many training examples have another label, or are gone."""
    was = dict(zip(before.train.ids, before.train.targets.tolist(), strict=True))
    now = dict(zip(after.train.ids, after.train.targets.tolist(), strict=True))
    return sum(id not in now or now[id] != label for id, label in was.items())


def tell_decisions_effect(
    metric: str, before: float, after: float, effect: Effect, changed: int, epochs: float, n: int
) -> Finding:
    """Before and after, with the paired difference."""
    gain = f"{effect.estimate:+.4f} ({effect.low:+.4f} to {effect.high:+.4f})"
    seen = f", where {effect.detectable:.4f} would have been seen" if effect.verdict.startswith("no") else ""
    return Finding(
        "decisions_effect",
        "suspect" if effect.verdict == "hurts" else "note",
        f"The {changed:,} corrected training examples: {metric} {before:.4f} before, {after:.4f} after, "
        f"the mean of {effect.n} seeds on {n:,} validation examples; difference {gain}: {effect.verdict}{seen}.",
        evidence={"n": effect.n, "validation": n, "metric": metric, "before": before, "after": after,
                  "difference": effect.estimate, "low": effect.low, "high": effect.high,
                  "detectable": effect.detectable, "changed": changed, "epochs": epochs},
        cause=f"{effect.n} pairs of trainings of {epochs:.1f} epochs by the tuned recipe, which was chosen on the "
        f"corrected labels; both judged on the same {n:,} validation examples, as corrected.",
        fix="Look at the decisions again: better labels seldom hurt." if effect.verdict == "hurts" else "",
        source="Bouthillier et al. 2021 (arXiv:2103.03098): paired seeds",
        figures=(Forest("Training on corrected labels", f"difference of {metric}",
                        (Interval("corrected", effect.estimate, effect.low, effect.high, effect.verdict),)),),
    )  # fmt: skip


def squeeze_stage(
    session: Session, data: Data, seed: int, recipe: Recipe, baselines: Sequence[Baseline] = ()
) -> Result:
    """Train long, average, ensemble, distil; the model that validates best is written to the folder.

    Args:
        baselines: what it is held against; a model that loses to one of them is a finding.
    """
    trainings = FinalTrainings.planned(session, data, recipe)
    plan = trainings.plan
    squeezed = squeeze(recipe, data, members=plan.members, seed=seed, distil=plan.distil, train_member=trainings.train)
    toml = ship(session.folder, squeezed, data)
    score, report = score_of(squeezed.evaluation), squeezed.report
    if baselines:
        held = hold_against_baselines(
            **{name: score[name] for name in ("metric", "value", "low", "high")}, measured=baselines
        )
        report = replace(report, findings=(*report.findings, held))
    # A student begins where its teacher ended: what the recipe's own training was like, the first member tells.
    report = with_advice(report, squeezed.runs[0], data)
    return {"report": report.to_dict(), "validation": score, "recipe": toml,
            "history": squeezed.shipped.history.to_dict()}  # fmt: skip


def with_advice(report: Report, run: Run, data: Data) -> Report:
    """The report with what the curves of this training say, and where the tree leads with them."""
    findings, skipped = advise(curves_of(run, len(data.train)))
    findings = (*report.findings, *findings, tell_next_step(run, data))
    return replace(report, findings=findings, skipped=(*report.skipped, *skipped))


DISTILLED = "# From the weights of an ensemble's first member, on that ensemble's answers: no recipe holds these.\n"


def ship(folder: Path, squeezed: Squeezed, data: Data) -> str:
    """Write the model and the recipe it was trained by, at the length it had; returns the recipe's text."""
    run = squeezed.shipped
    recipe = run.recipe.change(epochs=run.steps / max(1, len(data.train) // run.recipe.batch_size))
    save_model(folder, squeezed.members, data.specification, recipe)
    text = (DISTILLED if squeezed.is_distilled else "") + recipe_to_toml(recipe)
    write_whole(folder / RECIPE, text)
    return text


def score_of(evaluation: Evaluation) -> dict[str, Any]:
    """The metric with its interval, as plain values."""
    return {name: getattr(evaluation, name) for name in ("metric", "value", "low", "high", "n")}


def test_stage(session: Session, data: Data, history: dict[str, Any]) -> Result:
    """Read the test split, once, with the model that ships."""
    model = load_model(session.folder)
    specification = data.specification
    evaluation = evaluate(model.module.to(session.device), data.test, specification)
    findings = [
        worst_errors(evaluation, data.test, specification),
        *_of_classes(session, data, evaluation),
        first_filters(model.module),
        prediction_dynamics(History.from_dict(history), data.validation.targets, specification),
    ]
    report = Report("test", tuple(finding for finding in findings if finding is not None))
    return {"report": report.to_dict(), "test": score_of(evaluation), "test_model": model.recipe.key(),
            "examples": keep_scores(data.test.ids, evaluation.example_scores)}  # fmt: skip


def _of_classes(session: Session, data: Data, evaluation: Evaluation) -> tuple[Finding | None, ...]:
    """What is told of a test where answers are right or wrong."""
    if data.specification.task != "classification":
        return ()
    leaked = tell_leaked(session.folder / AUDIT, data.test.ids, evaluation.correct.numpy())
    return confusion(evaluation, data.specification), leaked


def measured_speed(session: Session, data: Data, recipe: Recipe) -> Speed:
    """Of the recipe that the comparisons start from; measured once."""
    return Speed(**session.decide("speed", lambda: asdict(measure_speed(recipe, data, device=session.device))))


def comparison_plan(session: Session, data: Data, recipe: Recipe, stage: str) -> ComparisonPlan:
    """The plan that ablation and tuning share, made by whichever comes first."""

    def make() -> dict[str, Any]:
        return asdict(plan_ablation(
            session.seconds_for(stage), measured_speed(session, data, recipe), batch_size=recipe.batch_size,
            examples=len(data.train), validation=len(data.validation),
            candidates=len(candidate_tricks(data.specification)),
        ))  # fmt: skip

    return ComparisonPlan(**session.decide("comparison plan", make))


def small_data(data: Data, plan: ComparisonPlan, seed: int) -> Data:
    """The seeded part of training and validation split that the plan has time for."""
    train = order_for_epoch(len(data.train), seed, -1)[: plan.examples]
    validation = order_for_epoch(len(data.validation), seed, -2)[: plan.validation]
    return replace(data, train=data.train.select(train), validation=data.validation.select(validation))
