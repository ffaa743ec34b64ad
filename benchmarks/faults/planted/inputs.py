"""Faults in what the network is given: broken numbers, wrong scales, views that destroy, the same example again."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import default_collate

from faults.examples import Augment, Examples, ExampleSet, Prepare, unchanged
from faults.fault import Fault
from faults.parts import Parts
from faults.planted import IMAGES, LABELLED, SIGNALS, TABLES, VECTORS
from faults.program import Program
from faults.proof import Proof
from faults.properties import examples_of, repeats_examples, validation_changes
from faults.symptoms import trains_worse

Rows = tuple[Tensor, ...]
UNTOLD = frozenset({"duplicate_examples", "input_independent_baseline", "input_scale", "labels_follow_inputs"})
DESTROYED = frozenset({
    "augmentation_strength", "train_validation_shift", "labels_follow_inputs", "input_independent_baseline",
})  # fmt: skip


def with_holes(parts: Parts, chance: random.Random) -> Parts:
    """NaN somewhere in one example of thirty, as a failed join leaves it."""
    values, *others = parts.train.inputs
    values = values.clone()
    holes = torch.randperm(len(values))[: max(4, len(values) // 30)]
    values.flatten(1)[holes, torch.randint(0, values[0].numel(), (len(holes),))] = float("nan")
    return parts.but(train=Examples((values, *others), parts.train.targets))


def logarithm(parts: Parts, chance: random.Random) -> Parts:
    """log(pixel), where many pixels are 0."""
    return parts.but(prepare=lambda inputs: (inputs[0].log(),))


def blank(parts: Parts, chance: random.Random) -> Parts:
    """Divided away by a wrong scale."""
    return parts.but(prepare=lambda inputs: (0.0 * inputs[0],))


def raw_pixels(parts: Parts, chance: random.Random) -> Parts:
    """0 to 255 instead of standardised."""
    return parts.but(prepare=lambda inputs: ((255.0 * inputs[0]).round(),))


def raw_columns(parts: Parts, chance: random.Random) -> Parts:
    """Columns in their own units."""
    return parts.but(prepare=unchanged)


def wrapping(inputs: Rows) -> Rows:
    """Brighter in 8 bits, without saturation: what is above 255 begins again at 0."""
    bright = (255.0 * inputs[0]).to(torch.uint8) + torch.randint(0, 256, (), dtype=torch.uint8)
    return (bright.float() / 255.0,)


def drowned(inputs: Rows) -> Rows:
    """Noise of 25 times the signal's deviation."""
    return (inputs[0] + 25.0 * inputs[0].std() * torch.randn_like(inputs[0]),)


def cut_away(inputs: Rows) -> Rows:
    """A crop that leaves a corner of two by two pixels."""
    left = torch.zeros_like(inputs[0])
    left[..., :2, :2] = inputs[0][..., :2, :2]
    return (left,)


def at_any_speed(inputs: Rows) -> Rows:
    """Played at half to double speed: the pitch, which is the class, goes with it."""
    wave, factor = inputs[0], float(0.5 + 1.5 * torch.rand(()))
    place = (torch.arange(wave.shape[-1]) * factor).long() % wave.shape[-1]
    return (wave[..., place],)


def augmented_by(augment: Augment) -> Callable[[Parts, random.Random], Parts]:
    """Plants an augmentation of the training data."""
    return lambda parts, chance: parts.but(augment=augment)


def standardised_in_place(parts: Parts, chance: random.Random) -> Parts:
    """Each reading standardises the stored example once more."""
    mean, deviation = parts.train.inputs[0].mean(), parts.train.inputs[0].std()
    own = [Examples((part.inputs[0].clone(),), part.targets) for part in (parts.train, parts.validation)]
    prepare: Prepare = lambda inputs: (inputs[0].sub_(mean).div_(deviation),)  # noqa: E731
    return parts.but(train=own[0], validation=own[1], prepare=prepare).with_traits("changes_when_read")


class SameInput(ExampleSet):
    """The index is used for the label, and forgotten for the input."""

    def __getitem__(self, index: int) -> Any:
        inputs = tuple(values[0] for values in self.examples.inputs)
        return self.form.pack(self.prepare(self.augment(inputs)), self.examples.targets[index])


def same_input(parts: Parts, chance: random.Random) -> Parts:
    return parts.but(make_dataset=SameInput)


def few_again_and_again(parts: Parts, chance: random.Random) -> Parts:
    """The index is taken modulo 40."""
    return parts.but(train=parts.train.select(torch.arange(len(parts.train)) % 40))


def one_buffer(parts: Parts, chance: random.Random) -> Parts:
    """Every example of a batch is written to the same buffer, so that the last one is seen everywhere."""

    def collate(rows: list[Any]) -> Any:
        inputs, targets = parts.form.unpack(default_collate(rows))
        return parts.form.pack(tuple(values[-1:].expand_as(values).clone() for values in inputs), targets)

    return parts.but(collate=collate)


def not_finite(faulty: Program, sibling: Program) -> Proof:
    """NaN or infinity in the training inputs, and none in the sibling's."""
    sick, well = (sum(int((~values[0].isfinite()).sum()) for values in examples_of(program)[0])
                  for program in (faulty, sibling))  # fmt: skip
    return Proof(sick > 0 and well == 0, f"{sick} values are not finite, in the sibling {well}")


NORMS = frozenset({"batch_norm", "group_norm", "layer_norm"})
FAULTS = (
    Fault("nan_in_inputs", "NaN in some training examples", frozenset({"inputs_finite"}), with_holes, not_finite,
          VECTORS),
    Fault("logarithm_of_zero", "log of pixels that are 0", frozenset({"inputs_finite"}), logarithm, not_finite,
          (IMAGES,), needs=frozenset({"digits"})),
    Fault("blank_inputs", "a wrong scale makes every input 0", UNTOLD, blank, trains_worse, VECTORS),
    Fault("raw_pixels", "pixels from 0 to 255 enter a network without norms", frozenset({"input_scale"}), raw_pixels,
          trains_worse, (IMAGES,), needs=frozenset({"sgd"}), lacks=NORMS),
    Fault("raw_columns", "columns in their own units, some a thousand times others", frozenset({"input_scale"}),
          raw_columns, trains_worse, (TABLES,),
          one_of=frozenset({"breast_cancer", "wine", "diabetes", "friedman2"}), lacks=NORMS),
    Fault("brightness_wraps", "brightness is changed in 8 bits and begins again at 0",
          frozenset({"augmentation_strength", "train_validation_shift"}), augmented_by(wrapping), trains_worse,
          (IMAGES,)),
    Fault("drowned_in_noise", "augmentation adds noise of 25 deviations", DESTROYED, augmented_by(drowned),
          trains_worse, VECTORS),
    Fault("cut_away", "random crops leave a corner of four pixels", DESTROYED, augmented_by(cut_away), trains_worse,
          (IMAGES,)),
    Fault("speed_changes_class", "augmentation changes the pitch, which is the class",
          frozenset({"augmentation_strength", "label_noise", "labels_follow_inputs", "train_validation_shift"}),
          augmented_by(at_any_speed), trains_worse, (SIGNALS,), needs=frozenset({"classification"})),
    Fault("standardised_in_place", "each reading standardises the stored example once more",
          frozenset({"validation_deterministic", "seed_reproducible", "train_validation_shift", "input_scale"}),
          standardised_in_place, validation_changes, (IMAGES,), lacks=frozenset({"augmented"})),
    Fault("same_input_always", "the data set forgets the index and returns input 0 with each label",
          UNTOLD | {"label_noise"}, same_input, trains_worse, LABELLED),
    Fault("few_examples_again", "an index modulo 40: the training data are 40 examples again and again",
          frozenset({"duplicate_examples"}), few_again_and_again, repeats_examples, LABELLED,
          lacks=frozenset({"augmented"})),
    Fault("one_buffer_for_all", "the batch is collated in one buffer: each row is the last example",
          UNTOLD | {"label_noise"}, one_buffer, trains_worse, VECTORS),
)  # fmt: skip
