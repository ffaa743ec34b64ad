"""What a study was asked: options out of range are refused before anything is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from assay.ablation.asked import Asked
from assay.data.data import Data
from assay.errors import InputError


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"seeds": 1}, "--seeds must be at least 2 to tell an effect from luck, got 1"),
        ({"epochs": 0.0}, "--epochs must be above 0 and finite, got 0"),
        ({"epochs": float("inf")}, "--epochs must be above 0 and finite, got inf"),
        (
            {"design": "stepwize"},
            r"design must be one of add-one, .*, stepwise, got 'stepwize' \(did you mean 'stepwise'",
        ),
        ({"metric": "recal"}, r"metric must be one of accuracy, .*, got 'recal' \(did you mean 'recall'"),
        ({"interval": "normal"}, "--interval must be one of t, bootstrap, got 'normal'"),
        ({"fidelity": 1.5}, "--fidelity must be between 0 and 1, a share of the epochs, got 1.5; try 0.25"),
        ({"fidelity": 0.5, "design": "pairs"}, "--fidelity is for --design add-one, got pairs; leave one of them out"),
        ({"equal": "steps"}, "--equal must be one of epochs, seconds, got 'steps'"),
    ],
)
def test_options_out_of_range(options: dict, error: str) -> None:
    with pytest.raises(InputError, match=error):
        Asked(**options)


def test_looks_are_the_usual_ones_up_to_the_most_seeds() -> None:
    assert Asked().looks.seeds == (3, 5, 8, 12)
    assert Asked(seeds=7).looks.seeds == (3, 5, 7)
    assert Asked(seeds=7, all_seeds=True).looks.seeds == (7,)
    assert Asked(seeds=2).looks.seeds == (2,)


def test_the_judge_has_targets_only_where_it_needs_them(tiny_images: Data) -> None:
    assert Asked().judge(tiny_images).targets is None
    judge = Asked(metric="f1", interval="bootstrap").judge(tiny_images)
    assert (judge.metric.name, judge.interval, judge.classes) == ("f1", "bootstrap", ())
    assert np.array_equal(judge.targets, tiny_images.validation.targets.numpy())
    assert Asked(per_class=True).judge(tiny_images).classes == tiny_images.specification.classes


def test_macro_recall_needs_two_examples_of_each_class_that_has_any(tiny_images: Data) -> None:
    targets = torch.zeros_like(tiny_images.validation.targets)
    targets[:2] = 1
    two = replace(tiny_images, validation=replace(tiny_images.validation, targets=targets))
    assert Asked(metric="recall").judge(two).rare_classes >= 1
    targets[1] = 0
    with pytest.raises(
        InputError,
        match=f"--metric recall needs at least 2 validation examples of each class, got fewer of "
        f"{tiny_images.specification.classes[1]}; take --metric f1 or accuracy",
    ):
        Asked(metric="recall").judge(two)
    assert Asked(metric="f1").judge(two).metric.name == "f1"


def test_what_data_cannot_answer_is_refused(tiny_images: Data) -> None:
    with pytest.raises(InputError, match="metric r2 is for regression, and this data is for classification"):
        Asked(metric="r2").judge(tiny_images)
    numbers = replace(tiny_images.specification, task="regression", classes=())
    prices = replace(tiny_images, specification=numbers)
    with pytest.raises(InputError, match="--per-class needs classes, and this data has a number as its target"):
        Asked(per_class=True).judge(prices)
    assert torch.is_tensor(prices.validation.targets)
    assert Asked(metric="loss").judge(prices).metric.name == "loss"
