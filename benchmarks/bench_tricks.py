"""What each trick on batches costs at batch 512 of 3x32x32, against a plain copy of the same bytes or floats.

Every trick of the catalogue that edits batches is here. A training step on a small network takes tens of
milliseconds, so an edit of one or two is cheap. Mixing and cropping are also measured against the same thing
written by hand, vectorised: asked is at most 1.5 times its time.
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

from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError, describe_part
from assay.schedule import Clock
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.cutmix import CutMix
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.catalog import TRICKS

BATCH, SIDE, CALLS = 512, 32, 10
ASKED = 1.5
MORE = (Flip(mode="alternating"), Crop(4, mode="zero"))
"""Second forms, beside the defaults of all."""


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
    for trick in (*(kind() for kind in TRICKS), *MORE):
        try:
            recipe = Recipe(model=ResNet()) | trick
        except RecipeError:
            continue
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


def rivals(bytes_: torch.Tensor, targets: torch.Tensor) -> list[tuple[str, Contestant, Contestant]]:
    """(name, ours, by hand) of what is asked to keep up with hand-written code."""
    floats, generator, indices = bytes_.float() / 255.0, torch.Generator(), torch.arange(BATCH)

    def mix_by_hand(step: int) -> object:
        generator.manual_seed(step)
        share = float(torch.rand((), generator=generator))
        partner = torch.randperm(BATCH, generator=generator)
        return share * floats + (1 - share) * floats[partner], share * targets + (1 - share) * targets[partner]

    def cutmix_by_hand(step: int) -> object:
        generator.manual_seed(step)
        share = float(torch.rand((), generator=generator))
        partner, mixed = torch.randperm(BATCH, generator=generator), floats.clone()
        side = int(SIDE * (1 - share) ** 0.5)
        top, left = (int(torch.randint(SIDE - side + 1, (), generator=generator)) for _ in range(2))
        window = slice(top, top + side), slice(left, left + side)
        mixed[:, :, *window] = floats[partner][:, :, *window]
        share = 1 - side * side / SIDE**2
        return mixed, share * targets + (1 - share) * targets[partner]

    def crop_by_hand(step: int) -> object:
        generator.manual_seed(step)
        padded = F.pad(bytes_.float(), (4, 4, 4, 4), mode="reflect").to(torch.uint8)
        shifts = torch.randint(0, 9, (2, BATCH, 1), generator=generator)
        rows, columns = (shifts[side] + torch.arange(SIDE) for side in range(2))
        return padded[torch.arange(BATCH)[:, None, None], :, rows[:, :, None], columns[:, None, :]]

    def ours(trick: Mixup | CutMix | Crop) -> Contestant:
        recipe, clock = Recipe() | trick, Clock(0, 10**6, 100)
        if recipe.input_edits:
            (raw_edit,) = recipe.input_edits
            return repeated(lambda step: raw_edit(bytes_.clone(), indices, generator.manual_seed(step), clock))
        (edit,) = recipe.batch_edits
        return repeated(lambda step: edit(floats, targets, generator.manual_seed(step), clock))

    return [("Mixup", ours(Mixup(1.0)), repeated(mix_by_hand)),
            ("CutMix", ours(CutMix(1.0, 1.0)), repeated(cutmix_by_hand)),
            ("Crop", ours(Crop(4)), repeated(crop_by_hand))]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    options = parser.parse_args()
    torch.set_num_threads(1)
    record = Record(
        "tricks",
        "cost of each batch trick; mixing and cropping at most 1.5 x by hand",
        threads=1,
        rounds=options.rounds,
        batch=BATCH,
    )
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (BATCH, 3, SIDE, SIDE), dtype=torch.uint8, generator=generator)
    targets = F.one_hot(torch.randint(0, 10, (BATCH,), generator=generator), 10).float()
    figures = []
    for group in contestants(images, targets):
        figures += show(rank(hold(group, rounds=options.rounds), reference=next(iter(group))))
    against = {}
    for name, ours, by_hand in rivals(images, targets):
        standings = rank(hold({"by hand": by_hand, name: ours}, rounds=options.rounds), reference="by hand")
        figures += show(standings)
        against[name] = next(row.ratio for row in standings if row.name == name)
    reached = {f"{name} at most {ASKED} x by hand": ratio <= ASKED for name, ratio in against.items()}
    print("  reached: " + ", ".join(f"{what}: {held}" for what, held in reached.items()))
    record.write({"standings": figures, "against_by_hand": against, "reached": reached})


if __name__ == "__main__":
    main()
