"""What sampling the monitors adds to a training: `Training` with monitors against the same without, in turn.

Both train the same recipe on the same examples in memory, without looks at validation; what differs is the monitors,
at the number of samples that a training of this length has. Checked along the way: both end with the same weights.

`--cpu-time` counts the processor seconds of the one thread instead of seconds.

Asked: at most 1.02 x.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from contest import Contestant, hold, rank, show
from machine import Record

from assay.data.data import Data
from assay.data.encoders import ArrayEncoder
from assay.data.specification import Normalization, Specification
from assay.data.split import Split
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.flip import Flip
from assay.tricks.schedule.cosine import Cosine

Clock = Callable[[], float]

ASKED = 1.02


@dataclass(frozen=True)
class Case:
    """A network on images. steps: of each training."""

    name: str
    model: MLP | ConvNet | ResNet
    input_shape: tuple[int, int, int]
    batch_size: int
    steps: int


CASES = (
    Case("MLP 64-64-10 on digits' shape, batch 64", MLP(hidden=(64,)), (1, 8, 8), 64, 2000),
    Case("convnet 32-64 on 3x16x16, batch 64", ConvNet(widths=(32, 64)), (3, 16, 16), 64, 200),
    Case("ResNet of width 16 on 3x16x16, batch 64", ResNet(width=16), (3, 16, 16), 64, 100),
)


def images(shape: tuple[int, int, int], count: int = 1024) -> Data:
    """Noise with labels: what a step costs does not depend on what it learns."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randint(0, 256, (count, *shape), generator=generator, dtype=torch.uint8)
    whole = Split(inputs, torch.randint(0, 10, (count,), generator=generator), tuple(map(str, range(count))))
    specification = Specification(
        task="classification", input_shape=shape, normalization=Normalization((127.0,) * shape[0], (74.0,) * shape[0]),
        encoder=ArrayEncoder(shape=shape), classes=tuple("0123456789"), class_frequencies=(0.1,) * 10,
    )  # fmt: skip
    held_out = whole.select(torch.arange(64))
    return Data("noise", specification, train=whole, validation=held_out, test=held_out)


def contestant(
    case: Case, data: Data, clock: Clock, ended: dict[bool, torch.Tensor], samples: list[int], *, monitored: bool
) -> Contestant:
    """One whole training; keeps its last weights and says what a step took."""
    recipe = Recipe(case.model, optimizer=SGD(0.01), batch_size=case.batch_size,
                    epochs=case.steps / (len(data.train) // case.batch_size)) | Cosine()  # fmt: skip
    recipe = recipe if case.input_shape[0] == 1 else recipe | Flip() | Crop(2)

    def run() -> float:
        training = Training(recipe, data, device="cpu", evaluations=0, monitored=monitored)
        started = clock()
        for _ in training:
            pass
        seconds = clock() - started
        ended[monitored] = torch.cat([p.detach().flatten() for p in training.learner.model.parameters()])
        samples.append(len(training.history.samples))
        return seconds / training.step

    return run


def measure(case: Case, *, rounds: int, clock: Clock) -> dict[str, object]:
    """One case; the last weights of both must be equal bit for bit."""
    data, ended, taken = images(case.input_shape), dict[bool, torch.Tensor](), list[int]()
    contestants = {
        "without monitors": contestant(case, data, clock, ended, [], monitored=False),
        "with monitors": contestant(case, data, clock, ended, taken, monitored=True),
        # The same once more: how far from 1 a ratio gets by chance.
        "without, again": contestant(case, data, clock, ended, [], monitored=False),
    }
    print(f"  {case.name}: {case.steps} steps a round; asked: at most x {ASKED}")
    standings = rank(hold(contestants, rounds=rounds), reference="without monitors")
    rows = show(standings)
    ratio = next(row.ratio for row in standings if row.name == "with monitors")
    same = torch.equal(ended[True], ended[False])
    print(f"    {min(taken)} to {max(taken)} samples a training; the same weights: {'yes' if same else 'NO'}")
    return {"case": case.name, "asked": ASKED, "ratio": ratio, "reached": ratio <= ASKED, "same_weights": same,
            "samples": taken, "standings": rows}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--cpu-time", action="store_true", help="count this thread's processor seconds")
    options = parser.parse_args()
    clock = time.thread_time if options.cpu_time else time.perf_counter
    torch.set_num_threads(1)
    record = Record("monitors" + "-cpu-time" * options.cpu_time, f"monitors add at most {ASKED - 1:.0%} to a training",
                    threads=1, clock=clock.__name__, rounds=options.rounds)  # fmt: skip
    record.write([measure(case, rounds=options.rounds, clock=clock) for case in CASES])


if __name__ == "__main__":
    main()
