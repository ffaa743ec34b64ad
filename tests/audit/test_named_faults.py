"""Each planted fault is found by name, with its evidence and what to do."""

from __future__ import annotations

import json

import pytest
import torch
from inspect_support import alerts, finding, with_split

from assay.audit import inspect
from assay.data.data import Data


def test_a_leak_into_test_is_proved_with_its_ids(images: Data) -> None:
    inputs = images.test.inputs.clone()
    inputs[7] = images.train.inputs[3]
    targets = images.test.targets.clone()
    targets[7] = images.train.targets[3]
    report = inspect(with_split(images, "test", inputs, targets))
    assert alerts(report) == {"train_test_duplicates"}
    leak = finding(report, "train_test_duplicates")
    assert leak.level == "proved"
    assert leak.evidence["pairs"] == [["train-3", "test-7"]]
    assert leak.evidence["count"] == 1
    assert "1 of 40 test examples (2.50%)" in leak.summary
    assert leak.figures[0].captions[0] == "train: train-3 (class 3)"


def test_a_leak_in_a_table_of_measurements_is_proved(table: Data) -> None:
    inputs = table.validation.inputs.clone()
    inputs[:5] = table.train.inputs[:5]
    targets = table.validation.targets.clone()
    targets[:5] = table.train.targets[:5]
    report = inspect(with_split(table, "validation", inputs, targets))
    assert alerts(report) == {"train_validation_duplicates"}
    assert finding(report, "train_validation_duplicates").evidence["count"] == 5


def test_a_leak_in_a_coarse_table_shows_by_its_excess(make_data) -> None:
    drawn = torch.Generator().manual_seed(0)
    inputs = torch.randint(0, 3, (200, 7), generator=drawn).float()
    inputs[160:200] = inputs[0:40]  # test repeats training rows
    targets = torch.arange(200) % 2
    targets[160:200] = targets[0:40]
    found = finding(inspect(make_data(inputs, targets)), "train_test_duplicates")
    assert found.level == "suspect"
    assert "by chance" in found.summary


def test_conflicting_labels_are_proved_with_the_bound(images: Data) -> None:
    inputs = images.train.inputs.clone()
    inputs[1] = inputs[0]  # labels 0 and 1
    report = inspect(with_split(images, "train", inputs, images.train.targets))
    assert alerts(report) == {"conflicting_labels"}
    conflict = finding(report, "conflicting_labels")
    assert conflict.level == "proved"
    labels = [(member["id"], member["label"]) for member in conflict.evidence["conflicts"][0]]
    assert labels == [("train-0", "class 0"), ("train-1", "class 1")]
    assert conflict.evidence["unreachable"] == pytest.approx(1 / 200)
    assert "99.50%" in conflict.summary
    assert finding(report, "duplicates").evidence["copies"] == {"train": 1, "validation": 0, "test": 0}


def test_conflicting_targets_of_a_regression_are_a_note(make_data) -> None:
    inputs = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    inputs[1] = inputs[0]
    order = torch.randperm(200, generator=torch.Generator().manual_seed(1))
    report = inspect(make_data(inputs, torch.linspace(0, 1, 200)[order]))
    assert finding(report, "conflicting_labels").level == "note"
    assert report.ok


def test_a_constant_column_is_suspect_by_name(table: Data) -> None:
    inputs = table.train.inputs.clone()
    inputs[:, 2] = 4.5
    report = inspect(with_split(table, "train", inputs, table.train.targets))
    assert alerts(report) == {"constant_columns"}
    assert finding(report, "constant_columns").evidence["values"] == {"column 3": 4.5}


def test_a_dead_channel_and_a_blank_image_are_suspect(images: Data) -> None:
    inputs = images.train.inputs.clone()
    inputs[:, 1] = 0
    inputs[9] = 0
    report = inspect(with_split(images, "train", inputs, images.train.targets))
    assert alerts(report) == {"constant_channels", "blank_images", "drift"}
    assert finding(report, "blank_images").evidence["ids"] == ["train-9"]


def test_values_that_are_not_finite_are_proved(table: Data) -> None:
    inputs = table.train.inputs.clone()
    inputs[4, 1] = torch.nan
    report = inspect(with_split(table, "train", inputs, table.train.targets))
    assert alerts(report) == {"inputs_finite"}
    assert finding(report, "inputs_finite").evidence["ids"] == ["train-4"]
    json.dumps(report.report.to_dict(), allow_nan=False)


@pytest.mark.parametrize(("small", "level"), [(5, "suspect"), (6, "note")])
def test_imbalance_is_suspect_from_twenty_to_one(make_data, small: int, level: str) -> None:
    inputs = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    targets = torch.zeros(200, dtype=torch.int64)
    targets[:small] = 1  # train: 105 of 110 against 5 is 21:1; 104 against 6 is 17:1
    targets[-2:] = 1
    report = inspect(make_data(inputs, targets, sizes=(110, 45, 45)))
    balance = finding(report, "class_balance")
    assert balance.level == level
    assert balance.evidence["ratio"] == pytest.approx((110 - small) / small)
    assert balance.figures[0].values == (110.0 - small, float(small))


def test_a_class_without_training_examples_is_suspect(make_data) -> None:
    inputs = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    report = inspect(make_data(inputs, torch.arange(200) % 2, classes=3))
    assert alerts(report) == {"empty_classes"}
    assert finding(report, "empty_classes").evidence["classes"] == ["class 2"]


def test_labels_out_of_range_are_proved(images: Data) -> None:
    targets = images.validation.targets.clone()
    targets[2] = -1
    report = inspect(with_split(images, "validation", images.validation.inputs, targets))
    assert alerts(report) == {"labels_in_range"}
    assert finding(report, "labels_in_range").evidence["labels"] == {"validation-2": -1}


def test_regression_targets_are_described_and_constant_ones_suspect(tiny_table: Data) -> None:
    report = inspect(tiny_table)
    assert report.ok
    described = finding(report, "targets")
    assert described.evidence["mean"] == pytest.approx(tiny_table.train.targets.mean().item(), rel=1e-5)
    assert sum(described.figures[0].values) == 36
    constant = with_split(tiny_table, "train", tiny_table.train.inputs, torch.full((36,), 2.5))
    assert alerts(inspect(constant)) == {"constant_target"}
    broken = tiny_table.train.targets.clone()
    broken[3] = torch.inf
    assert alerts(inspect(with_split(tiny_table, "train", tiny_table.train.inputs, broken))) == {"targets_finite"}


def test_many_classes_are_cut_to_the_largest_and_smallest(make_data) -> None:
    inputs = torch.randn(600, 2, generator=torch.Generator().manual_seed(0))
    report = inspect(make_data(inputs, torch.arange(600) % 100, sizes=(400, 100, 100)))
    bars = finding(report, "class_balance").figures[0]
    assert len(bars.labels) == 40
    assert "of 100" in bars.title
    assert report.ok


@pytest.mark.parametrize(("size", "alarm"), [((1, 1), True), ((3, 8), True), ((4, 4), False), ((1, 64), False)])
def test_images_of_fewer_than_4_pixels_a_side_are_suspect(make_data, size: tuple[int, int], alarm: bool) -> None:
    drawn = torch.randint(0, 256, (200, 3, *size), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    report = inspect(make_data(drawn, torch.arange(200) % 2))
    assert ("tiny_images" in alerts(report)) == alarm
    if alarm:
        assert f"Images are {size[0]}x{size[1]} (height x width)" in finding(report, "tiny_images").summary


def test_every_alert_says_cause_fix_and_source(table: Data, images: Data) -> None:
    bad = table.train.inputs.clone()
    bad[:, 0], bad[3, 1], bad[5] = 1.0, torch.nan, bad[4]
    targets = table.train.targets.clone()
    targets[7] = 99
    broken = with_split(table, "train", bad, targets)
    broken = with_split(broken, "test", bad[:40], table.test.targets)
    report = inspect(broken)
    assert len(report.alerts) >= 4
    for alert in report.alerts:
        assert alert.cause, alert.id
        assert alert.fix, alert.id
        assert alert.source, alert.id
