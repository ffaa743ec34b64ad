"""Loss clipping: a wrong answer must get a gradient; a loss that is clamped gives it none.

    d loss / d outputs = 0 exactly, for every example, where all answers are wrong,
    and not 0 where they are less wrong

Gradients may be clipped, losses may not: `loss.clamp(max=c)` ignores just the examples that there is most to learn
from. The outputs of a copy are replaced by answers that are wrong with growing confidence, and the training step says
what gradient they get. Losses with bounded gradients (Huber), without any for good answers (hinge), or with a floor
(flooding) are healthy, as is a bound that keeps a logarithm finite.

Source: Karpathy 2015, CS231n and lectures ("clip gradients, not losses"); Mnih et al. 2015 clip the error's gradient.
"""

from __future__ import annotations

import math
from typing import Any

from assay.checks.experiments.replaced_outputs import Reply, reply_to
from assay.checks.experiments.wrong_answers import DEVIATIONS, FAR, MILD, WRONG, wrong_answers
from assay.checks.given.batches import count_examples, take_examples
from assay.checks.given.cannot_check import CannotCheckError
from assay.checks.given.pipeline import CheckResult, Pipeline, asks_for_closure
from assay.figure import Lines, Series
from assay.finding import Finding

SOURCE = "Karpathy 2015, CS231n; Mnih et al. 2015, methods"
EXAMPLES = 8


def check(pipeline: Pipeline) -> CheckResult:
    """Answer wrongly with growing confidence and ask for gradients."""
    if asks_for_closure(pipeline.optimizer):
        raise CannotCheckError("this optimiser evaluates the loss inside its step, where outputs cannot be replaced")
    batch = take_examples(pipeline.batches[0], range(min(EXAMPLES, count_examples(pipeline.batches[0]))))
    answers, unit = wrong_answers(pipeline, batch)
    replies = [reply_to(pipeline, batch, answers(value), value) for value in (*MILD, *WRONG, *FAR)]
    replies = [reply for reply in replies if reply.confidence not in FAR or math.isfinite(reply.gradient)]
    if not all(math.isfinite(reply.gradient) for reply in replies):
        raise CannotCheckError("made-up outputs give gradients that are not finite")
    if not any(reply.gradient > 0 for reply in replies):
        raise CannotCheckError(
            "no made-up output gets a gradient: the loss is made inside of the model, or see parameters_trained"
        )
    evidence = {"confidences": [reply.confidence for reply in replies], "losses": [reply.loss for reply in replies]}
    evidence |= {"gradients": [reply.gradient for reply in replies], "unit": unit}
    wrong = [reply for reply in replies if reply.confidence in WRONG]
    mild = [reply for reply in replies if reply.confidence in MILD]
    if any(reply.gradient > 0 for reply in mild) and all(reply.gradient == 0 for reply in wrong):
        return [_alert(replies, evidence, unit)]
    return [_note(replies, evidence, unit)]


def _figure(replies: list[Reply], unit: str) -> Lines:
    order = tuple(float(place) for place in range(len(replies)))
    series = (
        Series("loss", order, tuple(reply.loss for reply in replies)),
        Series("largest gradient", order, tuple(reply.gradient for reply in replies)),
    )
    return Lines(f"Loss of ever more wrong answers ({unit})", "ever more wrong", "loss, gradient", series)


def _told(reply: Reply, unit: str) -> str:
    if unit == "probability":
        return f"{abs(reply.confidence):g} on {'a wrong' if reply.confidence > 0 else 'the right'} class"
    return f"{DEVIATIONS[reply.confidence]:g} standard deviations off"


def _alert(replies: list[Reply], evidence: dict[str, Any], unit: str) -> Finding:
    seen = next(reply for reply in replies if reply.confidence == WRONG[0])
    last = max((reply for reply in replies if reply.gradient > 0), key=lambda reply: reply.confidence)
    text = (
        f"Wrong answers get no gradient: with {_told(seen, unit)} for every example the loss stays at {seen.loss:.3g}"
    )
    return Finding(
        "loss_clipping",
        "proved",
        f"{text} and its gradient is exactly 0; {_told(last, unit)} still has one, of {last.gradient:.2g}.",
        evidence,
        cause="The loss is clamped from above: the examples with most to learn from are ignored.",
        fix="Clip the gradients (torch.nn.utils.clip_grad_norm_) instead of the loss, or take a Huber loss.",
        source=SOURCE,
        figures=(_figure(replies, unit),),
    )


def _note(replies: list[Reply], evidence: dict[str, Any], unit: str) -> Finding:
    gone = [reply for reply in replies if reply.confidence in FAR and reply.gradient == 0]
    seen = next(reply for reply in replies if reply.confidence == WRONG[-1])
    text = f"Wrong answers get gradients: {seen.gradient:.2g} for {_told(seen, unit)}."
    if gone:
        text = f"Only very wrong answers get no gradient ({_told(gone[0], unit)}, loss {gone[0].loss:.3g})."
    return Finding("loss_clipping", "note", text, evidence, source=SOURCE, figures=(_figure(replies, unit),))
