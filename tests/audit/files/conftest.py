"""Class folders of small noisy pictures of one size, to spoil by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assay.audit.audit import Audit
from assay.audit.counts import splits_of
from assay.audit.equal_groups import group_equals
from assay.audit.example_table import make_table
from assay.audit.files.inspect_files import inspect_files
from assay.audit.scan import scan
from assay.data.open import open_data
from assay.finding import Finding, Report

Draw = Callable[..., Image.Image]


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def draw() -> Draw:
    """A new picture at every call."""
    drawn = np.random.default_rng(400)
    print("seed 400")

    def make(height: int = 24, width: int = 20) -> Image.Image:
        return Image.fromarray(drawn.integers(0, 256, (height, width, 3), dtype=np.uint8))

    return make


@pytest.fixture
def pets(tmp_path: Path, draw: Draw) -> Path:
    """Forty JPEG files of each of two classes, with nothing wrong."""
    root = tmp_path / "pets"
    for name in ("cat", "dog"):
        (root / name).mkdir(parents=True)
        for number in range(40):
            draw().save(root / name / f"{number:02}.jpg")
    return root


@pytest.fixture
def look() -> Callable[..., Audit]:
    """What an inspection of a folder or archive says of files, and its table."""

    def read(source: Path, **options) -> Audit:
        data = open_data(source, tolerant=True, **options)
        scans = {name: scan(split) for name, split in splits_of(data).items()}
        table = make_table(data, group_equals(scans))
        return Audit(Report("inspect", (*data.findings, *inspect_files(data, table))), table)

    return read


@pytest.fixture
def told() -> Callable[[Audit, str], Finding]:
    """The one finding of this id."""

    def find(audit: Audit, name: str) -> Finding:
        (finding,) = (finding for finding in audit.findings if finding.id == name)
        return finding

    return find
