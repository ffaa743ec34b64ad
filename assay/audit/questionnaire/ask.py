"""What in the inputs matters, measured: the sheet of questions that an expert asks before choosing a network.

Source: Karpathy 2019, A Recipe for Training Neural Networks, step 1.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from assay.audit.questionnaire.answer import Answer
from assay.audit.questionnaire.ask_table import ask_table
from assay.audit.questionnaire.measure import Measured, guessing, learns, measure
from assay.audit.questionnaire.plan import FEWEST_STEPS, MOST_EXAMPLES, MOST_JUDGED, ROUNDS, SHARE, Plan, plan_probes
from assay.audit.questionnaire.probe import draw_probe_data, measure_step, probe_recipe, shrink_data
from assay.audit.questionnaire.sheet import has_columns, sheet, why_no_questions
from assay.audit.questionnaire.telling import say_value, tell_all, tell_answer, tell_label_noise, with_spread
from assay.data.data import Data
from assay.finding import Finding, Report, Skipped
from assay.saying import Say, silent

SIDES = (64, 32)
"""Pixels of the longer side that images are scaled down to: the second where the first leaves too few steps."""
LENGTH = 512
READING_SHARE, TIMING_SHARE = 0.2, 0.015
"""Of the budget, for inputs that are decoded from files, and for measuring how long a step takes."""
LEAST_EXAMPLES = 20


def ask(
    data: Data, *, budget_seconds: float = 300.0, seed: int = 0, device: torch.device | str | None = None,
    say: Say = silent,
) -> Report:  # fmt: skip
    """Answer the sheet by training small probes on changed copies of the inputs, beside unchanged ones.

    Training and validation split are read, the test split is not; nothing is changed.

    Args:
        budget_seconds: for everything; usual 300. With less, fewer examples, steps and questions.
        say: called with what is under way and the share of the budget that is used.
    Raises:
        ValueError: the budget is not positive.
    """
    if not budget_seconds > 0:
        raise ValueError(f"budget_seconds must be above 0, got {budget_seconds}; the usual value is 300")
    started = time.perf_counter()
    reason = _why_not(data)
    if reason:
        return Report("questions", (), (Skipped("questions", reason),), time.perf_counter() - started)
    if has_columns(data.specification):
        findings, skipped = ask_table(data, seconds=budget_seconds, seed=seed, say=say)
        return Report("questions", tuple(findings), tuple(skipped), time.perf_counter() - started)
    say("reads the inputs", 0.0)
    small, step_seconds = _probe_data(data, budget_seconds, seed, device)
    if not all(bool(cast(Tensor, split.inputs).isfinite().all()) for split in (small.train, small.validation)):
        left_out = Skipped("questions", "some values are not finite; mend them, or leave these examples out")
        return Report("questions", (), (left_out,), time.perf_counter() - started)
    findings, skipped = _ask(small, step_seconds, started + budget_seconds, seed, device, say)
    return Report("questions", tuple(findings), tuple(skipped), time.perf_counter() - started)


def _why_not(data: Data) -> str:
    """Why there is nothing to ask; empty where there is."""
    fewest = min(len(data.train), len(data.validation))
    if fewest < LEAST_EXAMPLES:
        return f"needs {LEAST_EXAMPLES} examples to train on and as many to judge by, got {fewest}; give more data"
    return "" if has_columns(data.specification) else why_no_questions(data.specification)


def _probe_data(data: Data, seconds: float, seed: int, device: torch.device | str | None) -> tuple[Data, float]:
    """A sample in memory, of images as large as there is time for, and the seconds of a step on it."""
    small = draw_probe_data(data, train=MOST_EXAMPLES, validation=MOST_JUDGED, side=SIDES[0], length=LENGTH,
                            seed=seed, seconds=READING_SHARE * seconds)  # fmt: skip
    for side in SIDES:
        small = shrink_data(small, side, LENGTH)
        step_seconds = measure_step(small, seconds=TIMING_SHARE * seconds, device=device)
        questions = len(sheet(small.specification.input_shape))
        if SHARE * seconds >= ROUNDS * (questions + 1) * FEWEST_STEPS * step_seconds:
            break
    return small, step_seconds


def _ask(
    data: Data, step_seconds: float, deadline: float, seed: int, device: torch.device | str | None, say: Say
) -> tuple[list[Finding], list[Skipped]]:
    questions, metric = sheet(data.specification.input_shape), data.specification.metric
    recipe = probe_recipe(data)
    plan = plan_probes(deadline - time.perf_counter(), step_seconds, questions=len(questions),
                       examples=len(data.train), batch_size=recipe.batch_size)  # fmt: skip
    chosen = Data(data.name, data.specification, data.train.select(torch.arange(plan.examples)), data.validation,
                  data.test)  # fmt: skip
    recipe = recipe.change(epochs=plan.epochs(recipe.batch_size))
    measured = measure(
        chosen,
        questions[: plan.questions],
        recipe,
        seed=seed,
        seconds=deadline - time.perf_counter(),
        device=device,
        say=say,
    )
    first, answers = measured.evaluations[0], measured.answers(questions)
    if not learns(first, chosen):
        reason = (
            f"the probe reaches {say_value(first.value, metric)} on {first.n:,} examples, not surely more than "
            f"guessing ({say_value(guessing(chosen), metric)}): it has nothing to lose; give more data, or a larger "
            "budget"
        )
        return [], [Skipped("questions", reason)]
    left_out = [Skipped(question.name, "budget") for question in questions[len(answers) :]]
    return _tell(measured, answers, chosen, plan), left_out


def _tell(measured: Measured, answers: Sequence[Answer], data: Data, plan: Plan) -> list[Finding]:
    specification = data.specification
    findings = [tell_answer(answer, specification.metric) for answer in answers]
    if answers:
        whole = tell_all(
            answers, specification.metric, shape=specification.input_shape, examples=plan.examples, steps=plan.steps
        )
        findings = [whole, *findings]
    if specification.input_shape[1] > 1:
        images = cast(Tensor, data.validation.inputs)
        findings = [with_spread(told, images) if told.id == "place" else told for told in findings]
    if specification.task == "classification":
        findings.append(tell_label_noise(measured.evaluations, data.validation.targets.numpy()))
    return findings
