"""A trial: one recipe trained on one seed and measured on the validation split.

Stages that compare recipes ask for trials through a `Measure` or `MeasureAll` function and do not care whether it
trains here and now, finds the result in a database, or sends the work elsewhere.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from assay.data.data import Data
from assay.evaluation import Evaluation
from assay.recipe import Recipe
from assay.training import Run, train

NUMERICS = 1
"""Raised whenever the same recipe, data and seed give other weights than the version before: see CHANGELOG."""

CURVE_PARTS = 50


@dataclass(frozen=True, eq=False)
class Answers:
    """What a finished network said of each of n validation examples; every metric can be worked out from it.

    predicted: (n,) class, or the target in its own units. confidence: (n,) probability of that class; 1 where the
    target is a number. losses: (n,) cross-entropy, or squared error in standardised units.
    """

    predicted: np.ndarray
    confidence: np.ndarray
    losses: np.ndarray

    def to_dict(self) -> dict[str, Any]:
        """As text, a tenth of what lists of numbers take."""
        return {name: pack(values) for name, values in asdict(self).items()}

    @classmethod
    def from_dict(cls, values: Mapping[str, str]) -> Answers:
        return cls(**{name: unpack(text) for name, text in values.items()})


@dataclass(frozen=True, eq=False)
class Trial:
    """What is kept of a finished training.

    value: the metric on n validation examples; higher is better. example_scores: (n,) float array
    whose mean is the value. seconds: wall time of all steps. answers: None of a trial that no network answered.
    curve: (parts,) mean training loss of equal parts of the training, at most `CURVE_PARTS`; None of older trials.
    """

    recipe: Recipe
    seed: int
    value: float
    loss: float
    n: int
    steps: int
    seconds: float
    example_scores: np.ndarray
    answers: Answers | None = None
    curve: np.ndarray | None = None

    @property
    def seconds_per_step(self) -> float:
        return self.seconds / max(1, self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, without the recipe: whoever asks for a trial knows it."""
        plain = {name: getattr(self, name) for name in ("seed", "value", "loss", "n", "steps", "seconds")}
        answers = None if self.answers is None else self.answers.to_dict()
        curve = None if self.curve is None else pack(self.curve)
        return {**plain, "example_scores": pack(self.example_scores), "answers": answers, "curve": curve}

    @classmethod
    def from_dict(cls, recipe: Recipe, values: Mapping[str, Any]) -> Trial:
        answers = None if values["answers"] is None else Answers.from_dict(values["answers"])
        curve = None if values.get("curve") is None else unpack(values["curve"])
        scores = unpack(values["example_scores"])
        return cls(recipe=recipe, **{**values, "example_scores": scores, "answers": answers, "curve": curve})


Measure = Callable[[Recipe, int], Trial]
"""(recipe, seed) -> its trial."""

MeasureAll = Callable[[Sequence[tuple[Recipe, int]]], list[Trial]]
"""[(recipe, seed), ...] -> their trials, in this order, however many are trained at once."""


def in_turn(measure: Measure) -> MeasureAll:
    """One after the other."""
    return lambda pairs: [measure(recipe, seed) for recipe, seed in pairs]


def trial_key(recipe: Recipe, data: Data, seed: int, device: torch.device) -> str:
    """What a trial is found again by, in any database: equal keys mean equal weights, up to rounding."""
    torch_version = ".".join(torch.__version__.split(".")[:2])
    return f"{recipe.key()}-{data.fingerprint}-{seed}-{NUMERICS}-{torch_version}-{device.type}"


def trial_of(run: Run) -> Trial:
    """The trial that a finished run amounts to."""
    validation = run.validation
    return Trial(
        run.recipe, run.seed, validation.value, validation.loss, validation.n, run.steps, run.seconds,
        validation.example_scores.numpy(), answers_of(validation), thin_curve(run.history.losses),
    )  # fmt: skip


def thin_curve(losses: Sequence[float]) -> np.ndarray | None:
    """Means of at most `CURVE_PARTS` equal parts; None of no losses."""
    parts = min(CURVE_PARTS, len(losses))
    return np.array([part.mean() for part in np.array_split(losses, parts)], np.float32) if parts else None


def answers_of(evaluation: Evaluation) -> Answers:
    """What was said of each example."""
    outputs, losses = evaluation.outputs, evaluation.example_losses.numpy().astype(np.float32)
    if evaluation.metric != "accuracy":
        return Answers(outputs[:, 0].numpy().astype(np.float32), np.ones(evaluation.n, np.float32), losses)
    confidence, predicted = outputs.max(1)
    return Answers(predicted.numpy().astype(np.int32), confidence.numpy().astype(np.float32), losses)


def measure_on(data: Data, **options: Any) -> Measure:
    """A `Measure` that trains on `data` here and now; `options` are those of `assay.training.Training`."""
    return lambda recipe, seed: trial_of(train(recipe, data, seed=seed, evaluations=1, monitored=False, **options))


def pack(values: np.ndarray) -> str:
    """A flat array as text."""
    return f"{values.dtype.str}:{base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes())).decode()}"


def unpack(text: str) -> np.ndarray:
    """What `pack` wrote."""
    kind, _, packed = text.partition(":")
    return np.frombuffer(zlib.decompress(base64.b64decode(packed)), dtype=np.dtype(kind)).copy()
