"""Validation deterministic: two passes over the validation loader must give the same examples.

Hashes are compared as multisets, so another order is told only. Random inputs under targets that stay the same are
random augmentation, and proved. Where targets change as well (masked words, random windows), or are themselves made
like the inputs (denoising), randomness may be the task, which is told only. Examples drawn with replacement are proved
by the sampler's indices, where a pass is large enough to meet some of them twice while it leaves others out; a few
random windows of a long text are a sample of what cannot be read whole, and told.

Source: Goodfellow et al. 2016, section 11.5; PyTorch reproducibility notes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch
from torch import Tensor

from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.fixed_draws import MOST_INDICES, are_equal, drawn_indices, validation_draws
from assay.checks.given.loader_reading import Reading, example_hashes, validation_passes
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Images, encode_png
from assay.finding import Finding

SOURCE = "PyTorch documentation, Reproducibility"
FEWEST, SHOWN = 8, 6
TENTH = 0.1  # of the data set; who draws as much saves little by not reading it all


def check(pipeline: Pipeline) -> CheckResult:
    """Read validation twice; draw the same of its examples twice."""
    first, second = pipeline.once(validation_passes)
    draws = pipeline.once(validation_draws)
    evidence = {"examples": len(first.inputs), "batches": len(first.sizes), "whole_pass": first.whole}
    changed = 0 if draws is None else changed_inputs(*draws)
    if draws is not None and changed and _targets_stand_still(*draws):
        size = len(next(tensors_in(split_batch(draws[0])[0])))
        return [_augmented(changed, size, evidence, _pictures(*draws))]
    if draws is None and _same_targets_other_inputs(first, second):
        moved = sum(a != b for a, b in zip(first.inputs, second.inputs, strict=True))
        return [_augmented(moved, len(first.inputs), evidence, ())]
    drawn = drawn_anew(pipeline.val_loader)
    return [_note(first, second, changed, evidence) if drawn is None else _sampled(*drawn, evidence)]


def drawn_anew(loader: Any) -> tuple[int, int, int] | None:
    """Indices in a pass, different ones among them, and the data set's size, if they are drawn with replacement."""
    passes = [indices for indices in (drawn_indices(loader), drawn_indices(loader)) if indices]
    if len(passes) < 2 or Counter(passes[0]) == Counter(passes[1]):
        return None
    count, distinct, size = len(passes[0]), len(set(passes[0])), len(loader.dataset)
    is_whole, is_large = max(map(len, passes)) < MOST_INDICES, count >= max(TENTH * size, FEWEST)
    repeats = all(len(set(indices)) < min(len(indices), size) for indices in passes)
    return (count, distinct, size) if is_whole and is_large and repeats else None


def changed_inputs(first: Any, second: Any) -> int:
    """Examples whose inputs differ between two draws."""
    hashes = []
    for batch in (first, second):
        inputs = split_batch(batch)[0]
        hashes.append(example_hashes(inputs, len(next(tensors_in(inputs)))))
    return sum(a != b for a, b in zip(*hashes, strict=True))


def _targets_stand_still(first: Any, second: Any) -> bool:
    """Whether targets are the same in both draws, differ from example to example, and are not made like the inputs."""
    (inputs, targets), (_, others) = split_batch(first), split_batch(second)
    if not are_equal(targets, others):
        return False
    given, wanted = next(tensors_in(inputs)), next(tensors_in(targets), None)
    if wanted is None or len(given) < FEWEST or wanted.dim() == 0 or len(wanted) != len(given):
        return False
    return wanted.shape != given.shape and bool((wanted != wanted[:1]).any())


def _same_targets_other_inputs(first: Reading, second: Reading) -> bool:
    """The same sequence of targets, varied enough to be no chance, over inputs that are new."""
    if not (first.whole and second.whole) or first.padded or first.values is None or second.values is None:
        return False
    if first.targets != second.targets or len(first.targets) < 2 * FEWEST or len(set(first.targets)) < 2:
        return False
    commonest = Counter(first.targets).most_common(1)[0][1] / len(first.targets)
    agreeing_by_chance = commonest ** len(first.targets)
    return agreeing_by_chance < 1e-6 and first.inputs != second.inputs and not _is_sorted(first.values)


def _is_sorted(values: Tensor) -> bool:
    """Examples drawn anew, class by class, would bear the same targets too."""
    return int((values.diff() != 0).sum()) < len(torch.unique(values))


def _note(first: Reading, second: Reading, changed: int, evidence: dict[str, Any]) -> Finding:
    pairs = [list(zip(reading.inputs, reading.targets, strict=True)) for reading in (first, second)]
    missing = sum((Counter(pairs[0]) - Counter(pairs[1])).values())
    evidence = {**evidence, "not_in_second_pass": missing, "changed_between_draws": changed}
    count, advice = len(first.inputs), ""
    if pairs[0] == pairs[1]:
        text = f"Two passes over {count} validation examples are equal"
    elif missing == 0:
        text = f"Two passes give the same {count} validation examples in another order"
        advice = "Order does not matter for a mean over whole passes; shuffle=False makes batches comparable."
    elif not (first.whole and second.whole) or first.padded:
        text = f"Not decided: {count} validation examples were read, and order or padding differs between passes"
    else:
        text = f"{missing} of {count} validation examples of one pass are not in the next"
        advice = "If they are drawn at random, draw them once; without drop_last and shuffle none is left out."
    return Finding("validation_deterministic", "note", f"{text}.", evidence, fix=advice, source=SOURCE)


def _pictures(first: Any, second: Any) -> tuple[Images, ...]:
    images = [next(tensors_in(split_batch(batch)[0])) for batch in (first, second)]
    if images[0].dim() != 4 or images[0].shape[1] not in (1, 3):
        return ()
    shown = [(pair, row) for row in range(min(SHOWN, len(images[0]))) for pair in (0, 1)]
    pngs = tuple(encode_png(torch.nan_to_num(images[pair][row].float())) for pair, row in shown)
    captions = tuple(f"example {row}, draw {pair + 1}" for pair, row in shown)
    return (Images("The same validation examples, drawn twice", pngs, captions),)


def _sampled(count: int, distinct: int, size: int, evidence: dict[str, Any]) -> Finding:
    return Finding(
        "validation_deterministic",
        "proved",
        f"Each validation pass draws {count} examples anew with replacement: {distinct} different ones of {size}, the "
        "others not, and not those of the pass before.",
        {**evidence, "drawn": count, "different": distinct, "data_set": size},
        cause="A random sampler with replacement, as for training, draws the validation examples.",
        fix="Read the whole validation set in order: shuffle=False and no sampler; or draw a subset once and keep it.",
        source=SOURCE,
    )


def _augmented(changed: int, count: int, evidence: dict[str, Any], figures: tuple[Images, ...]) -> Finding:
    return Finding(
        "validation_deterministic",
        "proved",
        f"{changed} of {count} validation inputs differ when drawn again, under the same targets.",
        {**evidence, "changed": changed, "drawn": count},
        cause="Random augmentation meant for training is applied to validation data.",
        fix="Give the validation set the deterministic transforms only (resize, centre crop, normalise).",
        source=SOURCE,
        figures=figures,
    )
