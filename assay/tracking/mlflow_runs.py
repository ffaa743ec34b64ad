"""MLflow: one run for a command, a metric `TRAINING/loss` for each curve; report, recipe and summary as artifacts.

Where it writes is its own rule: `--track mlflow:URI`, else MLFLOW_TRACKING_URI. A command that goes on after a stop
goes on in the same run, whose id is kept in the command's folder.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.tracking.kept_id import keep_id, kept_id
from assay.tracking.sink import Outcome, Tracked

EXPERIMENT = "assay"
LONGEST_VALUE, LONGEST_NAME = 500, 250
AT_ONCE = 100
"""Parameters or numbers that its server takes in one request."""
EVERY_SECONDS = 2.0


@dataclass(frozen=True)
class MLflow:
    """uri: of the tracking server or store; MLflow's own choice without."""

    uri: str | None = None
    package = "mlflow"

    def begin(self, tracked: Tracked) -> MLflowRun:
        from mlflow.tracking import MlflowClient

        client = MlflowClient(self.uri)
        id = kept_id(tracked.folder, "mlflow")
        if id is None:
            found = client.get_experiment_by_name(EXPERIMENT)
            experiment = found.experiment_id if found else client.create_experiment(EXPERIMENT)
            id = client.create_run(experiment, run_name=tracked.name).info.run_id
            keep_id(tracked.folder, "mlflow", id)
        else:
            client.update_run(id, status="RUNNING")
        return MLflowRun(client, id, tracked)


@dataclass(eq=False)
class MLflowRun:
    """One run."""

    client: Any
    id: str
    tracked: Tracked
    waiting: list[Any] = field(default_factory=list)
    sent: float = 0.0

    def point(self, curve: str, step: int, values: Mapping[str, float]) -> None:
        from mlflow.entities import Metric

        now = time.time()
        self.waiting += [Metric(allowed(f"{curve}/{n}"), value, int(1000 * now), step) for n, value in values.items()]
        if len(self.waiting) > AT_ONCE or now - self.sent > EVERY_SECONDS:
            self.send()
            self.sent = now

    def send(self) -> None:
        """What waits, in one request for each hundred: a server is not asked for every step."""
        while self.waiting:
            self.client.log_batch(self.id, metrics=self.waiting[:AT_ONCE])
            del self.waiting[:AT_ONCE]

    def end(self, outcome: Outcome) -> None:
        from mlflow.entities import Metric, Param

        parameters = [
            Param(allowed(name), str(value)[:LONGEST_VALUE])
            for name, value in {**self.tracked.asked, **outcome.parameters}.items() if value is not None
        ]  # fmt: skip
        for start in range(0, len(parameters), AT_ONCE):
            self.client.log_batch(self.id, params=parameters[start : start + AT_ONCE])
        now = int(1000 * time.time())
        self.waiting += [Metric(allowed(name), value, now, 0) for name, value in outcome.scores.items()]
        self.send()
        for path in outcome.files:
            self.client.log_artifact(self.id, str(path))
        self.client.set_terminated(self.id, "FINISHED" if outcome.finished else "KILLED")


def allowed(text: str) -> str:
    """With the letters that MLflow allows: `Mixup(alpha=0.2), seed 1` becomes `Mixup alpha 0.2 seed 1`."""
    parts = (re.sub(r"[^\w\-.]+", " ", part).strip() for part in text.split("/"))
    return "/".join(parts)[:LONGEST_NAME]
