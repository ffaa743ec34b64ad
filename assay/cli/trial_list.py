"""What `assay runs trials` prints: the newest or best trainings of a database that commands share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from assay.errors import InputError

if TYPE_CHECKING:
    from assay.store.listing import ListedTrial


def list_trials(
    database: str | None, *, last: int | None, best: int | None, source: str | None, trick: str | None, as_json: bool
) -> None:
    """Print one line for each.

    Raises:
        InputError: both orders are asked for, or the database cannot be read.
    """
    from assay.cli.runs import print_json
    from assay.store.listing import USUAL, Wanted, best_trials, newest_trials
    from assay.store.trials import named_or_own

    if last is not None and best is not None:
        raise InputError(f"--last {last} and --best {best}: give one of them")
    url, wanted = named_or_own(database), Wanted(source, trick)
    found = newest_trials(url, last or USUAL, wanted) if best is None else best_trials(url, best, wanted)
    if as_json:
        print_json([{**trial._asdict(), "finished": trial.finished.isoformat()} for trial in found])
    elif not found:
        print("assay: no such trials in this database", file=sys.stderr)
    else:
        print_trials(found)
    if best is not None and len({trial.data for trial in found}) > 1:
        # Nothing is best over several tasks.
        print("assay: these are of several data, whose scores do not compare; choose one by --source", file=sys.stderr)


def print_trials(found: Sequence[ListedTrial]) -> None:
    """As a table; the recipe comes last, since it is long."""
    from assay.cli.tables import make_table, print_table
    from assay.report.wording import duration

    table = make_table("data", "stage", "seed", "metric", "loss", "time", "finished", "recipe", whole=("finished",))
    for trial in found:
        finished = trial.finished.astimezone().strftime("%Y-%m-%d %H:%M")
        numbers = ("" if number is None else f"{number:.4f}" for number in (trial.value, trial.loss))
        table.add_row(trial.source or trial.data or "", trial.stage, str(trial.seed), *numbers,
                      duration(trial.seconds), finished, trial.description)  # fmt: skip
    print_table(table)
