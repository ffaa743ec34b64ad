"""The stage of a run: trainings that are found again from another run give no trick its seconds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from assay.pipeline import run
from assay.stages import ablate
from assay.stages.request import Request


class AskedTwiceError(Exception):
    """Ends the run after what was asked for."""


@pytest.mark.slow
def test_seconds_of_another_run_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds: list[float] = []

    def choose(baseline: Any, candidates: Any, measure_all: Any, **options: Any) -> Any:
        seconds.extend(trial.seconds for trial in measure_all([(baseline.change(epochs=0.1), 990)]))
        raise AskedTwiceError

    monkeypatch.setattr(ablate, "choose_stack", choose)
    monkeypatch.setenv("ASSAY_DATABASE", f"sqlite:///{tmp_path / 'trainings.db'}")
    for name in ("one", "other"):
        with pytest.raises(AskedTwiceError):
            run(Request("digits", 15.0), tmp_path / name)
    assert seconds[0] > 0
    assert math.isnan(seconds[1])
