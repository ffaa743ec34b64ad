"""Weights & Biases: one run for a command, a metric `TRAINING/loss` for each curve; report and recipe as files.

Account, address and offline mode are its own rules (`wandb login`, WANDB_MODE=offline). A command that goes on after a
stop goes on in the same run, whose id is kept in the command's folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.tracking.kept_id import keep_id, kept_id
from assay.tracking.sink import Outcome, Tracked

PROJECT = "assay"
STEP = "step"


@dataclass(frozen=True)
class WeightsAndBiases:
    """project: runs are kept in."""

    project: str = PROJECT
    package = "wandb"

    def begin(self, tracked: Tracked) -> WandbRun:
        import wandb

        # What `save` says of links in its folder is heeded here alone, not in a run's own settings.
        wandb.setup(settings=wandb.Settings(silent=True))
        run = wandb.init(
            project=self.project, name=tracked.name, id=kept_id(tracked.folder, "wandb"), resume="allow",
            dir=str(tracked.folder), config=dict(tracked.asked),
            settings=wandb.Settings(console="off", silent=True, disable_git=True),
        )  # fmt: skip
        keep_id(tracked.folder, "wandb", run.id)
        return WandbRun(run)


@dataclass(eq=False)
class WandbRun:
    """One run. known: curves whose own step is their axis."""

    run: Any
    known: set[str] = field(default_factory=set)

    def point(self, curve: str, step: int, values: Mapping[str, float]) -> None:
        axis = f"{curve}/{STEP}"
        if curve not in self.known:
            # Steps of one run only grow; trainings each count from 0.
            self.run.define_metric(axis)
            self.run.define_metric(f"{curve}/*", step_metric=axis)
            self.known.add(curve)
        self.run.log({axis: step, **{f"{curve}/{name}": value for name, value in values.items()}})

    def end(self, outcome: Outcome) -> None:
        self.run.config.update(dict(outcome.parameters), allow_val_change=True)
        self.run.summary.update(dict(outcome.scores))
        for path in outcome.files:
            self.run.save(str(path), base_path=str(path.parent), policy="now")
        self.run.finish(exit_code=0 if outcome.finished else 1)
