"""How good a model is on a split: the metric with its interval, and every example's own result."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from assay.data.loader import raw_batches
from assay.data.specification import Specification
from assay.data.split import Split
from assay.intervals import bootstrap_interval, wilson_interval

SMALLEST_SPREAD = 1e-12
"""Sum of squares that constant targets count as, so that r2 stays a number."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Results on one split.

    value, low, high: the metric (`accuracy` or `r2`) with its 95 % interval over examples.
    loss: mean cross-entropy, or mean squared error in standardised units.
    outputs: (n, classes) probabilities, or (n, 1) predictions in the target's own units.
    example_losses: (n,) the loss of each example.
    """

    metric: str
    value: float
    n: int
    loss: float
    outputs: Tensor
    targets: Tensor
    example_losses: Tensor

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Worked out when it is asked for: a look during training has no use for 1000 resamples."""
        if self.metric == "accuracy":
            return wilson_interval(int(self.correct.sum()), self.n)
        pairs = torch.stack([self.outputs[:, 0], self.targets], dim=1).numpy()
        return bootstrap_interval(pairs, lambda rows: r_squared(rows[:, 0], rows[:, 1]), seed=0)

    @property
    def plain_score(self) -> dict[str, str | float | int]:
        """The metric with its interval and the number of examples, as a report keeps them."""
        return {"metric": self.metric, "value": self.value, "low": self.low, "high": self.high, "n": self.n}

    @property
    def correct(self) -> Tensor:
        """(n,) bool: the likeliest class is the label."""
        return hits(self.outputs, self.targets)

    @property
    def example_scores(self) -> Tensor:
        """(n,) float64 whose mean is the metric: 1/0 for accuracy, each example's share of r2."""
        if self.metric == "accuracy":
            return self.correct.double()
        errors = (self.outputs[:, 0] - self.targets).double().square()
        spread = (self.targets.double() - self.targets.double().mean()).square().sum()
        return 1.0 - errors * self.n / spread.clamp_min(SMALLEST_SPREAD)


def evaluate(
    model: nn.Module,
    split: Split,
    specification: Specification,
    *,
    device: torch.device | None = None,
    batch_size: int = 1024,
    workers: int = 0,
) -> Evaluation:
    """Evaluate on the whole split, in order, without augmentation; the model's mode is put back."""
    return score(predict(model, split, specification, device=device, batch_size=batch_size, workers=workers),
                 split.targets, specification)  # fmt: skip


def predict(
    model: nn.Module,
    split: Split,
    specification: Specification,
    *,
    device: torch.device | None = None,
    batch_size: int = 1024,
    workers: int = 0,
) -> Tensor:
    """(n, classes) probabilities, or (n, 1) predictions in the target's own units.

    Args:
        device: where the model's parameters are, by default.
    """
    chunks = torch.arange(len(split)).split(batch_size)
    device = device or next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        with torch.inference_mode():
            outputs = [
                model(specification.normalization(raw.to(device))).float().cpu()
                for raw in raw_batches(split, chunks, workers=workers)
            ]
    finally:
        for module, training in modes:
            module.training = training
    return to_answers(torch.cat(outputs), specification)


def to_answers(outputs: Tensor, specification: Specification) -> Tensor:
    """Network outputs -> probabilities, or predictions in the target's own units."""
    if specification.task == "classification":
        return outputs.softmax(1)
    return outputs * specification.target_std + specification.target_mean


def score(answers: Tensor, targets: Tensor, specification: Specification) -> Evaluation:
    """Compare answers (as `predict` gives them) with targets."""
    if specification.task == "classification":
        losses = F.nll_loss(answers.clamp_min(1e-12).log(), targets, reduction="none")
        value = int(hits(answers, targets).sum()) / len(targets)
    else:
        losses = ((answers[:, 0] - targets) / specification.target_std).square()
        value = r_squared(answers[:, 0], targets)
    return Evaluation(specification.metric, value, len(targets), float(losses.mean()), answers, targets, losses)


def hits(answers: Tensor, targets: Tensor) -> Tensor:
    """(n,) bool: the likeliest class is the label; an answer that is not a number is never right."""
    return (answers.argmax(1) == targets) & answers.isfinite().all(1)


def r_squared(predictions: Tensor, targets: Tensor) -> float:
    """1 - sum((targets - predictions)^2) / sum((targets - mean)^2); 0 for the mean, 1 at best."""
    predictions, targets = torch.as_tensor(predictions).double(), torch.as_tensor(targets).double()
    spread = (targets - targets.mean()).square().sum()
    return float(1.0 - (targets - predictions).square().sum() / spread.clamp_min(SMALLEST_SPREAD))
