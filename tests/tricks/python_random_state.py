"""Names the tricks after whose first steps Python's global random state is another; apart from tests, whose type
checks draw from it. The first to import a library is the one that is named."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import torch
from stacks import example, home

from assay.training.train import Training
from assay.tricks.catalog import TRICKS

sys.path.append(str(Path(__file__).parents[1]))
import tiny_data


def main() -> None:
    torch.set_num_threads(1)
    images, table = (fixture.__wrapped__() for fixture in (tiny_data.tiny_images, tiny_data.tiny_table))
    # What every training draws or imports is not a trick's doing.
    next(iter(Training(home(TRICKS[0]), images, evaluations=1)))
    moved, tried = [], []
    for kind in TRICKS:
        recipe, before = home(kind) | example(kind), random.getstate()
        next(iter(Training(recipe, table if recipe.task == "regression" else images, evaluations=1)))
        tried.append(kind.__name__)
        if random.getstate() != before:
            moved.append(kind.__name__)
    json.dump({"tried": len(tried), "moved": moved}, sys.stdout)


if __name__ == "__main__":
    main()
