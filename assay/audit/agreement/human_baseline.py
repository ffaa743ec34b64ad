"""The human baseline: how often a person is right on held-out examples, beside a model on the same ones.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 2: human baseline.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from assay.audit.agreement.annotations import MISSING
from assay.audit.agreement.estimate import Estimate, share_of
from assay.audit.agreement.kappa import cohen_kappa
from assay.figure import Forest, Interval, Matrix
from assay.finding import Finding

SHOWN_CLASSES = 30
Labels = Int[np.ndarray, " examples"]


def describe_person(
    person: Labels,
    truth: Int[np.ndarray, " judged"],
    *,
    classes: Sequence[str],
    model: Int[np.ndarray, " modelled"] | None = None,
    name: str = "The person",
) -> list[Finding]:
    """Accuracy with Wilson's interval; with a model also its accuracy, and what one says where the other says else.

    Args:
        person: answers as class indices, -1 where there is none; only answered examples count, for the model too.
    Raises:
        ValueError: the labels are of different length, not class indices, or nothing was answered.
    """
    answered = _checked(person, truth, model, len(classes))
    people = {name: _accuracy(person, truth, answered)}
    if model is not None:
        people["the model"] = _accuracy(model, truth, answered)
    told = "; ".join(f"{who} {one.value:.1%} ({one.low:.1%}–{one.high:.1%})" for who, one in people.items())
    rows = tuple(Interval(who, one.value, one.low, one.high) for who, one in people.items())
    beside = {} if model is None else _beside(person[answered], model[answered], truth[answered])
    figures = (
        Forest("Accuracy", "share right", rows),
        *_confusion(person[answered], truth[answered], classes, name, "the label"),
    )
    if model is not None:
        figures = (*figures, *_confusion(person[answered], model[answered], classes, name, "the model"))
    return [
        Finding(
            "human_baseline",
            "note",
            f"Right on {int(answered.sum()):,} held-out examples: {told}.",
            evidence={"n": int(answered.sum()), **{who: vars(one) for who, one in people.items()}, **beside},
            cause="Where people are not right either, inputs or labels set the limit, not the model.",
            source="Karpathy 2019, A Recipe for Training Neural Networks, step 2: human baseline",
            figures=figures,
        )
    ]


def _accuracy(answers: Labels, truth: Labels, answered: np.ndarray) -> Estimate:
    return share_of(int((answers[answered] == truth[answered]).sum()), int(answered.sum()))


def _beside(person: Labels, model: Labels, truth: Labels) -> dict[str, object]:
    """Who is right where the other is wrong: the pairs in which the two can be told apart."""
    kappa = cohen_kappa(person, model)
    return {
        "kappa_with_model": None if np.isnan(kappa.value) else vars(kappa),
        "only_person_right": int(((person == truth) & (model != truth)).sum()),
        "only_model_right": int(((person != truth) & (model == truth)).sum()),
        "both_wrong": int(((person != truth) & (model != truth)).sum()),
    }


def _confusion(rows: Labels, columns: Labels, classes: Sequence[str], name: str, other: str) -> tuple[Matrix, ...]:
    if len(classes) > SHOWN_CLASSES:
        return ()
    counts = np.zeros((len(classes), len(classes)))
    np.add.at(counts, (rows, columns), 1.0)
    values = tuple(tuple(row) for row in counts.tolist())
    return (Matrix(f"{name} against {other}", values, tuple(classes), tuple(classes), name, other),)


def _checked(person: np.ndarray, truth: np.ndarray, model: np.ndarray | None, classes: int) -> np.ndarray:
    for role, labels in (("truth", truth), ("model", model)):
        if labels is not None and len(labels) != len(person):
            raise ValueError(f"{role} must be a label for each of {len(person)} answers, got {len(labels)}")
        if labels is not None and len(labels) and not 0 <= labels.min() <= labels.max() < classes:
            raise ValueError(f"{role} must be class indices in 0..{classes - 1}, got {labels.min()}..{labels.max()}")
    answered = person != MISSING
    if not answered.any():
        raise ValueError("person must hold at least one answer, got none; answer some examples first")
    if not MISSING <= person.min() <= person.max() < classes:
        raise ValueError(f"person must be class indices in 0..{classes - 1} or -1, got {person.min()}..{person.max()}")
    return answered
