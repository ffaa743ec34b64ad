"""Do augmented training examples teach less of validation than as many validation examples do?

    told = (loss of the best constant output - lowest loss on held-out validation) / (the same - floor of the loss)

Both trainings are the same but for the examples: half of the validation examples, and as many training examples or
more, for twice the updates. The network's first weights and the order of examples come from the same seeds.

Source: Gontijo-Lopes et al. 2021, Affinity and Diversity (what a model of clean data knows of augmented).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from assay.checks.experiments.cross_prediction import agreement, cross_prediction
from assay.checks.experiments.progress import DECISIVE, scale_of_constant
from assay.checks.experiments.short_training import evaluated
from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import training_sample, validation_sample
from assay.checks.given.pipeline import Pipeline
from assay.checks.given.work import is_light
from assay.randomness import generator_for

PART, UPDATES, PATIENCE, POINTS, RATE, SEEDS = 32, 120, 2, 10, 3e-3, 2
FEWEST, DEVIATIONS = 64, 4.0


@dataclass(frozen=True)
class Taught:
    """What networks tell of held-out validation examples, by seed, and the examples that each was trained on."""

    by_training: tuple[float, ...]
    by_validation: tuple[float, ...]
    training: int
    validation: int

    @property
    def is_decisive(self) -> bool:
        return min(self.by_validation) - max(*self.by_training, 0.0) >= DECISIVE


def tell_themselves_less(pipeline: Pipeline) -> bool:
    """Whether training examples tell each other's classes clearly less well than validation examples do.

    Raises:
        CannotCheckError: there is no validation loader, or examples do not bear one of a few classes each.
    """
    cross = pipeline.once(cross_prediction)
    own = agreement(cross.train_by_itself, cross.train.labels).within(DEVIATIONS)[1]
    return own < agreement(cross.validation_by_itself, cross.validation.labels).within(DEVIATIONS)[0]


def taught(pipeline: Pipeline) -> Taught:
    """Train on either, and ask about the other half of validation.

    Raises:
        CannotCheckError: the network is too large, or there are few examples.
    """
    if not is_light(pipeline):
        raise CannotCheckError("the network is too large to be trained several times")
    trained, checked = pipeline.once(training_sample), pipeline.once(validation_sample)
    half = count_examples(checked) // 2
    if half < FEWEST or count_examples(trained) < half:
        raise CannotCheckError(f"needs {2 * FEWEST} validation examples, and half as many of training")
    clean, held = take_examples(checked, range(half)), take_examples(checked, range(half, 2 * half))
    scale = scale_of_constant(pipeline, held)

    def told(batch: Any, updates: int, seed: int) -> float:
        return scale.share(_lowest(pipeline, batch, held, updates, seed))

    by_training: list[float] = []
    by_validation: list[float] = []
    for seed in range(SEEDS):
        by_training.append(told(trained, PATIENCE * UPDATES, seed))
        by_validation.append(told(clean, UPDATES, seed))
        if by_validation[-1] - max(by_training[-1], 0.0) < DECISIVE:
            break  # one seed that shows nothing is enough
    return Taught(tuple(by_training), tuple(by_validation), count_examples(trained), half)


def _lowest(pipeline: Pipeline, batch: Any, held: Any, updates: int, seed: int) -> float:
    """The lowest loss on held examples of a copy trained on the batch, in parts that are drawn anew at each update."""
    pipeline.seed_for(f"taught by training {seed}")
    generator, size = generator_for(pipeline.seed, "taught by training", seed), count_examples(batch)
    trial = pipeline.trial(adam_learning_rate=RATE, dropout=False, own_step=False)
    lowest = evaluated(pipeline, trial.model, held)
    for update in range(1, updates + 1):
        trial.step(take_examples(batch, torch.randperm(size, generator=generator)[:PART].tolist()))
        if update % max(1, updates // POINTS) == 0:
            lowest = min(lowest, evaluated(pipeline, trial.model, held))
    return lowest
