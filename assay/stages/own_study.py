"""A study that a program asks for: `assay.ablate`, the same as `assay ablate` with options.

study = assay.ablate(recipe, "digits", [Mixup(0.2), "EMA(decay=0.99)"], budget="2m")
print(study.table())
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from torch.utils.data import Dataset

from assay.ablation.asked import Asked
from assay.ablation.sequential import USUAL_LOOKS
from assay.ablation.studied import Study
from assay.budget import parse_seconds
from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError
from assay.executors.choose import Workplace
from assay.executors.opening import Opening
from assay.recipe import Recipe, Trick
from assay.stages.session import Announce
from assay.stages.sitting import key_of_stage, sitting
from assay.stages.study import carry_out_study, require_different
from assay.tricks.expression import read_trick

KIND = "study"
"""What `assay runs` calls it: it leaves no report, as `assay ablate` does, that another must not overwrite."""


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
    opened, opening = open_for(workers, data, seed)
    question = {"stage": KIND, "study": asdict(asked), "recipe": recipe.key(), "data": opened.fingerprint, "seed": seed}
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch if folder is None else folder)
        # The answer is worked out anew at each call, so the time is each call's own.
        with sitting(
            place, question, key=key_of_stage("ablate", place, question), budget_seconds=seconds_of(budget),
            counts_on=False, only="ablate", database=database, opening=opening, workplace=Workplace(workers),
            device=device, announce=announce,
        ) as session:  # fmt: skip
            session.stage_name = "ablate"
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


def open_for(workers: int | None, data: Data | Dataset | str | Path, seed: int) -> tuple[Data, Opening | None]:
    """The data, and how workers open it; None where only this process has it.

    Raises:
        InputError: the data cannot be opened, or workers are asked for and could not open it.
    """
    opened = data if isinstance(data, Data) else open_data(data, seed=seed)
    if isinstance(data, str | Path):
        return opened, Opening({"source": str(data), "seed": seed}, opened)
    if workers is not None:
        raise InputError("workers open the data themselves, so data must be a name or a path for them; leave them out")
    return opened, None


def seconds_of(budget: float | str | None) -> float:
    """Of a number or a text such as `5m`; without end where there is none.

    Raises:
        InputError: not a time.
    """
    if budget is None:
        return math.inf
    return parse_seconds(budget) if isinstance(budget, str) else float(budget)
