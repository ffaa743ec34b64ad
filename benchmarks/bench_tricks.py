"""What each trick on batches costs at batch 512 of 3x32x32, against a plain copy of the same bytes or floats.

No figure is asked; a training step on a small network takes tens of milliseconds, so an edit of one or two
is cheap.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from itertools import count

import torch
import torch.nn.functional as F
from contest import Contestant, hold, rank, show
from machine import Record

from assay.recipe import Recipe, describe_part
from assay.schedule import Clock
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.cutout import Cutout
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup

BATCH, SIDE, CALLS = 512, 32, 10
TRICKS = (Flip(), Flip(mode="alternating"), Crop(4), Crop(4, mode="zero"), Cutout(size=8), Mixup(0.2), CutMix())


def repeated(work: Callable[[int], object]) -> Contestant:
    """Seconds a call; each call has a step number of its own."""
    steps = count()

    def run() -> float:
        started = time.perf_counter()
        for _ in range(CALLS):
            work(next(steps))
        return (time.perf_counter() - started) / CALLS

    return run


def contestants(bytes_: torch.Tensor, targets: torch.Tensor) -> tuple[dict[str, Contestant], dict[str, Contestant]]:
    """Edits of raw bytes and edits of normalised floats, each beside a copy of what it edits."""
    floats, generator = bytes_.float() / 255.0, torch.Generator()
    indices = torch.arange(BATCH)
    raw = {"copy of bytes": repeated(lambda step: bytes_.clone())}
    normalised = {"copy of floats": repeated(lambda step: floats.clone())}
    for trick in TRICKS:
        recipe = Recipe() | trick
        for edit in recipe.input_edits:
            # An edit may write into its batch, so it is given a copy, which its time includes.
            raw[describe_part(trick)] = repeated(
                lambda step, edit=edit: edit(
                    bytes_.clone(), indices, generator.manual_seed(step), Clock(step, 10**6, 100)
                )
            )
        for edit in recipe.batch_edits:
            normalised[describe_part(trick)] = repeated(
                lambda step, edit=edit: edit(
                    floats.clone(), targets, generator.manual_seed(step), Clock(step, 10**6, 100)
                )
            )
    return raw, normalised


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    options = parser.parse_args()
    torch.set_num_threads(1)
    record = Record("tricks", "cost of each batch trick", threads=1, rounds=options.rounds, batch=BATCH)
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (BATCH, 3, SIDE, SIDE), dtype=torch.uint8, generator=generator)
    targets = F.one_hot(torch.randint(0, 10, (BATCH,), generator=generator), 10).float()
    figures = []
    for group in contestants(images, targets):
        figures += show(rank(hold(group, rounds=options.rounds), reference=next(iter(group))))
    record.write(figures)


if __name__ == "__main__":
    main()
