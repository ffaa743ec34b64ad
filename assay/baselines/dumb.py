"""The dumb baselines, measured: what any model must beat, on the same examples, with intervals."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Literal

from torch import Tensor

from assay.baselines.baseline import Baseline
from assay.baselines.constant import predict_majority_or_mean, predict_prior
from assay.baselines.linear import predict_linear
from assay.baselines.neighbours import choose_k, predict_neighbours
from assay.baselines.sample import Sample, draw_sample
from assay.baselines.verdict import say
from assay.data.data import Data
from assay.data.split import Split
from assay.evaluation import score
from assay.finding import Report, Skipped

USUAL_SECONDS = 30.0
MOST_LINEAR = 10_000
MOST_VALUES = 50_000_000
"""Numbers in one sample: 200 MB."""
LINEAR_WORK = 1e8
"""Examples x features x outputs of a linear fit: 100 iterations take about 10 s on one core."""
NEIGHBOUR_WORK = 1e11
"""Training x validation examples x features: about 5 s on one core."""
READING_SHARE = 0.2
FEWEST_LINEAR = 200

Answer = Callable[[], tuple[Tensor, int, str]]


def measure_baselines(
    data: Data,
    *,
    seed: int = 0,
    budget_seconds: float = USUAL_SECONDS,
    split: Literal["train", "validation", "test"] = "validation",
) -> tuple[Report, tuple[Baseline, ...]]:
    """Fit each baseline on train and measure it on `split`.

    Work grows with the data, so training examples are sampled until it fits the budget; each
    baseline states how many it was fitted on. What is too large to hold (50 million numbers) is
    sampled too, and n says how many examples were judged.

    Args:
        seed: chooses the samples.
        budget_seconds: what all of them may take together, roughly, on one core; above 0.
    Returns:
        The report of the stage, and the baselines: majority class or mean, zero input, logistic or
        ridge regression, nearest neighbours. One that cannot be fitted is in the report's `skipped`.
    Raises:
        ValueError: the budget is not positive, or train or `split` holds no example.
    """
    if not budget_seconds > 0:
        raise ValueError(f"budget_seconds must be above 0, got {budget_seconds}; the usual value is 30")
    judged_split: Split = {"train": data.train, "validation": data.validation, "test": data.test}[split]
    for name, part in (("train", data.train), (split, judged_split)):
        if len(part) == 0:
            raise ValueError(f"baselines need examples in {name}, got 0; give the split some")
    started = time.perf_counter()
    train, judged = _samples(data, judged_split, seed, budget_seconds)
    measured, skipped = _measure(_predictors(data, train, judged, budget_seconds), judged, data)
    report = Report("baselines", say(data, split, measured), skipped, time.perf_counter() - started)
    return report, measured


def _samples(data: Data, judged_split: Split, seed: int, budget_seconds: float) -> tuple[Sample, Sample]:
    """Training and judged examples, as many as can be held and read."""
    most = max(1, MOST_VALUES // math.prod(data.specification.input_shape))
    seconds = READING_SHARE * budget_seconds
    judged = draw_sample(judged_split, data.specification, most=most, seed=seed, seconds=seconds)
    enough = max(MOST_LINEAR, _most_neighbours(judged, budget_seconds))
    train = draw_sample(data.train, data.specification, most=min(most, enough), seed=seed, seconds=seconds)
    return train, judged


def _most_neighbours(judged: Sample, budget_seconds: float) -> int:
    return max(1, int(NEIGHBOUR_WORK * budget_seconds / USUAL_SECONDS / max(1, judged.features.numel())))


def _most_linear(data: Data, budget_seconds: float) -> int:
    size = math.prod(data.specification.input_shape) * data.specification.num_outputs
    fits = int(LINEAR_WORK * budget_seconds / USUAL_SECONDS / size)
    return min(MOST_LINEAR, max(fits, FEWEST_LINEAR))


def _predictors(data: Data, train: Sample, judged: Sample, budget_seconds: float) -> dict[str, Answer]:
    """What each baseline does when its turn comes: answers, training examples used, remark."""
    specification, targets, n = data.specification, data.train.targets, len(judged)
    classification = specification.task == "classification"

    def constant() -> tuple[Tensor, int, str]:
        return predict_majority_or_mean(targets, specification, n), len(targets), ""

    def zero_input() -> tuple[Tensor, int, str]:
        alike = "majority class" if classification else "mean"
        remark = f"predicts the class shares of train; by {specification.metric} the same as {alike}"
        return predict_prior(targets, specification, n), len(targets), remark if classification else f"same as {alike}"

    def linear() -> tuple[Tensor, int, str]:
        used = train.first(_most_linear(data, budget_seconds))
        answers, remark = predict_linear(used, judged.features, specification)
        return answers, len(used), remark

    def neighbours() -> tuple[Tensor, int, str]:
        used = train.first(_most_neighbours(judged, budget_seconds))
        k = choose_k(used, specification)
        return predict_neighbours(used, judged.features, specification, k=k), len(used), f"k = {k}, chosen on train"

    return {
        "majority class" if classification else "mean": constant,
        "zero input": zero_input,
        "logistic regression" if classification else "ridge regression": linear,
        "nearest neighbours": neighbours,
    }


def _measure(
    predictors: Mapping[str, Answer], judged: Sample, data: Data
) -> tuple[tuple[Baseline, ...], tuple[Skipped, ...]]:
    measured, skipped = [], []
    for name, predictor in predictors.items():
        started = time.perf_counter()
        try:
            answers, trained_on, remark = predictor()
        except ValueError as error:
            reason = str(error).strip().splitlines()[0]
            skipped.append(Skipped(name.replace(" ", "_"), f"could not be fitted: {reason}"))
            continue
        seconds = time.perf_counter() - started
        result = score(answers, judged.targets, data.specification)
        limits = (result.value, result.low, result.high)
        measured.append(Baseline(name, result.metric, *limits, result.n, seconds, trained_on, remark))
    return tuple(measured), tuple(skipped)
