"""Squeeze: stage 6 in a run; the model that validates best is shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from assay.advice.advise import advise, curves_of
from assay.advice.next_step import tell_next_step
from assay.artifact import save_model
from assay.baselines.baseline import Baseline
from assay.baselines.verdict import hold_against_baselines
from assay.data.data import Data
from assay.finding import Report
from assay.finishing.squeeze import Squeezed, squeeze
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.run_folder import RECIPE
from assay.stages.final_trainings import FinalTrainings
from assay.stages.session import Result, Session
from assay.training.train import Run
from assay.whole_file import write_whole


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
    evaluation, report = squeezed.evaluation, squeezed.report
    if baselines:
        held = hold_against_baselines(evaluation.metric, evaluation.value, *evaluation.interval, baselines)
        report = replace(report, findings=(*report.findings, held))
    # A student begins where its teacher ended: what the recipe's own training was like, the first member tells.
    report = with_advice(report, squeezed.runs[0], data)
    return {"report": report.to_dict(), "validation": evaluation.plain_score, "recipe": toml,
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
