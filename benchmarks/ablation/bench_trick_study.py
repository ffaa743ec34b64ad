"""A study of twelve tricks by the command itself: how long it takes, how much of that is training, and a second time.

`assay ablate SOURCE --tricks ... --design add-one`, then `--design stacked`, each arm with five seeds (`--all-seeds`:
nothing stops early), in an empty folder with an empty database of trainings. The trainings' own time is that of
their steps, as the database has it: networks built, examples judged, files written and the start of the program are
the engine's. Then both commands again, and once more in another folder, where only the database is old. Data: the
digits, and 2,000 pictures of Fashion-MNIST drawn at random. One thread. On a machine that others use, ask for the
processor's clock: then trainings and commands are measured by the seconds that the processor was theirs.

Asked: both studies in 20 minutes on 2 cores, within 1.15 times their trainings' own time; again in under 5 s.

    bench_trick_study.py [--source digits] [--epochs 5] [--clock processor]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from machine import Record

from assay.data.open import open_data

SEED, SEEDS, PICTURES = 500, 5, 2000
DESIGNS = ("add-one", "stacked")
TRICKS = (
    "OneCycle()", "Crop(padding=1)", "LabelSmoothing(0.1)", "Mixup(0.2)", "EMA(decay=0.99)", "WeightDecay(0.1)",
    "Cutout(size=2)", "Dropout(0.2)", "GradientClip(1.0)", "NoBiasDecay()", "OutputBiasInit()", "RotateScale()",
)  # fmt: skip
EPOCHS = {"digits": 20.0, "fashion-mnist": 4.0}
BY_PROCESSOR = """
import time, types
import assay.training.train
from assay.cli import main
assay.training.train.time = types.SimpleNamespace(perf_counter=time.process_time)
main()
"""
"""The command with trainings that count the processor's seconds."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--source", choices=tuple(EPOCHS), action="append")
    parser.add_argument("--epochs", type=float, help="of each training")
    parser.add_argument("--clock", choices=("wall", "processor"), default="wall")
    options = parser.parse_args()
    sources = options.source or list(EPOCHS)
    record = Record(
        "trick-study", "12 tricks, add-one and stacked, >= 5 seeds: 20 minutes on 2 cores, within 1.15 of the "
        "trainings' own time, again in under 5 s", packages=("scipy", "sqlalchemy"), seeds=SEEDS, seed=SEED, threads=1,
        tricks=len(TRICKS), clock=options.clock,
    )  # fmt: skip
    figures = {source: study(source, options.epochs or EPOCHS[source], options.clock) for source in sources}
    record.write(figures)


def study(source: str, epochs: float, clock: str) -> dict[str, Any]:
    """Both designs, and both again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = subset(folder) if source == "fashion-mnist" else source
        database = folder / "trainings.db"
        first = [timed(given, design, epochs, folder / design, database, clock) for design in DESIGNS]
        trainings, own = trained(database)
        again = [timed(given, design, epochs, folder / design, database, clock) for design in DESIGNS]
        elsewhere = [timed(given, design, epochs, folder / f"{design}-2", database, clock) for design in DESIGNS]
        assert trained(database)[0] == trainings, "a training was done a second time"
        seeds = {design: seeds_of(folder / design) for design in DESIGNS}
    used = sum(one["seconds" if clock == "wall" else "processor_seconds"] for one in first)
    figures = {
        "epochs": epochs, "trainings": trainings, "seconds_of_trainings": round(own, 1), "seconds": round(used, 1),
        "ratio": round(used / own, 3), "commands": dict(zip(DESIGNS, first, strict=True)),
        "again": dict(zip(DESIGNS, again, strict=True)), "seeds_of_each_effect": seeds,
        "in_another_folder": dict(zip(DESIGNS, elsewhere, strict=True)),
        "load_average_1_minute": round(os.getloadavg()[0], 2),
    }  # fmt: skip
    print(f"  {source}: {trainings} trainings of {epochs:g} epochs, {own:.0f} s; both commands {used:.0f} s, "
          f"{used / own:.2f} times that; again {told(again)}; in another folder {told(elsewhere)}; load "
          f"{os.getloadavg()[0]:.1f}", flush=True)  # fmt: skip
    return figures


def told(commands: Sequence[dict[str, float]]) -> str:
    """Wall seconds, and the processor's in brackets."""
    return ", ".join(f"{one['seconds']:.1f} s ({one['processor_seconds']:.1f})" for one in commands)


def timed(source: str, design: str, epochs: float, out: Path, database: Path, clock: str) -> dict[str, float]:
    """Wall and processor seconds of one command, its start included."""
    asked = [part for trick in TRICKS for part in ("--tricks", trick)]
    program = ["-m", "assay"] if clock == "wall" else ["-c", BY_PROCESSOR]
    command = [sys.executable, *program, "ablate", source, *asked, "--design", design, "--seeds", str(SEEDS),
               "--all-seeds", "--epochs", str(epochs), "--seed", str(SEED), "--budget", "3h",
               "--out", str(out)]  # fmt: skip
    # As a user has it, who keeps the bytecode of what was imported once.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**usual, "OMP_NUM_THREADS": "1", "ASSAY_DATABASE": f"sqlite:///{database}"}
    before, started = processor_seconds(), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    return {"seconds": round(seconds, 2), "processor_seconds": round(processor_seconds() - before, 2)}


def processor_seconds() -> float:
    """Of all programs started so far: what a busy machine does not lengthen."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def trained(database: Path) -> tuple[int, float]:
    """How many trainings there are, and the seconds of their steps."""
    with sqlite3.connect(database) as connection:
        count, seconds = connection.execute("select count(*), sum(seconds) from assay_trials").fetchone()
    return int(count), float(seconds)


def seeds_of(out: Path) -> Sequence[int]:
    """Paired seeds of each effect in the summary, which has one for every trick."""
    tricks = json.loads((out / "summary.json").read_text())["tricks"]
    assert len(tricks) == len(TRICKS), [row["trick"] for row in tricks]
    assert all(row["interval"][0] <= row["effect"] <= row["interval"][1] for row in tricks)
    return sorted(row["n"] for row in tricks)


def subset(folder: Path) -> str:
    """Some pictures of the training split of Fashion-MNIST, as a file."""
    train = open_data("fashion-mnist").train
    chosen = np.random.default_rng(SEED).permutation(len(train))[:PICTURES]
    assert isinstance(train.inputs, torch.Tensor)
    inputs, targets = train.inputs.numpy()[chosen], train.targets.numpy()[chosen]
    path = folder / "fashion.npz"
    np.savez_compressed(path, x=inputs.reshape(len(chosen), *inputs.shape[-2:]), y=targets)
    return str(path)


if __name__ == "__main__":
    main()
