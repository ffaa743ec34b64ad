"""Recipes of tiny trainings, and a stop in the middle of one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assay.training import train as training

RECIPE = """batch_size = 8
epochs = 4
[model]
kind = "MLP"
hidden = [8]
[[tricks]]
kind = "OneCycle"
[[tricks]]
kind = "EMA"
"""
REGRESSION = RECIPE + '[loss]\nkind = "MeanSquaredError"\n'


def write_recipes() -> None:
    """`recipe.toml` and `regression.toml`, here."""
    Path("recipe.toml").write_text(RECIPE)
    Path("regression.toml").write_text(REGRESSION)


def stop_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(training.Training):
        def __iter__(self) -> Iterator[Any]:
            for taken in super().__iter__():
                yield taken
                if taken.number == step:
                    raise KeyboardInterrupt

    monkeypatch.setattr(training, "Training", Stopped)
