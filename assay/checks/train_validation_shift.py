"""Train/validation shift: do training and validation inputs look alike, channel by channel?

    z = |mean_train - mean_validation| / sqrt(var_train / n + var_validation / m), the examples' means of each channel

Other inputs may be meant (another hospital, another year, augmentation on one side), so a difference alone is told
only. Alerts need the mark of a forgotten step, of which nothing else is the cause: quantiles of one side are those of
the other times a number, with one side normalised, in [-1, 1], [0, 1] or 0..255 and the other in another of these
ranges; or one side is normalised, and the network trained on training tells decisively more of validation once each
channel has training's scale; or the channels of pictures agree in another order and disagree in their own; or pictures
that are clearly told apart cannot be once those of validation are negated. Where examples bear classes, those of
validation are predicted from training examples without a network: if that fails as given, and succeeds as well as each
side predicts itself with classes numbered in another order, or with pictures negated, transposed, turned or mirrored,
then that was done to one side only. If training tells nothing of validation by any of these, nor by the
network trained on it, though validation examples tell each other's classes, the two are different tasks. A network
that takes training inputs and raises on validation inputs of the same kind, of another size, is proof.

Source: Rabanser et al. 2019, Failing Loudly; Lopez-Paz and Oquab 2017 (classifier two-sample tests).
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from torch import Tensor

from assay.checks.experiments.carry_over import Obstacle, obstacle
from assay.checks.experiments.channel_order import channel_means, mean_gap, swapped_channels
from assay.checks.experiments.input_conventions import input_range, is_rescaled
from assay.checks.experiments.largest_inputs import describe, largest_inputs, quantiles_of_sides
from assay.checks.experiments.refused_validation import RefusedValidation, refused_validation
from assay.checks.experiments.restored_scale import Restored, restored_scale
from assay.checks.experiments.two_sample import are_negatives, told_apart
from assay.checks.experiments.units_of_targets import UnitsOfTargets, units_of_targets
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import training_sample, validation_sample
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Lines
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Rabanser et al. 2019, Failing Loudly"
FEWEST = 24


def check(pipeline: Pipeline) -> CheckResult:
    """Compare samples of both loaders: their inputs, then what inputs say of classes."""
    findings, reason = [], CannotCheckError("")
    refused = refused_validation(pipeline)
    if refused is not None:
        return [_refused(refused)]
    try:
        findings = [compare_inputs(pipeline)]
    except CannotCheckError as error:
        reason = error
    if not any(finding.is_alert for finding in findings):
        with suppress(CannotCheckError):  # without classes, only the inputs are compared
            found = obstacle(pipeline)
            if found is not None:
                return [_obstacle(found)]
        with suppress(CannotCheckError):  # without real targets, too
            units = units_of_targets(pipeline)
            findings += [_other_units(units)] if units is not None else []
    if not findings:
        raise reason
    return list(findings)


def _refused(refused: RefusedValidation) -> Finding:
    train, validation = (
        ", ".join(f"{shape} {kind}" for shape, kind in side) for side in (refused.training, refused.validation)
    )
    return Finding(
        "train_validation_shift",
        "proved" if refused.is_of_one_kind else "note",
        f"The network takes training inputs of {train} and raises on validation inputs of {validation}: "
        f"{refused.error}.",
        vars(refused),
        cause="Validation inputs are made another way: a column, a resizing or a vocabulary differs.",
        fix="Make the inputs of both loaders by one function; unless your own evaluation takes them apart first.",
        source="PyTorch documentation of Linear and Embedding",
    )


def _other_units(units: UnitsOfTargets) -> Finding:
    sides = [f"mean {mean:.3g} and deviation {deviation:.3g}" for mean, deviation in (units.training, units.validation)]
    return Finding(
        "train_validation_shift",
        "note",
        f"Targets of one side are standardised, and those of the other are not: training has {sides[0]}, validation "
        f"{sides[1]}.",
        vars(units),
        fix="Unless your evaluation turns answers back to these units, standardise both by statistics of training.",
        source="LeCun et al. 1998, Efficient BackProp, section 4.3",
    )


def compare_inputs(pipeline: Pipeline) -> Finding:
    """What the inputs of both sides look like, whatever they mean."""
    train, validation = largest_inputs(pipeline.once(training_sample)), largest_inputs(pipeline.once(validation_sample))
    if min(len(train), len(validation)) < FEWEST:
        raise CannotCheckError(f"needs at least {FEWEST} examples of each")
    if train.dim() != validation.dim() or (train.shape[1:] != validation.shape[1:] and train.dim() != 4):
        raise CannotCheckError(f"inputs of {tuple(train.shape[1:])} and {tuple(validation.shape[1:])} are not compared")
    evidence = {"train": describe(train), "validation": describe(validation)}
    order = swapped_channels(train, validation)
    if order is not None:
        return _swapped(order, evidence)
    ranges = input_range(train), input_range(validation)
    if ranges[0] != ranges[1] and is_rescaled(train, validation):
        if None not in ranges:
            return _rescaled(ranges, evidence, quantiles_of_sides(train, validation))
        with suppress(CannotCheckError):  # the loop cannot be tried
            restored = restored_scale(pipeline, train, validation) if "normalised" in ranges else None
            if restored is not None and restored.is_decisive:
                return _told_restored(restored, evidence, quantiles_of_sides(train, validation))
    return _note(pipeline, train, validation, evidence)


_CHANGES = {
    "renumbered": "with its classes numbered in another order",
    "negative": "with black and white exchanged",
    "mirrored": "mirrored",
    "upside down": "turned upside down",
    "turned by half": "turned by half a turn",
    "transposed": "with rows and columns exchanged",
    "turned by a quarter": "turned by a quarter",
    "turned by three quarters": "turned by three quarters",
}
_SAME_READING = (
    "Read and prepare pictures by the same function in both loaders; change values and axes of no side alone."
)


def _obstacle(found: Obstacle) -> Finding:
    given = f"kappa {found.given.kappa:.2f}, n = {found.given.examples}"
    evidence: dict[str, Any] = {"kappa": found.given.kappa, "expected": found.expected, "change": found.name}
    if found.repaired is None:
        text = (
            f"Training examples tell nothing of the classes of validation examples ({given}), which tell each other's"
        )
        cause = "Training inputs are destroyed by augmentation, or the two loaders prepare or label other tasks."
        fix = "Look at inputs and labels of both loaders side by side, as the network gets them."
        text = f"{text} (kappa {found.expected:.2f}); nor does the network trained on them."
        return Finding("train_validation_shift", "suspect", text, evidence, cause, fix, SOURCE)
    evidence["kappa_changed"] = found.repaired.kappa
    told = _CHANGES[found.name]
    text = (
        f"Training examples tell the classes of validation examples badly as they are given ({given}) and well {told} "
        f"(kappa {found.repaired.kappa:.2f}, where {found.expected:.2f} is to be expected)."
    )
    is_label = found.name == "renumbered"
    cause = "Classes are numbered by two lists in different order." if is_label else f"Validation comes {told}."
    fix = "Make one list of classes, sorted, and use it for both loaders." if is_label else _SAME_READING
    return Finding("train_validation_shift", "suspect", text, evidence, cause, fix, SOURCE)


def _negative(strength: float, count: int, evidence: dict[str, Any]) -> Finding:
    told = _CHANGES["negative"]
    return Finding(
        "train_validation_shift",
        "suspect",
        f"{count} validation pictures are told from training ones as they are (correlation {strength:.2f}), and are "
        f"not {told}.",
        {**evidence, "change": "negative"},
        cause=f"Validation comes {told}.",
        fix=_SAME_READING,
        source=SOURCE,
    )


def _swapped(order: tuple[int, ...], evidence: dict[str, Any]) -> Finding:
    return Finding(
        "train_validation_shift",
        "suspect",
        f"Channels of validation pictures agree with training in the order {order}, and disagree in their own.",
        {**evidence, "order": list(order)},
        cause="One loader reads BGR (OpenCV) and the other RGB (Pillow), or channels are swapped on one side.",
        fix="Read pictures by the same function in both; convert with image[..., ::-1] right after reading.",
        source=SOURCE,
    )


def _rescaled(ranges: tuple[str | None, ...], evidence: dict[str, Any], figure: Lines) -> Finding:
    numbers = [f"mean {side['mean']:.3g}, deviation {side['deviation']:.3g}" for side in evidence.values()]
    return Finding(
        "train_validation_shift",
        "suspect",
        f"Training inputs are {ranges[0]} ({numbers[0]}), validation inputs {ranges[1]} ({numbers[1]}); but for scale "
        "and offset they are distributed alike.",
        {**evidence, "ranges": list(ranges)},
        cause="Validation is preprocessed differently: a normalisation or a division by 255 is missing on one side.",
        fix="Apply the same normalisation, with statistics of the training data, in both loaders.",
        source=SOURCE,
        figures=(figure,),
    )


def _told_restored(restored: Restored, evidence: dict[str, Any], figure: Lines) -> Finding:
    numbers = [f"mean {side['mean']:.3g}, deviation {side['deviation']:.3g}" for side in evidence.values()]
    return Finding(
        "train_validation_shift",
        "suspect",
        f"Validation inputs are distributed as training inputs but for scale and offset ({numbers[0]} in training, "
        f"{numbers[1]} in validation), and one side is normalised. Networks trained on training examples tell "
        f"{max(0.0, *restored.given):.0%} of what can be told of validation as it is given, and "
        f"{min(restored.restored):.0%} in training's scale ({len(restored.given)} seeds).",
        {**evidence, "told_as_given": list(restored.given), "told_restored": list(restored.restored)},
        cause="A normalisation is missing on one side, or each side has its own.",
        fix="Apply the same normalisation, with statistics of the training data, in both loaders.",
        source=SOURCE,
        figures=(figure,),
    )


def _note(pipeline: Pipeline, train: Tensor, validation: Tensor, evidence: dict[str, Any]) -> Finding:
    sides = [f"mean {side['mean']:.3g} and deviation {side['deviation']:.3g}" for side in evidence.values()]
    text = f"Training inputs have {sides[0]}, validation inputs {sides[1]}"
    if train.shape[1:] != validation.shape[1:]:
        return Finding("train_validation_shift", "note", f"{text}; sizes differ.", evidence, source=SOURCE)
    generator = generator_for(pipeline.seed, "shift")
    told = told_apart(train, validation, generator)
    count = told.examples // 2
    gap = mean_gap(channel_means(train), channel_means(validation))
    evidence = {**evidence, "strength": told.strength, "mean_gap": gap, "compared": count}
    if not told.is_clear:
        text += f"; {count} of each cannot be told apart (correlation {told.strength:.2f})."
        return Finding("train_validation_shift", "note", text, evidence, source=SOURCE)
    if are_negatives(train, validation, told, generator):
        return _negative(told.strength, count, evidence)
    text += f"; {count} of each can be told apart (correlation {told.strength:.2f}, {told.deviations:.0f} deviations)."
    advice = "Unless this is meant, as with augmentation or a later period, compare the two transforms line by line."
    return Finding("train_validation_shift", "note", text, evidence, fix=advice, source=SOURCE)
