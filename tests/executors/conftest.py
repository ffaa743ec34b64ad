"""A database of trials for each test of those who train, and sessions that trainings are asked of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.budget import Budget
from assay.data.data import Data
from assay.data.open import open_data
from assay.executors.opening import Opening
from assay.executors.queued import QueuedTrainings
from assay.stages.session import Progress, Session
from assay.store.store import Store, url_of_file


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Store]:
    store = Store(url_of_file(tmp_path / "trials.db"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def digits() -> Data:
    return open_data("digits")


@pytest.fixture
def said() -> list[Progress]:
    return []


@pytest.fixture
def sessions(tmp_path: Path, digits: Data, said: list[Progress]):
    """Opens a session with an executor on the handwritten digits."""
    stores: list[Store] = []

    def open_session(executor: QueuedTrainings | None, *, known: bool = True) -> Session:
        stores.extend(Store(url_of_file(tmp_path / name)) for name in ("assay.db", "trials.db"))
        opening = Opening({"source": "digits", "seed": 0}, digits) if known else None
        return Session(stores[-2], stores[-2].open_run("run", {}), tmp_path, Budget(100.0), said.append, device="cpu",
                       trials=stores[-1], executor=executor, opening=opening)  # fmt: skip

    yield open_session
    for store in stores:
        store.close()
