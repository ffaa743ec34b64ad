"""One stage of the recipe alone, with the whole budget for itself.

story = run_stage("verify", Request(source="digits", budget_seconds=60), Path("out"))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch

from assay.ablation.asked import Asked
from assay.data.data import Data
from assay.defaults import baseline_recipe, default_recipe
from assay.device import choose_device
from assay.executors.choose import HERE, Workplace
from assay.executors.opening import Opening
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.report.story import RunStory
from assay.stages.ablate import ablate_stage
from assay.stages.baselines import baselines_stage
from assay.stages.folder import REPORTING, require_a_step, require_same_question
from assay.stages.inspect import inspect_stage
from assay.stages.overfit import overfit_stage
from assay.stages.request import Request
from assay.stages.search import TuningAsked, tuning_stage
from assay.stages.session import Announce, Result, Session
from assay.stages.sitting import key_of_stage, sitting
from assay.stages.squeeze import squeeze_stage
from assay.stages.study import study_stage
from assay.stages.telling import decide_environment, tell
from assay.stages.tune import tune_stage
from assay.stages.verify import verify_stage
from assay.store.run_details import RECIPE
from assay.tricks.kinds_of_inputs import require_fit


def run_stage(
    name: str,
    request: Request,
    folder: Path,
    *,
    recipe: Recipe | None = None,
    study: Asked | TuningAsked | None = None,
    database: str | None = None,
    workplace: Workplace = HERE,
    announce: Announce = lambda progress: None,
) -> RunStory:
    """One stage alone, with the whole budget for itself; the story has just this stage.

    The same question about the same data in the same folder is answered once, and goes on after a kill.

    Args:
        name: inspect, verify, baselines, overfit, ablate, tune or squeeze.
        recipe: what verify, tune and squeeze work on; the default recipe without it.
        study: of ablate: the tricks and the design that are asked for, on the recipe or the plain baseline; of
            tune: what is searched, and how.
        database: URL of the database of finished trainings; where `assay.store.trials` says by default.
        workplace: where the trainings of a study are done.
    Raises:
        InputError: the source or an option is wrong; nothing is left then. Or the folder holds the report of
            another question, or of this one about data that was changed since.
    """
    device = choose_device(request.device)
    data = request.open(tolerant=name == "inspect")
    recipe = recipe or usual_recipe(study, data, device)
    asked = question_of(name, request, data, recipe, study)
    require_same_question(folder, asked)
    with sitting(
        folder, asked, key=key_of_stage(name, folder, asked), budget_seconds=request.budget_seconds, only=name,
        database=database, opening=Opening(asdict(request), data), workplace=workplace, device=request.device,
        announce=announce,
    ) as session:  # fmt: skip
        decide_environment(session)
        if name in REPORTING:
            session.decide(RECIPE, lambda: {"toml": recipe_to_toml(recipe)})
        result = session.stage(name, stages_alone(session, data, request.seed, recipe, study)[name])
        return tell(request, session, data, {name: result})


def usual_recipe(study: Asked | TuningAsked | None, data: Data, device: torch.device) -> Recipe:
    """What a stage works on if nobody names a recipe: tricks are studied on the plain baseline."""
    usual = default_recipe if study is None or isinstance(study, TuningAsked) else baseline_recipe
    return usual(data.specification, len(data.train), device=device)


def question_of(
    name: str, request: Request, data: Data, recipe: Recipe, study: Asked | TuningAsked | None
) -> dict[str, Any]:
    """All that the stage's answer depends on, as plain values.

    Raises:
        InputError: the recipe is for other data, or the study's trainings are shorter than a step.
    """
    require_fit(recipe, data.specification)
    asked = {**asdict(request), "stage": name, "recipe": recipe.key(), "data": data.fingerprint}
    if study is None:
        return asked
    require_a_step(study.epochs, recipe, data)
    return {**asked, "study": asdict(study)}


def stages_alone(
    session: Session, data: Data, seed: int, recipe: Recipe, study: Asked | TuningAsked | None = None
) -> Mapping[str, Callable[[], Result]]:
    """What each stage does where no other went before it."""
    ablating = partial(ablate_stage, session, data, seed)
    tuning = partial(tune_stage, session, data, seed, recipe)
    if isinstance(study, TuningAsked):
        tuning = partial(tuning_stage, session, data, seed, recipe, study)
    elif study is not None:
        ablating = partial(study_stage, session, data, seed, recipe, study)
    return {
        "inspect": lambda: inspect_stage(session, data),
        "verify": lambda: verify_stage(session, data, seed, recipe),
        "baselines": lambda: baselines_stage(session, data, seed),
        "overfit": lambda: overfit_stage(session, data, seed),
        "ablate": ablating,
        "tune": tuning,
        "squeeze": lambda: squeeze_stage(session, data, seed, recipe),
    }
