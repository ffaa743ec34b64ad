"""Class balance: how often each class occurs in training, told, never judged: imbalance is often the truth.

    entropy = -sum p log p, at most log(classes);  effective classes = exp(entropy)

Source: Johnson and Khoshgoftaar 2019, Survey on Deep Learning with Class Imbalance.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from assay.checks.given.loader_reading import training_passes
from assay.checks.given.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.checks.losses.expected_loss import entropy
from assay.figure import Bars
from assay.finding import Finding

SOURCE = "Johnson and Khoshgoftaar 2019"
RARE = 10.0  # times as common is the commonest class
MOST_BARS = 30


def check(pipeline: Pipeline) -> CheckResult:
    """Count the classes of an epoch, or the rate of each label where an example may bear several."""
    counts, rows, is_multiple = class_counts(pipeline)
    if counts.sum() <= 0:
        raise CannotCheckError("no label was seen")
    return [_finding(counts, rows, is_multiple)]


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
