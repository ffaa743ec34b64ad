"""A study as a stage of its own: tricks and a design that the user chose, within a budget."""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from dataclasses import asdict, replace
from typing import Any

from assay.ablation.arms import compose_arms
from assay.ablation.asked import Asked
from assay.ablation.cheap_first import study_cheap_first
from assay.ablation.cost_findings import Costs
from assay.ablation.costs import IN_A_ROW, PLACES, Cost, InTurn, measure_cost, measure_in_turn
from assay.ablation.designs.add_one import add_one
from assay.ablation.designs.catalog import find_design
from assay.ablation.designs.design import Design
from assay.ablation.equal_seconds import at_equal_seconds
from assay.ablation.paper_tables import latex_table, markdown_table
from assay.ablation.rank_correlation import FEWEST_RANKED
from assay.ablation.stepwise import STEPWISE, run_stepwise, study_of, why_not_joining
from assay.ablation.studied import Study
from assay.ablation.study import run_study
from assay.ablation.study_findings import broken_off, tell_study
from assay.ablation.summary_rows import rows_for_summary
from assay.ablation.timed_here import timed_here
from assay.budget import budget_text
from assay.data.data import Data
from assay.defaults import candidate_tricks
from assay.errors import InputError
from assay.finding import Report, Skipped
from assay.in_place import put_in_place
from assay.planning import FEWEST_STEPS, OF_ALONE, TRICK_COST, Speed, measure_speed
from assay.recipe import Recipe, Trick, describe_part
from assay.recipe_toml import recipe_to_toml
from assay.stages.session import Session
from assay.training.part import Part
from assay.tricks.expression import read_trick
from assay.tricks.kinds_of_inputs import require_fit
from assay.whole_file import write_whole

MARKDOWN, LATEX = "effects.md", "effects.tex"
SURE_SEEDS = 5
"""Each arm is planned to have as many; looking early mostly leaves time for more of what is unclear."""

FOR_COSTS = 0.1
"""Share of the time in which memory and operations of each trick are measured, before anything is trained."""

FEW_PLACES, FEW_IN_A_ROW = 2, 2
TURNS, TIMED_IN_A_ROW = 3, 4
"""Stretches of updates that are timed in turn with the baseline's, where trainings do not tell seconds."""

PLANNED_ROUNDS = 3
"""Of a stepwise study: two tricks join and then none, say."""


def read_tricks(asked: Asked, data: Data) -> tuple[Trick, ...]:
    """Those that were named, or all that Assay would try on this data.

    Raises:
        InputError: an unknown trick or argument, or one that is named twice.
    """
    return require_different(tuple(map(read_trick, asked.tricks)) or tuple(candidate_tricks(data.specification)))


def require_different(tricks: tuple[Trick, ...]) -> tuple[Trick, ...]:
    """The same.

    Raises:
        InputError: one is named twice.
    """
    for number, trick in enumerate(tricks):
        if trick in tricks[:number]:
            raise InputError(f"--tricks {trick} is named twice; name it once")
    return tricks


def study_stage(session: Session, data: Data, seed: int, recipe: Recipe, asked: Asked) -> dict[str, Any]:
    """Train what the design asks, in the same loop as everything else; finished trainings are found again.

    Raises:
        InputError: tricks that cannot stand together, or a budget too small for two seeds of each arm.
    """
    tricks = read_tricks(asked, data)
    study, baseline, tricks = carry_out_study(session, data, seed, recipe, tricks, asked)
    write_whole(session.folder / MARKDOWN, markdown_table(study))
    write_whole(session.folder / LATEX, latex_table(study))
    best, left_out = stack_helping(baseline, tricks, study)
    report = Report("ablate", tuple(tell_study(study)), (*broken_off(study), *left_out))
    return {"report": report.to_dict(), "tricks": rows_for_summary(study, tricks, best),
            "recipe": recipe_to_toml(best)}  # fmt: skip


def carry_out_study(
    session: Session, data: Data, seed: int, recipe: Recipe, tricks: tuple[Trick, ...], asked: Asked
) -> tuple[Study, Recipe, tuple[Trick, ...]]:
    """The study, the baseline at the length that its trainings have, and the tricks that it is of.

    Raises:
        InputError: as for `study_stage`; nothing is trained then.
    """
    judge = asked.judge(data)
    if asked.fidelity is not None and len(tricks) < FEWEST_RANKED:
        raise InputError(
            f"--fidelity compares the order of at least {FEWEST_RANKED} tricks, got {len(tricks)}; leave it out"
        )
    design = add_one if asked.design == STEPWISE else find_design(asked.design)
    made = design(len(tricks))
    require_trainable(recipe, tricks, made, data, range(seed, seed + asked.looks.seeds[-1]))
    baseline = recipe.change(epochs=asked.epochs or _affordable(session, data, recipe, len(tricks), asked))
    if asked.epochs is not None:
        _require_time(session, data, baseline, len(tricks), asked)
    measure_all = timed_here(session.measure_all_on(data), lambda one, number: is_timed(session, data, one, number))
    if asked.equal == "seconds":
        measure_all = at_equal_seconds(
            measure_all, baseline, lambda one, other: in_turn_of(session, data, one, other).believable_seconds
        )
    timed = told_by_trainings(session, data, baseline, tricks, made, seed)
    costs = costs_in_time(session, data, baseline, tricks, timed, asked)
    options: dict[str, Any] = {"looks": asked.looks, "first_seed": seed, "share_used": session.share_used,
                               "judge": judge}  # fmt: skip
    if asked.design == STEPWISE:
        study = study_of(run_stepwise(baseline, tricks, measure_all, **options), tricks, asked.looks)
    elif asked.fidelity is not None:
        first = study_cheap_first(baseline, tricks, measure_all, fidelity=asked.fidelity, **options,
                                  tell_length=lambda one: tell_length(one, data, asked))  # fmt: skip
        costs, study, tricks = costs.of(tricks, first.tricks), first.study, first.tricks
    else:
        study = run_study(baseline, tricks, measure_all, design=design, **options)
    told = replace(study, training=tell_length(baseline, data, asked), costs=costs, equal=asked.equal,
                   effects=costs.seconds_of(study.effects))  # fmt: skip
    return told, baseline, tricks


def is_timed(session: Session, data: Data, recipe: Recipe, seed: int) -> bool:
    """Whether the training will be timed by this command, beside nothing else that it does."""
    return session.executor is None and not session.is_known(data, recipe, seed, Part())


def told_by_trainings(
    session: Session, data: Data, baseline: Recipe, tricks: Sequence[Trick], design: Design, seed: int
) -> set[int]:
    """The tricks, by their places, whose seconds the first seed's trainings will tell: all that a contrast compares."""
    arms = compose_arms(baseline, tricks, design, [seed])
    timed = {arm for arm, recipe in arms.items() if is_timed(session, data, recipe, seed)}
    return {
        contrast.tricks[0] for contrast in design.contrasts(seed)
        if len(contrast.tricks) == 1 and timed.issuperset(arm for arm, _ in contrast.weights)
    }  # fmt: skip


def costs_in_time(
    session: Session, data: Data, baseline: Recipe, tricks: Sequence[Trick], timed: Container[int], asked: Asked
) -> Costs:
    """Of the baseline, and of it with each trick while a tenth of the time lasts.

    A few updates suffice for memory and operations. Seconds are told by the trainings themselves, and timed in turn
    where these will not tell them, or where trainings are given their lengths by them.

    Args:
        timed: the tricks, by their places, whose seconds trainings will tell.
    """
    costs, found, in_turn = Costs(cost_of(session, data, baseline)), dict[int, Cost](), dict[int, InTurn]()
    for place, trick in enumerate(tricks):
        if session.share_used() > FOR_COSTS:
            break
        session.say(f"costs of {describe_part(trick)}")
        recipe, _ = put_in_place(baseline, trick, baseline.tricks)
        found[place] = cost_of(session, data, recipe)
        if asked.equal == "seconds":
            in_turn[place] = in_turn_of(session, data, recipe, baseline)
        elif place not in timed:
            in_turn[place] = in_turn_of(session, data, recipe, baseline, TURNS, TIMED_IN_A_ROW)
    return replace(costs, tricks=found, in_turn=in_turn)


def cost_of(session: Session, data: Data, recipe: Recipe) -> Cost:
    """Measured once: every study on this machine has the same."""

    def measure() -> dict[str, Any]:
        return asdict(measure_cost(recipe, data, device=session.device, places=FEW_PLACES, in_a_row=FEW_IN_A_ROW))

    return Cost(**session.measured(f"cost of {recipe.key()} at {FEW_PLACES} places", data, measure))


def in_turn_of(
    session: Session, data: Data, recipe: Recipe, other: Recipe, places: int = PLACES, in_a_row: int = IN_A_ROW
) -> InTurn:
    """Seconds of one recipe by those of the other, kept in the same way."""

    def measure() -> dict[str, Any]:
        timed = measure_in_turn(recipe, other, data, device=session.device, places=places, in_a_row=in_a_row)
        return {name: None if math.isnan(value) else value for name, value in asdict(timed).items()}

    kept = session.measured(f"{recipe.key()} by {other.key()} in turn at {places} places", data, measure)
    return InTurn(**{name: math.nan if value is None else value for name, value in kept.items()})


def tell_length(baseline: Recipe, data: Data, asked: Asked) -> str:
    """How long each training was, in words."""
    noun = "epoch" if baseline.epochs == 1 else "epochs"
    text = f"trainings of {baseline.epochs:.3g} {noun} of {len(data.train):,} examples"
    if asked.equal == "seconds":
        return f"{text}, and with a trick as many as take the same time (equal seconds)"
    return text


def require_trainable(
    recipe: Recipe, tricks: Sequence[Trick], design: Design, data: Data, seeds: Sequence[int]
) -> None:
    """Make all arms before anything is trained.

    Raises:
        InputError: tricks that cannot stand together, or that are for other data.
    """
    for arm in compose_arms(recipe, tricks, design, seeds).values():
        require_fit(arm, data.specification)


def stack_helping(baseline: Recipe, tricks: Sequence[Trick], study: Study) -> tuple[Recipe, tuple[Skipped, ...]]:
    """The baseline with each trick that helps, as far as they can stand together, and what could not.

    The best comes first, and takes the place of what the baseline sets; of a stepwise study in the order of its rounds.
    """
    sign = study.judge.metric.sign
    helping = [effect for effect in study.effects if effect.verdict == "helps" and len(effect.tricks) == 1]
    best_first = sorted(helping, key=lambda effect: -effect.estimate * sign)
    order = [study.effects[place] for place in study.stack] if study.design == STEPWISE else best_first
    recipe, left_out = baseline, list[Skipped]()
    for effect in order:
        trick = tricks[effect.tricks[0]]
        reason = why_not_joining(recipe, trick, baseline)
        if reason:
            left_out.append(Skipped(f"{effect.name} in the recipe", reason))
            continue
        recipe, _ = put_in_place(recipe, trick, baseline.tricks)
    return recipe, tuple(left_out)


def _speed_of(session: Session, data: Data, recipe: Recipe, name: str) -> Speed:
    return Speed(**session.decide(name, lambda: asdict(measure_speed(recipe, data, device=session.device))))


def trainings_of_seed(asked: Asked, count: int, seed: int) -> int:
    """How many trainings each seed takes; of a stepwise study those of its first rounds."""
    if asked.design == STEPWISE:
        return sum(count + 1 - number for number in range(min(PLANNED_ROUNDS, count)))
    return len(find_design(asked.design)(count).arms(seed))


def _require_time(session: Session, data: Data, baseline: Recipe, count: int, asked: Asked) -> None:
    """Refuse trainings so long that the budget ends before the first look.

    Raises:
        InputError: tells what the first look would take.
    """
    if math.isinf(session.budget.total):
        return
    trainings = (count + 1 if asked.design == STEPWISE else trainings_of_seed(asked, count, 0)) * asked.looks.seeds[0]
    speed = _speed_of(session, data, baseline, "speed")
    steps = baseline.epochs * len(data.train) / baseline.batch_size
    needed = trainings * (steps * speed.step + speed.evaluation * len(data.validation))
    if needed > session.seconds_for("ablate"):
        raise InputError(
            f"a budget of {session.budget.total:.0f} s is too small for {trainings} trainings of "
            f"{baseline.epochs:.3g} epochs (design {asked.design}, {asked.looks.seeds[0]} seeds, the fewest that tell "
            f"anything): give at least --budget {budget_text(needed / OF_ALONE)}, fewer --tricks, or fewer --epochs"
        )


def _affordable(session: Session, data: Data, recipe: Recipe, count: int, asked: Asked) -> float:
    """Epochs with which each arm has five seeds within the budget, as a round number.

    Raises:
        InputError: there would be hardly any steps; tells what the smallest honest answer would take.
    """
    seeds = min(SURE_SEEDS, asked.looks.seeds[-1])
    trainings = sum(trainings_of_seed(asked, count, seed) for seed in range(seeds))
    speed = _speed_of(session, data, recipe, "speed")
    judging = speed.evaluation * len(data.validation)
    each = (1 - FOR_COSTS) * session.seconds_for("ablate") / trainings
    steps = (each - judging) / (TRICK_COST * speed.step)
    if steps < FEWEST_STEPS:
        needed = trainings * (TRICK_COST * FEWEST_STEPS * speed.step + judging) / (OF_ALONE * (1 - FOR_COSTS))
        raise InputError(
            f"a budget of {session.budget.total:.0f} s is too small for {trainings} trainings of {FEWEST_STEPS} steps "
            f"(design {asked.design}, {seeds} seeds): give at least --budget {budget_text(needed)}, fewer --tricks, or "
            "fewer --seeds"
        )
    return round_down(max(steps * recipe.batch_size / len(data.train), 0.05))


def round_down(epochs: float) -> float:
    """To ..., 1, 1.5, 2, 3, 4, 6, 8, 12, ...: a machine a little slower than last time asks for the same trainings."""
    octave = 2.0 ** math.floor(math.log2(epochs))
    return 1.5 * octave if epochs >= 1.5 * octave else octave
