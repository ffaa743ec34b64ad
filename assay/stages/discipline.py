"""The disciplined approach as a stage: its steps on trainings as long as the budget allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from assay.data.data import Data
from assay.finding import Report
from assay.planning import ComparisonPlan, plan_range_test
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.run_folder import RECIPE
from assay.stages.comparison import measured_speed, small_data
from assay.stages.session import Session
from assay.stages.tuning_budget import Sizes, Work, plan_tuning
from assay.stages.tuning_watch import SearchWatch, trainer_of
from assay.tuning.discipline import LOOKS, TRAININGS, Discipline, discipline
from assay.tuning.discipline_findings import tell_discipline
from assay.tuning.search import Bench
from assay.tuning.thorough import Plan
from assay.tuning.yardstick import Yardstick
from assay.whole_file import write_whole


def own_yardstick(data: Data) -> Yardstick:
    """The data's own metric."""
    return Yardstick(data.specification.metric)


def work_of_steps(plan: Plan) -> Work:
    """No step stops a training early; each looks at validation at its end alone, and the range test `LOOKS` times."""
    trainings = TRAININGS + 2 * plan.judging_seeds
    return Work(trainings, trainings + LOOKS, plan.range_steps)


def discipline_stage(
    session: Session, data: Data, seed: int, recipe: Recipe, *, epochs: float | None = None,
    judge_on: Callable[[Data], Yardstick] = own_yardstick,
) -> dict[str, Any]:  # fmt: skip
    """Take the steps within the time, and leave the recipe; finished trainings are found again.

    Args:
        judge_on: what trials on some data are judged by.
    Raises:
        InputError: a budget too small for all of them, or see `assay.tuning.discipline.discipline`.
    """
    done, yardstick = carry_out_discipline(session, data, seed, recipe, epochs=epochs, judge_on=judge_on)
    toml = recipe_to_toml(done.chosen.change(epochs=recipe.epochs))
    write_whole(session.folder / RECIPE, toml)
    return {"report": Report("tune", tuple(tell_discipline(done, yardstick.name))).to_dict(), "recipe": toml}


def carry_out_discipline(
    session: Session, data: Data, seed: int, recipe: Recipe, *, epochs: float | None = None,
    judge_on: Callable[[Data], Yardstick] = own_yardstick,
) -> tuple[Discipline, Yardstick]:  # fmt: skip
    """What each step found, and what it was judged by.

    Raises:
        InputError: as for `discipline_stage`; nothing is trained then.
    """
    wanted = Plan({}, finds_rate=False, trials=TRAININGS)

    def make() -> dict[str, Any]:
        speed, seconds = measured_speed(session, data, recipe), session.seconds_for("tune")
        sizes = Sizes(len(data.train), len(data.validation))
        tested = replace(wanted, range_steps=plan_range_test(seconds, speed))
        plan, lengths = plan_tuning(seconds, speed, recipe, sizes, tested, trials=TRAININGS, epochs=epochs,
                                    work=work_of_steps)  # fmt: skip
        return {"judging_seeds": plan.judging_seeds, "range_steps": plan.range_steps, "lengths": asdict(lengths)}

    decided = session.decide("discipline plan", make)
    lengths = ComparisonPlan(**decided["lengths"])
    part, shortened = small_data(data, lengths, seed), recipe.change(epochs=lengths.epochs)
    watch, yardstick = SearchWatch(session, TRAININGS, TRAININGS), judge_on(part)
    bench = Bench(shortened, part, trainer=trainer_of(session, watch.text), on_trial=watch.trial, yardstick=yardstick)
    done = discipline(
        shortened, part, session.measure_all_on(part), seed=seed, bench=bench, device=session.device,
        judging_seeds=decided["judging_seeds"], range_steps=decided["range_steps"], say=session.say,
    )  # fmt: skip
    return done, yardstick
