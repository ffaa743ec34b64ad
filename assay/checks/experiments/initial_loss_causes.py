"""What makes an initial loss high: experiments that leave one suspect out at a time.

bias: the last layer's bias at 0 (then output_bias tells of it)
inputs: the inputs standardised
draws: the weights drawn anew, as PyTorch does by default
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from assay.checks.experiments.output_reach import output_bias_of
from assay.checks.experiments.redraws import redrawn_models
from assay.checks.given.batches import map_tensors, replace_inputs
from assay.checks.given.pipeline import Pipeline
from assay.checks.losses.expected_loss import Expected
from assay.checks.losses.loss_kind import LossKind

FACTOR, MARGIN_NATS, REGRESSION_FACTOR = 1.5, 0.5, 10.0
REDRAWS = 5
CAUSES = ("inputs", "draws")
TOLD = {"inputs": "With standardised inputs", "draws": f"With weights drawn anew {REDRAWS} times, at most"}
WHY = {
    "inputs": "Inputs are not scaled: they reach the network with a deviation far from 1.",
    "draws": "Outputs start too large: the initial weights, above all the last layer's scale.",
}
HOW = {
    "inputs": "Normalise the inputs to mean 0 and deviation 1.",
    "draws": "Initialise the last layer smaller (zero weights are safe there).",
}


@dataclass
class Trials:
    """Experiments that ask what makes the initial loss high; `seen` holds the loss that each gave."""

    pipeline: Pipeline
    kind: LossKind
    batch: Any
    limit: float
    seen: dict[str, float] = field(default_factory=dict)

    def cures(self, cause: str) -> bool:
        """Whether the loss is usual without this cause, though the output bias alone does not make it so."""
        if "bias" not in self.seen:
            self.seen["bias"] = self._without_bias()
        if self.seen["bias"] <= self.limit:
            return False  # output_bias tells of it
        if cause == "inputs":
            self.seen[cause] = self._loss(self._model(), _standardised(self.pipeline, self.batch))
        else:
            models = redrawn_models(self.pipeline, REDRAWS)
            self.seen[cause] = max(self._loss(model, self.batch) for model in models)
        return self.seen[cause] <= self.limit

    def _model(self) -> nn.Module:
        return self.pipeline.trial(adam_learning_rate=1e-3, dropout=False).model

    def _without_bias(self) -> float:
        model = self._model()
        bias = output_bias_of(self.pipeline, model)
        if bias is None:
            return math.inf
        with torch.no_grad():
            bias.zero_()
        return self._loss(model, self.batch)

    def _loss(self, model: nn.Module, batch: Any) -> float:
        with torch.no_grad():
            value = float(self.pipeline.loss_fn(self.pipeline.outputs(model, batch), self.pipeline.targets(batch)))
        return value / self.kind.scale if math.isfinite(value) else math.inf


def _standardised(pipeline: Pipeline, batch: Any) -> Any:
    def standardise(tensor: Tensor) -> Tensor:
        if not tensor.is_floating_point() or tensor.numel() < 2:
            return tensor
        return (tensor - tensor.mean()) / tensor.std(correction=0).clamp(min=1e-12)

    return replace_inputs(batch, map_tensors(standardise, pipeline.inputs(batch)))


def usual_limit(kind: LossKind, expected: Expected) -> float:
    """Above this the initial loss is surprising: default initialisations stay below."""
    if kind.is_regression:
        return REGRESSION_FACTOR * max(expected.flat, 1.0)
    return FACTOR * expected.flat + MARGIN_NATS
