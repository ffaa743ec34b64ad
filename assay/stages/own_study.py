"""A study that a program asks for: `assay.ablate`, the same as `assay ablate` with options.

    study = assay.ablate(recipe, "digits", [Mixup(0.2), "EMA(decay=0.99)"], budget="2m")
    print(study.table())

What was trained before is found again, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from torch.utils.data import Dataset

from assay.ablation.asked import Asked
from assay.ablation.sequential import USUAL_LOOKS
from assay.ablation.studied import Study
from assay.data.data import Data
from assay.errors import InputError
from assay.recipe import Recipe, Trick
from assay.stages.own_sitting import open_for, own_sitting, require_known_parts, seconds_of
from assay.stages.session import Announce
from assay.stages.study import carry_out_study, require_different
from assay.tricks.expression import read_trick


def ablate(
    recipe: Recipe,
    data: Data | Dataset | str | Path,
    tricks: Sequence[Trick | str],
    *,
    design: str = "add-one",
    seeds: int = USUAL_LOOKS[-1],
    epochs: float | None = None,
    budget: float | str | None = None,
    metric: str | None = None,
    interval: str = "t",
    equal: str = "epochs",
    per_class: bool = False,
    fidelity: float | None = None,
    all_seeds: bool = False,
    seed: int = 0,
    folder: str | Path | None = None,
    database: str | None = None,
    workers: int | None = None,
    device: str | None = None,
    announce: Announce = lambda progress: None,
) -> Study:
    """What each trick was worth on this data.

    The options are those of `assay ablate`, one for one.

    Args:
        data: anything that `assay.open_data` takes, or what it gave.
        tricks: as values, or as one writes them: `Mixup(alpha=0.2)`.
        seeds: of each arm at the most; what is clear or hopeless stops earlier, but with all_seeds.
        epochs: of each training; without, as a budget allows, and the recipe's own where there is none.
        budget: seconds, or a text such as `5m`; none by default, so that all seeds are trained that are needed.
        seed: trainings have this seed and those after it.
        folder: for what a study that is stopped goes on from; a passing one by default.
        database: URL of the database of finished trainings; where `assay.store.trials` says by default.
        workers: processes that do the trainings, of data that a name or path opens; in this process without.
        announce: told a few times a second what is going on.
    Raises:
        InputError: an option or a trick is wrong, tricks that cannot stand together, or a budget too small.
    """
    kept = tricks_of(tricks)
    epochs = recipe.epochs if epochs is None and budget is None else epochs
    asked = Asked(tuple(map(str, kept)), design, seeds, epochs, metric, interval, equal, per_class, fidelity,
                  all_seeds)  # fmt: skip
    require_known_parts(workers, recipe, kept)
    opened, opening = open_for(workers, data, seed)
    question = {"study": asdict(asked), "recipe": recipe.key(), "data": opened.fingerprint, "seed": seed}
    with own_sitting(
        "ablate", "study", question, budget_seconds=seconds_of(budget), folder=folder, database=database,
        opening=opening, workers=workers, device=device, announce=announce,
    ) as session:  # fmt: skip
        return carry_out_study(session, opened, seed, recipe, kept, asked)[0]


def tricks_of(given: Sequence[Trick | str]) -> tuple[Trick, ...]:
    """As values.

    Raises:
        InputError: they are one text instead of several, there is none, one is unknown, or one is named twice.
    """
    if isinstance(given, str):
        raise InputError(f"tricks must be several, as in a list, got the text {given!r}; write tricks=[{given!r}]")
    if not given:
        raise InputError("tricks must name at least one, got none; see `assay tricks` for those there are")
    return require_different(tuple(read_trick(one) if isinstance(one, str) else one for one in given))
