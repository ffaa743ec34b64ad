"""The examples that an inspection shows: some of every class, or in the order of their targets."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from inspect_support import finding

from assay.audit import inspect


@pytest.mark.parametrize(
    ("classes", "each", "told"),
    [
        (2, 6, "12 training examples of 120, 6 of each class, drawn at random within it. Does each label fit?"),
        (10, 4, "40 training examples of 120, 4 of each class, drawn"),
        (60, 1, "60 training examples of 120, 1 of each class, drawn"),
        (110, 1, "100 training examples of 120, 1 of each of 100 classes out of 110, drawn"),
    ],
)
def test_every_class_has_its_share_of_the_pictures(make_images, classes: int, each: int, told: str) -> None:
    shown = finding(inspect(make_images(0, classes=classes)), "examples")
    counts = Counter(shown.evidence["labels"])
    assert (len(counts), set(counts.values())) == (min(classes, 100), {each})
    assert shown.summary.startswith(told)


def test_a_class_with_few_examples_shows_what_it_has(make_data) -> None:
    data = make_data(torch.rand(200, 3), torch.tensor([1, *[0] * 119, *[0, 1] * 40]))
    shown = finding(inspect(data), "examples")
    assert Counter(shown.evidence["labels"]) == {"class 0": 4, "class 1": 1}
    assert "5 training examples of 120, up to 4 of each class" in shown.summary


def test_every_class_of_a_table_has_a_row(make_table) -> None:
    shown = finding(inspect(make_table(0, classes=10)), "examples")
    assert len(set(shown.evidence["labels"])) == 10


def test_examples_of_a_regression_are_ordered_by_target(make_data) -> None:
    shown = finding(inspect(make_data(torch.rand(200, 3), torch.rand(200))), "examples")
    assert "8 training examples of 120, chosen at random and ordered by target" in shown.summary
    assert shown.evidence["labels"] == sorted(shown.evidence["labels"])
