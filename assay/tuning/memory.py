"""Where trials of a search are kept: an Optuna study, in the same database as everything else.

A trial is found again by its key, finished or under way, so a search that is begun again repeats nothing: whatever
proposes settings is a function of the seed and of what was found, and gets the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.errors import InputError

WAITING_TRIALS = 3
"""Before so many trials have finished nothing is stopped for being below their median."""


@dataclass(frozen=True)
class Place:
    """storage: an SQLAlchemy URL; in memory without it. name: of the study. folder: for checkpoints."""

    storage: str | None = None
    name: str = "tune"
    folder: Path | None = None


@dataclass
class Memory:
    """The trials of one study by their keys."""

    study: Any
    folder: Path | None
    finished: dict[str, Any] = field(default_factory=dict)
    under_way: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for trial in self.study.trials:
            if (key := trial.user_attrs.get("key")) is None:
                continue
            if trial.state.is_finished():
                self.finished[key] = trial
            else:
                self.under_way[key] = trial._trial_id

    def begin(self, key: str) -> Any:
        """The Optuna trial of this key, the one that was under way if there is one."""
        import optuna

        if key in self.under_way:
            return optuna.trial.Trial(self.study, self.under_way[key])
        trial = self.study.ask()
        trial.set_user_attr("key", key)
        self.under_way[key] = trial._trial_id
        return trial

    def looks_told(self, key: str) -> set[int]:
        """Which looks of a trial under way its pruner knows."""
        return set(self.study._storage.get_trial(self.under_way[key]).intermediate_values)

    def end(self, key: str, trial: Any, value: float | None, notes: Mapping[str, Any]) -> Any:
        """Keep a trial that has ended, with a value or, pruned, without; returns it as it is read back."""
        import optuna

        states = optuna.trial.TrialState
        for name, note in notes.items():
            trial.set_user_attr(name, note)
        self.finished[key] = self.study.tell(trial, value, state=states.PRUNED if value is None else states.COMPLETE)
        self.under_way.pop(key, None)
        if (checkpoint := self.checkpoint(key)) is not None:
            checkpoint.unlink(missing_ok=True)
        return self.finished[key]

    def checkpoint(self, key: str) -> Path | None:
        """Where the training under way is kept."""
        return self.folder / f"setting-{key}.checkpoint" if self.folder else None


@contextmanager
def open_memory(place: Place, pruner: str = "median") -> Iterator[Memory]:
    """The study of that name, found again if it is there; the database is let go of afterwards.

    Args:
        pruner: `median`; `halving`, which stops all but the best third at a ninth and at a third of their training; or
            `none`.
    Raises:
        InputError: nobody answers at the URL.
    """
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruners = {
        "median": lambda: optuna.pruners.MedianPruner(n_startup_trials=WAITING_TRIALS),
        "halving": lambda: optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
        "none": optuna.pruners.NopPruner,
    }
    try:
        database = optuna.storages.RDBStorage(place.storage) if place.storage else None
    except (SQLAlchemyError, ImportError) as error:
        reason = str(getattr(error, "orig", None) or error)
        raise InputError(f"the database of trials cannot be opened ({reason}); a usual URL is sqlite:///runs.db"
                         ) from error  # fmt: skip
    try:
        study = optuna.create_study(storage=database, study_name=place.name, direction="maximize",
                                    load_if_exists=True, pruner=pruners[pruner]())  # fmt: skip
        yield Memory(study, place.folder)
    finally:
        if database is not None:
            database.remove_session()
            database.engine.dispose()
