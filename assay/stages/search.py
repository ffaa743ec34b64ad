"""A tuning as a stage of its own: what is searched, and how, the user chose, within a budget."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from assay.ablation.asked import require_examples
from assay.ablation.metrics.catalog import find_metric, metric_for
from assay.data.data import Data
from assay.errors import InputError
from assay.finding import Report
from assay.planning import ComparisonPlan, plan_range_test
from assay.recipe import Recipe
from assay.recipe_toml import recipe_to_toml
from assay.stages.comparison import measured_speed, small_data
from assay.stages.discipline import RECIPE, discipline_stage
from assay.stages.session import Session
from assay.stages.tuning_budget import USUAL_TRIALS, Sizes, plan_tuning
from assay.stages.tuning_watch import SearchWatch, trainer_of
from assay.tuning.judging import keep_back
from assay.tuning.over import read_space
from assay.tuning.plan import ANY_RATE, Plan
from assay.tuning.search import Bench
from assay.tuning.setting import find_setting, settings_of
from assay.tuning.space import Dimension
from assay.tuning.thorough import SEARCHES, Tuned, make_strategy, tune_thoroughly
from assay.tuning.thorough_findings import tell_tuned
from assay.tuning.tune import WEIGHT_DECAY, free_spans
from assay.tuning.yardstick import Yardstick
from assay.whole_file import write_whole

RATE, AUTO = "learning_rate", "auto"


@dataclass(frozen=True)
class TuningAsked:
    """What a tuning was asked; settings as they are written, the learning rate and weight decay if none.

    trials: of each round; as the budget allows without. epochs: of each training; the recipe's or fewer without.
    metric: by its name; the data's own without.
    """

    search: str = "random"
    over: tuple[str, ...] = ()
    trials: int | None = None
    rounds: int = 1
    halving: bool = False
    epochs: float | None = None
    force: bool = False
    discipline: bool = False
    metric: str | None = None

    def judge_on(self, data: Data) -> Yardstick:
        """What trials on this data are judged by.

        Raises:
            InputError: no metric is called so, or it is for other data.
        """
        own, task = data.specification.metric, data.specification.task
        metric = metric_for(self.metric or own, task)
        if metric.name == own:
            return Yardstick(own)
        return Yardstick(metric.name, metric.sign, metric.scores, data.validation.targets.numpy())


def check_asked(asked: TuningAsked) -> None:
    """What can be said before any data is read.

    Raises:
        InputError: an unknown search or metric, or a number out of range.
    """
    if asked.search not in SEARCHES:
        raise InputError(f"--search must be one of {', '.join(SEARCHES)}, got {asked.search!r}")
    for name, value in (("trials", asked.trials), ("rounds", asked.rounds)):
        if value is not None and value < 1:
            raise InputError(f"--{name} must be at least 1, got {value}")
    if asked.epochs is not None and not 0 < asked.epochs < math.inf:
        raise InputError(f"--epochs must be above 0 and finite, got {asked.epochs:g}")
    if asked.metric is not None:
        find_metric(asked.metric)
    if asked.discipline and asked != TuningAsked(epochs=asked.epochs, discipline=True, metric=asked.metric):
        raise InputError("--discipline has its own steps; leave out --search, --over, --trials, --halving and --rounds")


def read_plan(asked: TuningAsked, recipe: Recipe) -> Plan:
    """What is to be searched, and how.

    Raises:
        InputError: an unknown search or setting, bounds the wrong way round, a setting that a trick fixes, a number out
            of range, or a search that cannot be made over this space.
    """
    check_asked(asked)
    auto = [text for text in asked.over if text.partition("=")[2].strip() == AUTO]
    for text in auto:
        if find_setting(recipe, text.partition("=")[0].strip()).name != RATE:
            raise InputError(f"--over {text}: only {RATE} finds its bounds by itself; write LOW:HIGH or VALUE,VALUE")
    space: dict[str, Dimension] = dict(read_space([text for text in asked.over if text not in auto], recipe))
    if auto and RATE in space:
        raise InputError(f"--over {auto[0]}: {RATE} is named twice; name it once")
    finds_rate = bool(auto) or not asked.over
    if not asked.over:
        space |= free_spans(recipe, {"weight_decay": WEIGHT_DECAY})
    if finds_rate and not free_spans(recipe, {RATE: ANY_RATE}):
        holder = recipe.holder(f"optimizer.{RATE}")
        raise InputError(f"{holder} fixes the learning rate, so that drawn rates would change nothing; take it out")
    plan = Plan(space, finds_rate, asked.search, asked.trials or USUAL_TRIALS, asked.rounds, asked.halving, asked.force)
    next(make_strategy(plan, plan.whole_space, 0))
    return plan


def tuning_stage(session: Session, data: Data, seed: int, recipe: Recipe, asked: TuningAsked) -> dict[str, Any]:
    """Carry out what was asked, within the time; finished trials and trainings are found again.

    Raises:
        InputError: see `read_plan`; or a budget too small for the smallest honest answer.
    """
    asked.judge_on(data)
    if asked.discipline:
        return discipline_stage(session, data, seed, recipe, epochs=asked.epochs,
                                judge_on=partial(judged_on, asked, seed))  # fmt: skip
    tuned, yardstick = carry_out_tuning(session, data, seed, recipe, asked)
    report = Report("tune", tuple(tell_tuned(tuned, yardstick.name)))
    chosen = recipe_to_toml(tuned.recipe.change(epochs=recipe.epochs))
    write_whole(session.folder / RECIPE, chosen)
    return {"report": report.to_dict(), "recipe": chosen}


def carry_out_tuning(
    session: Session, data: Data, seed: int, recipe: Recipe, asked: TuningAsked
) -> tuple[Tuned, Yardstick]:  # fmt: skip
    """What was found, in trainings as long as the budget allows, and what it is judged by.

    Raises:
        InputError: as for `tuning_stage`; nothing is trained then.
    """
    plan, lengths = _decided_plan(session, data, recipe, asked)
    shortened, part = recipe.change(epochs=lengths.epochs), small_data(data, lengths, seed)
    yardstick = judged_on(asked, seed, part)
    most = plan.most_settings(settings_of(shortened, list(plan.space)))
    cost = min(most, plan.cost_before + plan.rounds * plan.cost_of_search)
    watch = SearchWatch(session, round(most), cost)
    bench = Bench(shortened, part, trainer=trainer_of(session, watch.text), on_trial=watch.trial, yardstick=yardstick)
    tuned = tune_thoroughly(
        shortened, part, session.measure_all_on(part), plan, seed=seed, bench=bench, device=session.device,
        share_used=session.share_used, say=session.say,
    )  # fmt: skip
    return tuned, yardstick


def judged_on(asked: TuningAsked, seed: int, part: Data) -> Yardstick:
    """What trials on this part of the data are judged by, on the examples that choose and on those kept back.

    Raises:
        InputError: see `TuningAsked.judge_on`; or a class has too few of either for the metric.
    """
    yardstick, parts = asked.judge_on(part), keep_back(part, seed)
    metric = metric_for(yardstick.name, part.specification.task)
    for places in (parts.chosen_on, parts.judged_on):
        require_examples(metric, part.validation.targets.numpy()[places], part.specification.classes)
    return yardstick


def _decided_plan(session: Session, data: Data, recipe: Recipe, asked: TuningAsked) -> tuple[Plan, ComparisonPlan]:
    """Made once: a resumed tuning repeats it instead of measuring its machine again."""
    wanted = read_plan(asked, recipe)
    _require_batches(wanted, len(data.train))

    def make() -> dict[str, Any]:
        speed, seconds = measured_speed(session, data, recipe), session.seconds_for("tune")
        sizes = Sizes(len(data.train), len(data.validation))
        tested = replace(wanted, range_steps=plan_range_test(seconds, speed) if wanted.finds_rate else 0)
        plan, lengths = plan_tuning(seconds, speed, recipe, sizes, tested, trials=asked.trials, epochs=asked.epochs)
        numbers = {name: getattr(plan, name) for name in ("trials", "final_seeds", "judging_seeds", "range_steps")}
        return {"plan": numbers, "lengths": asdict(lengths)}

    decided = session.decide("tuning plan", make)
    return replace(wanted, **decided["plan"]), ComparisonPlan(**decided["lengths"])


def _require_batches(plan: Plan, examples: int) -> None:
    """Refuse batches that are larger than the training split: they would all be the same.

    Raises:
        InputError: tells how many examples there are.
    """
    if (sizes := plan.space.get("batch_size")) is None:
        return
    largest = max(sizes.points(2))
    if largest > examples:
        raise InputError(
            f"--over batch_size: {largest:g} is more than the {examples:,} training examples, beyond which batches are "
            f"alike; search up to {examples}"
        )
