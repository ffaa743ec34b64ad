"""Images a second of Assay's feed: flip, 4-pixel reflected crop and normalisation of CIFAR-shaped images.

50,000 random byte images of 3x32x32 at batch 512, whole epochs, in turn, one thread, against
    - a per-sample `Dataset` in a `DataLoader` that edits each image as torchvision's transforms do, in the
      process and with two workers of its own; and a lean one that cuts images padded beforehand, in NumPy;
    - a whole-epoch vectorised loader in the manner of airbench: pad everything once, cut each epoch's
      windows shift by shift with masks, flip with a mask, then hand out batches. Two forms of it: bytes
      normalised a batch at a time, and floats normalised once for all epochs (four times the memory).
      NumPy's masks, since PyTorch's take three times as long on a CPU.

Asked: at least 3 x the per-sample loader, at least 0.8 x the vectorised one.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from contest import Contestant, hold, rank, show
from machine import Record
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from assay.data.encoders import ImageEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.recipe import Recipe
from assay.training.feed import Feed
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.flip import Flip

EXAMPLES, SIDE, PADDING, BATCH = 50_000, 32, 4, 512
MEAN, STD = (0.4914 * 255, 0.4822 * 255, 0.4465 * 255), (0.247 * 255, 0.2435 * 255, 0.2616 * 255)

Batches = Iterable[tuple[Tensor, Tensor]]


class PerSample(Dataset[tuple[Tensor, int]]):
    """One image at a time, as most training scripts do."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images, self.labels = images, labels.tolist()
        self.mean, self.std = torch.tensor(MEAN).view(3, 1, 1), torch.tensor(STD).view(3, 1, 1)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = F.pad(self.images[index].float(), (PADDING,) * 4, mode="reflect")
        top, left = torch.randint(0, 2 * PADDING + 1, (2,)).tolist()
        image = image[:, top : top + SIDE, left : left + SIDE]
        if torch.rand(()) < 0.5:
            image = image.flip(2)
        return (image - self.mean) / self.std, self.labels[index]


class LeanPerSample(Dataset[tuple[Tensor, int]]):
    """One image at a time, with all the work before the first epoch that can be done there."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.padded, self.labels = pad_bytes(images).numpy(), labels.tolist()
        self.mean, self.std = (np.array(value, np.float32).reshape(3, 1, 1) for value in (MEAN, STD))

    def __len__(self) -> int:
        return len(self.padded)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        top, left = random.randrange(2 * PADDING + 1), random.randrange(2 * PADDING + 1)
        image = self.padded[index, :, top : top + SIDE, left : left + SIDE]
        if random.random() < 0.5:
            image = image[:, :, ::-1]
        return torch.from_numpy((image - self.mean) / self.std), self.labels[index]


class WholeEpoch:
    """Every image of an epoch edited at once, grouped by shift. ready: normalise once instead of every batch."""

    def __init__(self, images: Tensor, labels: Tensor, *, ready: bool) -> None:
        self.labels, self.ready = labels, ready
        self.mean, self.std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
        padded = pad_bytes(images)
        self.padded = ((padded.float() - self.mean) / self.std if ready else padded).numpy()

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        images = self.cut()
        flipped = (torch.rand(len(images)) < 0.5).nonzero()[:, 0]
        images.index_copy_(0, flipped, images.index_select(0, flipped).flip(3))
        order = torch.randperm(len(images))
        for start in range(0, len(images) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            batch = images.index_select(0, chosen)
            yield batch if self.ready else batch.float().sub_(self.mean).div_(self.std), self.labels[chosen]

    def cut(self) -> Tensor:
        """One masked copy for each of the 81 shifts."""
        top, left = torch.randint(0, 2 * PADDING + 1, (2, len(self.padded))).numpy()
        images = np.empty((len(self.padded), 3, SIDE, SIDE), self.padded.dtype)
        for y in range(2 * PADDING + 1):
            for x in range(2 * PADDING + 1):
                mask = (top == y) & (left == x)
                images[mask] = self.padded[mask, :, y : y + SIDE, x : x + SIDE]
        return torch.from_numpy(images)


def pad_bytes(images: Tensor) -> Tensor:
    """Reflected borders, all at once."""
    return torch.cat([F.pad(part.float(), (PADDING,) * 4, mode="reflect").byte() for part in images.split(5000)])


def assay_feed(images: Tensor, labels: Tensor) -> Callable[[int], Batches]:
    """The feed of `Recipe(...) | Flip() | Crop(4)`, for one epoch."""
    encoder = ImageEncoder(channels=3, height=SIDE, width=SIDE)
    specification = Specification(
        "classification", (3, SIDE, SIDE), Normalization(MEAN, STD), encoder, tuple(map(str, range(10)))
    )
    split = Split(images, labels, tuple(map(str, range(len(images)))))
    feed = Feed(Recipe(batch_size=BATCH) | Flip() | Crop(PADDING), split, specification, seed=0)
    steps = feed.timetable.steps_per_epoch
    return lambda epoch: feed.batches(range(epoch * steps, (epoch + 1) * steps), 1000 * steps)


def epoch_of(batches: Callable[[int], Batches]) -> Contestant:
    """Seconds an image over one epoch, its preparation included."""
    epochs = iter(range(10**6))

    def run() -> float:
        epoch = next(epochs)
        started, images = time.perf_counter(), 0
        for inputs, _ in batches(epoch):
            images += len(inputs)
        return (time.perf_counter() - started) / images

    return run


def loader(dataset: Dataset[tuple[Tensor, int]], workers: int) -> DataLoader[tuple[Tensor, int]]:
    return DataLoader(dataset, BATCH, shuffle=True, drop_last=True, num_workers=workers,
                      persistent_workers=workers > 0)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=11)
    options = parser.parse_args()
    torch.set_num_threads(1)
    record = Record(
        "loader", "images a second at least 3 x a per-sample Dataset and 0.8 x a whole-epoch vectorised loader",
        threads=1, rounds=options.rounds, examples=EXAMPLES, batch=BATCH,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (EXAMPLES, 3, SIDE, SIDE), dtype=torch.uint8, generator=generator)
    labels = torch.randint(0, 10, (EXAMPLES,), generator=generator)
    plain, lean = PerSample(images, labels), LeanPerSample(images, labels)
    whole = {ready: WholeEpoch(images, labels, ready=ready) for ready in (False, True)}
    loaders: dict[str, Batches] = {
        "whole epoch, bytes": whole[False],
        "whole epoch, floats kept": whole[True],
        "per sample, no workers": loader(plain, 0),
        "per sample, 2 workers": loader(plain, 2),
        "per sample, lean": loader(lean, 0),
    }
    contestants = {"assay feed": epoch_of(assay_feed(images, labels))}
    contestants |= {name: epoch_of(lambda _, batches=batches: batches) for name, batches in loaders.items()}
    standings = rank(hold(contestants, rounds=options.rounds), reference="assay feed")
    print("  microseconds an image; ratios are times Assay's:")
    figures: dict[str, object] = {"standings": show(standings, scale=1e6, unit="us")}
    figures["images_per_second"] = {row.name: round(1 / row.cost) for row in standings}
    print("  images a second: " + ", ".join(f"{row.name} {1 / row.cost:,.0f}" for row in standings))
    ratios = {row.name: row.ratio for row in standings}
    reached = {
        "3 x per sample, no workers": ratios["per sample, no workers"] >= 3.0,
        "3 x per sample, 2 workers": ratios["per sample, 2 workers"] >= 3.0,
        "0.8 x the faster whole-epoch loader": min(ratios[name] for name in loaders if "whole" in name) >= 0.8,
    }
    figures["reached"] = reached
    print("  reached: " + ", ".join(f"{name}: {held}" for name, held in reached.items()))
    record.write(figures)


if __name__ == "__main__":
    main()
