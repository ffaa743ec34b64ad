"""Seconds of the `airbench94` preset on all of CIFAR-10, and the accuracy it reaches; made for a GPU.

The seconds are those of the training's steps, with their batches; reading the images, building the network and the
evaluation at the end are not in them. The first training warms the device up and does not count.
"""

from __future__ import annotations

import argparse
import statistics

from cifar10 import load_cifar10
from machine import Record

from assay.presets.catalog import find_preset
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.precision.mixed_precision import MixedPrecision

ASKED = "94.01 % in 3.09 s on one A100 (Jordan 2024), compiled and in half precision"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--preset", default="airbench94")
    options = parser.parse_args()
    record = Record("airbench", ASKED, preset=options.preset, seeds=options.seeds)
    data = load_cifar10()
    recipe = find_preset(options.preset).recipe
    figures = {}
    for name, arm in {"float32": recipe, "bf16": recipe | MixedPrecision("bf16")}.items():
        train(arm.change(epochs=1.0), data, seed=options.seeds, evaluations=1)
        figures[name] = measure(name, arm, data, options.seeds)
    record.write(figures)


def measure(name: str, recipe: Recipe, data: object, seeds: int) -> dict[str, object]:
    """Mean, deviation and every seed's values."""
    runs = [train(recipe, data, seed=seed, evaluations=1) for seed in range(seeds)]
    accuracies, seconds = [run.validation.value for run in runs], [run.seconds for run in runs]
    print(f"  {name}: {statistics.fmean(accuracies):.4f} (sd {statistics.stdev(accuracies):.4f}) in "
          f"{statistics.median(seconds):.2f} s, n = {seeds}", flush=True)  # fmt: skip
    return {"accuracy": statistics.fmean(accuracies), "deviation": statistics.stdev(accuracies),
            "median_seconds": statistics.median(seconds), "accuracies": accuracies, "seconds": seconds}  # fmt: skip


if __name__ == "__main__":
    main()
