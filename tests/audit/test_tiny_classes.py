"""Many classes with next to nothing to learn from: told as one finding, and quickly."""

from __future__ import annotations

import torch

from assay.audit.class_balance import check_class_balance


def found(make_data, targets: torch.Tensor, classes: int) -> dict:
    data = make_data(torch.zeros(len(targets), 2), targets, classes=classes, sizes=(len(targets) - 2, 1, 1))
    return {finding.id: finding for finding in check_class_balance(data)}


def test_ten_thousand_classes_of_three(make_data) -> None:
    told = found(make_data, torch.arange(30_002) % 10_000, 10_000)["tiny_classes"]
    assert told.level == "note"
    assert "10,000 of 10,000 classes have fewer than 5 training examples (median 3, n=30,000)" in told.summary


def test_a_target_that_names_examples_is_an_alert(make_data) -> None:
    assert found(make_data, torch.arange(302) % 150, 150)["tiny_classes"].level == "suspect"


def test_a_few_rare_classes_among_many_are_imbalance_and_no_more(make_data) -> None:
    targets = torch.cat([torch.arange(300) % 15, 15 + torch.arange(15), torch.zeros(2)]).long()
    assert "tiny_classes" in found(make_data, targets, 30)
    targets = torch.cat([torch.arange(600) % 20, 20 + torch.arange(10), torch.zeros(2)]).long()
    assert "tiny_classes" not in found(make_data, targets, 30)


def test_two_small_classes_are_little_data_and_no_wrong_target(make_data) -> None:
    assert "tiny_classes" not in found(make_data, torch.arange(8) % 2, 2)
