"""Class balance: how often each class occurs, and where that will bend training and its score."""

from __future__ import annotations

import torch
from torch import Tensor

from assay.audit.counts import splits_of
from assay.data.data import Data
from assay.figure import Bars, Figure, Table
from assay.finding import Finding

STRONG_IMBALANCE = 20.0
"""Largest class over smallest. At 20:1 two classes let a constant answer score .952 accuracy."""
SHOWN_CLASSES = 40
MANY, FEWEST, ALERTING = 20, 5, 2
CAUSE = (
    f"A ratio of {STRONG_IMBALANCE:g} or more: the loss is made almost wholly by the large classes, and accuracy hides "
    "the small ones."
)
FIX = (
    "Read accuracy class by class; collect or up-sample the small classes, or try focal loss and an output bias set "
    "to the class frequencies."
)
SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 1; the limit of 20:1 is this audit's own"


def check_class_balance(data: Data) -> list[Finding]:
    """A note with the counts; `suspect` from 20:1 in the training split, or when classes are tiny or empty there."""
    if data.specification.task != "classification" or len(data.train) == 0:
        return []
    counts = {name: _counts(data, split.targets) for name, split in splits_of(data).items()}
    classes, train = data.specification.classes, counts["train"]
    empty = [classes[index] for index in (train == 0).nonzero().flatten().tolist()]
    balance = [_balance(classes, counts)] if len(empty) < len(classes) else []
    return [
        *_check_labels(data),
        *balance,
        *_tiny_classes(train, int(train.sum())),
        *_empty_classes(empty, len(classes)),
    ]


def _balance(classes: tuple[str, ...], counts: dict[str, Tensor]) -> Finding:
    """The counts of classes of which at least one has training examples."""
    train = counts["train"]
    present, n = train[train > 0], int(train.sum())
    least, most = classes[int(train.where(train > 0, n + 1).argmin())], classes[int(train.argmax())]
    smallest, largest = int(present.min()), int(present.max())
    ratio = largest / smallest
    strong = ratio >= STRONG_IMBALANCE
    shown = classes if len(classes) <= SHOWN_CLASSES else ()
    by_split = {name: dict(zip(shown, values.tolist(), strict=False)) for name, values in counts.items()}
    return Finding(
        "class_balance",
        "suspect" if strong else "note",
        f"The largest class ({most}, {largest:,}) has {ratio:.3g} times the examples of the smallest ({least}, "
        f"{smallest:,}) among {n:,} training examples."
        if largest > smallest
        else f"Balanced: {largest:,} training examples in each of {len(present)} classes (n={n:,}).",
        evidence={"n": n, "ratio": ratio, "limit": STRONG_IMBALANCE, "largest": most, "smallest": least,
                  "counts": by_split if shown else {}},
        cause=CAUSE if strong else "",
        fix=FIX if strong else "",
        source=SOURCE,
        figures=_figures(classes, counts),
    )  # fmt: skip


def _counts(data: Data, targets: Tensor) -> Tensor:
    size = len(data.specification.classes)
    valid = (targets >= 0) & (targets < size)
    return torch.bincount(targets[valid].long(), minlength=size)


def _check_labels(data: Data) -> list[Finding]:
    size, wrong = len(data.specification.classes), {}
    for split in splits_of(data).values():
        bad = ((split.targets < 0) | (split.targets >= size)).nonzero().flatten().tolist()
        wrong.update({split.ids[index]: int(split.targets[index]) for index in bad})
    if not wrong:
        return []
    return [
        Finding(
            "labels_in_range",
            "proved",
            f"{len(wrong):,} label(s) are not a class index in 0..{size - 1}: {', '.join(list(wrong)[:3])}.",
            evidence={"count": len(wrong), "labels": dict(list(wrong.items())[:20])},
            cause="Labels that start at 1, a missing-value code such as -1, or a class list that is too short.",
            fix=f"Map every label to 0..{size - 1}, or remove these examples.",
            source="the definition of a class index",
        )
    ]


def _tiny_classes(train: Tensor, n: int) -> list[Finding]:
    """Of many classes half have next to nothing to learn from; `suspect` where it is an example or two."""
    tiny, median = int((train < FEWEST).sum()), int(train.median())
    if len(train) < MANY or 2 * tiny < len(train):
        return []
    return [
        Finding(
            "tiny_classes",
            "suspect" if median <= ALERTING else "note",
            f"{tiny:,} of {len(train):,} classes have fewer than {FEWEST} training examples (median "
            f"{median}, n={n:,}): a network can hardly learn them, and no score of one class "
            "says anything.",
            evidence={"count": tiny, "classes": len(train), "limit": FEWEST, "median": median, "n": n},
            cause="The target names examples rather than kinds of them (an id, a date, an amount), or classes are many "
            "and rare.",
            fix="See that the target is the one you mean; an amount is better predicted as a number. Else join rare "
            "classes or collect more of each; or compare examples by the embeddings of a pretrained model, which "
            "needs none to be learnt.",
            source="Snell, Swersky and Zemel 2017, Prototypical Networks (arXiv:1703.05175): few examples a class ask "
            f"for other methods; the limit of {FEWEST} is this audit's own",
        )
    ]


def _empty_classes(empty: list[str], size: int) -> list[Finding]:
    if not empty:
        return []
    shown = ", ".join(empty[:5]) + (", …" if len(empty) > 5 else "")
    return [
        Finding(
            "empty_classes",
            "suspect",
            f"{len(empty)} of {size} classes have no training example: {shown}.",
            evidence={"count": len(empty), "n": size, "classes": empty[:20]},
            cause="The split was not stratified, or the class list names classes the data does not hold.",
            fix="Split so that every class has training examples, or remove these classes.",
            source="the definition of supervised learning: a class without examples cannot be learnt",
        )
    ]


def _figures(classes: tuple[str, ...], counts: dict[str, Tensor]) -> tuple[Figure, ...]:
    """Bars and a table of at most 40 classes: of more, the largest and the smallest."""
    order = counts["train"].argsort(descending=True, stable=True).tolist()
    title = "Training examples per class"
    if len(classes) > SHOWN_CLASSES:
        half = SHOWN_CLASSES // 2
        order, title = (
            order[:half] + order[-half:],
            f"{title}: the {half} largest and {half} smallest of {len(classes)}",
        )
    else:
        order = list(range(len(classes)))
    bars = Bars(title, tuple(classes[i] for i in order), tuple(float(counts["train"][i]) for i in order), "examples")
    rows = tuple((classes[i], *(f"{int(values[i]):,}" for values in counts.values())) for i in order)
    return (bars, Table("Examples per class and split", ("class", *counts), rows))
