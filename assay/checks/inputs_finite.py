"""Inputs finite: one NaN or infinity in a batch turns every weight into NaN at the next step.

Source: Goodfellow et al. 2016, section 11.5 (debug the data first).
"""

from __future__ import annotations

import torch

from assay.checks.batches import count_examples, split_batch, tensors_in
from assay.checks.pipeline import CheckResult, Pipeline
from assay.finding import Finding

SOURCE = "Goodfellow et al. 2016, section 11.5"


def check(pipeline: Pipeline) -> CheckResult:
    """Look at every value of the sampled inputs."""
    bad, seen = [], 0
    for number, batch in enumerate(pipeline.batches):
        size = count_examples(batch)
        for tensor in tensors_in(split_batch(batch)[0]):
            if tensor.dim() > 0 and len(tensor) == size:
                finite = torch.isfinite(tensor).reshape(size, -1).all(1)
                bad += [(number, row) for row in (~finite).nonzero().flatten().tolist()]
        seen += size
    evidence = {"examples": seen, "bad_examples": len(bad), "first": [list(place) for place in bad[:10]]}
    if not bad:
        return [Finding("inputs_finite", "note", f"All values of {seen} inputs are finite.", evidence, source=SOURCE)]
    batch_number, row = bad[0]
    return [
        Finding(
            "inputs_finite",
            "proved",
            f"{len(bad)} of {seen} inputs hold NaN or infinity; the first is example {row} of batch {batch_number}.",
            evidence,
            cause="Missing cells, a division by a zero deviation, a logarithm of zero, or a broken file.",
            fix="Find these examples in the data; remove or impute them before they reach the loader.",
            source=SOURCE,
        )
    ]
