"""The sheet for tables: which columns matter, whether a line is enough, how noisy the labels are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from assay.audit.questionnaire.answer import Difference
from assay.audit.questionnaire.columns import ColumnAnswers, ask_columns, column_spans
from assay.audit.questionnaire.measure import guessing, learns
from assay.audit.questionnaire.telling import say_points, say_value, tell_answer, tell_label_noise
from assay.audit.texts.text_features import with_text_features
from assay.data.data import Data
from assay.data.loader import order_for_epoch
from assay.figure import Forest, Interval
from assay.finding import Finding, Skipped
from assay.saying import Say

MOST_EXAMPLES, MOST_JUDGED, SHOWN, NAMED = 5_000, 2_000, 30, 8
FEWEST_OF_A_CLASS = 5
"""On average: with fewer no forest is better than guessing, and takes minutes to find that out."""


def ask_table(data: Data, *, seconds: float, seed: int, say: Say) -> tuple[list[Finding], list[Skipped]]:
    """Findings, and the columns for which there was no time."""
    train = order_for_epoch(len(data.train), seed, -4)[:MOST_EXAMPLES]
    judged = order_for_epoch(len(data.validation), seed, -4)[:MOST_JUDGED]
    data = replace(data, train=data.train.select(train), validation=data.validation.select(judged))
    if not (
        torch.as_tensor(data.train.inputs).isfinite().all() and torch.as_tensor(data.validation.inputs).isfinite().all()
    ):
        return [], [Skipped("questions", "some values are not finite; mend them, or fill them with --impute")]
    classes = len(data.train.targets.unique()) if data.specification.task == "classification" else 1
    if len(train) < FEWEST_OF_A_CLASS * classes:
        reason = f"{len(train):,} training examples of {classes:,} classes are fewer than {FEWEST_OF_A_CLASS} of each"
        return [], [Skipped("questions", f"{reason}: nothing could be told from guessing; ask about fewer classes")]
    data = with_text_features(data, seed=seed)
    answers, metric = ask_columns(data, seed=seed, seconds=seconds, say=say), data.specification.metric
    first = answers.usual[0]
    if not learns(first, data):
        reached, guess = say_value(first.value, metric), say_value(guessing(data), metric)
        reason = f"a forest reaches {reached} on {first.n:,} examples, not surely more than guessing ({guess})"
        return [], [Skipped("questions", f"{reason}: it has nothing to lose")]
    findings = [_tell_columns(answers, metric, len(train)), tell_answer(answers.line, metric)]
    if data.specification.task == "classification":
        findings.append(tell_label_noise(answers.usual, data.validation.targets.numpy()))
    missed = [name for name, *_ in column_spans(data)[len(answers.columns) :]]
    reason = (
        f"budget, or more than a hundred columns: {', '.join(missed[:NAMED])}{', …' if len(missed) > NAMED else ''}"
    )
    return findings, [Skipped(f"{len(missed)} columns", reason)] if missed else []


def _tell_columns(answers: ColumnAnswers, metric: str, examples: int) -> Finding:
    order = sorted(answers.columns, key=lambda pair: pair[1].estimate)
    matters = [(name, found) for name, found in order if found.high < 0]
    named = ", ".join(f"{name} ({say_points(found.estimate, metric)})" for name, found in matters[:NAMED])
    more = f" and {len(matters) - NAMED} more" if len(matters) > NAMED else ""
    usual = float(np.mean([evaluation.value for evaluation in answers.usual]))
    unit, n = (100.0 if metric == "accuracy" else 1.0), answers.usual[0].n
    rows = tuple(
        Interval(name, *(unit * value for value in (found.estimate, found.low, found.high)), verdict=_word(found))
        for name, found in order[:SHOWN]
    )
    told = f"what it loses when they are shuffled: {named}{more}" if matters else "to shuffle one costs nothing sure"
    return Finding(
        "columns",
        "note",
        f"{len(matters)} of {len(order)} columns surely matter to a forest that reaches {say_value(usual, metric)}; "
        f"{told} ({len(answers.usual)} seeds, n={n:,}).",
        evidence={"usual": usual, "n": n, "train_examples": examples, "metric": metric,
                  "matter": [name for name, _ in matters],
                  "columns": {name: vars(found) for name, found in order}},
        cause="Of columns that say the same none may seem to matter; of a hundred that do not, a few seem to by "
        "chance.",
        fix="Look hard at the first: is it known when the answer is wanted? Columns at the end may be left out, all at "
        "once and measured.",
        source="Breiman 2001, Random Forests, section 10; Fisher, Rudin and Dominici 2019 (arXiv:1801.01489)",
        figures=(Forest("What shuffling each column costs a forest",
                        "accuracy, points" if metric == "accuracy" else "r2", rows),),
    )  # fmt: skip


def _word(found: Difference) -> str:
    if not found.is_measurable:
        return "no measurable effect"
    return "hurts" if found.high < 0 else "helps"
