"""A learning curve that a program asks for, and `assay learning-curve`: the stage alone, with a budget of its own.

    report = measure_learning_curve(assay.open_data("digits"), budget_seconds=120, times=(2, 4))

Each finished training is kept in the folder: after a kill, or with another budget or other `times`, none is made twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from assay.audit.learning_curve.plan import USUAL_PASSES
from assay.audit.learning_curve.telling import USUAL_TIMES
from assay.data.data import Data
from assay.defaults import default_recipe
from assay.errors import InputError
from assay.finding import Report
from assay.recipe import Recipe
from assay.stages.learning_curve import STAGE, learning_curve_stage
from assay.stages.session import Announce
from assay.stages.sitting import key_of_stage, sitting
from assay.tricks.kinds_of_inputs import require_fit

USUAL_SECONDS = 300.0
FARTHEST_TIMES = 10.0


def measure_learning_curve(
    data: Data,
    *,
    recipe: Recipe | None = None,
    times: Sequence[float] = USUAL_TIMES,
    budget_seconds: float = USUAL_SECONDS,
    seed: int = 0,
    device: str | None = None,
    folder: Path | None = None,
    announce: Announce = lambda progress: None,
) -> Report:
    """Train on log-spaced subsets under several seeds, and tell the error at `times` the data as a band.

    Args:
        recipe: what is trained; the default recipe without it. A small subset is passed over more often than it says.
        folder: where finished trainings are kept and found again; without it, in one that is thrown away.
        announce: called a few times a second with what is going on.
    Returns:
        Findings `learning_curve` (the band, its laws, a figure) and `class_gains`; skipped what could not be told.
    Raises:
        InputError: times are outside (1, 10], the recipe is for other data, or a training diverged.
    """
    wanted = wanted_times(times)
    passes = USUAL_PASSES if recipe is None else recipe.epochs
    recipe = recipe or default_recipe(data.specification, len(data.train))
    require_fit(recipe, data.specification)
    asked = {"stage": STAGE, "data": data.fingerprint, "recipe": recipe.key(), "times": wanted, "seed": seed,
             "budget_seconds": budget_seconds}  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        place = folder or Path(scratch)
        with sitting(place, asked, key=key_of_stage(STAGE, place, asked), budget_seconds=budget_seconds, only=STAGE,
                     device=device, announce=announce) as session:  # fmt: skip
            result = session.stage(STAGE, lambda: learning_curve_stage(session, data, seed, recipe, wanted, passes))
    return Report.from_dict(result["report"])


def wanted_times(times: Sequence[float]) -> list[float]:
    """Each once, in order.

    Raises:
        InputError: there is none, or one is outside (1, 10].
    """
    wanted = sorted({float(one) for one in times})
    if not wanted or not all(1.0 < one <= FARTHEST_TIMES for one in wanted):
        raise InputError(f"times must be above 1 and at most {FARTHEST_TIMES:g}, got {list(times)}; usual are 2 and 4")
    return wanted
