"""Why what training examples teach does not hold for validation examples: the counterfactuals in turn.

Validation is predicted by training examples as it is given, with its classes numbered in another order, and with its
pictures negated, transposed, turned or mirrored. A change that raises the agreement beyond doubt, to what each side
reaches by itself, names what was done to one side only. Where none does, and training tells nothing at all of
validation though validation clearly tells itself, that is said, unless the network trained on it knows better.

Source: Rabanser et al. 2019, Failing Loudly; Cohen 1960 (kappa).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from assay.checks.experiments.cross_prediction import (
    Agreement,
    CrossPrediction,
    Side,
    agreement,
    cross_prediction,
    predict_across,
)
from assay.checks.experiments.own_training import material, train_own
from assay.checks.experiments.progress import scale_of_constant
from assay.checks.experiments.short_training import measure
from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.loader_reading import validation_sample
from assay.checks.given.pipeline import Pipeline

AS_EXPECTED = 0.8  # of what each side tells of itself
DEVIATIONS = 4.0
LITTLE, CLEAR = 0.2, 0.8  # kappa: what is next to nothing, and what is nearly all
FEWEST_PIXELS = 6
RATES, PATIENCE, GAIN, ASKED = (3e-3, 3e-2), 5, 0.1, 256


@dataclass(frozen=True)
class Obstacle:
    """What lies between the loaders: its name, the agreement as given and that with the change that helps."""

    name: str
    given: Agreement
    repaired: Agreement | None
    expected: float


def obstacle(pipeline: Pipeline) -> Obstacle | None:
    """What keeps training from telling of validation; None where nothing does, or nothing can be said.

    Raises:
        CannotCheckError: the sides cannot be predicted from each other.
    """
    cross = pipeline.once(cross_prediction)
    given, expected = agreement(cross.validation_by_train, cross.validation.labels), cross.to_expect
    if expected > LITTLE:  # training tells itself, so it could tell validation
        if given.kappa >= AS_EXPECTED * expected:
            return None
        for name, helped in repairs(cross, pipeline.seed):
            if _restores(given, helped, expected):
                return Obstacle(name, given, helped, expected)
    own = agreement(cross.validation_by_itself, cross.validation.labels)
    tells_nothing = given.within(DEVIATIONS)[1] < LITTLE and own.within(DEVIATIONS)[0] > CLEAR
    if tells_nothing and not network_carries_over(pipeline):
        return Obstacle("", given, None, own.kappa)
    return None


def network_carries_over(pipeline: Pipeline) -> bool:
    """Whether the network, trained on training examples, beats the best constant output on validation examples."""
    checked = pipeline.once(validation_sample)
    checked = take_examples(checked, range(min(ASKED, count_examples(checked))))
    scale = scale_of_constant(pipeline, checked)
    for rate in RATES:
        run = train_own(pipeline, plain_rate=rate, updates=PATIENCE * pipeline.once(material).updates)
        if scale.share(measure(pipeline, run.model, checked)) > GAIN:
            return True
    return False


def repairs(cross: CrossPrediction, seed: int) -> Iterator[tuple[str, Agreement]]:
    """Each change with the agreement that it brings, one after the other."""
    helped = renumbered(cross)
    if helped is not None:
        yield "renumbered", helped
    for name, change in changes_of_pictures(cross):
        changed = Side([change(cross.validation.inputs[0])], cross.validation.labels)
        yield name, agreement(predict_across(cross.train, changed, seed).validation_by_train, changed.labels)


def _restores(given: Agreement, helped: Agreement, expected: float) -> bool:
    beyond_doubt = helped.within(DEVIATIONS)[0] > given.within(DEVIATIONS)[1]
    return beyond_doubt and helped.kappa >= AS_EXPECTED * expected


def renumbered(cross: CrossPrediction) -> Agreement | None:
    """Agreement on every second validation example, with the classes renumbered as the others bear them."""
    predicted, labels = cross.validation_by_train, cross.validation.labels
    table: dict[int, int] = {label: label for label in torch.unique(predicted).tolist()}
    for label in torch.unique(predicted[::2]).tolist():
        table[label] = int(labels[::2][predicted[::2] == label].mode().values)
    if len(set(table.values())) < len(table) or all(a == b for a, b in table.items()):
        return None  # no order of the classes
    moved = torch.tensor([table[label] for label in predicted[1::2].tolist()])
    return agreement(moved, labels[1::2])


def changes_of_pictures(cross: CrossPrediction) -> list[tuple[str, Callable[[Tensor], Tensor]]]:
    """Exact changes that a forgotten or doubled step makes to pictures."""
    images = cross.train.inputs[0]
    if len(cross.train.inputs) != 1 or images.dim() != 4 or min(images.shape[2:]) < FEWEST_PIXELS:
        return []
    if not images.is_floating_point() and images.dtype != torch.uint8:
        return []
    centre = [side.inputs[0].float().mean((0, 2, 3), keepdim=True) for side in (cross.train, cross.validation)]
    found: list[tuple[str, Callable[[Tensor], Tensor]]] = [
        ("negative", lambda values: centre[0] + centre[1] - values),
        ("mirrored", lambda values: values.flip(-1)),
        ("upside down", lambda values: values.flip(-2)),
        ("turned by half", lambda values: values.flip(-1, -2)),
    ]
    if images.shape[2] == images.shape[3]:
        found += [
            ("transposed", lambda values: values.transpose(-1, -2)),
            ("turned by a quarter", lambda values: values.rot90(1, (-2, -1))),
            ("turned by three quarters", lambda values: values.rot90(-1, (-2, -1))),
        ]
    return found
