"""Who judges the labels of this data: the usual members, networks as far as there is time, and the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Int

from assay.audit.cleaning.columns import columns_of
from assay.audit.cleaning.network_judge import NetworkJudge
from assay.audit.cleaning.networks import CONVNET, Plan
from assay.audit.cleaning.plain_judge import PlainJudge
from assay.audit.labels.usual_members import NEIGHBOURS, usual_members
from assay.data.data import Data
from assay.errors import InputError
from assay.recipe import Recipe

Judge = PlainJudge | NetworkJudge
"""What is trained at once and speaks for one member, or for several that share a training."""
IN_FEATURES = f"neighbours in the {CONVNET}"
MOST_CLASSES_OF_A_LINE = 1000
"""Logistic regression of more classes takes longer than all else together."""


@dataclass(frozen=True, eq=False)
class Pool:
    """What the judges share. data: all examples are its `train`."""

    data: Data
    labels: Int[np.ndarray, " n"]
    seed: int
    device: torch.device
    workers: int


def plain_judges(pool: Pool, added: Mapping[str, Callable[[], Any]], fewest: int) -> list[Judge]:
    """A line, neighbours, a forest for tables, and what the user adds, by name.

    What is added is fitted on the same columns; a factory with `raw_inputs = True` gets the inputs as they are.

    Args:
        fewest: examples that a model will be trained on.
    Raises:
        InputError: an added member has the name of one that is there.
    """
    specification = pool.data.specification
    classes = specification.num_outputs
    columns = columns_of(pool.data.train, specification, seed=pool.seed)
    factories = dict(usual_members(fewest))
    if classes > MOST_CLASSES_OF_A_LINE:
        factories.pop("logistic regression")
    if specification.is_image:
        # Features of pictures are of length 1, and each is already worth what it tells.
        factories["nearest neighbours"] = lambda: _neighbours(fewest)
    else:
        factories["forest"] = lambda: _forest(pool.seed)
    twice = [name for name in added if name in factories or name in (CONVNET, IN_FEATURES)]
    if twice:
        raise InputError(f"member {twice[0]!r} has the name of a usual one; give it another name")
    judges: list[Judge] = [
        PlainJudge(name, factory, columns, pool.labels, classes) for name, factory in factories.items()
    ]
    for name, factory in added.items():
        raw = getattr(factory, "raw_inputs", False)
        inputs = pool.data.train.gather(torch.arange(len(pool.labels))).numpy() if raw else columns
        judges.append(PlainJudge(name, factory, inputs, pool.labels, classes))
    return judges


def network_judges(pool: Pool, recipes: Mapping[str, Recipe], plan: Plan) -> list[Judge]:
    """The networks that the plan has time for."""
    return [
        NetworkJudge(
            name, recipes[name].change(epochs=plan.epochs), pool.data, pool.seed, seconds,
            neighbours=IN_FEATURES if name == CONVNET else "", device=pool.device, workers=pool.workers,
        )
        for name, seconds in plan.seconds.items()
    ]  # fmt: skip


def _neighbours(fewest: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(max(1, min(NEIGHBOURS, fewest)))


def _forest(seed: int) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier

    return ExtraTreesClassifier(200, min_samples_leaf=2, random_state=seed)
