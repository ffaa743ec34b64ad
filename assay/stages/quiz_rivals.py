"""Who people are held against in a quiz: the model that shipped, and dumb baselines, on the very same questions.

A part of stage 1, how good is a person at it, that the command and the page ask for. It has no session, and stands here
as a stage does: the rooms of the audit and of the baselines do not know each other.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from assay.artifact import FILE, load_model
from assay.audit.quiz import Plan, Rival
from assay.baselines.constant import predict_majority_or_mean
from assay.baselines.linear import predict_linear
from assay.baselines.neighbours import choose_k, predict_neighbours
from assay.baselines.sample import draw_sample
from assay.data.data import Data
from assay.data.encoders import TableEncoder
from assay.data.specification import Specification
from assay.errors import InputError
from assay.run_folder import AUDIT

MOST_LINEAR, MOST_NEIGHBOURS = 2_000, 20_000
MOST_VALUES = 50_000_000
"""Numbers in one sample: 200 MB."""
READING_SECONDS = 5.0


def find_rivals(data: Data, plan: Plan, model: Path | None = None, *, seed: int = 0) -> tuple[Rival, ...]:
    """The model, if one is named, and the baselines; a few seconds.

    Args:
        model: a run's folder, a model file, or a CSV or Parquet file of predictions with the columns id and prediction.
    Raises:
        InputError: no model or predictions there, of other data, or trained on the questions.
    """
    return (*(() if model is None else (find_model(data, plan, model),)), *simple_rivals(data, plan, seed=seed))


def find_model(data: Data, plan: Plan, place: Path) -> Rival:
    """What the model of a folder or file answers to the plan's examples.

    Raises:
        InputError: no model or predictions there, of other data, or trained on the questions.
    """
    if place.suffix.lower() in (".csv", ".tsv", ".parquet", ".pq"):
        from assay.audit.quiz.predictions import read_predictions

        return read_predictions(place, data, plan)
    model = load_model(place)
    _check_same_kind(place, model.specification, data)
    folder = place if place.is_dir() else place.parent
    is_checked = _check_unseen(folder / AUDIT, plan)
    answers = model.predict(_inputs(data, plan)).argmax(1).numpy()
    untold = "" if is_checked else (f"there is no {AUDIT} beside it, so whether it trained on the questions is not "
                                    "known; name the folder of its run")  # fmt: skip
    return Rival(str(place if place.name != FILE else folder), answers, is_model=True, untold=untold)


def simple_rivals(data: Data, plan: Plan, *, seed: int = 0) -> tuple[Rival, ...]:
    """Majority class, nearest neighbours and logistic regression, fitted on a sample of train."""
    specification = data.specification
    most = max(1, min(MOST_NEIGHBOURS, MOST_VALUES // math.prod(specification.input_shape)))
    train = draw_sample(data.train, specification, most=most, seed=seed, seconds=READING_SECONDS)
    queries = specification.normalization(_inputs(data, plan)).flatten(1)
    answers = {
        "majority class": predict_majority_or_mean(data.train.targets, specification, len(queries)),
        "nearest neighbours": predict_neighbours(train, queries, specification, k=choose_k(train, specification)),
    }
    # A sample of one class, or features that are not finite: the others stand beside people all the same.
    untold = ()
    try:
        answers["logistic regression"] = predict_linear(train.first(MOST_LINEAR), queries, specification)[0]
    except ValueError as error:
        why = _tell_one_class(data) or " ".join(str(error).split())
        untold = (Rival("logistic regression", np.empty(0, dtype=np.int64), untold=why),)
    found = tuple(Rival(name, probabilities.argmax(1).numpy()) for name, probabilities in answers.items())
    return (*found, *untold)


def _tell_one_class(data: Data) -> str:
    """Why there is nothing to learn, in words that scikit-learn lacks; empty where there is."""
    present = data.train.targets.unique().tolist()
    if len(present) > 1:
        return ""
    return f"all examples of the training split are called {data.specification.classes[int(present[0])]}"


def _inputs(data: Data, plan: Plan) -> Tensor:
    return getattr(data, plan.split).gather(torch.tensor([example.position for example in plan.examples]))


def _check_same_kind(place: Path, trained: Specification, data: Data) -> None:
    """The model must have learnt the same classes from inputs of the same form."""
    now = data.specification
    for name, had, has in (
        ("classes", trained.classes, now.classes),
        ("inputs of shape", trained.input_shape, now.input_shape),
        ("columns", _columns(trained), _columns(now)),
    ):
        if had != has:
            raise InputError(f"{place}: the model was trained on other data: {name} {had}, not {has} of {data.name}")


def _columns(specification: Specification) -> tuple[str, ...]:
    encoder = specification.encoder
    return tuple(column.name for column in encoder.columns) if isinstance(encoder, TableEncoder) else ()


def _check_unseen(audit: Path, plan: Plan) -> bool:
    """Refuse a model that learnt from the questions: its run split the data by another seed. False: it is not known."""
    if not audit.is_file():
        return False
    import polars

    table = polars.read_parquet(audit, columns=["id", "split"])
    trained = set(table.filter(polars.col("split") == "train")["id"].to_list())
    seen = [example.id for example in plan.examples if example.id in trained]
    held_out = set(table.filter(polars.col("split") != "train")["id"].to_list())
    # An id that is in several splits tells nothing.
    seen = [id for id in seen if id not in held_out]
    if seen:
        raise InputError(
            f"{audit.parent}: the model was trained on {len(seen)} of the {len(plan.examples)} examples asked about, "
            f"such as {seen[0]!r}; read the data as the run did, with its --seed and options"
        )
    return True
