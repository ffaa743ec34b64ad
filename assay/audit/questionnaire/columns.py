"""Which columns of a table matter, and whether a line is enough: a forest, columns shuffled among the examples, a line.

    importance of a column = score - score with its values shuffled among the validation examples

All indicators of one category are one column, and so are all features of a text (`assay.audit.texts.text_features`). Of
two columns that say the same neither may seem to matter: the forest has the other one.

Source: Breiman 2001, Random Forests, section 10 (permutation importance); held-out examples as in Fisher, Rudin and
Dominici 2019 (arXiv:1801.01489).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch
from torch import Tensor

from assay.audit.names import feature_names, table_columns
from assay.audit.questionnaire.answer import Answer, Difference, paired_difference
from assay.audit.questionnaire.question import Advice, Question
from assay.data.data import Data
from assay.evaluation import Evaluation, score
from assay.randomness import generator_for
from assay.saying import Say

ROUNDS, FEWEST_ROUNDS, TREES = 5, 2, 50
GROWING_SHARE = 0.5
"""Of the time, for forests; the rest is for asking them."""
MOST_COLUMNS = 100
LINE = Question(
    "line",
    "a line",
    "Is a line enough, or do columns act in bends and together? (Linear model in place of a forest.)",
    "line",
    Advice("A line is enough here: begin with it, and ask of every network what it adds."),
    Advice("Columns act in bends or together: trees or an MLP of two layers; a line is only the baseline."),
)


@dataclass(frozen=True, eq=False)
class ColumnAnswers:
    """usual: of the forest, a seed each. columns: what shuffling each of them costs, and its name. line: a line's."""

    usual: list[Evaluation]
    columns: list[tuple[str, Difference]]
    line: Answer


def ask_columns(data: Data, *, seed: int, seconds: float, say: Say) -> ColumnAnswers:
    """A forest a seed, each asked about every column; columns for which there is no time are left out.

    Args:
        data: vectors in memory.
    """
    started, spans = time.perf_counter(), column_spans(data)[:MOST_COLUMNS]
    train, held_out = _features(data.train.inputs), _features(data.validation.inputs)
    forests = list[Any]()
    for number in range(ROUNDS):
        used = time.perf_counter() - started
        if number >= FEWEST_ROUNDS and used + used / number > GROWING_SHARE * seconds:
            break
        say(f"forest {number + 1}", min(1.0, used / max(seconds, 1e-9)))
        forests.append(_forest(data, train, seed + number))
    usual = [_judge(forest, held_out, data) for forest in forests]
    line = _judge(_line(data, train), held_out, data).example_scores.numpy()
    scores = [evaluation.example_scores.numpy() for evaluation in usual]
    columns = list[tuple[str, Difference]]()
    for number, (name, first, end) in enumerate(spans):
        used = time.perf_counter() - started
        if number and used > seconds:
            break
        say(f"column {name}", min(1.0, used / max(seconds, 1e-9)))
        changed = [
            _judge(forest, _shuffled(held_out, first, end, seed + turn), data).example_scores.numpy()
            for turn, forest in enumerate(forests)
        ]
        columns.append((name, paired_difference(scores, changed)))
    means = float(np.mean(scores)), float(line.mean())
    return ColumnAnswers(usual, columns, Answer(LINE, *means, paired_difference(scores, [line] * len(forests))))


def column_spans(data: Data) -> list[tuple[str, int, int]]:
    """Name, first feature and the one after the last of each column; of a text, of all that stands for it."""
    columns = table_columns(data.specification)
    if not columns:
        return [(name, place, place + 1) for place, name in enumerate(feature_names(data.specification))]
    standing = {} if data.texts is None else data.texts.stand_ins
    text_of = {called: name for name, names in standing.items() for called in names}
    spans, start = list[tuple[str, int, int]](), 0
    for name, group in groupby(columns, lambda column: text_of.get(column.name, column.name)):
        end = start + sum(column.width for column in group)
        spans.append((name, start, end))
        start = end
    return spans


def _features(inputs: object) -> np.ndarray:
    assert isinstance(inputs, Tensor)
    return inputs.numpy()


def _shuffled(features: np.ndarray, first: int, end: int, seed: int) -> np.ndarray:
    changed = features.copy()
    order = torch.randperm(len(features), generator=generator_for(seed, "column", first)).numpy()
    changed[:, first:end] = features[order, first:end]
    return changed


def _forest(data: Data, features: np.ndarray, seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    kind = RandomForestRegressor if data.specification.task == "regression" else RandomForestClassifier
    return kind(TREES, random_state=seed % 2**32).fit(features, data.train.targets.numpy())


def _line(data: Data, features: np.ndarray) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    make: Callable[[], Any] = Ridge if data.specification.task == "regression" else LogisticRegression
    with warnings.catch_warnings():
        # A line that has not converged in a hundred steps is as good as one gets.
        warnings.simplefilter("ignore")
        return make_pipeline(StandardScaler(), make()).fit(features, data.train.targets.numpy())


def _judge(model: Any, features: np.ndarray, data: Data) -> Evaluation:
    specification = data.specification
    if specification.task == "regression":
        answers = torch.as_tensor(model.predict(features)).float().view(-1, 1)
    else:
        answers = torch.zeros(len(features), specification.num_outputs)
        # A class that training does not hold is never answered.
        answers[:, torch.as_tensor(model.classes_)] = torch.as_tensor(model.predict_proba(features)).float()
    return score(answers, data.validation.targets, specification)
