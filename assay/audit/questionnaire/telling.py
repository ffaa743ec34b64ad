"""Answers as findings: one sentence of figures each, what follows from it, and all of them in one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int
from torch import Tensor

from assay.audit.chances import correct_by_holm
from assay.audit.labels.noise import HOW, estimate_noise, say_noise
from assay.audit.labels.noise import SOURCE as NOISE_SOURCE
from assay.audit.questionnaire.answer import MARGIN, Answer, Difference
from assay.audit.questionnaire.centres import spread_of_centres
from assay.evaluation import Evaluation
from assay.figure import Forest, Interval
from assay.finding import Finding

SOURCE = "Karpathy 2019, A Recipe for Training Neural Networks, step 1"
NOISY = 0.02
LEVEL = 0.05
"""Of all answers of a sheet together (Holm)."""


def tell_answer(answer: Answer, metric: str) -> Finding:
    """What the change cost, how sure that is, and what to do."""
    advice = answer.advice
    return Finding(
        answer.question.name,
        "note",
        f"{answer.question.asks} {_verdict(answer, metric)}{_say_untrained(answer, metric)}",
        evidence={
            "outcome": answer.outcome,
            "metric": metric,
            "usual": answer.usual,
            "changed": answer.changed,
            "difference": _numbers(answer.difference),
            "untrained": None if answer.untrained is None else _numbers(answer.untrained),
            "use": list(advice.use) if advice else [],
            "avoid": list(advice.avoid) if advice else [],
        },
        fix=advice.text + _say_tricks(advice.use, advice.avoid) if advice else _say_open(answer, metric),
        source=SOURCE,
    )


def tell_all(answers: Sequence[Answer], metric: str, *, shape: tuple[int, ...], examples: int, steps: int) -> Finding:
    """One figure of all answers, and what they were measured with."""
    first = answers[0]
    unit = 100.0 if metric == "accuracy" else 1.0
    rows = tuple(
        Interval(answer.question.label, *(unit * value for value in _limits(answer.difference)), verdict=_word(answer))
        for answer in answers
    )
    axis = f"{'accuracy, points' if metric == 'accuracy' else 'r2'}, with the change minus without"
    return Finding(
        "answers",
        "note",
        _summary(answers, metric),
        evidence={
            "metric": metric,
            "usual": first.usual,
            "shape": list(shape),
            "train_examples": examples,
            "steps": steps,
            "n": first.difference.n,
            "margin": MARGIN,
        },
        cause=f"A small convolutional network that reaches {say_value(first.usual, metric)} on inputs of "
        f"{'x'.join(map(str, shape))} ({examples:,} training examples, {steps:,} steps, judged on "
        f"{first.difference.n:,} of the validation split, {first.difference.seeds} seeds).",
        fix="The sheet says what to try first; `assay ablate` measures what it is worth to your own recipe.",
        source=SOURCE,
        figures=(Forest("What each change costs the probe", axis, rows),),
    )


def with_spread(finding: Finding, images: Tensor) -> Finding:
    """The answer about place, with how far the content of the images lies apart."""
    (down, right), (height, width) = spread_of_centres(images), images.shape[2:]
    told = f"The centre of their content varies by {down * height:.1f} pixels down and {right * width:.1f} to the side "
    return replace(
        finding,
        summary=f"{finding.summary} {told}(deviation, n={len(images):,}).",
        evidence={**finding.evidence, "spread_down": down, "spread_right": right},
    )


def tell_label_noise(evaluations: Sequence[Evaluation], labels: Int[np.ndarray, " n"]) -> Finding:
    """How many labels of the validation split look wrong to probes that were not trained on them."""
    pool = np.mean([evaluation.outputs.numpy() for evaluation in evaluations], axis=0)
    choices = np.stack([evaluation.outputs.numpy().argmax(1) for evaluation in evaluations], axis=1)
    noise, agree = estimate_noise(pool, labels, choices), float(np.mean([one.value for one in evaluations]))
    low, high = noise.between
    noisy = low > NOISY
    return Finding(
        "label_noise",
        "note",
        f"How noisy are the labels? {say_noise(noise, agree)}.",
        evidence={"n": noise.n, "share": noise.share, "low": low, "high": high, "clear_share": noise.clear_share,
                  "error": 1 - agree, "use": ["label-smoothing"] if noisy else []},
        cause=HOW,
        fix="`assay clean` lists the labels that models doubt: look at them before training longer, and smooth targets "
        "meanwhile (label-smoothing)."
        if noisy
        else "No sure sign of many wrong labels; `assay clean` lists those that models of several kinds doubt most.",
        source=NOISE_SOURCE,
    )  # fmt: skip


def say_value(value: float, metric: str) -> str:
    """`88.5 %`, or `r2 0.873`."""
    return f"{100 * value:.1f} %" if metric == "accuracy" else f"r2 {value:.3f}"


def say_points(value: float, metric: str) -> str:
    """A difference without its sign: `2.4 points`, or `0.024 of r2`."""
    return f"{100 * abs(value):.1f} points" if metric == "accuracy" else f"{abs(value):.3f} of r2"


def _say_open(answer: Answer, metric: str) -> str:
    more = "A larger --budget, or more examples to judge by, would say."
    if answer.outcome == "kept" and answer.untrained is not None:
        most = say_points(answer.untrained.low, metric)
        return f"Open: networks that never saw such copies may lose up to {most} on them, or next to nothing. {more}"
    return f"Open: it may cost up to {say_points(answer.difference.low, metric)}, or nothing. {more}"


def _summary(answers: Sequence[Answer], metric: str) -> str:
    by_outcome = {name: [a for a in answers if a.outcome == name] for name in ("lost", "kept", "unsure")}
    likely, kept, unsure = by_outcome.values()
    chances = correct_by_holm([answer.difference.p for answer in answers])
    surely = {answer.question.name for answer, chance in zip(answers, chances, strict=True) if chance < LEVEL}
    lost = [answer for answer in likely if answer.question.name in surely]
    chance = [answer for answer in likely if answer.question.name not in surely]
    parts = [f"{len(lost)} of {len(answers)} changes of the inputs cost the probe something"]
    if lost:
        worst = min(lost, key=lambda answer: answer.difference.estimate)
        parts[0] += f", most of all {worst.question.label} ({say_points(worst.difference.estimate, metric)})"
    parts += [f"perhaps, or by chance among so many: {_labels(chance)}"] if chance else []
    parts += [f"next to nothing: {_labels(kept)}"] if kept else []
    parts += [f"open: {_labels(unsure)}"] if unsure else []
    return "; ".join(parts) + "."


def _labels(answers: Sequence[Answer]) -> str:
    return ", ".join(answer.question.label for answer in answers)


def _verdict(answer: Answer, metric: str) -> str:
    difference = answer.difference
    limits = f"{_signed(difference.low, metric)} to {_signed(difference.high, metric)}"
    n = f"{difference.seeds} seeds, n={difference.n:,}"
    values = f"{say_value(answer.changed, metric)} instead of {say_value(answer.usual, metric)}"
    if not difference.is_measurable:
        seen = f"{say_points(difference.detectable, metric)} would mostly have been seen"
        return f"No measurable effect: {values} (difference {limits}; {seen}; {n})."
    word = "It gains" if difference.low > 0 else "It costs"
    little = " only" if answer.outcome == "kept" and difference.high < 0 else ""
    return f"{word} {say_points(difference.estimate, metric)}{little}: {values} (difference {limits}; {n})."


def _say_untrained(answer: Answer, metric: str) -> str:
    """What networks that never saw such copies make of them."""
    if answer.untrained is None:
        return ""
    value = answer.usual + answer.untrained.estimate
    return f" Networks that never saw such copies reach {say_value(value, metric)} on them."


def _say_tricks(use: Sequence[str], avoid: Sequence[str]) -> str:
    parts = [f"to try: {', '.join(use)}" if use else "", f"to avoid: {', '.join(avoid)}" if avoid else ""]
    told = "; ".join(filter(None, parts))
    return f" Tricks {told} (`assay tricks {(*use, *avoid)[0]}`)." if told else ""


def _word(answer: Answer) -> str:
    if not answer.difference.is_measurable:
        return "no measurable effect"
    return "helps" if answer.difference.low > 0 else "hurts"


def _limits(difference: Difference) -> tuple[float, float, float]:
    return difference.estimate, difference.low, difference.high


def _numbers(difference: Difference) -> dict[str, float]:
    return dict(vars(difference))


def _signed(value: float, metric: str) -> str:
    return f"{100 * value:+.1f}" if metric == "accuracy" else f"{value:+.3f}"
