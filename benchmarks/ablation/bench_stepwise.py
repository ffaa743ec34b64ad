"""Stepwise selection where the truth is known: how often a stack gains a useless member, and which it finds.

Studies as in `bench_studies.py`: a training is a draw, worth of its tricks, luck of its seed that all arms share, and
luck of its own; deviation of a difference of two trainings: 1. Worths add up. A member is useless whose worth is not
above 0.

Asked: a stack of useless tricks gains a member in <= 5 % of studies, and so does any stack a useless one.

    bench_stepwise.py [--studies 1000]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench_studies import SEED, Drawn, Numbered
from machine import Record

from assay.ablation.sequential import Looks
from assay.ablation.stepwise import Steps, run_stepwise
from assay.intervals import wilson_interval
from assay.recipe import Recipe
from assay.trial import in_turn

WORTHS = {
    "12 useless": [0.0] * 12,
    "5 useless": [0.0] * 5,
    "12, of which 4 are of use": [3.0, 2.0, 1.5, 1.0] + [0.0] * 8,
    "5, of which 2 are of use": [2.0, 1.0, -1.0, 0.0, 0.0],
}
TRICKS = [type(f"Trick{number}", (Numbered,), {})(number) for number in range(12)]
"""Each number is a kind of its own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000)
    options = parser.parse_args()
    record = Record("stepwise", "a useless member in <= 5 % of studies", studies=options.studies, seed=SEED)
    rows = [
        row_of("12 useless", WORTHS["12 useless"], Looks((3,)), options.studies, 50),
        *(row_of(name, worths, Looks(), options.studies, 50) for name, worths in WORTHS.items()),
        row_of("12 useless", WORTHS["12 useless"], Looks(), options.studies, 1),
    ]
    record.write({"rows": rows})


def row_of(family: str, worths: list[float], looks: Looks, studies: int, examples: int) -> dict[str, Any]:
    random, useless, found, trainings = np.random.default_rng(SEED), 0, np.zeros(len(worths)), 0
    for _ in range(studies):
        steps = run_stepwise(Recipe(), TRICKS[: len(worths)], in_turn(Drawn(worths, random, examples)), looks=looks)
        useless += any(worths[place] <= 0 for place in steps.stack)
        found[list(steps.stack)] += 1
        trainings += trainings_of(steps)
    row = {
        "family": family, "examples": examples, "looks": list(looks.seeds), "useless_member": useless / studies,
        "useless_interval": wilson_interval(useless, studies), "trainings": trainings / studies,
        "joined": (found / studies).round(3).tolist(),
    }  # fmt: skip
    low, high = row["useless_interval"]
    of_use = [share for share, worth in zip(row["joined"], worths, strict=True) if worth > 0]
    print(f"  {family}, {examples} examples, looks {looks.seeds}: a useless member in {useless / studies:.3f} "
          f"[{low:.3f}, {high:.3f}] of studies, {row['trainings']:.0f} trainings, joined {of_use}",
          flush=True)  # fmt: skip
    return row


def trainings_of(steps: Steps) -> int:
    return sum(one.study.trainings for one in steps.rounds)


if __name__ == "__main__":
    main()
