"""Unusual data and loaders that are right."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset, WeightedRandomSampler

from faults.assembly import train_loader_of
from faults.examples import Examples, ExampleSet
from faults.look_alike import LookAlike
from faults.parts import Parts
from faults.planted import EVERYWHERE, IMAGES, LABELLED, LANGUAGE, SEQUENCES, SIGNALS, TABLES, VECTORS
from faults.properties import last_linear
from faults.tasks import ranking

CLASSES = frozenset({"classification", "cross_entropy"})


def rare_positives(parts: Parts) -> Parts:
    """One class against the rest, nine negatives or more for a positive; cross-entropy over two classes."""
    rare = int(parts.train.targets.mode().values)
    own = []
    for part in (parts.train, parts.validation):
        positive = torch.nonzero(part.targets == rare).flatten()
        others = torch.nonzero(part.targets != rare).flatten()
        kept = torch.cat([others, positive[: max(6, len(others) // 9)]])
        kept = kept[torch.randperm(len(kept))]
        own.append(Examples(tuple(x[kept] for x in part.inputs), (part.targets[kept] == rare).long()))
    return parts.but(
        train=own[0], validation=own[1], task=ranking(), prediction=lambda logits: logits[:, 1] - logits[:, 0]
    )


def two_outputs(parts: Parts, shares: Tensor | None = None) -> Parts:
    """A head of two outputs; its bias starts at the logarithm of the shares if given."""

    def edit(model: Any) -> nn.Module:
        model.head = nn.Linear(last_linear(model.head).in_features, 2)
        if shares is not None:
            model.head.bias.data.copy_(shares.log())
        return model

    return parts.edit_model(edit).but(loss_fn=nn.CrossEntropyLoss())


def imbalanced_with_bias(parts: Parts, chance: random.Random) -> Parts:
    rare = rare_positives(parts)
    return two_outputs(rare, torch.bincount(rare.train.targets, minlength=2) / len(rare.train))


def imbalanced_resampled(parts: Parts, chance: random.Random) -> Parts:
    """Rare examples are drawn more often: duplicates within a pass, on purpose."""
    rare = rare_positives(parts)
    weights = 1.0 / torch.bincount(rare.train.targets, minlength=2).float()

    def make_loader(parts: Parts, seed: int) -> Any:
        usual: Any = train_loader_of(parts, seed)
        sampler = WeightedRandomSampler(weights[parts.train.targets].tolist(), len(parts.train),
                                        generator=torch.Generator().manual_seed(seed))  # fmt: skip
        return DataLoader(usual.dataset, parts.batch_size, sampler=sampler)

    return two_outputs(rare).but(make_train_loader=make_loader)


def shifted_validation(parts: Parts, chance: random.Random) -> Parts:
    """Validation from a harder place, on purpose: noisier by a known amount, though prepared alike."""
    size, values = 0.3 * parts.train.inputs[0].std(0), parts.validation.inputs[0]
    return parts.but(validation=Examples((values + size * torch.randn_like(values),), parts.validation.targets))


def few_examples(parts: Parts, chance: random.Random) -> Parts:
    """120 examples and more epochs."""
    return parts.but(train=parts.train.select(torch.arange(120)), batch_size=12, epochs=2 * parts.epochs)


def list_of_batches(parts: Parts, chance: random.Random) -> Parts:
    """Batches made once, and kept in a list."""
    return parts.but(make_train_loader=lambda parts, seed: list(train_loader_of(parts, seed)), augment=lambda x: x)


class Stream(IterableDataset[Any]):
    """Examples in a new order at each pass, from a generator of its own."""

    def __init__(self, examples: ExampleSet, seed: int) -> None:
        self.examples, self.seed, self.passes = examples, seed, 0

    def __iter__(self) -> Iterator[Any]:
        self.passes += 1
        order = torch.randperm(len(self.examples), generator=torch.Generator().manual_seed(self.seed + self.passes))
        return (self.examples[index] for index in order.tolist())


def streamed(parts: Parts, chance: random.Random) -> Parts:
    def make_loader(parts: Parts, seed: int) -> Any:
        examples = ExampleSet(parts.train, parts.form, parts.augment, parts.prepare)
        return DataLoader(Stream(examples, seed), parts.batch_size)

    return parts.but(make_train_loader=make_loader).with_traits("changes_when_read")


def shuffled_before(parts: Parts, chance: random.Random) -> Parts:
    """The examples lie in random order; the loader need not shuffle."""
    return parts.but(train=parts.train.select(torch.randperm(len(parts.train))), shuffle=False)


def by_length(parts: Parts, chance: random.Random) -> Parts:
    """Batches of sequences of like length, in a random order of batches, so that little is padded."""

    def make_loader(parts: Parts, seed: int) -> Any:
        usual: Any = train_loader_of(parts, seed)
        order = (parts.train.inputs[0] != 0).sum(1).argsort()
        groups = [rows.tolist() for rows in order.split(parts.batch_size)]
        random.Random(seed).shuffle(groups)
        return DataLoader(usual.dataset, batch_sampler=groups)

    return parts.but(make_train_loader=make_loader)


def constant_column(parts: Parts, chance: random.Random) -> Parts:
    """A column that never changes, and one that nearly never does."""
    prepare = parts.prepare

    def widened(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        values = prepare(inputs)[0].clone()
        values[..., 0] = 0.0
        return (values,)

    return parts.but(prepare=widened)


def slightly_noisy_labels(parts: Parts, chance: random.Random) -> Parts:
    """One training label of twelve is wrong, as in many real sets."""
    labels = parts.train.targets
    wrong = torch.where(torch.rand(len(labels)) < 0.08, torch.randint_like(labels, 0, int(labels.max()) + 1), labels)
    return parts.but(train=Examples(parts.train.inputs, wrong))


def with_workers(parts: Parts, chance: random.Random) -> Parts:
    return parts.but(workers=2)


def strong_augmentation(parts: Parts, chance: random.Random) -> Parts:
    """Shifts, noise and erased corners; the class can still be told."""

    def augment(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        values = inputs[0].roll((int(torch.randint(-1, 2, ())), int(torch.randint(-1, 2, ()))), (-2, -1)).clone()
        top, left = (int(torch.randint(0, values.shape[-1] - 1, ())) for _ in range(2))
        values[..., top : top + 2, left : left + 2] = 0.0
        return (values + 0.1 * values.std() * torch.randn_like(values),)

    return parts.but(augment=augment)


def in_time_order(parts: Parts, chance: random.Random) -> Parts:
    """Forecasting: the next value of a series from the last ones; in order, for good reason, and split by time."""
    series = torch.zeros(1300)
    for moment in range(2, 1300):
        series[moment] = 1.6 * series[moment - 1] - 0.8 * series[moment - 2] + torch.randn(())
    series = series / series.std()
    width = parts.train.inputs[0].shape[1]
    windows = series.unfold(0, width + 1, 1)
    examples = Examples((windows[:, :-1].clone(),), windows[:, -1].clone())
    cut = 900
    return parts.but(train=examples.select(torch.arange(cut)), shuffle=False, prepare=lambda inputs: inputs,
                     validation=examples.select(torch.arange(cut, len(examples))))  # fmt: skip


def own_order_on_mapping(parts: Parts, chance: random.Random) -> Parts:
    """A mapping as other libraries make them, with a column that the network does not take."""

    def collate(rows: list[Any]) -> Any:
        batch = torch.utils.data.default_collate(rows)
        return {**batch, "index": torch.arange(len(rows))}

    return parts.but(collate=collate)


LOOK_ALIKES = (
    LookAlike("imbalanced_with_bias", "one positive in ten, and an output bias that knows it", imbalanced_with_bias,
              VECTORS, needs=CLASSES, lacks=frozenset({"wine"})),
    LookAlike("imbalanced_resampled", "rare examples are drawn again and again on purpose", imbalanced_resampled,
              VECTORS, needs=CLASSES, lacks=frozenset({"wine", "scheduled"})),
    LookAlike("shifted_validation", "validation is noisier on purpose", shifted_validation, VECTORS),
    LookAlike("few_examples", "120 training examples", few_examples, VECTORS, 
              lacks=frozenset({"diabetes", "recurrent"})),
    LookAlike("list_of_batches", "the loader is a list", list_of_batches, EVERYWHERE,
              lacks=frozenset({"denoising"})),
    LookAlike("stream", "an iterable data set", streamed, (*VECTORS, SEQUENCES, LANGUAGE)),
    LookAlike("shuffled_before", "random order in the file, none in the loader", shuffled_before,
              (*LABELLED, LANGUAGE)),
    LookAlike("batches_by_length", "sequences of like length together", by_length, (SEQUENCES,)),
    LookAlike("constant_column", "a column without information", constant_column, (TABLES,)),
    LookAlike("slightly_noisy_labels", "one label of twelve is wrong", slightly_noisy_labels, LABELLED,
              needs=CLASSES),
    LookAlike("two_workers", "two worker processes, as it should be", with_workers, (IMAGES, TABLES, SIGNALS)),
    LookAlike("strong_augmentation", "shifts, noise and erased corners", strong_augmentation, (IMAGES,)),
    LookAlike("forecasting_in_order", "a series in order of time", in_time_order, (TABLES,),
              needs=frozenset({"regression", "squared_error"})),
    LookAlike("mapping_with_more", "a mapping with a column that is not taken", own_order_on_mapping,
              (*VECTORS, SEQUENCES), needs=frozenset({"mapping"})),
)  # fmt: skip
