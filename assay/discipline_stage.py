"""The disciplined approach as a stage: its steps on trainings as long as the budget allows."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

from assay.data.data import Data
from assay.finding import Report
from assay.planning import ComparisonPlan, plan_range_test
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.session import Session
from assay.stages import measured_speed, small_data
from assay.tuning.discipline import TRAININGS, discipline
from assay.tuning.discipline_findings import tell_discipline
from assay.tuning.memory import Place, open_memory
from assay.tuning.search import Bench
from assay.tuning.thorough import Plan
from assay.tuning_budget import Sizes, plan_tuning
from assay.tuning_watch import SearchWatch
from assay.whole_file import write_whole

RECIPE = "recipe.toml"


def discipline_stage(
    session: Session, data: Data, seed: int, recipe: Recipe, *, epochs: float | None = None
) -> dict[str, Any]:  # fmt: skip
    """Take the steps within the time; finished trainings are found again.

    Raises:
        InputError: a budget too small for all of them, or see `assay.tuning.discipline.discipline`.
    """
    wanted = Plan({}, finds_rate=False, trials=TRAININGS)

    def make() -> dict[str, Any]:
        speed, seconds = measured_speed(session, data, recipe), session.seconds_for("tune")
        sizes = Sizes(len(data.train), len(data.validation))
        plan, lengths = plan_tuning(seconds, speed, recipe, sizes, wanted, trials=TRAININGS, epochs=epochs)
        return {"judging_seeds": plan.judging_seeds, "range_steps": plan_range_test(seconds, speed),
                "lengths": asdict(lengths)}  # fmt: skip

    decided = session.decide("discipline plan", make)
    lengths = ComparisonPlan(**decided["lengths"])
    part, shortened = small_data(data, lengths, seed), recipe.change(epochs=lengths.epochs)
    watch, place = SearchWatch(session, TRAININGS), Place(session.store.url, f"run-{session.run}", session.work)
    bench = Bench(shortened, part, device=session.device, on_trial=watch.trial, on_step=watch.step)
    done = discipline(
        shortened, part, session.measure_all_on(part), partial(open_memory, place, "none"), seed=seed, bench=bench,
        judging_seeds=decided["judging_seeds"], range_steps=decided["range_steps"], say=session.say,
    )  # fmt: skip
    toml = recipe_to_toml(done.chosen.change(epochs=recipe.epochs))
    write_whole(session.folder / RECIPE, toml)
    return {"report": Report("tune", tuple(tell_discipline(done, data.specification.metric))).to_dict(), "recipe": toml}
