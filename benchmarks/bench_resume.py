"""Killed with SIGKILL at ten random moments and resumed: same weights, a complete report, little work lost.

1. `assay train digits --recipe R --epochs N`, undisturbed and killed: the two models' tensors are compared bit
   by bit. R has everything that draws at random or carries state: crops, mixup, dropout, an average, one-cycle.
2. `assay run digits --budget 60s`: killed, then resumed to the end.

Moments are drawn uniformly over the training's (the run's) working seconds, from the seed that is printed. A
moment that lies in work already kept comes soon after the next start instead, so start-up is hit as well.

Work lost at a kill: seconds from the last thing kept for good (a stage, trial or decision in the database, an
Optuna trial, a checkpoint file; the start of the process, if it kept nothing since) to the kill. What a
resumed run repeats is what lies between. It is an upper bound: after a start it includes start-up itself.

Asked: bit-identical weights; at most 20 s lost at each kill; no run counted twice; test split read once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from machine import Record
from processes import start
from safetensors.torch import load_file

from assay.budget import parse_seconds
from assay.data.open import open_data
from assay.defaults import default_recipe
from assay.planning import measure_speed
from assay.recipe_toml import write_recipe
from assay.tricks.average.ema import EMA
from assay.tricks.batch.mixup import Mixup
from assay.tricks.drop.dropout import Dropout

KILLS = 10
ASKED_LOST_SECONDS = 20.0
POLL_SECONDS = 0.05
SUMMARY_KEYS = {"source", "seed", "seconds", "stages", "baselines", "validation", "test", "tricks", "recipe", "model",
                "report"}  # fmt: skip
STAGES = {"inspect", "verify", "baselines", "overfit", "ablate", "tune", "squeeze", "test"}

Work = Callable[[], float]
"""Working seconds that are kept now."""


def disturb(
    arguments: list[str], out: Path, log: Path, moments: list[float], kept: Work, last_kept: Work, startup: float
) -> list[dict[str, float]]:
    """Start, kill at the next moment, start again; after the last moment run to the end.

    Args:
        kept: working seconds that are kept; last_kept: the wall-clock moment of the last thing kept.
        startup: seconds from the start of a process to its first work.
    """
    kills, later = [], random.Random(len(moments))
    for moment in [*sorted(moments), float("inf")]:
        begun, before = time.time(), kept()
        if kills:
            kills[-1]["kept_seconds"] = before
        due = begun + (startup + moment - before if moment > before else later.uniform(0.1, startup + 2.0))
        process = start([*arguments, *(["--resume"] if out.exists() else [])], log)
        while process.poll() is None and time.time() < due:
            time.sleep(POLL_SECONDS)
        if process.poll() is not None:
            if process.returncode != 0:
                raise SystemExit(f"ended with code {process.returncode}:\n{log.read_text()[-2000:]}")
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed = time.time()
        lost = killed - max(begun, last_kept())
        kills.append({"moment": moment, "after_seconds": killed - begun, "lost_seconds": lost})
        print(f"    kill {len(kills):2d} {killed - begun:6.2f} s after the start; {lost:5.2f} s lost", flush=True)
    return kills


def newest(folder: Path, pattern: str) -> float:
    """When the newest file of that name was written; 0 if there is none."""
    times = [0.0]
    for path in folder.rglob(pattern):
        try:
            times.append(path.stat().st_mtime)
        except FileNotFoundError:
            continue
    return max(times)


def draw(chance: random.Random, seconds: float) -> list[float]:
    """Ten moments; the last tenth is left out, since a training may be done earlier than expected."""
    return [chance.uniform(0.0, 0.9 * seconds) for _ in range(KILLS)]


# The first question: weights.


def train_killed(folder: Path, chance: random.Random, seconds: float) -> dict[str, Any]:
    """Train twice, the second time under fire, and compare."""
    data = open_data("digits")
    recipe = default_recipe(data.specification, len(data.train)) | Mixup(0.2) | Dropout(0.2) | EMA(decay=0.99)
    write_recipe(recipe, folder / "recipe.toml")
    speed = measure_speed(recipe, data)
    epochs = max(2, round(seconds / speed.step / (len(data.train) // recipe.batch_size)))
    arguments = ["train", "digits", "--recipe", str(folder / "recipe.toml"), "--epochs", str(epochs), "--out"]
    calm, killed = folder / "calm", folder / "killed"
    began = time.time()
    if start([*arguments, str(calm)], folder / "calm.log").wait() != 0:
        raise SystemExit((folder / "calm.log").read_text()[-2000:])
    took, log = time.time() - began, (folder / "calm.log").read_text()
    trained = float(re.findall(r"steps in ([\d.]+) s", log)[-1])
    print(f"  {recipe.describe()}; {epochs} epochs, {trained:.1f} s of training, {took:.1f} s in all")

    def kept() -> float:
        checkpoint = killed / "training.checkpoint"
        return torch.load(checkpoint, weights_only=True)["state"]["seconds"] if checkpoint.exists() else 0.0

    kills = disturb([*arguments, str(killed)], killed, folder / "killed.log", draw(chance, trained), kept,
                    lambda: newest(killed, "*.checkpoint"), startup=took - trained)  # fmt: skip
    one, other = (load_file(out / "model.safetensors") for out in (calm, killed))
    same = one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)
    resumed = sum(kill["kept_seconds"] > 0.0 for kill in kills)
    print(f"  {len(one)} tensors after {len(kills)} kills, {resumed} of them resumed from a checkpoint: "
          f"{'bit-identical' if same else 'DIFFERENT'}")  # fmt: skip
    return {"epochs": epochs, "recipe": recipe.describe(), "kills": kills, "bit_identical": same, "tensors": len(one),
            "resumed_from_a_checkpoint": resumed}  # fmt: skip


# The second question: a whole run.


def run_killed(folder: Path, chance: random.Random, budget: str) -> dict[str, Any]:
    """A whole run under fire, then its report and its database."""
    out, database = folder / "run", folder / "run" / "assay.db"
    moments = draw(chance, parse_seconds(budget))
    kills = disturb(
        ["run", "digits", "--budget", budget, "--out", str(out)], out, folder / "run.log", moments,
        kept=lambda: working_seconds(database),
        last_kept=lambda: max(newest(out, "*.checkpoint"), last_row(database)), startup=5.0,
    )  # fmt: skip
    summary, trials = json.loads((out / "summary.json").read_text()), count_trials(database)
    complete = summary.keys() >= SUMMARY_KEYS and summary["stages"].keys() == STAGES
    complete &= all((out / name).is_file() for name in ("report.html", "recipe.toml", "model.safetensors"))
    print(f"  after {len(kills)} kills: report {'complete' if complete else 'NOT complete'}, test read "
          f"{summary['test']['reads']} x, test {summary['test']['value']:.4f}, {summary['seconds']:.1f} working "
          f"seconds of {budget}; trials {trials}")  # fmt: skip
    return {"kills": kills, "complete": complete, "test_reads": summary["test"]["reads"], "trials": trials,
            "seconds": summary["seconds"], "budget": budget, "tricks": len(summary["tricks"])}  # fmt: skip


def ask(database: Path, question: str) -> list[tuple[Any, ...]]:
    """Rows of the run's database; none while it or its tables are not there."""
    if not database.exists():
        return []
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        try:
            return connection.execute(question).fetchall()
        except sqlite3.OperationalError:
            return []


def working_seconds(database: Path) -> float:
    """What the run itself believes to have used."""
    return max((seconds for (seconds,) in ask(database, "select seconds from assay_runs")), default=0.0)


def last_row(database: Path) -> float:
    """When the last stage, trial, decision or Optuna trial was kept, in seconds since 1970."""
    times = [0.0]
    for table, column in (("stages", "finished"), ("trials", "finished"), ("decisions", "decided")):
        for (text,) in ask(database, f"select max({column}) from assay_{table}"):
            times += [datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()] if text else []
    for (text,) in ask(database, "select max(datetime_complete) from trials"):
        # Optuna writes local time.
        times += [datetime.fromisoformat(text).timestamp()] if text else []
    return max(times)


def count_trials(database: Path) -> dict[str, Any]:
    """Trainings in the database: none twice, and as many for each recipe as there are seeds."""
    rows = ask(database, "select recipe, result from assay_trials")
    seeds = Counter(recipe for recipe, _ in rows)
    searched = Counter(state for (state,) in ask(database, "select state from trials"))
    pairs = [(recipe, json.loads(result)["seed"]) for recipe, result in rows]
    return {
        "trials": len(rows), "recipes": len(seeds), "seeds_a_recipe": sorted(set(seeds.values())),
        "counted_twice": len(pairs) - len(set(pairs)), "searched": dict(searched),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=None, help="of the random moments; a new one by default")
    parser.add_argument("--budget", default="60s")
    parser.add_argument("--train-seconds", type=float, default=60.0)
    options = parser.parse_args()
    seed = int.from_bytes(os.urandom(3), "little") if options.seed is None else options.seed
    record = Record(
        "resume", f"bit-identical weights and at most {ASKED_LOST_SECONDS:g} s lost at each of {KILLS} kills",
        seed_of_moments=seed, budget=options.budget, train_seconds=options.train_seconds,
    )  # fmt: skip
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as name:
        trained = train_killed(Path(name), chance, options.train_seconds)
        ran = run_killed(Path(name), chance, options.budget)
    worst = max(kill["lost_seconds"] for kill in ran["kills"])
    reached = {
        "bit-identical weights": trained["bit_identical"] and trained["resumed_from_a_checkpoint"] > 0,
        f"{KILLS} kills each": len(trained["kills"]) == len(ran["kills"]) == KILLS,
        "complete report": ran["complete"],
        f"at most {ASKED_LOST_SECONDS:g} s lost": worst <= ASKED_LOST_SECONDS,
        "none counted twice": ran["trials"]["counted_twice"] == 0,
        "test read once": ran["test_reads"] == 1,
    }
    print(f"  most work lost at a kill of the run: {worst:.2f} s")
    print("  reached: " + ", ".join(f"{what}: {held}" for what, held in reached.items()))
    record.write({"reached": reached, "most_lost_seconds": worst, "train": trained, "run": ran})


if __name__ == "__main__":
    main()
