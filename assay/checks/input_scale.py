"""Input scale: the range, mean and deviation of what enters the network.

Magnitudes never alert: z-scored, unit-range and byte inputs all train with the right first layer. Inputs
that do not vary at all are an exact fault: nothing can be learned from them.

Source: LeCun et al. 1998, Efficient BackProp, section 4.3.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assay.checks.batches import count_examples, split_batch, tensors_in
from assay.checks.pipeline import CheckResult, Pipeline
from assay.finding import Finding, Skipped

SOURCE = "LeCun et al. 1998, section 4.3"
LARGE_DEVIATION = 10.0
SMALL_DEVIATION = 0.01


def check(pipeline: Pipeline) -> CheckResult:
    """Describe the sampled inputs; prove that they vary from example to example."""
    batch = pipeline.examples(1024)
    size = count_examples(batch)
    tensors = [t for t in tensors_in(split_batch(batch)[0]) if t.dim() > 0 and len(t) == size]
    if size < 2:
        return Skipped("input_scale", "needs at least 2 examples")
    if not any(bool(torch.isfinite(tensor).all()) for tensor in tensors):
        return Skipped("input_scale", "inputs are not finite")
    if all(bool((tensor == tensor[:1]).all()) for tensor in tensors):
        return [_constant(size)]
    tensor = max(tensors, key=lambda candidate: candidate.nelement())
    evidence = describe(tensor)
    return [Finding("input_scale", "note", _sentence(evidence), evidence, fix=_advice(evidence), source=SOURCE)]


def describe(inputs: Tensor) -> dict[str, Any]:
    """Plain numbers about inputs with examples along the first axis."""
    values = inputs.double().flatten(1)
    return {
        "examples": len(inputs),
        "shape": list(inputs.shape[1:]),
        "dtype": str(inputs.dtype).removeprefix("torch."),
        "low": float(values.min()),
        "high": float(values.max()),
        "mean": float(values.mean()),
        "deviation": float(values.std(correction=0)),
        "constant_features": int((values == values[:1]).all(0).sum()),
    }


def _sentence(numbers: dict[str, Any]) -> str:
    kind = "integers" if not numbers["dtype"].startswith(("float", "bfloat")) else numbers["dtype"]
    text = f"Inputs of shape {tuple(numbers['shape'])} ({kind}) from {numbers['low']:.3g} to {numbers['high']:.3g}"
    text += f", mean {numbers['mean']:.3g}, deviation {numbers['deviation']:.3g}, n = {numbers['examples']}"
    constant = numbers["constant_features"]
    return f"{text}; {constant} of their values never vary." if constant else f"{text}."


def _advice(numbers: dict[str, Any]) -> str:
    if not numbers["dtype"].startswith(("float", "bfloat")):
        return ""
    far_off = abs(numbers["mean"]) > LARGE_DEVIATION * max(numbers["deviation"], 1e-12)
    if numbers["deviation"] > LARGE_DEVIATION or numbers["deviation"] < SMALL_DEVIATION or far_off:
        return "If learning is slow, subtract the training mean and divide by the training deviation."
    return ""


def _constant(size: int) -> Finding:
    return Finding(
        "input_scale",
        "proved",
        f"All {size} sampled inputs are identical: they cannot tell one example from another.",
        {"examples": size},
        cause="Overwritten or zeroed inputs: an integer division by 255, a wrong column, one buffer used twice.",
        fix="Look at the tensors just before the network and walk back to where they become equal.",
        source=SOURCE,
    )
