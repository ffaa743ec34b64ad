"""A sitting that a program asks for: any data, a folder that may pass away, and a stage alone.

    with own_sitting("ablate", "study", {"seed": 0}, budget_seconds=60.0) as session:
        session.measure_on(data)

The same question in the same folder goes on where it was stopped.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch.utils.data import Dataset

from assay.budget import parse_seconds
from assay.data.data import Data
from assay.data.open import open_data
from assay.errors import InputError
from assay.executors.choose import Workplace
from assay.executors.opening import Opening
from assay.recipe import Recipe, Trick
from assay.recipe_toml import PARTS
from assay.stages.session import Announce, Session
from assay.stages.sitting import key_of_stage, sitting
from assay.tricks.catalog import TRICKS


@contextmanager
def own_sitting(
    stage: str,
    kind: str,
    question: Mapping[str, Any],
    *,
    budget_seconds: float,
    folder: str | Path | None = None,
    database: str | None = None,
    opening: Opening | None = None,
    workers: int | None = None,
    device: str | None = None,
    announce: Announce = lambda progress: None,
) -> Iterator[Session]:
    """The session of this question, which goes on with the same one asked before in the same folder.

    Args:
        kind: what `assay runs` calls it: it leaves no report, as the command does, that another must not overwrite.
        question: all that the answer depends on, as plain values.
        folder: for what goes on after a stop; a passing one by default.
        opening: how workers open the data, where a name or a path does.
    Raises:
        InputError: a database cannot be opened, or there are more workers than can be.
    """
    asked = {"stage": kind, **question}
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch if folder is None else folder)
        # The answer is worked out anew at each call, so the time is each call's own.
        with sitting(
            place, asked, key=key_of_stage(stage, place, asked), budget_seconds=budget_seconds, counts_on=False,
            only=stage, database=database, opening=opening, workplace=Workplace(workers), device=device,
            announce=announce,
        ) as session:  # fmt: skip
            session.stage_name = stage
            yield session


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


def require_known_parts(workers: int | None, recipe: Recipe, tricks: Sequence[Trick] = ()) -> None:
    """Refuse what workers could not build: they read recipes as files hold them, which name parts of Assay alone.

    Raises:
        InputError: names the first part that is not Assay's.
    """
    if workers is None:
        return
    parts = ((getattr(recipe.baseline, slot), kinds) for slot, kinds in PARTS.items())
    own = [part for part, kinds in (*parts, *((trick, TRICKS) for trick in (*recipe.tricks, *tricks)))
           if type(part) not in kinds]  # fmt: skip
    if own:
        raise InputError(
            f"workers build the recipe anew and know Assay's parts alone, and {type(own[0]).__name__} is your own; "
            "leave workers out"
        )


def seconds_of(budget: float | str | None) -> float:
    """Of a number or a text such as `5m`; without end where there is none.

    Raises:
        InputError: not a time.
    """
    if budget is None:
        return math.inf
    return parse_seconds(budget) if isinstance(budget, str) else float(budget)
