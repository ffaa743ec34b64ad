"""Out-of-fold probabilities: each example judged by models that were trained without it.

Source: Wolpert 1992, Neural Networks 5, 241-259: level-0 predictions for stacking; the protocol is scikit-learn's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self

import numpy as np
from jaxtyping import Float, Int

from assay.audit.labels.folds import stratified_folds
from assay.audit.labels.given import check_labels, checked_shape
from assay.errors import InputError


class Member(Protocol):
    """What scikit-learn's classifiers offer. `classes_`, if there, names the columns of `predict_proba`."""

    def fit(self, inputs: Any, labels: Any, /) -> Self: ...

    def predict_proba(self, inputs: Any, /) -> np.ndarray: ...


def out_of_fold(
    members: Mapping[str, Callable[[], Any]],
    inputs: np.ndarray,
    labels: np.ndarray,
    *,
    classes: int | None = None,
    folds: int = 5,
    groups: Sequence[object] | np.ndarray | None = None,
    seed: int = 0,
) -> dict[str, Float[np.ndarray, "n classes"]]:
    """Each member's probabilities for every example; rows sum to 1, in single precision.

    All members share the folds, so that they can be compared. A class that is missing where a model was trained
    gets the probability 0 there; `fuse` does not take that for certainty.

    Args:
        members: a factory for each, called once a fold: `{"forest": lambda: RandomForestClassifier()}`.
        inputs: one row an example, of any shape its members take.
        labels: class indices.
        classes: how many there are; by default the highest label and one.
        groups: see `stratified_folds`.
    Raises:
        InputError: no members; labels and inputs do not fit each other; a member's answer is not probabilities.
    """
    if not members:
        raise InputError("members must name at least one model, got none; for instance usual_members()")
    if len(inputs) != len(labels):
        raise InputError(f"inputs must have one row a label, {len(labels)}, got {len(inputs)}")
    labels = np.asarray(labels)
    width = classes if classes is not None else int(labels.max()) + 1 if labels.size else 0
    labels = check_labels(labels, width)
    fold_of = stratified_folds(labels, folds=folds, groups=groups, seed=seed)
    found = {name: np.zeros((len(labels), width), dtype=np.float32) for name in members}
    for fold in range(folds):
        held_out = np.flatnonzero(fold_of == fold)
        rest = np.flatnonzero(fold_of != fold)
        for name, factory in members.items():
            model = factory()
            model.fit(inputs[rest], labels[rest])
            found[name][held_out] = answer_of(name, model, inputs[held_out], labels[rest], width)
    return found


def answer_of(
    name: str, model: Any, inputs: np.ndarray, trained_on: Int[np.ndarray, " m"], width: int
) -> Float[np.ndarray, "n classes"]:
    """Probabilities in columns of all classes; a model knows only those that it was trained on.

    Raises:
        InputError: it does not answer with a probability for each row and class.
    """
    columns = np.asarray(getattr(model, "classes_", np.unique(trained_on)))
    answer = checked_shape(
        f"predict_proba of member {name!r}", model.predict_proba(inputs), (len(inputs), len(columns))
    )
    spread = np.zeros((len(inputs), width), dtype=np.float32)
    spread[:, columns] = answer
    return spread
