"""The human baseline: how often a person is right on held-out examples, beside models on the same ones.

Person and model answered the same examples, so the two are compared in pairs: where only one of them is right. The
pairs where both are, or neither is, say nothing of who is better.

    only the person is right  ~  Binomial(only one of them is right, 1/2)          if both are equally good

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 2: human baseline; the pairs, McNemar 1947,
Psychometrika 12, 153-157.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int
from scipy.stats import binomtest

from assay.audit.agreement.annotations import MISSING
from assay.audit.agreement.estimate import Estimate, share_of
from assay.audit.agreement.kappa import cohen_kappa
from assay.figure import Forest, Interval, Matrix
from assay.finding import Finding

SHOWN_CLASSES = 30
CHANCE = 0.05
"""Of being told better when both are equally good, at most."""
Labels = Int[np.ndarray, " examples"]


def describe_person(
    person: Labels,
    truth: Int[np.ndarray, " judged"],
    *,
    classes: Sequence[str],
    model: Int[np.ndarray, " modelled"] | None = None,
    baselines: Mapping[str, Int[np.ndarray, " judged"]] | None = None,
    name: str = "The person",
) -> list[Finding]:
    """Accuracy with Wilson's interval; with a model also its accuracy, and what one says where the other says else.

    Args:
        person: answers as class indices, -1 where there is none; only answered examples count, for the others too.
        baselines: what simple predictors answer, by their names.
    Raises:
        ValueError: the labels are of different length, not class indices, or nothing was answered; or the person is
            called as one of the others.
    """
    rivals = {**({} if model is None else {"the model": model}), **(baselines or {})}
    if name in rivals:
        raise ValueError(f"name must differ from {', '.join(rivals)}, got {name!r}; call the person otherwise")
    answered = _checked(person, {"truth": truth, **rivals}, len(classes))
    people = {who: _accuracy(labels, truth, answered) for who, labels in {name: person, **rivals}.items()}
    told = "; ".join(f"{who} {one.value:.1%} ({one.low:.1%}–{one.high:.1%})" for who, one in people.items())
    rows = tuple(Interval(who, one.value, one.low, one.high) for who, one in people.items())
    beside = {} if model is None else _beside(person[answered], model[answered], truth[answered])
    pairs = "" if model is None else _say_pairs(name, beside["only_person_right"], beside["only_model_right"])
    figures = (
        Forest(f"Accuracy on what {name} answered", "share right", rows),
        *_confusion(person[answered], truth[answered], classes, name, "the label"),
    )
    if model is not None:
        figures = (*figures, *_confusion(person[answered], model[answered], classes, name, "the model"))
    return [
        Finding(
            "human_baseline",
            "note",
            f"Right on {int(answered.sum()):,} held-out examples: {told}.{pairs}",
            # Anybody may be called "n": names have a place of their own.
            evidence={
                "n": int(answered.sum()),
                "person": name,
                "accuracy": {who: vars(one) for who, one in people.items()},
                **beside,
            },
            cause="Where people are not right either, inputs or labels set the limit, not the model.",
            source="Karpathy 2019, A Recipe for Training Neural Networks, step 2: human baseline",
            figures=figures,
        )
    ]


def _accuracy(answers: Labels, truth: Labels, answered: np.ndarray) -> Estimate:
    return share_of(int((answers[answered] == truth[answered]).sum()), int(answered.sum()))


def _say_pairs(name: str, person: int, model: int) -> str:
    """Who is better, where that can be told: each is as likely the right one of a pair if both are equally good."""
    if person + model == 0:
        return f" {name} and the model are right and wrong on the same ones."
    told = f" Of {person + model} on which only one of them is right, {name} is right on {person}"
    if binomtest(person, person + model).pvalue > CHANCE:
        return f"{told}: no measurable difference."
    better, worse = (name, "the model") if person > model else ("the model", name)
    return f"{told}: {better} is measurably better than {worse}."


def _beside(person: Labels, model: Labels, truth: Labels) -> dict[str, Any]:
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


def _checked(person: np.ndarray, others: Mapping[str, np.ndarray], classes: int) -> np.ndarray:
    for role, labels in others.items():
        if len(labels) != len(person):
            raise ValueError(f"{role} must be a label for each of {len(person)} answers, got {len(labels)}")
        if len(labels) and not 0 <= labels.min() <= labels.max() < classes:
            raise ValueError(f"{role} must be class indices in 0..{classes - 1}, got {labels.min()}..{labels.max()}")
    answered = person != MISSING
    if not answered.any():
        raise ValueError("person must hold at least one answer, got none; answer some examples first")
    if not MISSING <= person.min() <= person.max() < classes:
        raise ValueError(f"person must be class indices in 0..{classes - 1} or -1, got {person.min()}..{person.max()}")
    return answered
