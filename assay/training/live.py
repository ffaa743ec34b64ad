"""Curves of trainings under way, for whoever watches from another process: a file of lines beside the run.

    {"stage": "ablate", "name": "trial-7f", "text": "Mixup(), seed 1", "total": 240, "metric": "accuracy",
     "steps": [0, 1, 2], "losses": [2.3, 2.1, 1.9], "rates": [0.1, 0.1, 0.1], "looks": [2], "values": [0.4],
     "time": 1.8e9, "done": false}

Each line holds what was gained since the last one. A run that goes on after a kill tells its curves from their
beginning again: of a step that is told twice the later line counts.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assay.run_folder import CURVES
from assay.training.history import History

FILE = CURVES
EVERY_SECONDS = 1.0


@dataclass
class LiveFile:
    """The writing end; what cannot be written is left out, since nobody loses a training for a curve."""

    path: Path
    every_seconds: float = EVERY_SECONDS
    _told: dict[str, tuple[int, int]] = field(default_factory=dict)
    _written: float = 0.0

    def say(self, stage: str, text: str) -> None:
        """What is done now, where no training is."""
        if time.monotonic() - self._written >= self.every_seconds:
            self._append({"stage": stage, "text": text})

    def grow(
        self, name: str, history: History, total_steps: int, *, metric: str, stage: str = "", text: str = "",
        done: bool = False,
    ) -> None:  # fmt: skip
        """Tell what the history gained, now and then and at the end.

        Args:
            name: of the training, the same whenever it goes on.
            metric: what the values of the validation split are of.
        """
        if not done and time.monotonic() - self._written < self.every_seconds:
            return
        steps, looks = self._told.get(name, (0, 0))
        self._told[name] = len(history.steps), len(history.looks)
        self._append({
            "stage": stage, "name": name, "text": text, "total": total_steps, "metric": metric,
            "steps": history.steps[steps:], "losses": history.losses[steps:], "rates": history.learning_rates[steps:],
            "looks": history.looks[looks:], "values": history.validation_values[looks:], "done": done,
        })  # fmt: skip

    def _append(self, values: dict[str, Any]) -> None:
        self._written = time.monotonic()
        with suppress(OSError), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**values, "time": round(time.time(), 3)}, ensure_ascii=False) + "\n")


@dataclass
class Curve:
    """One training as far as it was told. losses, rates (of learning), values (of the metric): by step."""

    name: str
    stage: str = ""
    text: str = ""
    total: int = 0
    metric: str = ""
    losses: dict[int, float] = field(default_factory=dict)
    rates: dict[int, float] = field(default_factory=dict)
    values: dict[int, float] = field(default_factory=dict)
    time: float = 0.0
    done: bool = False

    @property
    def step(self) -> int:
        """How many steps are told of."""
        return max(self.losses, default=-1) + 1


@dataclass
class LiveTail:
    """The reading end: each `read` takes only what was added since the one before.

    version: changes when there is something new. stage, text: what was said last. time: when, in seconds since 1970.
    """

    path: Path
    version: int = 0
    curves: dict[str, Curve] = field(default_factory=dict)
    stage: str = ""
    text: str = ""
    time: float = 0.0

    def read(self) -> None:
        """Take in what is new; a line that is not finished waits for the next time."""
        try:
            with self.path.open("rb") as file:
                if self.path.stat().st_size < self.version:
                    self.version, self.curves = 0, {}
                file.seek(self.version)
                added = file.read()
        except OSError:
            return
        whole = added[: added.rfind(b"\n") + 1]
        self.version += len(whole)
        for line in whole.splitlines():
            with suppress(ValueError, KeyError, TypeError):
                self._take(json.loads(line))

    def _take(self, values: dict[str, Any]) -> None:
        self.stage, self.text, self.time = values["stage"], values["text"], values["time"]
        if "name" not in values:
            return
        # Put in again, it is the last one.
        curve = self.curves.pop(values["name"], None) or Curve(values["name"])
        self.curves[curve.name] = curve
        for name in ("stage", "text", "total", "metric", "time", "done"):
            setattr(curve, name, values[name])
        curve.losses.update(zip(values["steps"], values["losses"], strict=True))
        # Files of an earlier version have none.
        curve.rates.update(zip(values["steps"], values.get("rates", ()), strict=False))
        curve.values.update(zip(values["looks"], values["values"], strict=True))
