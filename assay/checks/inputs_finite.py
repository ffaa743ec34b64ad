"""Inputs finite: one NaN or infinity in a batch turns every weight into NaN at the next step.

The sampled batches are looked at, then an epoch of both loaders as far as it is read. A network that answers such
inputs with finite outputs knows them (missing values, masks), which is told only.

Source: Goodfellow et al. 2016, section 11.5 (debug the data first).
"""

from __future__ import annotations

from typing import Any

import torch

from assay.checks.given.batches import count_examples, split_batch, tensors_in
from assay.checks.given.loader_reading import not_finite, read_loaders
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 11.5"


def check(pipeline: Pipeline) -> CheckResult:
    """Look at every value of the inputs: the sampled ones, the rest of an epoch, validation."""
    bad, seen = [], 0
    for number, batch in enumerate(pipeline.batches):
        size = count_examples(batch)
        bad += [(number, row) for row in not_finite(split_batch(batch)[0], size)]
        seen += size
    evidence = {"examples": seen, "bad_examples": len(bad), "first": [list(place) for place in bad[:10]]}
    if bad:
        number, row = bad[0]
        text = f"{len(bad)} of {seen} inputs hold NaN or infinity; the first is example {row} of batch {number}"
        if answers_are_finite(pipeline, pipeline.batches[number]):
            text += ", and the network answers them with finite outputs"
            return [Finding("inputs_finite", "note", f"{text}.", evidence, source=SOURCE)]
        return [_alert(f"{text}.", evidence)]
    for name, reading in read_loaders(pipeline):
        evidence |= {f"{name}_examples": len(reading.inputs), f"bad_{name}_examples": len(reading.not_finite)}
        if reading.not_finite:
            text = (
                f"{len(reading.not_finite)} of {len(reading.inputs)} {name} inputs hold NaN or infinity; the first is"
            )
            return [_alert(f"{text} number {reading.not_finite[0]} in the order of the loader.", evidence)]
    told = ", ".join(f"{len(reading.inputs)} {name}" for name, reading in read_loaders(pipeline))
    return [Finding("inputs_finite", "note", f"All values of {told} inputs are finite.", evidence, source=SOURCE)]


def answers_are_finite(pipeline: Pipeline, batch: Any) -> bool:
    """Whether outputs are finite for the examples as they are."""
    with torch.no_grad():
        outputs = list(tensors_in(pipeline.forward(pipeline.evaluation_copy(), batch)))
    return all(bool(torch.isfinite(output).all()) for output in outputs)


def _alert(text: str, evidence: dict[str, Any]) -> Finding:
    return Finding(
        "inputs_finite",
        "proved",
        text,
        evidence,
        cause="Missing cells, a division by a zero deviation, a logarithm of zero, or a broken file.",
        fix="Find these examples in the data; remove or impute them before they reach the loader.",
        source=SOURCE,
    )
