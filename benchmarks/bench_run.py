"""`assay run SOURCE --budget BUDGET`, once for each seed, as a user runs it: score, time, memory.

    python benchmarks/bench_run.py digits 2m --seeds 5 --min 0.99
    python benchmarks/bench_run.py fashion-mnist 15m --min 0.925 --max-gib 2
    python benchmarks/bench_run.py cifar10-5000 15m

`cifar10-5000` is a folder of class folders with 5,000 training and 1,000 test images of CIFAR-10, made
from the zip that ASSAY_CIFAR_ZIP names. Fashion-MNIST is looked for as always (ASSAY_DATA_DIR). Without
arguments all three are run, one after the other.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cifar_folder import prepare_cifar_folder
from machine import Record
from processes import Finished, run_watched

from assay.budget import parse_seconds

ASKED = (
    ["digits", "2m", "--seeds", "5", "--min", "0.99"],
    ["fashion-mnist", "15m", "--min", "0.925", "--max-gib", "2"],
    ["cifar10-5000", "15m"],
)
WITHIN = 0.10
"""How far beyond its budget a run may go, as a share of it."""


def run_seed(source: str, budget: str, seed: int, folder: Path) -> dict[str, Any]:
    """One run and what it left."""
    out = folder / f"seed-{seed}"
    log = folder / f"seed-{seed}.log"
    finished = run_watched(["run", source, "--budget", budget, "--seed", str(seed), "--out", str(out)], log)
    if finished.code != 0:
        raise SystemExit(f"assay run {source} --seed {seed} ended with code {finished.code}:\n{finished.errors}")
    return describe(json.loads((out / "summary.json").read_text()), finished, parse_seconds(budget), seed)


def describe(summary: dict[str, Any], finished: Finished, budget: float, seed: int) -> dict[str, Any]:
    """The figures of one run; prints them."""
    test, baselines = summary["test"], summary["baselines"]
    best = max(baselines, key=lambda name: baselines[name])
    row = {
        "seed": seed, "test": test["value"], "interval": test["interval"], "n": test["n"], "test_reads": test["reads"],
        "validation": summary["validation"]["value"], "seconds": finished.seconds,
        "seconds_over_budget": finished.seconds / budget, "peak_gib": finished.peak_bytes / 2**30,
        "baselines": baselines, "beats_every_baseline": test["value"] > baselines[best],
        "tricks_kept": [trick["trick"] for trick in summary["tricks"] if trick["kept"]],
        "stage_seconds": {name: stage["seconds"] for name, stage in summary["stages"].items()},
    }  # fmt: skip
    low, high = test["interval"]
    print(f"    seed {seed}: test {test['metric']} {test['value']:.4f} [{low:.4f}, {high:.4f}] (n = {test['n']}, read "
          f"{test['reads']} x); {finished.seconds:.1f} s = {row['seconds_over_budget']:.3f} of the budget; peak "
          f"{row['peak_gib']:.2f} GiB; best baseline {best} {baselines[best]:.4f}, "
          f"{'beaten' if row['beats_every_baseline'] else 'NOT beaten'}", flush=True)  # fmt: skip
    return row


def conclude(rows: list[dict[str, Any]], least: float | None, most_gib: float | None) -> dict[str, Any]:
    """Mean and spread over seeds, and what was reached."""
    scores = [row["test"] for row in rows]
    figures = {
        "mean": statistics.mean(scores), "standard_deviation": statistics.stdev(scores) if len(scores) > 1 else None,
        "seeds": len(rows), "longest_over_budget": max(row["seconds_over_budget"] for row in rows),
        "peak_gib": max(row["peak_gib"] for row in rows),
    }  # fmt: skip
    reached = {
        f"within {1 + WITHIN:.2f} of the budget": figures["longest_over_budget"] <= 1 + WITHIN,
        "beats every baseline": all(row["beats_every_baseline"] for row in rows),
        "test read once": all(row["test_reads"] == 1 for row in rows),
    }
    if least is not None:
        reached[f"mean at least {least}"] = figures["mean"] >= least
    if most_gib is not None:
        reached[f"peak under {most_gib:g} GiB"] = figures["peak_gib"] < most_gib
    spread = "" if len(rows) == 1 else f", standard deviation {figures['standard_deviation']:.4f}"
    print(f"  mean {figures['mean']:.4f} over {len(rows)} seeds{spread}; peak {figures['peak_gib']:.2f} GiB")
    print("  reached: " + ", ".join(f"{name}: {held}" for name, held in reached.items()))
    return {**figures, "reached": reached, "runs": rows}


def measure(arguments: Sequence[str] | None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("budget")
    parser.add_argument("--seeds", type=int, default=1, help="how many, from 0")
    parser.add_argument("--min", type=float, dest="least", help="the asked mean test score")
    parser.add_argument("--max-gib", type=float, help="the asked peak memory")
    options = parser.parse_args(arguments)
    asked = f"mean test score at least {options.least}" if options.least else "finishes and beats its baselines"
    record = Record(f"run-{Path(options.source).name}-{options.budget}", asked, packages=("scikit-learn", "optuna"),
                    source=options.source, budget=options.budget, seeds=options.seeds)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as name:
        folder, source = Path(name), options.source
        if source == "cifar10-5000":
            source = str(prepare_cifar_folder(folder / source))
        rows = [run_seed(source, options.budget, seed, folder) for seed in range(options.seeds)]
    record.write(conclude(rows, options.least, options.max_gib))


def main() -> None:
    if len(sys.argv) > 1:
        return measure(None)
    for arguments in ASKED:
        try:
            measure(arguments)
        except SystemExit as error:
            print(f"  {' '.join(arguments)}: not measured, {error}")


if __name__ == "__main__":
    main()
