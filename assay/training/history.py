"""What a training leaves behind to be drawn: thinned losses, rates, and validation looks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assay.evaluation import Evaluation
from assay.loop import Step
from assay.training.sample import SplitScore, TrainingSample

RECORDED_STEPS = 400
WATCHED_EXAMPLES = 12


@dataclass
class History:
    """Curves of one training; plain lists, so that a checkpoint can hold them.

    dynamics: at each look, the answers on the first validation examples, to see how they move.
    samples: what the monitors saw at a few steps. scores: of the finished network, "training" and "validation".
    """

    steps: list[int] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    learning_rates: list[float] = field(default_factory=list)
    looks: list[int] = field(default_factory=list)
    validation_values: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    dynamics: list[list[list[float]]] = field(default_factory=list)
    samples: list[TrainingSample] = field(default_factory=list)
    scores: dict[str, SplitScore] = field(default_factory=dict)

    def record_step(self, step: Step, total_steps: int) -> None:
        """Keep about `RECORDED_STEPS` evenly spaced steps, and the last."""
        if step.number % max(1, total_steps // RECORDED_STEPS) == 0 or step.number == total_steps - 1:
            self.steps.append(step.number)
            self.losses.append(float(step.loss))
            self.learning_rates.append(step.learning_rate)

    def record_evaluation(self, step: int, evaluation: Evaluation) -> None:
        self.looks.append(step)
        self.validation_values.append(evaluation.value)
        self.validation_losses.append(evaluation.loss)
        self.dynamics.append(evaluation.outputs[:WATCHED_EXAMPLES].tolist())

    def record_score(self, split: str, evaluation: Evaluation) -> None:
        """Keep how good the finished network is on (part of) a split."""
        losses = evaluation.example_losses.double()
        error = float(losses.std() / math.sqrt(len(losses))) if len(losses) > 1 else math.nan
        self.scores[split] = SplitScore(
            evaluation.metric, evaluation.value, evaluation.low, evaluation.high, evaluation.n, evaluation.loss, error
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> History:
        """Inverse of `to_dict`; what an earlier version did not keep is empty."""
        samples = [TrainingSample(**sample) for sample in values.get("samples", ())]
        scores = {split: SplitScore(**score) for split, score in values.get("scores", {}).items()}
        return cls(**{**values, "samples": samples, "scores": scores})
