"""A study as a stage of its own: tricks and a design that the user chose, within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from assay.ablation.arms import compose_arms
from assay.ablation.asked import Asked
from assay.ablation.cheap_first import study_cheap_first
from assay.ablation.designs.add_one import add_one
from assay.ablation.designs.catalog import find_design
from assay.ablation.designs.design import Design
from assay.ablation.equal_seconds import at_equal_seconds, equally_long
from assay.ablation.paper_tables import latex_table, markdown_table
from assay.ablation.rank_correlation import FEWEST_RANKED
from assay.ablation.stepwise import STEPWISE, run_stepwise, study_of, why_not_joining
from assay.ablation.studied import Study
from assay.ablation.study import run_study
from assay.ablation.study_findings import broken_off, tell_study
from assay.ablation.summary_rows import rows_for_summary
from assay.ablation.timed_here import timed_here
from assay.data.data import Data
from assay.defaults import candidate_tricks
from assay.errors import InputError
from assay.finding import Report, Skipped
from assay.in_place import put_in_place
from assay.recipe import Recipe, Trick
from assay.recipe_toml import recipe_to_toml
from assay.stages.session import Session
from assay.stages.study_length import affordable, first_trainings, require_time
from assay.stages.trick_costs import costs_in_time, in_turn_of, is_timed, keep_told, sides_of, told_by_trainings
from assay.tricks.expression import read_trick
from assay.tricks.kinds_of_inputs import require_fit
from assay.whole_file import write_whole

MARKDOWN, LATEX = "effects.md", "effects.tex"


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
    require_ranked(tricks, asked)
    design = add_one if asked.design == STEPWISE else find_design(asked.design)
    made = design(len(tricks))
    require_trainable(recipe, tricks, made, data, range(seed, seed + asked.looks.seeds[-1]))
    baseline = recipe.change(epochs=asked.epochs or affordable(session, data, recipe, len(tricks), asked))
    measure_all = timed_here(session.measure_all_on(data), lambda one, number: is_timed(session, data, one, number))
    first = first_trainings(baseline, tricks, made, range(seed, seed + asked.looks.seeds[0]))
    if asked.equal == "seconds":
        ratio = partial(_believable_seconds, session, data)
        measure_all = at_equal_seconds(measure_all, baseline, ratio)
        first = [(equally_long(one, baseline, ratio), number) for one, number in first]
    if asked.epochs is not None:
        require_time(session, data, baseline, first, asked)
    timed = told_by_trainings(session, data, baseline, tricks, made, seed)
    costs = costs_in_time(session, data, baseline, tricks, sides_of(baseline, tricks, made, seed), timed, asked)
    options: dict[str, Any] = {"looks": asked.looks, "first_seed": seed, "share_used": session.share_used,
                               "judge": judge}  # fmt: skip
    if asked.design == STEPWISE:
        study = study_of(run_stepwise(baseline, tricks, measure_all, **options), tricks, asked.looks)
    elif asked.fidelity is not None:
        cheap = study_cheap_first(baseline, tricks, measure_all, fidelity=asked.fidelity, **options,
                                  tell_length=lambda one: tell_length(one, data, asked))  # fmt: skip
        costs, study, tricks = costs.of(tricks, cheap.tricks), cheap.study, cheap.tricks
    else:
        study = run_study(baseline, tricks, measure_all, design=design, **options)
    if asked.design != STEPWISE and asked.equal == "epochs":
        keep_told(session, data, sides_of(baseline, tricks, design(len(tricks)), seed), study.effects)
    told = replace(study, training=tell_length(baseline, data, asked), costs=costs, equal=asked.equal,
                   effects=costs.seconds_of(study.effects))  # fmt: skip
    return told, baseline, tricks


def _believable_seconds(session: Session, data: Data, recipe: Recipe, other: Recipe) -> float:
    return in_turn_of(session, data, recipe, other).believable_seconds


def tell_length(baseline: Recipe, data: Data, asked: Asked) -> str:
    """How long each training was, in words."""
    noun = "epoch" if baseline.epochs == 1 else "epochs"
    text = f"trainings of {baseline.epochs:.3g} {noun} of {len(data.train):,} examples"
    if asked.equal == "seconds":
        return f"{text}, and with a trick as many as take the same time (equal seconds)"
    return text


def require_ranked(tricks: Sequence[Trick], asked: Asked) -> None:
    """Raises InputError: a cheap study is asked for, of fewer tricks than have an order to compare."""
    if asked.fidelity is not None and len(tricks) < FEWEST_RANKED:
        raise InputError(
            f"--fidelity compares the order of at least {FEWEST_RANKED} tricks, got {len(tricks)}; leave it out"
        )


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
