"""Studies whose truth is known: false verdicts, coverage of intervals, and trainings saved by looking early.

Each study goes through the engine itself; a training is a draw: worth of its tricks, luck of its seed that all arms
share, and luck of its own. Deviation of a difference of two trainings: 1. The fixed design trains all arms with 12
seeds, the sequential one looks after 3, 5, 8 and 12. "fewer" is the share of trainings that it saves against a fixed
design of the same power at the same worths, found between those with 6 to 12 seeds. Shares of the error rate, looks
and the chance at which a trick is let go were chosen on another seed.

Asked: false helps or hurts <= 5 % a family without effects, with 20 tricks and looks; coverage 93 to 97 %; >= 25 %
fewer trainings at equal power; Shapley's shares sum to the effect of all.

    bench_studies.py [--studies 1000]
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from machine import Record

from assay.ablation.designs.catalog import DESIGNS
from assay.ablation.sequential import Looks
from assay.ablation.studied import Study
from assay.ablation.study import run_study
from assay.intervals import wilson_interval
from assay.recipe import Recipe
from assay.trial import Trial, in_turn

FIXED, SEQUENTIAL = Looks((12,)), Looks()
SEED = 500
WORTHS = {
    "20 without effect": [0.0] * 20,
    "20, of which 8 with effects": [3.0, 3.0, 1.5, 1.5, 1.5, 0.8, 0.8, -1.5] + [0.0] * 12,
    "5 without effect": [0.0] * 5,
    "5, of which 3 with effects": [2.0, 1.0, -1.0, 0.0, 0.0],
}


@dataclass(frozen=True)
class Numbered:
    """A trick that leaves the recipe as it is; each number is a kind of its own."""

    number: int

    def __call__(self, recipe: Recipe) -> Recipe:
        return recipe


TRICKS = [type(f"Trick{number}", (Numbered,), {})(number) for number in range(20)]


class Drawn:
    """A `Measure` that draws instead of training; of several examples each has luck of its own that arms share."""

    def __init__(self, worths: list[float], random: np.random.Generator, examples: int) -> None:
        self.worths, self.random, self.examples = worths, random, examples
        self.of_seeds: dict[int, float] = {}
        # What a trick does to one example is the same in every training: luck of which examples were drawn.
        self.of_examples = random.normal(size=(len(worths), examples)) if examples > 1 else np.zeros((len(worths), 1))

    def __call__(self, recipe: Recipe, seed: int) -> Trial:
        numbers = [trick.number for trick in recipe.tricks]  # pyright: ignore[reportAttributeAccessIssue]
        shared = self.of_seeds.setdefault(seed, float(self.random.normal()))
        value = shared + self.random.normal() / math.sqrt(2) + sum(self.worths[number] for number in numbers)
        scores = value + self.of_examples[numbers].sum(0)
        return Trial(recipe, seed, float(scores.mean()), 0.0, self.examples, 1, 1.0, scores)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000)
    options = parser.parse_args()
    record = Record(
        "studies", "false verdicts <= 5 % a family; coverage 93-97 %; >= 25 % fewer trainings at equal power",
        studies=options.studies, seed=SEED,
    )  # fmt: skip
    rows = [
        row_of(name, worths, kind, looks, options.studies, examples)
        for name, worths in WORTHS.items()
        for examples in (1, 50)
        for kind, looks in (("fixed", FIXED), ("sequential", SEQUENTIAL))
    ]
    for fixed, sequential in zip(rows[::2], rows[1::2], strict=True):
        equal = trainings_at(sequential["power"], fixed, options.studies)
        sequential |= {"fewer": 1 - sequential["trainings"] / equal, "fixed_of_equal_power": equal}
        print(f"  {fixed['family']}, {fixed['examples']} examples: {sequential['fewer']:.0%} fewer trainings than a "
              f"fixed design of the same power ({equal:.0f})")  # fmt: skip
    record.write({"rows": rows, "shapley": shapley_error()})


def row_of(family: str, worths: list[float], kind: str, looks: Looks, studies: int, examples: int) -> dict[str, Any]:
    random, truth = np.random.default_rng(SEED), np.array(worths)
    false, inside, trainings, found = 0, 0, 0, np.zeros(len(worths))
    for _ in range(studies):
        measure_all = in_turn(Drawn(worths, random, examples))
        study = run_study(Recipe(), TRICKS[: len(worths)], measure_all, design=DESIGNS["add-one"], looks=looks)
        told = told_effects(study)
        false += bool((told & (truth == 0)).any())
        found += told
        inside += sum(one.low <= worth <= one.high for one, worth in zip(study.effects, worths, strict=True))
        trainings += study.trainings
    power = float((found / studies)[truth != 0].mean()) if truth.any() else math.nan
    row = {
        "family": family, "examples": examples, "design": kind, "false_families": false / studies,
        "false_interval": wilson_interval(false, studies), "coverage": inside / studies / len(worths),
        "trainings": trainings / studies, "power": power, "power_of_each": (found / studies).round(3).tolist(),
    }  # fmt: skip
    print(f"  {family}, {examples} examples, {kind}: false in {row['false_families']:.3f} of families, coverage "
          f"{row['coverage']:.3f}, {row['trainings']:.0f} trainings, power {power:.3f}", flush=True)  # fmt: skip
    return row


def trainings_at(power: float, fixed: dict[str, Any], studies: int) -> float:
    """Of a fixed design with this power; where there is no effect to find, of the one with 12 seeds."""
    if math.isnan(power):
        return fixed["trainings"]
    worths, examples = WORTHS[fixed["family"]], fixed["examples"]
    sizes = [row_of(fixed["family"], worths, f"fixed {n}", Looks((n,)), studies, examples) for n in (6, 8, 10)]
    rows = [*sizes, fixed]
    return float(np.interp(power, [row["power"] for row in rows], [row["trainings"] for row in rows]))


def told_effects(study: Study) -> np.ndarray:
    return np.array([effect.verdict != "no measurable effect" for effect in study.effects])


def shapley_error() -> float:
    """The largest difference between the sum of shares and the effect of all, over 100 studies of 6 tricks."""
    random, worst = np.random.default_rng(SEED), 0.0
    for _ in range(100):
        values: dict[tuple[int, int], float] = {}

        def measure(recipe: Recipe, seed: int, values: dict[tuple[int, int], float] = values) -> Trial:
            code = sum(1 << trick.number for trick in recipe.tricks)  # pyright: ignore[reportAttributeAccessIssue]
            value = values.setdefault((code, seed), float(random.normal()))
            return Trial(recipe, seed, value, 0.0, 1, 1, 1.0, np.array([value]))

        study = run_study(Recipe(), TRICKS[:6], in_turn(measure), design=DESIGNS["shapley"], looks=Looks((4,)))
        whole = np.mean([values[63, seed] - values[0, seed] for seed in range(4)])
        worst = max(worst, abs(sum(effect.estimate for effect in study.effects) - float(whole)))
    print(f"  Shapley's shares: sum differs from the effect of all by at most {worst:.1e} over 100 studies")
    return worst


if __name__ == "__main__":
    main()
