"""Labels follow inputs: targets must be better predicted from their own inputs than permuted targets are.

Examples are predicted from the others by kernel ridge regression, and the same is done for 99 permutations of the
targets. A clear contrast proves a relation. No contrast is not yet a fault, for signals may be weak or hard (parity,
modular sums), so an alert needs a counterfactual as well: labels that fit the inputs some places on; validation labels
that clearly follow their inputs; or pictures and signals, whose values vary together, in which a made-up relation
explaining 10 % of the targets is found every time, while the network, too, learns permuted labels as well as the real
ones on held-out examples. Columns of a table may say very little about a target in truth, so they are left undecided.
Before all that, the labels of a batch are held against those that its examples bear alone: labels of others are proved.
Where the loss reads no labels, as that of two views, the pairing of two inputs alike is asked in their place; and pairs
that hold one input twice, under labels that differ, are an alert where those of validation do not.

Source: Zhang et al. 2017, Understanding Deep Learning Requires Rethinking Generalization (real against random labels).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.association import (
    Association,
    associate,
    input_views,
    leave_one_out,
    shared_variation,
    target_columns,
)
from assay.checks.experiments.label_contrast import network_contrast
from assay.checks.experiments.labels_in_company import Company, labels_in_company
from assay.checks.experiments.paired_inputs import Astray, astray, same_twice
from assay.checks.given.batches import split_batch, take_examples, tensors_in
from assay.checks.given.fixed_draws import draw, drawn_indices
from assay.checks.given.loader_reading import training_sample, validation_sample
from assay.checks.given.pipeline import CannotCheckError, CheckResult, Pipeline
from assay.figure import Bars
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Zhang et al. 2017, section 2"
FIRST, MOST, FEWEST, ENOUGH = 192, 768, 24, 96
PLANTED_SHARE, PLANTS = 0.1, 20
FEWEST_COLUMNS, VARIES_TOGETHER = 32, 0.02
OFFSETS = (1, -1, 2, -2, 3, -3)


@dataclass(frozen=True)
class Pairs:
    """Examples that may be tested: what predicts, and the targets as columns."""

    inputs: list[Tensor]
    smoothers: list[Tensor]
    columns: Tensor


def check(pipeline: Pipeline) -> CheckResult:
    """Look for any relation; where there is none, for what would be there if the pairs were right."""
    if (changed := labels_in_company(pipeline)) is not None:
        return [_changed_in_company(changed)]
    batch = pipeline.once(training_sample)
    if (copied := copied_targets(batch)) is not None:
        return [_note(f"Targets are made from the inputs: {copied}.", {})]
    with suppress(CannotCheckError):  # without validation there is nothing beside the pairs
        if count := same_twice(pipeline):
            return [_same_twice(count)]
    try:
        need_use_of_targets(pipeline, batch)
    except CannotCheckError:
        if (strayed := astray(pipeline)) is not None:  # what is learned from such pairs is their pairing
            return [_astray(strayed)]
        raise
    found = tested(pipeline, batch, FIRST)
    if not found.is_clear:
        found = tested(pipeline, batch, MOST)
    evidence = {"strength": found.strength, "deviations": found.deviations, "examples": found.examples}
    evidence["permuted"] = sum(found.permuted) / len(found.permuted)
    if found.is_clear:
        text = "Labels follow inputs: predicted from the other examples with correlation"
        text = f"{text} {found.strength:.2f}, {evidence['permuted']:.2f} when permuted ({found.examples} examples)."
        return [_note(text, evidence, (_figure(found),))]
    if not found.is_absent:
        return [_undecided(found, evidence, "the contrast with permuted labels is weak")]
    return [_explain(pipeline, batch, found, evidence)]


def tested(pipeline: Pipeline, batch: Any, most: int) -> Association:
    """The relation among the first examples of a batch."""
    generator = generator_for(pipeline.seed, "labels_follow_inputs", most)
    pairs = pairs_of(pipeline, batch, most, generator)
    return associate(pairs.smoothers, pairs.columns, generator)


def pairs_of(pipeline: Pipeline, batch: Any, most: int, generator: torch.Generator) -> Pairs:
    """What the test needs of a batch.

    Raises:
        CannotCheckError: there are few examples, no tensors of targets, or targets that never vary.
    """
    inputs, targets = split_batch(batch)
    if not isinstance(targets, Tensor) or targets.dim() == 0 or targets.is_complex():
        raise CannotCheckError("targets are not one tensor with examples first")
    size = len(targets)
    given = [tensor.detach().cpu() for tensor in tensors_in(inputs) if tensor.dim() > 0 and len(tensor) == size]
    wanted = targets.detach().cpu()
    kept = torch.arange(size)
    if wanted.dim() == 1 and not wanted.is_floating_point():
        kept = kept[wanted != pipeline.loss_kind.ignored_label]
    kept = kept[:most]
    given, wanted = [tensor[kept] for tensor in given if not tensor.is_complex()], wanted[kept]
    if len(kept) < FEWEST or not given:
        raise CannotCheckError(f"needs at least {FEWEST} labelled examples in tensors, got {len(kept)}")
    if bool((wanted == wanted[:1]).all()):
        raise CannotCheckError("the sampled targets never vary")
    if wanted.dim() == 1 and not wanted.is_floating_point() and len(torch.unique(wanted)) > len(wanted) / 2:
        raise CannotCheckError("nearly every example has a class of its own")
    if not all(bool(torch.isfinite(tensor).all()) for tensor in (*given, wanted)):
        raise CannotCheckError("inputs or targets are not finite")
    return Pairs(given, leave_one_out(input_views(given, generator)), target_columns(wanted, generator))


def copied_targets(batch: Any) -> str | None:
    """Whether targets are the inputs themselves, or the same sequence one place on."""
    inputs, targets = split_batch(batch)
    if not isinstance(targets, Tensor):
        return None
    for tensor in [tensor for tensor in tensors_in(inputs) if tensor.shape == targets.shape]:
        if torch.equal(tensor.to(targets), targets):
            return "they are equal"
        is_sequence = tensor.dim() == 2 and tensor.shape[1] > 2
        if is_sequence and torch.equal(tensor[:, 1:].to(targets), targets[:, :-1]):
            return "the same sequence, one place on"
    return None


def need_use_of_targets(pipeline: Pipeline, batch: Any) -> None:
    """A loss that ignores targets leaves nothing to test.

    Raises:
        CannotCheckError: the loss is the same for permuted targets.
    """
    model, few = pipeline.evaluation_copy(), take_examples(batch, range(min(32, len(split_batch(batch)[1]))))
    with torch.no_grad():
        outputs = pipeline.forward(model, few)
        targets = pipeline.targets(few)
        if not isinstance(targets, Tensor) or targets.dim() == 0:
            raise CannotCheckError("targets are not one tensor with examples first")
        losses = [float(pipeline.loss_fn(outputs, t)) for t in (targets, targets.roll(1, 0), targets.flip(0))]
    if losses[0] == losses[1] == losses[2] and bool((targets != targets[:1]).any()):
        raise CannotCheckError("the loss does not depend on the targets")


def _explain(pipeline: Pipeline, batch: Any, found: Association, evidence: dict[str, Any]) -> Finding:
    """What else holds, if labels do not follow inputs: the counterfactuals in turn."""
    moved = displaced(pipeline)
    if moved is not None:
        offset, strength = moved
        text = f"the labels fit the inputs {abs(offset)} places {'earlier' if offset > 0 else 'later'} in the data set"
        return _alert(found, {**evidence, "offset": offset, "offset_strength": strength}, text)
    validation = _clear_validation(pipeline)
    if validation is not None and found.examples >= validation.examples / 2:
        text = f"validation labels follow theirs (correlation {validation.strength:.2f}, n = {validation.examples})"
        return _alert(found, {**evidence, "validation_strength": validation.strength}, text)
    if not is_telling(batch):
        return _undecided(found, evidence, "a relation may be weak in tables, or hidden in words, pairs and sequences")
    if found.examples < ENOUGH or not planted_is_found(pipeline, batch):
        return _undecided(found, evidence, f"with {found.examples} examples a weak relation would not be seen")
    contrast = network_contrast(pipeline, batch)
    if contrast is None or contrast.is_clear:
        return _undecided(found, evidence, "the network tells real labels from permuted ones, or is too slow to ask")
    text = (
        f"a relation that explains {PLANTED_SHARE:.0%} of them would be seen in these inputs, and the network sees none"
    )
    return _alert(found, {**evidence, "held_out": contrast.real, "held_out_permuted": list(contrast.permuted)}, text)


def is_telling(batch: Any) -> bool:
    """Whether inputs are one picture or signal each, whose values vary together, and targets are not sequences."""
    inputs = [tensor for tensor in tensors_in(split_batch(batch)[0]) if tensor.dim() > 0]
    if len(inputs) != 1 or not inputs[0].is_floating_point() or split_batch(batch)[1].dim() > 2:
        return False
    columns = inputs[0].detach().cpu().float().flatten(1)[:MOST]
    return columns.shape[1] >= FEWEST_COLUMNS and shared_variation(columns) > VARIES_TOGETHER


def displaced(pipeline: Pipeline) -> tuple[int, float] | None:
    """The offset in the data set's own order at which labels clearly fit the inputs, and how well."""
    indices = drawn_indices(pipeline.train_loader)
    if indices is None:
        return None
    first = min(indices)
    ordered = [index for index in range(first, first + FIRST) if index in set(indices)]
    if len(ordered) < ENOUGH:
        return None
    generator = generator_for(pipeline.seed, "displaced")
    try:
        pairs = pairs_of(pipeline, draw(pipeline.train_loader, ordered), FIRST, generator)
    except CannotCheckError:
        return None  # sorted by class, the first of the data set may all bear one; the other questions remain
    for offset in OFFSETS:
        moved = associate(pairs.smoothers, pairs.columns.roll(offset, 0), generator)
        if moved.is_clear and moved.strength**2 > 2 * PLANTED_SHARE:
            return offset, moved.strength
    return None


def _clear_validation(pipeline: Pipeline) -> Association | None:
    """The relation of validation examples, where there is one that training of this size would show too."""
    try:
        found = tested(pipeline, pipeline.once(validation_sample), MOST)
    except CannotCheckError:
        return None
    return found if found.is_clear and found.strength**2 > 2 * PLANTED_SHARE else None


def planted_is_found(pipeline: Pipeline, batch: Any) -> bool:
    """Whether smooth made-up relations that explain a tenth of the targets are seen, each time.

    planted = sqrt(share) * f(inputs) + sqrt(1 - share) * noise, f a random combination of similarities
    """
    generator = generator_for(pipeline.seed, "planted")
    pairs = pairs_of(pipeline, batch, MOST, generator)
    columns = pairs.columns.shape[1]
    for trial in range(PLANTS):
        smoother = pairs.smoothers[trial % len(pairs.smoothers)]
        shape = (len(smoother), columns)
        signal = (smoother @ (smoother @ torch.randn(shape, generator=generator))).double()
        signal = (signal - signal.mean(0)) / signal.std(0).clamp(min=1e-12)
        noise = torch.randn(shape, generator=generator, dtype=torch.float64)
        planted = PLANTED_SHARE**0.5 * signal + (1 - PLANTED_SHARE) ** 0.5 * noise
        if associate(pairs.smoothers, planted, generator).is_absent:
            return False  # and healthy programs with such a relation would be taken for faulty ones
    return True


def _changed_in_company(found: Company) -> Finding:
    return Finding(
        "labels_follow_inputs",
        "proved",
        f"{found.differing} of {found.examples} training examples bear the label of another in a batch, each time they "
        f"are drawn: {found.distinct} different ones there, {found.distinct_alone} where each is drawn alone.",
        vars(found),
        cause="collate_fn gives examples the labels of others: one label is spread over the batch, or labels are "
        "sorted, rolled or stacked in another order than inputs.",
        fix="Collate inputs and labels from the same items in the same order, as the default collate_fn does.",
        source=SOURCE,
    )


def _same_twice(count: int) -> Finding:
    return Finding(
        "labels_follow_inputs",
        "suspect",
        f"Both inputs are one and the same in each of {count} training examples, though not in validation, and labels "
        "differ all the same: nothing in a pair can tell which it bears.",
        {"examples": count},
        cause="The data set returns one item twice: an index is used for both, or a variable was overwritten.",
        fix="Return the pair that the label was made for; look at a few pairs.",
        source=SOURCE,
    )


def _astray(found: Astray) -> Finding:
    training, beside = found.training, found.beside
    where = "in validation" if not found.offset else f"{abs(found.offset)} places on in the data set"
    return Finding(
        "labels_follow_inputs",
        "suspect",
        "Two inputs that the loss pairs do not belong together: the second is foretold by the first with correlation "
        f"{training.strength:.2f} ({training.deviations:.1f} deviations above permuted pairs, {training.examples} "
        f"examples), but with {beside.strength:.2f} {where}.",
        {"strength": training.strength, "beside": beside.strength, "offset": found.offset},
        cause="The second input of an example is another example's: views were drawn apart, shuffled or shifted.",
        fix="Make both views from one item, where it is read.",
        source=SOURCE,
        figures=(_figure(training),),
    )


def _figure(found: Association) -> Bars:
    chance: Sequence[float] = sorted(found.permuted)
    values = (found.strength, chance[-1], sum(chance) / len(chance), chance[0])
    labels = ("real labels", "permuted, highest", "permuted, mean", "permuted, lowest")
    return Bars("How well labels are predicted from other examples", labels, values, "correlation")


def _note(text: str, evidence: dict[str, Any], figures: tuple[Bars, ...] = ()) -> Finding:
    return Finding("labels_follow_inputs", "note", text, evidence, source=SOURCE, figures=figures)


def _undecided(found: Association, evidence: dict[str, Any], reason: str) -> Finding:
    text = f"Could not tell whether labels follow inputs: {reason} (n = {found.examples}, {found.deviations:.1f} "
    return _note(f"{text}deviations above permuted labels).", {**evidence, "undecided": reason}, (_figure(found),))


def _alert(found: Association, evidence: dict[str, Any], reason: str) -> Finding:
    return Finding(
        "labels_follow_inputs",
        "suspect",
        f"Labels do not follow inputs: real ones are predicted with correlation {found.strength:.2f}, permuted ones "
        f"with {sum(found.permuted) / len(found.permuted):.2f} ({found.examples} examples); but {reason}.",
        evidence,
        cause="Inputs and labels are out of step: one was shuffled, sorted or filtered without the other, or labels "
        "belong to the next example.",
        fix="Keep each example and its label in one object; permute both by the same indices; look at some pairs.",
        source=SOURCE,
        figures=(_figure(found),),
    )
