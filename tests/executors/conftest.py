"""A database of trials for each test of those who train."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.store.store import Store, url_of_file


@pytest.fixture
def trials(tmp_path: Path) -> Iterator[Store]:
    store = Store(url_of_file(tmp_path / "trials.db"))
    yield store
    store.close()
