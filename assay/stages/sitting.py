"""A sitting at a run: its folder, its database, the trials and whoever trains are opened, and left in order.

    with sitting(folder, asked, key=key_of_run(folder), budget_seconds=600) as session:
        session.stage(...)

Left without an error, the run is done, and its seconds stand as they were at its first end; left by one, it is marked
as stopped. A refusal leaves nothing in a folder that was new.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from assay.budget import Budget
from assay.executors.choose import HERE, Workplace, executor_at
from assay.executors.opening import Opening
from assay.run_folder import DATABASE
from assay.stages.folder import nothing_left
from assay.stages.session import Announce, Session
from assay.store.store import Store, url_of_file
from assay.store.trials import OWN, open_trials


def key_of_run(folder: Path) -> str:
    """What the whole run in a folder is found again by."""
    return str(folder.resolve())


def key_of_stage(name: str, folder: Path, asked: Mapping[str, Any]) -> str:
    """What a stage alone is found again by: another question in the same folder is another run."""
    digest = hashlib.blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=8).hexdigest()
    return f"{folder.resolve()}#{name}-{digest}"


def database_in(folder: Path) -> str:
    """The URL of the folder's own database."""
    return url_of_file(folder / DATABASE)


def own_database(folder: Path, database: str | None) -> str:
    """Where a run keeps its own state: the database that is named, or the folder's."""
    return database_in(folder) if database in (None, OWN) else database


@contextmanager
def sitting(
    folder: Path,
    asked: dict[str, Any],
    *,
    key: str,
    budget_seconds: float = math.inf,
    used_seconds: float = 0.0,
    counts_on: bool = True,
    only: str | None = None,
    state: str | None = None,
    database: str | None = None,
    opening: Opening | None = None,
    workplace: Workplace = HERE,
    device: str | None = None,
    announce: Announce = lambda progress: None,
) -> Iterator[Session]:
    """The session of the run that `key` names, begun with what was `asked` or gone on with.

    Args:
        used_seconds: of the budget, by this sitting before it began.
        counts_on: whether earlier sittings used up some of the budget, too.
        only: the stage that has the whole budget for itself.
        state: URL of the database of the run's own state; without it, the file in the folder.
        database: URL of the database of finished trainings; where `assay.store.trials` says by default.
        opening: how other processes open the run's data.
        workplace: where its trainings are done.
    Raises:
        InputError: a database or a cluster cannot be opened.
    """
    with nothing_left(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (
            closing(Store(state or database_in(folder))) as store,
            closing(open_trials(folder, database)) as trials,
            executor_at(workplace) as executor,
        ):
            run = store.open_run(key, asked)
            try:
                used = used_seconds + (store.seconds(run) if counts_on else 0.0)
                session = Session(
                    store, run, folder, Budget(budget_seconds, used_before=used), announce, device=device, only=only,
                    trials=trials, executor=executor, opening=opening,
                )  # fmt: skip
                yield session
                store.set_seconds(run, finished_seconds(session), status="done")
            except BaseException:
                store.mark_stopped(run)
                raise


def finished_seconds(session: Session) -> float:
    """What the run took, fixed at its first end: to look at it again is no work."""
    return session.decide("finished", lambda: {"seconds": session.budget.used})["seconds"]
