"""`--on` of commands that train much: a place that is none is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_support import Assay


@pytest.mark.parametrize("command", ["run", "ablate", "tune"])
def test_a_place_that_is_none_is_refused_before_anything_is_read(assay: Assay, command: str) -> None:
    told = assay(command, "no such source", "--on", "slurm", "--out", "out")
    assert (told.code, told.lines) == (
        2, ["assay: --on 'slurm' is no place to train; write --on ray, or --on ray://host:10001"],
    )  # fmt: skip
    assert not Path("out").exists()
