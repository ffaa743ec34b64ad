"""From the labels a source holds to a task and class indices."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from assay.data.specification import Task
from assay.finding import Finding

MOST_CLASSES_OF_NUMBERS = 20
"""A column of numbers with more distinct values than this is a quantity, not a set of classes."""


def encode_labels(labels: Sequence[str] | Sequence[int]) -> tuple[tuple[str, ...], Tensor]:
    """Class names in sorted order (numbers by value, words by letter) and each example's index."""
    ordered = sorted(set(labels))
    index = {label: position for position, label in enumerate(ordered)}
    return tuple(str(label) for label in ordered), torch.tensor([index[label] for label in labels], dtype=torch.int64)


def looks_continuous(values: Sequence[float]) -> bool:
    """Whether numbers are a quantity to predict: any is not whole, or there are more than 20 values."""
    distinct = set(values)
    return len(distinct) > MOST_CLASSES_OF_NUMBERS or any(value != int(value) for value in distinct)


def task_finding(task: Task, reason: str) -> Finding:
    """The note that says what was inferred and how to have it otherwise."""
    other = (
        "For classification write the classes as words or, in an array, as integers."
        if task == "regression"
        else "For regression give numbers with fractions or more than 20 different ones; in an array, of a "
        "floating-point type."
    )
    summary = f"The task was inferred: {task}, because {reason}."
    return Finding(id="task_inferred", level="note", summary=summary, evidence={"task": task}, fix=other)
