"""Seed reproducible: the same seed gives the same training examples, and on them the same losses, bit for bit.

Source: Pineau et al. 2021, Improving Reproducibility in Machine Learning Research.
"""

from __future__ import annotations

import math
from contextlib import suppress

import torch

from assay.checks.experiments.seeded_draws import unseeded_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline
from assay.checks.given.work import step_batches
from assay.finding import Finding

SOURCE = "Pineau et al. 2021, Improving Reproducibility in Machine Learning Research"
STEPS = 3
CUDA_TOLERANCE = 1e-3  # sums on a GPU may be taken in another order


def check(pipeline: Pipeline) -> CheckResult:
    """Draw examples twice from one seed; train two copies from one seed and compare each loss."""
    with suppress(CannotCheckError):  # no worker can be asked
        drawn = unseeded_examples(pipeline)
        if drawn is not None and drawn[0]:
            return [_unseeded(*drawn)]
    first, second = _losses(pipeline), _losses(pipeline)
    equal = [a == b or (a != a and b != b) for a, b in zip(first, second, strict=True)]
    evidence = {"first": first, "second": second}
    if all(equal):
        text = f"Two trainings from one seed agree bit for bit over {STEPS} steps."
        return [Finding("seed_reproducible", "note", text, evidence, source=SOURCE)]
    step = equal.index(False)
    text = f"Two trainings from one seed differ at step {step}: loss {first[step]:.9g} and {second[step]:.9g}"
    gap = abs(first[step] - second[step])
    if pipeline.device.type != "cpu" and gap <= CUDA_TOLERANCE * abs(first[step]):
        text = f"{text}, as sums on a GPU may."
        return [Finding("seed_reproducible", "note", text, evidence, fix=_DETERMINISTIC, source=SOURCE)]
    return [
        Finding(
            "seed_reproducible",
            "proved",
            f"{text}.",
            evidence,
            cause="Randomness that no seed reaches: a generator made anew at each call, the clock, the process's hash "
            "seed, or an operation without a deterministic form.",
            fix="Draw from torch's generators, or from one generator seeded once and passed in.",
            source=SOURCE,
        )
    ]


def _unseeded(differing: int, count: int) -> Finding:
    return Finding(
        "seed_reproducible",
        "proved",
        f"{differing} of {count} training inputs differ when drawn again under the same seeds, in workers forked from "
        "the same memory.",
        {"differing": differing, "drawn": count},
        cause="Augmentation draws from the system's entropy or the clock: a generator is made without a seed at each "
        "call, as numpy.random.default_rng() or torch.Generator().seed() do.",
        fix="Draw from torch's generator, or from one generator that is made once from the run's seed.",
        source=SOURCE,
    )


_DETERMINISTIC = "Call torch.use_deterministic_algorithms(True) for bit-identical runs."


def _losses(pipeline: Pipeline) -> list[float]:
    """Loss of each sampled batch before its step, then of the first one after the last; equal seeds, equal starts."""
    batches = pipeline.once(step_batches)
    with pipeline.traceless():  # generators that the step closes over start again too
        pipeline.seed_for("seed_reproducible")
        trial, losses = pipeline.trial(), []
        for step in range(STEPS):
            loss = trial.step(batches[step % len(batches)])
            losses.append(float(loss) if isinstance(loss, (int, float, torch.Tensor)) else math.nan)
        with torch.no_grad():
            losses.append(float(pipeline.loss(trial.model, batches[0])))
    return losses
