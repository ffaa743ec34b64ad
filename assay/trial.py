"""A trial: one recipe trained on one seed and measured on the validation split.

Stages that compare recipes ask for trials through a `Measure` or `MeasureAll` function and do not care whether it
trains here and now, finds the result in a database, or sends the work elsewhere.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assay.data.data import Data
from assay.evaluation import Evaluation
from assay.recipe import Recipe
from assay.training.part import Part, begin_part, looks_of, steps_of
from assay.training.train import Run, train

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
    looks: (looks,) what was seen of the validation split on the way; None where only the end was looked at.
    share: of the training that was done; below 1 of a part of one.
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
    looks: np.ndarray | None = None
    share: float = 1.0

    @property
    def seconds_per_step(self) -> float:
        return self.seconds / max(1, self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values, without the recipe: whoever asks for a trial knows it."""
        plain = {name: getattr(self, name) for name in ("seed", "value", "loss", "n", "steps", "seconds")}
        answers = None if self.answers is None else self.answers.to_dict()
        curve = None if self.curve is None else pack(self.curve)
        looks = {} if self.looks is None else {"looks": pack(self.looks)}
        part = {"share": self.share} if self.share < 1 else {}
        return {
            **plain,
            "example_scores": pack(self.example_scores),
            "answers": answers,
            "curve": curve,
            **looks,
            **part,
        }

    @classmethod
    def from_dict(cls, recipe: Recipe, values: Mapping[str, Any]) -> Trial:
        answers = None if values["answers"] is None else Answers.from_dict(values["answers"])
        curve = None if values.get("curve") is None else unpack(values["curve"])
        looks = None if values.get("looks") is None else unpack(values["looks"])
        scores = unpack(values["example_scores"])
        told = {"example_scores": scores, "answers": answers, "curve": curve, "looks": looks}
        return cls(recipe=recipe, **{**values, **told})


Measure = Callable[[Recipe, int], Trial]
"""(recipe, seed) -> its trial."""

MeasureAll = Callable[[Sequence[tuple[Recipe, int]]], list[Trial]]
"""[(recipe, seed), ...] -> their trials, in this order, however many are trained at once."""

MeasureParts = Callable[[Sequence[tuple[Recipe, int]], Part], list[Trial]]
"""The same of a part of each training."""


def in_turn(measure: Measure) -> MeasureAll:
    """One after the other."""
    return lambda pairs: [measure(recipe, seed) for recipe, seed in pairs]


def trial_key(recipe: Recipe, data: Data, seed: int, device: torch.device, part: Part | None = None) -> str:
    """What a trial is found again by, in any database: equal keys mean equal weights, up to rounding."""
    torch_version = ".".join(torch.__version__.split(".")[:2])
    whole = f"{recipe.key()}-{data.fingerprint}-{seed}-{NUMERICS}-{torch_version}-{device.type}"
    return whole if part is None else whole + part.mark


def trial_of(run: Run, part: Part | None = None) -> Trial:
    """The trial that a finished run amounts to; of a part of a training, with its looks."""
    validation = run.validation
    looks = None if part is None or part == Part() else np.array(looks_of(run.history, part))
    return Trial(
        run.recipe, run.seed, validation.value, validation.loss, validation.n, run.steps, run.seconds,
        validation.example_scores.numpy(), answers_of(validation), thin_curve(run.history.losses), looks, run.share,
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
    """A `Measure` that trains on `data` here and now; `options` are those of `assay.training.train.Training`."""
    return lambda recipe, seed: trial_of(train(recipe, data, seed=seed, evaluations=1, monitored=False, **options))


def measure_parts_on(data: Data, folder: Path | None = None, **options: Any) -> MeasureParts:
    """A `MeasureParts` that trains on `data` here and now, and remembers nothing but checkpoints.

    Args:
        folder: where a part that goes on later leaves its checkpoint; it begins anew without.
        options: those of `assay.training.train.Training`.
    """

    def measure(recipe: Recipe, seed: int, part: Part) -> Trial:
        name = f"{recipe.key()}-{data.fingerprint}-{seed}{part.whole.mark}.checkpoint"
        checkpoint = None if folder is None else folder / name
        training = begin_part(recipe, data, part, seed=seed, checkpoint=checkpoint, **options)
        for _ in steps_of(training, part):
            pass
        if checkpoint is not None and part.until < 1:
            training.save()
        elif checkpoint is not None:
            checkpoint.unlink(missing_ok=True)
        return trial_of(training.finish(), part)

    return lambda pairs, part: [measure(recipe, seed, part) for recipe, seed in pairs]


def pack(values: np.ndarray) -> str:
    """A flat array as text."""
    return f"{values.dtype.str}:{base64.b64encode(zlib.compress(np.ascontiguousarray(values).tobytes())).decode()}"


def unpack(text: str) -> np.ndarray:
    """What `pack` wrote."""
    kind, _, packed = text.partition(":")
    return np.frombuffer(zlib.decompress(base64.b64decode(packed)), dtype=np.dtype(kind)).copy()
