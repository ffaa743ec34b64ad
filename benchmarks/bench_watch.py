"""Seconds a step of a hand-written loop under `assay.watch`, against the same loop without it.

Both train networks of one kind, each with its own, on batches that lie ready in memory, at the watch's default
sampling. Every round holds its share of close looks, one in every 200 steps; the first round of all, with its many
early looks, is not counted. A convnet's rounds are long, so there are fewer of them. `--cpu-time` counts the processor
seconds of the one thread instead.

Asked: at most 1.05 x.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from itertools import cycle, islice

import torch
import torch.nn.functional as F
from bench_loop import CASES, OPTIMIZERS, Case, wait_for_device
from contest import Contestant, hold, rank, show
from machine import Record
from peers import Clock
from torch import nn
from torch.optim import Optimizer

from assay.loop import Batch
from assay.watching.watch import EVERY, Watch, watch

STEPS = {"MLP": 4 * EVERY, "convnet": EVERY}
ROUNDS_SHARE = {"MLP": 1.0, "convnet": 0.2}
ASKED = 1.05


def train(model: nn.Module, optimizer: Optimizer, batches: Sequence[Batch], steps: int, clock: Clock) -> float:
    """The loop of every PyTorch tutorial; seconds a step."""
    model.train()
    started = clock()
    for inputs, targets in islice(cycle(batches), steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
    wait_for_device()
    return (clock() - started) / steps


def contestant(case: Case, optimizer: str, device: str, steps: int, clock: Clock, *, watched: bool) -> Contestant:
    """One loop with a network and an optimiser of its own; a watched one stays in its block to the end."""
    model = case.model(device)
    trained = OPTIMIZERS[optimizer](model)
    batches = case.batches(device)
    block: Watch | None = watch(model, trained).__enter__() if watched else None

    def run() -> float:
        seconds = train(model, trained, batches, steps, clock)
        if block is not None and block.report().alerts:
            raise RuntimeError(f"a healthy loop raised {block.report().alerts[0].summary}")
        return seconds

    return run


def measure(case: Case, optimizer: str, *, rounds: int, clock: Clock, device: str) -> dict[str, object]:
    kind = next(kind for kind in STEPS if case.name.startswith(kind))
    steps, rounds = STEPS[kind], max(3, round(ROUNDS_SHARE[kind] * rounds))
    names = {"without": False, "watched": True, "without again": False}
    contestants = {
        name: contestant(case, optimizer, device, steps, clock, watched=watched) for name, watched in names.items()
    }
    print(f"  {case.name}, {optimizer}: {steps} steps a round; asked: watched at most x {ASKED}")
    standings = rank(hold(contestants, rounds=rounds), reference="without")
    ratio = next(row.ratio for row in standings if row.name == "watched")
    return {"case": case.name, "optimizer": optimizer, "asked": ASKED, "ratio": ratio, "reached": ratio <= ASKED,
            "standings": show(standings)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--cpu-time", action="store_true", help="count this thread's processor seconds")
    options = parser.parse_args()
    clock = time.thread_time if options.cpu_time else time.perf_counter
    torch.set_num_threads(1)
    record = Record(
        "watch" + "-cpu-time" * options.cpu_time + "-gpu" * (options.device == "cuda"),
        f"time a step under assay.watch at most {ASKED} x the same loop without it",
        threads=1, clock=clock.__name__, rounds=options.rounds, every=EVERY,
    )  # fmt: skip
    record.write([
        measure(case, optimizer, rounds=options.rounds, clock=clock, device=options.device)
        for case in CASES for optimizer in OPTIMIZERS
    ])  # fmt: skip


if __name__ == "__main__":
    main()
