"""Seconds and peak memory of `assay inspect` on whole data sets: reading, statistics, exact duplicates, no model.

The budget leaves no time to compare all images with all; that stage is measured by `bench_near_duplicates.py`.

    ASSAY_DATA_DIR=FOLDER bench_audit.py [SOURCE=SECONDS ...]      seconds that are asked

Asked: 70,000 Fashion-MNIST images under 20 s, 60,000 CIFAR-10 JPEGs under 60 s, each under 2 GiB.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from machine import Record
from processes import run_watched

BUDGET, MOST_GIB = "20s", 2.0


def usual_sources() -> list[str]:
    """What is asked, as far as its data are at hand."""
    archive = Path(os.environ.get("ASSAY_DATA_DIR", ".")) / "cifar10-jpeg.zip"
    return ["fashion-mnist=20", *([f"{archive}=60"] if archive.is_file() else [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*", metavar="SOURCE=SECONDS", default=usual_sources())
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    record = Record("audit", "fashion-mnist < 20 s, CIFAR-10 as JPEGs < 60 s, < 2 GiB", rounds=options.rounds)
    figures: dict[str, object] = {}
    for source, _, asked in (text.rpartition("=") for text in options.sources):
        with tempfile.TemporaryDirectory() as folder:
            runs = [
                run_watched(["inspect", source, "--budget", BUDGET], Path(folder) / f"{number}.log")
                for number in range(options.rounds)
            ]
        if any(run.code for run in runs):
            raise SystemExit(f"{source}: {runs[0].errors}")
        seconds = [run.seconds for run in runs]
        gib = max(run.peak_bytes for run in runs) / 2**30
        reached = statistics.median(seconds) < float(asked) and gib < MOST_GIB
        figures[Path(source).name] = {
            "seconds": seconds,
            "peak_gib": gib,
            "asked_seconds": float(asked),
            "reached": reached,
        }
        print(f"  {Path(source).name:24s} {statistics.median(seconds):.1f} s [{min(seconds):.1f}, {max(seconds):.1f}] "
              f"range, n = {len(runs)}; asked {asked} s; {gib:.2f} GiB; reached: {reached}")  # fmt: skip
    record.write(figures)


if __name__ == "__main__":
    main()
