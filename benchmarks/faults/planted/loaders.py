"""Faults between data set and batch: order, workers, and chance that no seed governs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset

from faults.examples import ExampleSet
from faults.fault import Fault
from faults.network import Behind
from faults.parts import Parts
from faults.planted import LABELLED, VECTORS
from faults.program import Program
from faults.proof import Proof
from faults.properties import repeats_examples
from faults.symptoms import trains_worse


def sorted_in_order(parts: Parts, chance: random.Random) -> Parts:
    """Sorted by class, and read in this order."""
    return parts.but(train=parts.train.select(parts.train.targets.argsort(stable=True)), shuffle=False)


class OwnGenerator(ExampleSet):
    """Noise from a generator made with the data set: each worker gets a copy in the same state."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.chance = np.random.RandomState(0)

    def __getitem__(self, index: int) -> Any:
        inputs, target = self.form.unpack(super().__getitem__(index))
        noise = torch.from_numpy(self.chance.standard_normal(inputs[0].shape)).float()
        return self.form.pack((inputs[0] + 0.05 * noise, *inputs[1:]), target)


def copied_generator(parts: Parts, chance: random.Random) -> Parts:
    return parts.but(make_dataset=OwnGenerator, workers=2).with_traits("changes_when_read")


class WholeInEachWorker(IterableDataset[Any]):
    """Yields everything, whichever worker asks."""

    def __init__(self, examples: ExampleSet) -> None:
        self.examples = examples

    def __iter__(self) -> Iterator[Any]:
        return (self.examples[index] for index in torch.randperm(len(self.examples)).tolist())


def whole_in_each_worker(parts: Parts, chance: random.Random) -> Parts:
    def make_loader(parts: Parts, seed: int) -> Any:
        examples = ExampleSet(parts.train, parts.form, parts.augment, parts.prepare)
        return DataLoader(WholeInEachWorker(examples), batch_size=parts.batch_size, num_workers=2,
                          generator=torch.Generator().manual_seed(seed))  # fmt: skip

    return parts.but(make_train_loader=make_loader)


def fresh_entropy(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """A little noise from a generator that the system seeds anew each time."""
    noise = torch.from_numpy(np.random.default_rng().standard_normal(inputs[0].shape)).float()
    return (inputs[0] + 0.05 * inputs[0].std() * noise, *inputs[1:])


def unseeded_augmentation(parts: Parts, chance: random.Random) -> Parts:
    return parts.but(augment=fresh_entropy)


class UnseededDropout(nn.Module):
    """Dropout of a tenth, in training only, from the system's entropy."""

    def forward(self, values: Tensor) -> Tensor:
        if not self.training:
            return values
        kept = torch.from_numpy(np.random.default_rng().random(values.shape) > 0.1)
        return values * kept / 0.9


def unseeded_dropout(parts: Parts, chance: random.Random) -> Parts:
    def edit(model: Any) -> nn.Module:
        model.features = Behind(model.features, UnseededDropout())
        return model

    return parts.edit_model(edit)


def workers_agree(faulty: Program, sibling: Program) -> Proof:
    """In order, the first two batches, which two workers make, carry the very same noise."""
    parts = faulty.parts
    noisy = parts.make_dataset(parts.train, parts.form, parts.augment, parts.prepare)
    plain = ExampleSet(parts.train, parts.form, parts.augment, parts.prepare)
    noises, size = [], parts.batch_size
    loaders = DataLoader(noisy, size, num_workers=2), DataLoader(plain, size)
    for with_noise, without in zip(*loaders, strict=True):
        noises.append(parts.form.unpack(with_noise)[0][0] - parts.form.unpack(without)[0][0])
        if len(noises) == 2:
            break
    apart = (noises[0] - noises[1]).abs().max().item()
    return Proof(apart < 1e-4 * noises[0].abs().max().item() + 1e-5, f"the noise of two workers differs by {apart:.2g}")


def seed_governs_nothing(faulty: Program, sibling: Program) -> Proof:
    """From the same seeds, the faulty program's first batch or its output differs; the sibling's does not."""
    sick, well = _moved(faulty), _moved(sibling)
    return Proof(sick > 0.0 and well == 0.0, f"the same seeds give outputs {sick:.2g} apart, healthy {well:.2g}")


@torch.no_grad()
def _moved(program: Program) -> float:
    outputs = []
    parts, model = program.parts, program.arguments["model"].train()
    examples = parts.make_dataset(parts.train, parts.form, parts.augment, parts.prepare)
    for _ in range(2):
        torch.manual_seed(0)
        random.seed(0)
        np.random.seed(0)
        batch = next(iter(DataLoader(examples, parts.batch_size)))
        outputs.append(model(*parts.form.unpack(batch)[0]))
    return (outputs[0] - outputs[1]).abs().max().item()


FAULTS = (
    Fault("sorted_not_shuffled", "examples sorted by class, read in order", frozenset({"shuffling", "class_balance"}),
          sorted_in_order, trains_worse, LABELLED, needs=frozenset({"classification"})),
    Fault("workers_share_noise", "each worker copies the same random state", frozenset({"worker_randomness"}),
          copied_generator, workers_agree, VECTORS, lacks=frozenset({"augmented"})),
    Fault("workers_read_everything", "each worker yields the whole data set",
          frozenset({"duplicate_examples", "worker_randomness"}), whole_in_each_worker, repeats_examples, VECTORS,
          lacks=frozenset({"augmented"})),
    Fault("augmentation_without_seed", "augmentation draws from the system's entropy",
          frozenset({"seed_reproducible"}), unseeded_augmentation, seed_governs_nothing, VECTORS),
    Fault("dropout_without_seed", "dropout of its own draws from the system's entropy",
          frozenset({"seed_reproducible"}), unseeded_dropout, seed_governs_nothing, VECTORS),
)  # fmt: skip
