"""Class balance: how often each class occurs in training and validation.

    entropy = -sum p log p, at most log(classes);  effective classes = exp(entropy)

Imbalance is often the truth, so it is told and not judged. Three things are proved from whole passes: training labels
are all one class under a loss of several; a class of validation is never met in training; validation is all one class
of several. The last two are asked of chance first: if the examples had been split at random,

    P(no training example of a class that validation has m times) = C(M, m) / C(N + M, m) <= (M / (N + M))^m
    P(every validation example is of a class that training has in the share p) = p^M

with N training and M validation examples; rare classes are missed by chance, and are told only.

Source: Johnson and Khoshgoftaar 2019, Survey on Deep Learning with Class Imbalance; Fisher 1935 (exact tests).
"""

from __future__ import annotations

import math
from contextlib import suppress

import torch
from torch import Tensor

from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import Reading, training_passes, validation_passes
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.losses.expected_loss import entropy
from assay.figure import Bars
from assay.finding import Finding

SOURCE = "Johnson and Khoshgoftaar 2019"
RARE = 10.0  # times as common is the commonest class
MOST_BARS = 30
CHANCE = 1e-6
FEWEST = 32  # labels of one class only, for it to be no matter of a few examples


def check(pipeline: Pipeline) -> CheckResult:
    """Count the classes of an epoch, or the rate of each label where an example may bear several."""
    counts, rows, is_multiple = class_counts(pipeline)
    if counts.sum() <= 0:
        raise CannotCheckError("no label was seen")
    return [_one_sided(pipeline) or _finding(counts, rows, is_multiple)]


def _one_sided(pipeline: Pipeline) -> Finding | None:
    """What the two sets of labels prove about each other."""
    trained = single_labels(pipeline, pipeline.once(training_passes))
    with suppress(CannotCheckError):  # no validation loader
        checked = single_labels(pipeline, pipeline.once(validation_passes))
        if trained is not None and checked is not None:
            unseen = unseen_classes(trained, checked)
            if unseen:
                return _unseen(unseen, trained, checked)
            if is_one_class(trained, checked):
                return _single(int(checked[0]), trained, checked)
    if trained is None or pipeline.training_step is not None:  # a step of one's own may ask nothing of the labels
        return None
    return _constant(trained) if len(trained) >= FEWEST and len(torch.unique(trained)) == 1 else None


def single_labels(pipeline: Pipeline, passes: tuple[Reading, Reading]) -> Tensor | None:
    """The class of each example of two whole passes; None where examples do not have one class each."""
    kind = pipeline.loss_kind
    if not (kind.is_classification or kind.name in ("binary_logits", "binary")):
        return None
    values = [reading.values for reading in passes if reading.whole and reading.values is not None]
    if len(values) < 2:
        return None
    labels = torch.cat(values)
    if not bool((labels == labels.round()).all()):
        return None  # shares, not classes
    labels = labels.long()
    labels = labels[labels != kind.ignored_label] if kind.is_classification else labels
    return labels if len(labels) else None


def unseen_classes(trained: Tensor, checked: Tensor) -> dict[int, int]:
    """Classes that validation has and training never, with their counts in one pass, if that cannot be chance."""
    classes, counts = torch.unique(checked, return_counts=True)
    passes, share = 2, len(checked) / (len(trained) + len(checked))
    missing = {
        int(label): int(count) // passes
        for label, count in zip(classes, counts, strict=True)
        if not bool((trained == label).any())
    }
    return {label: count for label, count in missing.items() if len(classes) * share**count < CHANCE}


def is_one_class(trained: Tensor, checked: Tensor) -> bool:
    """Whether all of validation is one class, which its share of training does not explain."""
    if len(torch.unique(checked)) > 1:
        return False
    share = float((trained == checked[0]).double().mean())
    return share ** (len(checked) // 2) < CHANCE


def _unseen(unseen: dict[int, int], trained: Tensor, checked: Tensor) -> Finding:
    names, count = sorted(unseen), sum(unseen.values())
    told = ", ".join(map(str, names[:10]))
    return Finding(
        "class_balance",
        "proved",
        f"{count} of {len(checked) // 2} validation examples are of classes that {len(trained) // 2} labelled training "
        f"examples never have in two epochs: {told}{', ...' if len(names) > 10 else ''}.",
        {"unseen": {str(name): unseen[name] for name in names}, "training_classes": torch.unique(trained).tolist()},
        cause="Training labels were overwritten, cut or marked as ignored, or the data were split class by class.",
        fix="Count the labels of the training loader; shuffle before splitting, or split each class alike.",
        source=SOURCE,
    )


def _single(label: int, trained: Tensor, checked: Tensor) -> Finding:
    share = float((trained == label).double().mean())
    return Finding(
        "class_balance",
        "proved",
        f"All {len(checked) // 2} validation examples are of class {label}, which is {share:.0%} of the training data.",
        {"class": label, "share_in_training": share, "examples": len(checked) // 2},
        cause="The data were sorted by class when they were split, or validation labels were overwritten.",
        fix="Shuffle before splitting, or split each class alike; look at the labels of the validation loader.",
        source=SOURCE,
    )


def _constant(trained: Tensor) -> Finding:
    return Finding(
        "class_balance",
        "proved",
        f"All {len(trained) // 2} training labels of two epochs are class {int(trained[0])}: nothing can be learned.",
        {"class": int(trained[0]), "examples": len(trained) // 2},
        cause="Labels were overwritten, compared with the wrong value, or read from a column that never changes.",
        fix="Print the labels that the loader gives, and follow them back to where they become equal.",
        source=SOURCE,
    )


def class_counts(pipeline: Pipeline) -> tuple[Tensor, int, bool]:
    """How often each class occurs, among how many labels, and whether they are labels that occur together."""
    kind, values = pipeline.loss_kind, pipeline.once(training_passes)[0].values
    if kind.is_classification and values is not None:
        labels = values.long()[values.long() != kind.ignored_label]
        labels = labels[(labels >= 0) & (labels < kind.num_classes)]
        return torch.bincount(labels, minlength=kind.num_classes).double(), len(labels), False
    if not kind.is_classification and kind.name not in ("binary_logits", "binary"):
        raise CannotCheckError("the loss is not one of classes")
    targets = [pipeline.targets(batch) for batch in pipeline.batches]
    if kind.is_classification:
        rows = [kind.label_rows(target).cpu() for target in targets]
        if rows[0].dim() > 1:
            return torch.cat(rows).double().sum(0), sum(map(len, rows)), False
        labels = torch.cat(rows)
        labels = labels[(labels != kind.ignored_label) & (labels >= 0) & (labels < kind.num_classes)]
        return torch.bincount(labels, minlength=kind.num_classes).double(), len(labels), False
    rows = [target.double().cpu().reshape(len(target), -1) for target in targets]
    rates = torch.cat(rows)
    if rates.shape[1] == 1:
        positive = float(rates.sum())
        return torch.tensor([len(rates) - positive, positive], dtype=torch.float64), len(rates), False
    return rates.sum(0), len(rates), True


def _finding(counts: Tensor, rows: int, is_multiple: bool) -> Finding:
    rarest, commonest = int(counts.argmin()), int(counts.argmax())
    ratio = float(counts.max()) / float(counts.min()) if counts.min() > 0 else math.inf
    nats = float(entropy(counts / counts.sum()))
    seen = int((counts > 0).sum())
    text = (
        f"{len(counts)} {'labels' if is_multiple else 'classes'}, {seen} seen, n = {rows}: the rarest ({rarest}) has "
        f"{counts[rarest]:.0f}, the commonest ({commonest}) {counts[commonest]:.0f}"
    )
    if not is_multiple:
        text += f"; entropy {nats:.2f} of {math.log(len(counts)):.2f} nats"
    evidence = {"counts": counts[:1000].tolist(), "labels": rows, "entropy_nats": nats, "rarest": rarest, "seen": seen}
    advice = "Look at recall class by class, and start the output bias at the log of the frequencies."
    advice = advice if ratio > RARE else ""
    fewest = counts.argsort()[:MOST_BARS].sort().values if len(counts) > MOST_BARS else torch.arange(len(counts))
    title = "Examples of each class" if len(counts) <= MOST_BARS else f"Examples of the {MOST_BARS} rarest classes"
    bars = Bars(title, tuple(str(int(index)) for index in fewest), tuple(counts[fewest].tolist()), "examples")
    return Finding("class_balance", "note", f"{text}.", evidence, fix=advice, source=SOURCE, figures=(bars,))
