"""A tuning that a program asks for: `assay.tune`, the same as `assay tune` with options.

    tuning = assay.tune(recipe, "digits", over=["learning_rate=auto", "weight_decay=1e-4:1e-1"], budget="2m")
    print(tuning.summary, tuning.recipe)

What was trained before is found again, whoever asks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from torch.utils.data import Dataset

from assay.data.data import Data
from assay.finding import Report
from assay.recipe import Recipe
from assay.stages.discipline import carry_out_discipline
from assay.stages.own_sitting import open_for, own_sitting, require_known_parts, seconds_of
from assay.stages.search import TuningAsked, carry_out_tuning, check_asked, judged_on
from assay.stages.session import Announce, Session
from assay.tuning.discipline_findings import tell_discipline
from assay.tuning.thorough_findings import tell_tuned
from assay.tuning.tune import Tuning


def tune(
    recipe: Recipe,
    data: Data | Dataset | str | Path,
    *,
    search: str = "random",
    over: Sequence[str] = (),
    trials: int | None = None,
    halving: bool = False,
    rounds: int = 1,
    epochs: float | None = None,
    force: bool = False,
    discipline: bool = False,
    metric: str | None = None,
    budget: float | str | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
    database: str | None = None,
    workers: int | None = None,
    device: str | None = None,
    announce: Announce = lambda progress: None,
) -> Tuning:
    """Which hyperparameters, learning rate first, and what they gain on this data.

    The options are those of `assay tune`, one for one.

    Args:
        data: anything that `assay.open_data` takes, or what it gave.
        over: what to search, as one writes it: `batch_size=32,64`; learning rate and weight decay without.
        trials: of each round; as a budget allows, and 20 where there is none.
        epochs: of each training; without, as a budget allows, and the recipe's own where there is none.
        budget: seconds, or a text such as `5m`; none by default, so that nothing is shortened.
        seed: of the search; the best few and the gain have those after it.
        folder: for what a tuning that is stopped goes on from; a passing one by default.
        database: URL of the database of finished trainings; where `assay.store.trials` says by default.
        workers: processes that do the trainings, of data that a name or path opens; in this process without.
        announce: told a few times a second what is going on.
    Raises:
        InputError: an option is wrong, a setting is unknown or fixed by a trick, or a budget is too small.
    """
    asked = TuningAsked(search, tuple(over), trials, rounds, halving, epochs, force, discipline, metric)
    check_asked(asked)
    require_known_parts(workers, recipe)
    opened, opening = open_for(workers, data, seed)
    asked.judge_on(opened)
    seconds = seconds_of(budget)
    # What is planned is kept by the question, and how much is planned is a matter of the budget.
    question = {"study": asdict(asked), "recipe": recipe.key(), "data": opened.fingerprint, "seed": seed,
                "budget_seconds": None if math.isinf(seconds) else seconds}  # fmt: skip
    with own_sitting(
        "tune", "search", question, budget_seconds=seconds, folder=folder, database=database, opening=opening,
        workers=workers, device=device, announce=announce,
    ) as session:  # fmt: skip
        return _carry_out(session, opened, seed, recipe, asked)


def _carry_out(session: Session, data: Data, seed: int, recipe: Recipe, asked: TuningAsked) -> Tuning:
    if asked.discipline:
        done, yardstick = carry_out_discipline(session, data, seed, recipe, epochs=asked.epochs,
                                               judge_on=partial(judged_on, asked, seed))  # fmt: skip
        findings, chosen, score = tell_discipline(done, yardstick.name), done.chosen, done.score
    else:
        tuned, yardstick = carry_out_tuning(session, data, seed, recipe, asked)
        findings, chosen, score = tell_tuned(tuned, yardstick.name), tuned.recipe, tuned.score
    return Tuning(Report("tune", tuple(findings)), chosen.change(epochs=recipe.epochs), score)
