"""Whole-process seconds of `assay --help`; Python alone and `import torch` beside it, in turn.

Asked: under 0.4 s.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from contest import Contestant, hold
from machine import Record

ASKED_SECONDS = 0.4
ASSAY = Path(sys.executable).with_name("assay")
COMMANDS = {
    "assay --help": [str(ASSAY), "--help"],
    "assay train --help": [str(ASSAY), "train", "--help"],
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import assay'": [sys.executable, "-c", "import assay"],
    "python -c 'import torch'": [sys.executable, "-c", "import torch"],
}


def process(command: list[str]) -> Contestant:
    """Seconds from start to exit of a process."""

    def run() -> float:
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    record = Record(
        "startup", f"`assay --help` under {ASKED_SECONDS} s", packages=("typer", "rich"), rounds=options.rounds
    )
    costs = hold({name: process(command) for name, command in COMMANDS.items()}, rounds=options.rounds)
    figures: dict[str, object] = {}
    for name, seconds in costs.items():
        figures[name] = {
            "median": statistics.median(seconds),
            "low": min(seconds),
            "high": max(seconds),
            "n": len(seconds),
        }
        print(f"    {name:26s} median {statistics.median(seconds):.3f} s  [{min(seconds):.3f}, {max(seconds):.3f}] "
              f"range, n = {len(seconds)}")  # fmt: skip
    figures["reached"] = statistics.median(costs["assay --help"]) < ASKED_SECONDS
    print(f"  reached: {figures['reached']}")
    record.write(figures)


if __name__ == "__main__":
    main()
