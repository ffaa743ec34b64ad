"""The Bag-of-Tricks stack on CIFAR-10: what each trick adds on top of those before it, over paired seeds.

The order is that of He et al. 2018: large batches made to train well (their tables 3 and 4), then refinements
(tables 5 and 6). Made for a GPU: trainings run side by side, and what is done is kept, so that the benchmark may be
stopped and goes on where it was.

    ASSAY_CIFAR_ZIP=cifar10.zip python benchmarks/bench_bag_of_tricks.py --kept done.jsonl --stop-after 540
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Literal

import torch
from cifar10 import load_cifar10
from machine import Record
from torch.multiprocessing import get_context

sys.path.append(str(Path(__file__).parent / "effects"))
from effect import Contrast, compare, outcome_to_dict

from assay.data.data import Data
from assay.models.resnet import ResNet
from assay.models.teacher import save_teacher
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import train
from assay.tricks.architecture.resnet_d import ResNetD
from assay.tricks.batch.crop import Crop
from assay.tricks.batch.flip import Flip
from assay.tricks.batch.mixup import Mixup
from assay.tricks.initialisation.zero_gamma import ZeroGamma
from assay.tricks.optimizer.linear_scaling import LinearScaling
from assay.tricks.optimizer.no_bias_decay import NoBiasDecay
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tricks.schedule.cosine import Cosine
from assay.tricks.schedule.step_decay import StepDecay
from assay.tricks.schedule.warmup import Warmup
from assay.tricks.target.distillation import Distillation
from assay.tricks.target.label_smoothing import LabelSmoothing

ASKED = "the CIFAR-10 ablation of the Bag-of-Tricks stack, at least 10 seeds a row"
CLAIM = (
    "ImageNet ResNet-50, top-1: 75.87 at batch 256; at 1024 with linear scaling 75.17, warmup 75.93, zero gamma 76.19, "
    "no bias decay 76.16, fp16 76.15; then ResNet-D 77.16, cosine 77.91, label smoothing 78.31, distillation 78.67, "
    "mixup 79.15 without and 79.29 with distillation"
)
SMALL_BATCH, LARGE_BATCH = 128, 1024
BASELINE, BEFORE_TEACHER = f"baseline at batch {SMALL_BATCH}", "label smoothing"
EXPECTED: dict[str, Literal[-1, 0, 1]] = {
    f"batch {LARGE_BATCH}, linear scaling": -1, "no bias decay": 0, "fp16": 0,
}  # fmt: skip
"""The sign of the published effect where it is not a gain; differences under .05 points count as none claimed."""
TEACHER_SEED = 1000
DATA: Data


def rows(epochs: float, teacher: Path) -> dict[str, Recipe]:
    """Each row's recipe, in order; a row has what the one before it has, and what its name says."""
    small = Recipe(model=ResNet.cifar(20), optimizer=SGD(0.1, 0.9, True, 5e-4), batch_size=SMALL_BATCH, epochs=epochs)
    changes: dict[str, Callable[[Recipe], Recipe]] = {
        BASELINE: lambda recipe: recipe | Crop(4) | Flip() | StepDecay(),
        f"batch {LARGE_BATCH}, linear scaling": lambda recipe: (
            recipe.change(batch_size=LARGE_BATCH) | LinearScaling(SMALL_BATCH)
        ),
        "warmup": lambda recipe: recipe | Warmup(epochs / 24),
        "zero gamma": lambda recipe: recipe | ZeroGamma(),
        "no bias decay": lambda recipe: recipe | NoBiasDecay(),
        "fp16": lambda recipe: recipe | MixedPrecision("fp16"),
        "ResNet-D": lambda recipe: recipe | ResNetD(),
        "cosine": lambda recipe: recipe.without(StepDecay) | Cosine(),
        BEFORE_TEACHER: lambda recipe: recipe | LabelSmoothing(0.1),
        "distillation": lambda recipe: recipe | Distillation(str(teacher)),
        "mixup": lambda recipe: recipe | Mixup(0.2),
    }
    recipes = list(accumulate(changes.values(), lambda recipe, change: change(recipe), initial=small))
    return dict(zip(changes, recipes[1:], strict=True))


def train_teacher(data: Data, epochs: float, path: Path) -> float:
    """ResNet-56-D under the stack without a teacher; returns its accuracy."""
    recipe = rows(epochs, path)[BEFORE_TEACHER]
    run = train(recipe.change(model=ResNet.cifar(56)), data, seed=TEACHER_SEED, evaluations=1)
    save_teacher(run.model, data.specification.normalization(data.train.gather(torch.arange(2))), path)
    return run.validation.value


def prepare(data: Data) -> None:
    """What each process keeps between trainings."""
    global DATA
    DATA = data
    torch.set_num_threads(1)


def measure(name: str, recipe: Recipe, seed: int) -> dict[str, Any]:
    """One training, judged on the test images after its last step."""
    run = train(recipe, DATA, seed=seed, evaluations=1)
    return {"row": name, "seed": seed, "accuracy": run.validation.value, "seconds": run.seconds}


def fill(kept: Path, recipes: Mapping[str, Recipe], data: Data, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Train what `kept` does not hold yet, whole seeds first, and add each result to it as it comes."""
    done = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    held = {(each["row"], each["seed"]) for each in done}
    missing = [(name, seed) for seed in range(options.seeds) for name in recipes if (name, seed) not in held]
    started = time.monotonic()
    with ProcessPoolExecutor(options.side_by_side, get_context("spawn"), prepare, (data,)) as pool:
        asked = [pool.submit(measure, name, recipes[name], seed) for name, seed in missing]
        for future in as_completed(asked):
            if future.cancelled():
                continue
            done.append(future.result())
            with kept.open("a") as file:
                file.write(json.dumps(done[-1]) + "\n")
            print(f"    {len(done)}: {done[-1]} after {time.monotonic() - started:.0f} s", flush=True)
            if time.monotonic() - started > options.stop_after:
                pool.shutdown(wait=False, cancel_futures=True)
    return done


def summarise(done: list[dict[str, Any]], names: list[str]) -> dict[str, Any]:
    """Every row against the one before it and against the baseline, over the seeds that all rows have."""
    found = {(each["row"], each["seed"]): each["accuracy"] for each in done}
    seeds = sorted({seed for _, seed in found if all((name, seed) in found for name in names)})
    values = [{name: found[name, seed] for name in names} for seed in seeds]
    contrasts = [Contrast(f"+ {name}", before, name, EXPECTED.get(name, 1)) for before, name in pairwise(names)]
    contrasts += [Contrast(f"all up to {name}", names[0], name, 1) for name in names[2:]]
    outcomes = [compare(contrast, values) for contrast in contrasts]
    for outcome in outcomes:
        print(f"  {outcome.contrast.name}: {outcome.estimate:+.4f} [{outcome.low:+.4f}, {outcome.high:+.4f}], "
              f"n = {outcome.n}: {outcome.verdict}")  # fmt: skip
    return {"seeds": values, "means": {name: statistics.fmean(row[name] for row in values) for name in names},
            "deviations": {name: statistics.stdev(row[name] for row in values) for name in names},
            "outcomes": [outcome_to_dict(outcome) for outcome in outcomes]}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--epochs", type=float, default=24)
    parser.add_argument("--side-by-side", type=int, default=1, help="trainings at a time on the one device")
    parser.add_argument("--kept", type=Path, default=Path("bag-of-tricks.jsonl"), help="results so far, a line each")
    parser.add_argument("--teacher", type=Path, default=Path("teacher.pt2"), help="trained if it is not there")
    parser.add_argument("--stop-after", type=float, default=float("inf"), help="seconds; run again to go on")
    options = parser.parse_args()
    record = Record("effect-bag-of-tricks", ASKED, epochs=options.epochs, seeds=options.seeds)
    data = load_cifar10()
    if not options.teacher.exists():
        print(f"  teacher: {train_teacher(data, options.epochs, options.teacher):.4f}", flush=True)
    recipes = rows(options.epochs, options.teacher)
    done = fill(options.kept, recipes, data, options)
    if len(done) < len(recipes) * options.seeds:
        raise SystemExit(f"{len(done)} of {len(recipes) * options.seeds} trainings done; run again to go on")
    setting = (f"ResNet-20 on CIFAR-10, {options.epochs:g} epochs, crops and flips; batch {SMALL_BATCH}, rate 0.1, "
               "then batch 1,024; teacher ResNet-56-D; each row has all tricks before it; judged on the 10,000 "
               "test images")  # fmt: skip
    record.write({"claim": CLAIM, "source": "He et al. 2018, tables 4 to 6", "setting": setting, "unit": "accuracy",
                  "higher_is_better": True, "seconds": sum(each["seconds"] for each in done),
                  **summarise(done, list(recipes))})  # fmt: skip


if __name__ == "__main__":
    main()
