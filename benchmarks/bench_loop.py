"""Seconds a step of Assay's loop against a hand-written PyTorch loop over the same ready batches.

Both train the same network with the same optimiser on batches that lie ready in memory, so what
differs is the loop. Other training libraries join where they are installed (see peers.py).

`--cpu-time` counts the processor seconds of the one thread instead of seconds: what else runs on the machine
then matters little.

Asked: at most 1.10 x on a 32-64-10 MLP at batch 64, at most 1.03 x on a small convnet at batch 128.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import torch
import torch.nn.functional as F
from contest import Contestant, hold, rank, show
from machine import Record
from peers import PACKAGES, Clock, peer_contestants
from torch import nn
from torch.optim import Optimizer

from assay.loop import Batch, Learner, training_steps
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.schedule import clocks

OPTIMIZERS: dict[str, Callable[[nn.Module], Optimizer]] = {
    "sgd": lambda model: torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9),
    "adam": lambda model: torch.optim.Adam(model.parameters(), lr=1e-3),
}


@dataclass(frozen=True)
class Case:
    """A network and its batches. steps: in each round; asked: the largest ratio that is good enough."""

    name: str
    builder: MLP | ConvNet
    input_shape: tuple[int, ...]
    batch_size: int
    steps: int
    asked: float

    def model(self, device: str) -> nn.Module:
        torch.manual_seed(0)
        return self.builder.build(self.input_shape, 10).to(device)

    def batches(self, device: str, count: int = 16) -> list[Batch]:
        generator = torch.Generator().manual_seed(1)
        return [
            Batch(
                torch.randn(self.batch_size, *self.input_shape, generator=generator).to(device),
                torch.randint(0, 10, (self.batch_size,), generator=generator).to(device),
            )
            for _ in range(count)
        ]


CASES = (
    Case("MLP 32-64-10, batch 64", MLP(hidden=(64,)), (32,), 64, 400, 1.10),
    Case("convnet 32-64 on 3x32x32, batch 128", ConvNet(widths=(32, 64)), (3, 32, 32), 128, 5, 1.03),
)


def hand_written(
    model: nn.Module, optimizer: Optimizer, batches: Sequence[Batch], steps: int, clock: Clock
) -> Contestant:
    """The loop of every PyTorch tutorial."""

    def run() -> float:
        model.train()
        started = clock()
        for inputs, targets in islice(cycle(batches), steps):
            optimizer.zero_grad()
            loss = F.cross_entropy(model(inputs), targets)
            loss.backward()
            optimizer.step()
        wait_for_device()
        return (clock() - started) / steps

    return run


def assay_loop(
    model: nn.Module, optimizer: Optimizer, batches: Sequence[Batch], steps: int, clock: Clock
) -> Contestant:
    """`assay.loop.training_steps`."""
    learner = Learner(model, optimizer)

    def run() -> float:
        started = clock()
        moments = clocks(range(steps), total_steps=steps, steps_per_epoch=steps)
        for _ in training_steps(learner, cycle(batches), moments, seed=0):
            pass
        wait_for_device()
        return (clock() - started) / steps

    return run


def wait_for_device() -> None:
    """A GPU works after the call that asked it to has returned."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()


def measure(case: Case, optimizer: str, *, rounds: int, peers: bool, clock: Clock, device: str) -> dict[str, object]:
    """One case with one optimiser; every contestant has a network and an optimiser of its own."""
    batches = case.batches(device)

    def fresh() -> tuple[nn.Module, Optimizer]:
        model = case.model(device)
        return model, OPTIMIZERS[optimizer](model)

    contestants = {
        "hand-written": hand_written(*fresh(), batches, case.steps, clock),
        "assay": assay_loop(*fresh(), batches, case.steps, clock),
        # The same loop once more: how far from 1 a ratio gets by chance.
        "hand-written again": hand_written(*fresh(), batches, case.steps, clock),
    }
    if peers:
        contestants |= peer_contestants(fresh, batches, case.steps, clock)
    print(f"  {case.name}, {optimizer}: {case.steps} steps a round; asked: assay at most x {case.asked}")
    standings = rank(hold(contestants, rounds=rounds), reference="hand-written")
    rows = show(standings)
    ratio = next(row.ratio for row in standings if row.name == "assay")
    return {"case": case.name, "optimizer": optimizer, "asked": case.asked, "ratio": ratio,
            "reached": ratio <= case.asked, "standings": rows}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--no-peers", action="store_true", help="only Assay and the hand-written loop")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--cpu-time", action="store_true", help="count this thread's processor seconds")
    options = parser.parse_args()
    clock = time.thread_time if options.cpu_time else time.perf_counter
    peers = not options.no_peers
    torch.set_num_threads(1)
    record = Record(
        "loop" + "-peers" * (peers and peers_installed()) + "-cpu-time" * options.cpu_time
        + "-gpu" * (options.device == "cuda"),
        "time a step at most 1.10 x (MLP) and 1.03 x (convnet) a hand-written loop",
        packages=PACKAGES, threads=1, clock=clock.__name__, rounds=options.rounds,
    )  # fmt: skip
    record.write([
        measure(case, optimizer, rounds=options.rounds, peers=peers, clock=clock, device=options.device)
        for case in CASES for optimizer in OPTIMIZERS
    ])  # fmt: skip


def peers_installed() -> bool:
    """Whether a library other than Fabric, which Assay itself needs, is there to compare with."""
    from importlib.util import find_spec

    return any(find_spec(name) for name in ("lightning", "fastai", "composer"))


if __name__ == "__main__":
    main()
