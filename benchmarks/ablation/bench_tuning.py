"""Tuning against a grid of equal cost, and beside plain Optuna with the same samplers, on three small tasks
(a network with one hidden layer of 64 on parts of each).

Every method may spend as much as 27 whole trainings: a grid of 3 x 3 x 3; Optuna's own loop with 27 trials of its
random and its TPE sampler, the best trial taken; and Assay's, which stops poor trials early and trains its best three
again on three fresh seeds (its cost is what it really spent: range test, bracket, trials and finals, each as its part
of a whole training). `assay` finds the learning rate's bounds by itself, the others search 1e-4 to 1. What is scored
is the test accuracy of the settings found, in trainings on fresh seeds that no method has seen; repeats differ in seed
and split, and differences are paired by repeat.

Asked: above the grid (median of 10 repeats, with its interval), and not below plain Optuna with the same sampler.

Every repeat of every method is written to the kept file as soon as it is done, and found there again: a benchmark that
was stopped goes on. What is left out of the file is measured anew, such as one method whose code has changed.

    bench_tuning.py [--repeats 10] [--seed 500] [--only digits] [--kept tuning-repeats.json]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1]))

from machine import Record

from assay.data.data import Data
from assay.data.open import open_data
from assay.defaults import default_recipe
from assay.evaluation import evaluate
from assay.models.mlp import MLP
from assay.recipe import Recipe
from assay.training.train import train
from assay.trial import Trial, in_turn, trial_of
from assay.tricks.precision.mixed_precision import MixedPrecision
from assay.tuning.search import Bench
from assay.tuning.searched import Searched
from assay.tuning.setting import with_settings
from assay.tuning.space import Space, Span
from assay.tuning.strategy import grid_settings
from assay.tuning.thorough import FINALISTS, Plan, tune_thoroughly
from assay.whole_file import write_whole

COST, SCORING_SEEDS, SCORING, BATCH = 27, 3, 10_000, 32
SPACE: Space = {
    "learning_rate": Span(1e-4, 1.0, log=True),
    "weight_decay": Span(1e-5, 1.0, log=True),
    "LabelSmoothing.smoothing": Span(0.0, 0.4),
}
TASKS = {"digits": (400, 10.0), "breast cancer": (250, 20.0), "fashion-mnist": (1000, 6.0)}
"""Training examples and epochs of each."""

Settings = dict[str, Any]


@dataclass
class Task:
    """A recipe on data; trainings are remembered, so that what two methods ask for alike is trained once."""

    recipe: Recipe
    data: Data
    seed: int

    def __post_init__(self) -> None:
        self.known: dict[tuple[str, int], Trial] = {}

    def measure(self, recipe: Recipe, seed: int) -> Trial:
        key = (recipe.key(), seed)
        if key not in self.known:
            self.known[key] = trial_of(train(recipe, self.data, seed=seed, evaluations=1, monitored=False))
        return self.known[key]

    def validated(self, settings: Settings) -> tuple[float, float]:
        trial = self.measure(with_settings(self.recipe, settings), self.seed)
        return trial.value, -trial.loss

    def tested(self, settings: Settings) -> float:
        """Mean test accuracy on seeds that no method has seen."""
        recipe = with_settings(self.recipe, settings)
        runs = [train(recipe, self.data, seed=self.seed + SCORING + number, evaluations=1, monitored=False)
                for number in range(SCORING_SEEDS)]  # fmt: skip
        return float(np.mean([evaluate(run.model, self.data.test, self.data.specification).value for run in runs]))


def grid(task: Task) -> tuple[Settings, float]:
    """The best of a grid of 27."""
    tried = grid_settings(SPACE, COST)
    return max(tried, key=task.validated), float(len(tried))


def optuna_alone(task: Task, *, sampler: str) -> tuple[Settings, float]:
    """The best of 27 trials of Optuna's own loop."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    kinds = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
    study = optuna.create_study(direction="maximize", sampler=kinds[sampler](seed=task.seed))

    def objective(trial: Any) -> float:
        settings = {name: trial.suggest_float(name, span.low, span.high, log=span.log)
                    for name, span in SPACE.items() if isinstance(span, Span)}  # fmt: skip
        return task.validated(settings)[0]

    study.optimize(objective, n_trials=COST)
    return dict(study.best_params), float(COST)


def assay(task: Task, *, search: str, finds_rate: bool) -> tuple[Settings, float]:
    """What a tuning finds; as many trials as its own planning expects to fit."""
    space = {name: span for name, span in SPACE.items() if not (finds_rate and name == "learning_rate")}
    plan = Plan(space, finds_rate, search, judging_seeds=0)
    plan = next(more for trials in range(60, 0, -1) if (more := replace(plan, trials=trials)).cost <= COST)
    spent: list[float] = [plan.range_steps * task.recipe.batch_size / task.recipe.epochs / len(task.data.train)
                          if finds_rate else 0.0]  # fmt: skip

    def told(_: int, searched: Searched) -> None:
        spent.append(searched.share)

    bench = Bench(task.recipe, task.data, on_trial=told)
    tuned = tune_thoroughly(task.recipe, task.data, in_turn(task.measure), plan, seed=task.seed, bench=bench,
                            share_used=lambda: sum(spent) / COST)  # fmt: skip
    finals = sum(plan.final_seeds * min(FINALISTS, len(one.few)) for one in tuned.rounds if one.finalists)
    return dict(tuned.winner.settings) if tuned.winner else {}, sum(spent) + finals


METHODS: dict[str, Callable[[Task], tuple[Settings, float]]] = {
    "grid": grid,
    "optuna random": partial(optuna_alone, sampler="random"),
    "optuna tpe": partial(optuna_alone, sampler="tpe"),
    "assay": partial(assay, search="random", finds_rate=True),
    "assay random": partial(assay, search="random", finds_rate=False),
    "assay tpe": partial(assay, search="tpe", finds_rate=False),
}
PAIRS = (("assay", "grid"), ("assay random", "grid"), ("assay tpe", "grid"), ("assay random", "optuna random"),
         ("assay tpe", "optuna tpe"))  # fmt: skip


def make_task(name: str, seed: int, folder: Path) -> Task:
    """A part of the source, split by the seed."""
    examples, epochs = TASKS[name]
    if name == "breast cancer":
        from sklearn.datasets import load_breast_cancer

        inputs, targets = load_breast_cancer(return_X_y=True)
        path = folder / "cancer.npz"
        np.savez(path, x=inputs.astype(np.float32), y=targets)
        data = open_data(path, seed=seed, validation_share=0.2, test_share=0.36)
    else:
        data = open_data(name, seed=seed, validation_share=0.15, test_share=0.6 if name == "digits" else 0.2)
    chosen = torch.randperm(len(data.train), generator=torch.Generator().manual_seed(seed))[:examples]
    data = replace(data, train=data.train.select(chosen), validation=_first(data.validation, 300),
                   test=_first(data.test, 2000))  # fmt: skip
    recipe = default_recipe(data.specification, len(data.train), epochs=epochs).without(MixedPrecision)
    recipe = recipe.change(model=MLP(hidden=(64,)), batch_size=BATCH)
    return Task(recipe, data, seed)


def _first(split: Any, most: int) -> Any:
    return split.select(torch.arange(min(most, len(split))))


def median_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The median with the interval of two order statistics: of ten the 2nd and 9th, which hold it in 97.9 %."""
    from scipy.stats import binom

    ordered, n = sorted(values), len(values)
    place = max([0, *(k for k in range(n // 2) if 1 - 2 * binom.cdf(k, n, 0.5) >= 0.95)])
    return float(np.median(ordered)), ordered[place], ordered[n - 1 - place]


@dataclass(frozen=True)
class Kept:
    """Scores and costs of finished repeats, by task, seed and method, in a file."""

    path: Path

    def read(self) -> dict[str, list[float]]:
        return json.loads(self.path.read_text()) if self.path.is_file() else {}

    def measure(self, name: str, seed: int, method: str, measure: Callable[[], tuple[float, float]]) -> list[float]:
        """(test accuracy, cost), found again or measured now."""
        key = f"{name}/{seed}/{method}"
        if key not in (kept := self.read()):
            found = list(measure())
            # Others may have written meanwhile.
            kept = self.read() | {key: found}
            write_whole(self.path, json.dumps(kept, indent=1))
        return kept[key]


def score(task: Task, find: Callable[[Task], tuple[Settings, float]]) -> tuple[float, float]:
    """Test accuracy of what a method finds, and what it cost."""
    settings, cost = find(task)
    return task.tested(settings), cost


def measure_task(name: str, seeds: range, folder: Path, kept: Kept) -> dict[str, Any]:
    """All methods on all repeats; says every repeat as it is done."""
    scores: dict[str, list[float]] = {method: [] for method in METHODS}
    costs: dict[str, list[float]] = {method: [] for method in METHODS}
    for seed in seeds:
        task = make_task(name, seed, folder)
        for method, find in METHODS.items():
            value, cost = kept.measure(name, seed, method, partial(score, task, find))
            scores[method].append(value)
            costs[method].append(cost)
        told = ", ".join(f"{method} {values[-1]:.4f}" for method, values in scores.items())
        print(f"  {name}, seed {seed}: {told}", flush=True)
    differences = {f"{one} - {other}": median_interval(np.subtract(scores[one], scores[other]).tolist())
                   for one, other in PAIRS}  # fmt: skip
    for pair, (middle, low, high) in differences.items():
        print(f"  {name}: {pair}: median {middle:+.4f} ({low:+.4f} to {high:+.4f}), n = {len(seeds)}", flush=True)
    spent = ", ".join(f"{method} {np.mean(values):.1f}" for method, values in costs.items())
    print(f"  {name}: mean cost in whole trainings: {spent}", flush=True)
    return {"seeds": list(seeds), "medians": {method: float(np.median(values)) for method, values in scores.items()},
            "scores": scores, "mean_cost": {method: float(np.mean(values)) for method, values in costs.items()},
            "differences": differences}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seed", type=int, default=500, help="of the first repeat")
    parser.add_argument("--kept", type=Path, default=Path("tuning-repeats.json"), help="file of finished repeats")
    parser.add_argument("--only", choices=TASKS)
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds = range(options.seed, options.seed + options.repeats)
    name = f"tuning-{options.only.replace(' ', '-')}" if options.only else "tuning"
    record = Record(name, "tuning beats a grid of equal cost, and is beside plain Optuna with the same sampler",
                    packages=("optuna", "scikit-learn"), cost_in_trainings=COST, repeats=options.repeats,
                    seeds=f"{seeds.start} to {seeds.stop - 1}", scoring_seeds=SCORING_SEEDS)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        names = [options.only] if options.only else list(TASKS)
        figures = {name: measure_task(name, seeds, Path(folder), Kept(options.kept)) for name in names}
    record.write(figures)


if __name__ == "__main__":
    main()
