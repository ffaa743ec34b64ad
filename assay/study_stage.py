"""A study as a stage of its own: tricks and a design that the user chose, within a budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from assay.ablation.designs.catalog import find_design
from assay.ablation.designs.design import Design
from assay.ablation.paper_tables import latex_table, markdown_table
from assay.ablation.sequential import USUAL_LOOKS, Looks
from assay.ablation.study import Study, run_study
from assay.ablation.study_findings import broken_off, tell_study
from assay.budget import budget_text
from assay.data.data import Data
from assay.defaults import candidate_tricks
from assay.errors import InputError
from assay.finding import Report, Skipped
from assay.in_place import put_in_place
from assay.planning import FEWEST_STEPS, Speed, measure_speed
from assay.recipe import Recipe, RecipeError, Trick
from assay.recipe_toml import recipe_to_toml
from assay.session import Session
from assay.tricks.expression import read_trick
from assay.whole_file import write_whole

MARKDOWN, LATEX = "effects.md", "effects.tex"
SURE_SEEDS = 5
"""Each arm is planned to have as many; looking early mostly leaves time for more of what is unclear."""


@dataclass(frozen=True)
class Asked:
    """What a study was asked; tricks as they are written, all candidates if none.

    seeds: at most so many for each arm. epochs: of each training; as the budget allows without.
    """

    tricks: tuple[str, ...] = ()
    design: str = "add-one"
    seeds: int = USUAL_LOOKS[-1]
    epochs: float | None = None

    @property
    def looks(self) -> Looks:
        """As usual up to the most seeds.

        Raises:
            InputError: fewer than two seeds.
        """
        if self.seeds < 2:
            raise InputError(f"--seeds must be at least 2 to tell an effect from luck, got {self.seeds}")
        return Looks((*(look for look in USUAL_LOOKS if look < self.seeds), self.seeds))


def read_tricks(asked: Asked, data: Data) -> tuple[Trick, ...]:
    """Those that were named, or all that Assay would try on this data.

    Raises:
        InputError: an unknown trick or argument, or one that is named twice.
    """
    tricks = tuple(map(read_trick, asked.tricks)) or tuple(candidate_tricks(data.specification))
    for number, trick in enumerate(tricks):
        if trick in tricks[:number]:
            raise InputError(f"--tricks {trick} is named twice; name it once")
    return tricks


def study_stage(session: Session, data: Data, seed: int, recipe: Recipe, asked: Asked) -> dict[str, Any]:
    """Train what the design asks, in the same loop as everything else; finished trainings are found again.

    Raises:
        InputError: tricks that cannot stand together, or a budget too small for two seeds of each arm.
    """
    tricks, looks, metric = read_tricks(asked, data), asked.looks, data.specification.metric
    make = find_design(asked.design)
    epochs = asked.epochs or _affordable(session, data, recipe, make(len(tricks)), looks)
    baseline = recipe.change(epochs=epochs)
    study = run_study(baseline, tricks, session.measure_on(data), design=make, looks=looks, first_seed=seed,
                      share_used=session.share_used)  # fmt: skip
    training = f"trainings of {epochs:.3g} epochs of {len(data.train):,} examples"
    write_whole(session.folder / MARKDOWN, markdown_table(study, metric))
    write_whole(session.folder / LATEX, latex_table(study, metric))
    best, left_out = stack_helping(baseline, tricks, study)
    report = Report("ablate", tuple(tell_study(study, metric, training=training)), (*broken_off(study), *left_out))
    return {"report": report.to_dict(), "tricks": rows_for_summary(study, tricks, best),
            "recipe": recipe_to_toml(best)}  # fmt: skip


def rows_for_summary(study: Study, tricks: Sequence[Trick], best: Recipe) -> list[dict[str, Any]]:
    """The effects that were measured, as plain values; those of pairs too."""
    return [
        {"trick": effect.name, "effect": effect.estimate, "low": effect.low, "high": effect.high, "n": effect.n,
         "verdict": effect.verdict, "kept": all(tricks[place] in best.tricks for place in effect.tricks),
         "detectable": effect.detectable,
         "seconds_per_step_ratio": _known(effect.seconds_per_step_ratio)}
        for effect in study.effects if not math.isnan(effect.estimate)
    ]  # fmt: skip


def stack_helping(baseline: Recipe, tricks: Sequence[Trick], study: Study) -> tuple[Recipe, tuple[Skipped, ...]]:
    """The baseline with each trick that helps, as far as they can stand together, and what could not.

    The largest effect comes first, and takes the place of what the baseline sets.
    """
    helping = [effect for effect in study.effects if effect.verdict == "helps" and len(effect.tricks) == 1]
    recipe, left_out = baseline, list[Skipped]()
    for effect in sorted(helping, key=lambda effect: -effect.estimate):
        try:
            recipe, _ = put_in_place(recipe, tricks[effect.tricks[0]], baseline.tricks)
        except RecipeError as error:
            left_out.append(Skipped(f"{effect.name} in the recipe", str(error)))
    return recipe, tuple(left_out)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _affordable(session: Session, data: Data, recipe: Recipe, design: Design, looks: Looks) -> float:
    """Epochs with which each arm has five seeds within the budget.

    Raises:
        InputError: there would be hardly any steps; tells what the smallest honest answer would take.
    """
    trainings = sum(len(design.arms(seed)) for seed in range(min(SURE_SEEDS, looks.seeds[-1])))
    speed = Speed(**session.decide("speed", lambda: asdict(measure_speed(recipe, data, device=session.device))))
    judging = speed.evaluation * len(data.validation)
    each = session.seconds_for("ablate") / trainings
    steps = (each - judging) / (1.15 * speed.step)
    if steps < FEWEST_STEPS:
        needed = trainings * (1.15 * FEWEST_STEPS * speed.step + judging) / 0.95
        raise InputError(
            f"a budget of {session.budget.total:.0f} s is too small for {trainings} trainings of {FEWEST_STEPS} steps "
            f"(design {design.name}, {min(SURE_SEEDS, looks.seeds[-1])} seeds): give at least --budget "
            f"{budget_text(needed)}, fewer --tricks, or fewer --seeds"
        )
    return max(steps * recipe.batch_size / len(data.train), 0.05)
