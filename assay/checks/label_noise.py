"""Label noise: equal inputs that bear different labels, and examples whose neighbours all bear another one.

    disagreement = share of examples whose class is not that of most of their 5 nearest others

Equal inputs are counted exactly; neighbours are an estimate and too high where distance says little. Both are told and
not judged: some inputs do belong to several classes. Most labels are suspect where two predictors that share no example
agree with each other and not with them: the other training examples, and the validation examples, whose labels say far
more where they are predicted alike, and which are themselves predicted from training, so that inputs tell the classes.

Source: Northcutt et al. 2021, Confident Learning; Wilson 1972 (edited nearest neighbours).
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.association import input_views
from assay.checks.experiments.cross_prediction import Agreement, CrossPrediction, agreement, cross_prediction
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import Reading, single_values, training_passes, training_sample
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Northcutt et al. 2021; Wilson 1972"
NEIGHBOURS, FEWEST = 5, 40
MANY = 0.1
SHOWN = 20
DEVIATIONS, HALF, SHARE = 4.0, 0.5, 2 / 3  # kappa: fewer than half of the labels say something; of validation's


def check(pipeline: Pipeline) -> CheckResult:
    """Count contradictions; ask neighbours."""
    reading = pipeline.once(training_passes)[0]
    if not pipeline.loss_kind.is_classification or reading.values is None:
        raise CannotCheckError("the targets are not one class for each example")
    with suppress(CannotCheckError):  # no validation to ask
        contrast = against_both(pipeline.once(cross_prediction))
        if contrast is not None:
            return [_mostly_noise(*contrast)]
    contradicted = contradictions(reading)
    count = len(reading.inputs)
    evidence: dict[str, Any] = {"examples": count, "contradicted": contradicted}
    text = f"{contradicted} of {count} training inputs are met again under another label"
    try:
        batch = pipeline.once(training_sample)
    except CannotCheckError:
        return [_finding(f"{text}.", evidence, contradicted > MANY * count)]
    labels = single_values(split_batch(batch)[1], len(next(tensors_in(split_batch(batch)[0]))))
    if labels is not None and len(labels) >= FEWEST:
        inputs = [tensor for tensor in tensors_in(split_batch(batch)[0]) if tensor.dim() and len(tensor) == len(labels)]
        columns = input_views(inputs, generator_for(pipeline.seed, "views"))[0]
        (disagree, unanimous), agreeing = neighbour_votes(columns, labels), count_agreeing(columns, labels)
        evidence |= {"disagreement": float(disagree.double().mean()), "neighbours_of": len(labels)}
        evidence["against_all_neighbours"] = unanimous.nonzero().flatten()[:SHOWN].tolist()
        evidence["against"], evidence["neighbours_agree"] = int(unanimous.sum()), agreeing
        text += f"; {evidence['disagreement']:.0%} of {len(labels)} differ from most of their {NEIGHBOURS} neighbours"
        text += f", {int(unanimous.sum())} from all of them, which agree"
    return [_finding(f"{text}.", evidence, contradicted > MANY * count)]


def against_both(cross: CrossPrediction) -> tuple[Agreement, Agreement] | None:
    """Labels of training and of validation against what both predictors agree on, if only training's are noise."""
    carried = agreement(cross.validation_by_train, cross.validation.labels)
    agreed = cross.train_by_itself == cross.train_by_validation
    agreed_there = cross.validation_by_itself == cross.validation_by_train
    if min(int(agreed.sum()), int(agreed_there.sum())) < FEWEST or carried.within(DEVIATIONS)[0] <= 0:
        return None
    trained = agreement(cross.train_by_validation[agreed], cross.train.labels[agreed])
    checked = agreement(cross.validation_by_train[agreed_there], cross.validation.labels[agreed_there])
    is_noise = trained.within(DEVIATIONS)[1] < HALF and says_less(trained, checked)
    return (trained, checked) if is_noise else None


def says_less(trained: Agreement, checked: Agreement) -> bool:
    """Whether training labels say beyond doubt less than two thirds of what those of validation say."""
    error = (trained.error**2 + (SHARE * checked.error) ** 2) ** 0.5
    return SHARE * checked.kappa - trained.kappa > DEVIATIONS * error


def _mostly_noise(trained: Agreement, checked: Agreement) -> Finding:
    evidence = {"kappa": trained.kappa, "examples": trained.examples, "kappa_validation": checked.kappa}
    return Finding(
        "label_noise",
        "suspect",
        f"Most training labels say nothing: where {trained.examples} of them are predicted alike from other training "
        f"examples and from validation, the labels agree with kappa {trained.kappa:.2f}; those of validation do with "
        f"{checked.kappa:.2f} (n = {checked.examples}).",
        evidence,
        cause="Training labels were drawn at random, joined by a wrong key or made by a poor rule; or augmentation "
        "changes what an example is.",
        fix="Look at training examples beside their labels, with and without augmentation; compare with validation.",
        source=SOURCE,
    )


def contradictions(reading: Reading) -> int:
    """Examples whose input occurs with another target too."""
    groups: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for given, wanted in zip(reading.inputs, reading.targets, strict=True):
        groups[given].append(wanted)
    return sum(len(targets) for targets in groups.values() if len(set(targets)) > 1)


def neighbour_votes(columns: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """For each example: most of its 5 nearest bear another class; all 5 bear the same other class."""
    distances = torch.cdist(columns, columns).fill_diagonal_(torch.inf)
    nearest = labels[distances.topk(min(NEIGHBOURS, len(labels) - 1), largest=False).indices]
    commonest = nearest.mode(1).values
    unanimous = (nearest == nearest[:, :1]).all(1) & (nearest[:, 0] != labels)
    return commonest != labels, unanimous


def count_agreeing(columns: Tensor, labels: Tensor) -> int:
    """Of how many examples all 5 nearest others bear one class, that of the example or another one."""
    distances = torch.cdist(columns, columns).fill_diagonal_(torch.inf)
    nearest = labels[distances.topk(min(NEIGHBOURS, len(labels) - 1), largest=False).indices]
    return int((nearest == nearest[:, :1]).all(1).sum())


def _finding(text: str, evidence: dict[str, Any], many: bool) -> Finding:
    cause = "Inputs lack what tells their classes apart, or labels were assigned wrongly." if many else ""
    advice = "Look at these examples side by side and correct or drop them." if many else ""
    return Finding("label_noise", "note", text, evidence, cause, advice, SOURCE)
