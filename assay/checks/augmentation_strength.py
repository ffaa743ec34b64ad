"""Augmentation strength: how far two draws of one example lie apart, beside draws of different examples.

    ratio = median |draw1(i) - draw2(i)| / median |draw1(i) - draw1(j)|

Distances are taken of the values and again of spectra and quantiles, which flips and shifts leave alone; a cause is
given where both are large. Whether a label survives cannot be proved, so this is told, and explains an experiment that
failed. It is suspect where most draws are no longer nearest to themselves, training examples tell each other's classes
as they are drawn clearly less than validation examples do, and the network learns decisively less of validation from
them than from as many validation examples.

Source: Gontijo-Lopes et al. 2021, Affinity and Diversity; Cubuk et al. 2020, RandAugment, section 4.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from assay.checks.experiments.association import input_views
from assay.checks.experiments.taught_by_training import Taught, taught, tell_themselves_less
from assay.checks.given.batches import split_batch, tensors_in
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.fixed_draws import training_draws
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.figure import Images, encode_png
from assay.finding import Finding
from assay.randomness import generator_for

SOURCE = "Gontijo-Lopes et al. 2021, Affinity and Diversity"
AS_FAR, RECOGNISED = 0.95, 0.5
FEWEST, SHOWN = 8, 6


def check(pipeline: Pipeline) -> CheckResult:
    """Draw the same training examples twice."""
    draws = pipeline.once(training_draws)
    if draws is None:
        raise CannotCheckError("the loader does not tell how it draws an example, so none can be drawn twice")
    inputs = [[t for t in tensors_in(split_batch(batch)[0]) if t.dim() and t.is_floating_point()] for batch in draws]
    if not inputs[0] or [t.shape for t in inputs[0]] != [t.shape for t in inputs[1]] or len(inputs[0][0]) < FEWEST:
        raise CannotCheckError("needs at least 8 floating-point inputs, of one shape in both draws")
    count = len(inputs[0][0])
    if all(bool(torch.equal(a, b)) for a, b in zip(*inputs, strict=True)):
        text = f"{count} training inputs are the same when drawn again: no augmentation."
        return [Finding("augmentation_strength", "note", text, {"examples": count, "ratio": 0.0}, source=SOURCE)]
    joined = [torch.cat(pair) for pair in zip(*inputs, strict=True)]
    views = input_views(joined, generator_for(pipeline.seed, "views"))
    measured = [strength(view) for view in views]
    finding = _finding(count, measured, _pictures(inputs[0][0], inputs[1][0]))
    with suppress(CannotCheckError):  # no classes, no validation, or a network too large to be trained several times
        is_lost = finding.evidence["recognised"] <= RECOGNISED and tell_themselves_less(pipeline)
        if is_lost and (contrast := pipeline.once(taught)).is_decisive:
            return [_destroys(contrast, finding)]
    return [finding]


def strength(view: Tensor) -> tuple[float, float]:
    """Ratio of distances, and the share of examples whose second draw lies nearest to their own first.

    Args:
        view: the first draws above the second ones, (2 * examples, columns).
    """
    first, second = view.chunk(2)
    distances, others = torch.cdist(second, first), torch.cdist(first, first)
    apart = others[~torch.eye(len(first), dtype=torch.bool)].median()
    found = (distances.argmin(1) == torch.arange(len(first))).double().mean()
    return float(distances.diag().median() / apart.clamp(min=1e-12)), float(found)


def _finding(count: int, measured: list[tuple[float, float]], figures: tuple[Images, ...]) -> Finding:
    ratio, least, found = measured[0][0], min(ratio for ratio, _ in measured), max(share for _, share in measured)
    evidence: dict[str, Any] = {"examples": count, "ratio": ratio, "least_ratio": least, "recognised": found}
    text = (
        f"Two draws of one example lie {ratio:.2f} times as far apart as two examples; "
        f"{found:.0%} of {count} are still nearest to themselves."
    )
    far = least >= AS_FAR and found <= RECOGNISED
    cause = "Augmentation so strong that draws of one example are no more alike than different examples." if far else ""
    fix = "Look at augmented examples and tell their labels; weaken what makes that impossible." if far else ""
    return Finding("augmentation_strength", "note", text, evidence, cause, fix, SOURCE, figures)


def _destroys(contrast: Taught, measured: Finding) -> Finding:
    return replace(
        measured,
        level="suspect",
        summary=f"Augmented training examples teach little of validation: networks trained on {contrast.training} of "
        f"them tell at most {max(0.0, *contrast.by_training):.0%} of what can be told of held-out validation examples, "
        f"and trained on {contrast.validation} validation examples, in half of the updates, at least "
        f"{min(contrast.by_validation):.0%} ({len(contrast.by_training)} seeds each). {measured.summary}",
        evidence={**measured.evidence, **vars(contrast)},
        cause="Augmentation destroys or changes what the label says, or training and validation differ by more.",
        fix="Look at augmented examples and tell their labels; weaken what makes that impossible.",
    )


def _pictures(first: Tensor, second: Tensor) -> tuple[Images, ...]:
    if first.dim() != 4 or first.shape[1] not in (1, 3):
        return ()
    shown = [(image, row, name) for row in range(SHOWN) for image, name in ((first[row], 1), (second[row], 2))]
    pngs = tuple(encode_png(torch.nan_to_num(image.float())) for image, _, _ in shown)
    return (Images("Training examples, drawn twice", pngs, tuple(f"example {r}, draw {n}" for _, r, n in shown)),)
