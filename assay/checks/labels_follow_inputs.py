"""Labels follow inputs: targets must be better predicted from their own inputs than permuted targets are.

Examples are predicted from the others by kernel ridge regression, and the same is done for 99 permutations of the
targets. A clear contrast proves a relation. No contrast is not yet a fault, for signals may be weak or hard (parity,
modular sums), so an alert needs a counterfactual as well: labels that fit the inputs some places on; validation labels
that clearly follow their inputs; or pictures and signals, whose values vary together, in which a made-up relation
explaining 10 % of the targets is found every time, while the network, too, learns permuted labels as well as the real
ones on held-out examples. Columns of a table may say very little about a target in truth, so they are left undecided.
Before all that, the labels of a batch are held against those that its examples bear alone: labels of others are proved.
Where the loss reads no labels, as that of two views, the pairing of two inputs alike is asked in their place; and pairs
that hold one input twice, under labels that differ, are an alert where those of validation do not. Targets that are the
inputs of other examples are proved where those of validation are the inputs themselves.

Source: Zhang et al. 2017, Understanding Deep Learning Requires Rethinking Generalization (real against random labels).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from assay.checks.experiments.association import Association
from assay.checks.experiments.counterfactual_labels import (
    ENOUGH,
    PLANTED_SHARE,
    clear_validation,
    displaced,
    is_telling,
    planted_is_found,
)
from assay.checks.experiments.inputs_of_others import inputs_of_others
from assay.checks.experiments.label_contrast import network_contrast
from assay.checks.experiments.labelled_examples import FIRST, MOST, relation_of
from assay.checks.experiments.labels_in_company import Company, labels_in_company
from assay.checks.experiments.paired_inputs import Astray, astray, same_twice
from assay.checks.experiments.use_of_targets import copied_targets, need_use_of_targets
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.loader_reading import training_sample
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Bars
from assay.finding import Finding

SOURCE = "Zhang et al. 2017, section 2"


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
        if count := inputs_of_others(pipeline):
            return [_inputs_of_others(count)]
    try:
        need_use_of_targets(pipeline, batch)
    except CannotCheckError:
        if (strayed := astray(pipeline)) is not None:  # what is learned from such pairs is their pairing
            return [_astray(strayed)]
        raise
    found = relation_of(pipeline, batch, FIRST)
    if not found.is_clear:
        found = relation_of(pipeline, batch, MOST)
    evidence = {"strength": found.strength, "deviations": found.deviations, "examples": found.examples}
    evidence["permuted"] = sum(found.permuted) / len(found.permuted)
    if found.is_clear:
        text = "Labels follow inputs: predicted from the other examples with correlation"
        text = f"{text} {found.strength:.2f}, {evidence['permuted']:.2f} when permuted ({found.examples} examples)."
        return [_note(text, evidence, (_figure(found),))]
    if not found.is_absent:
        return [_undecided(found, evidence, "the contrast with permuted labels is weak")]
    return [_explain(pipeline, batch, found, evidence)]


def _explain(pipeline: Pipeline, batch: Any, found: Association, evidence: dict[str, Any]) -> Finding:
    """What else holds, if labels do not follow inputs: the counterfactuals in turn."""
    moved = displaced(pipeline)
    if moved is not None:
        offset, strength = moved
        text = f"the labels fit the inputs {abs(offset)} places {'earlier' if offset > 0 else 'later'} in the data set"
        return _alert(found, {**evidence, "offset": offset, "offset_strength": strength}, text)
    validation = clear_validation(pipeline)
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


def _inputs_of_others(count: int) -> Finding:
    return Finding(
        "labels_follow_inputs",
        "proved",
        f"Validation targets are the inputs themselves, and the targets of {count} training examples are the inputs of "
        "other examples.",
        {"examples": count},
        cause="Inputs and targets of the training set are out of step: shuffled, rolled or indexed apart.",
        fix="Return the example itself as its target.",
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
