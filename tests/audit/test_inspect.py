"""The whole stage: silent on clean data, and each planted fault found by name with what to do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from assay.audit import inspect
from assay.audit.audit import Audit
from assay.data.data import Data
from assay.data.split import Split
from assay.finding import Finding, Report


def finding(report: Audit, name: str) -> Finding:
    return next(found for found in report.findings if found.id == name)


def alerts(report: Audit) -> set[str]:
    return {found.id for found in report.alerts}


def with_split(data: Data, name: str, inputs: torch.Tensor, targets: torch.Tensor) -> Data:
    return replace(data, **{name: Split(inputs, targets, getattr(data, name).ids)})


def test_clean_images_give_notes_only(images: Data, random_state_untouched: None) -> None:
    report = inspect(images)
    assert report.report.stage == "inspect"
    assert report.ok
    assert [skip.id for skip in report.skipped] == ["near_duplicates"]  # of 6x6 pixels all look alike
    wanted = {"counts", "class_balance", "input_statistics", "duplicates", "examples_per_class", "validation_share",
              "cross_validation", "examples", "single_columns"}  # fmt: skip
    assert {found.id for found in report.findings} == wanted
    assert finding(report, "counts").evidence["splits"] == {"train": 120, "validation": 40, "test": 40}
    assert report.report.seconds > 0


@pytest.mark.parametrize("kind", ["make_images", "make_table"])
def test_random_clean_data_raises_no_alarm(kind: str, request: pytest.FixtureRequest) -> None:
    make = request.getfixturevalue(kind)
    for seed in range(40):
        drawn = torch.Generator().manual_seed(seed)
        n, classes = 200, int(torch.randint(2, 8, (), generator=drawn))
        print("seed", seed, "classes", classes)
        assert alerts(inspect(make(seed, n=n, classes=classes))) == set()


def test_random_coarse_tables_raise_no_alarm(make_data) -> None:
    for seed in range(40):
        print("seed", seed)
        drawn = torch.Generator().manual_seed(seed)
        columns = int(torch.randint(1, 7, (), generator=drawn))
        inputs = torch.randint(0, 3, (200, columns), generator=drawn).float()
        report = inspect(make_data(inputs, torch.randint(0, 2, (200,), generator=drawn)))
        assert alerts(report) == set()
        # Three values in at most six columns: rows agree by chance, and it is said.
        assert finding(report, "train_test_duplicates").evidence["expected_by_chance"] > 1


def test_the_report_survives_json(images: Data, table: Data) -> None:
    for data in (images, table):
        report = inspect(data).report
        assert Report.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False))) == report


def test_the_same_seed_gives_the_same_findings(images: Data) -> None:
    assert inspect(images, seed=1).findings == inspect(images, seed=1).findings
    assert inspect(images, seed=1).findings != inspect(images, seed=2).findings


def test_findings_of_the_source_are_passed_on(images: Data) -> None:
    told = Finding("unreadable", "suspect", "1 file could not be read.", fix="Replace it.", source="the decoder")
    assert told in inspect(replace(images, findings=(told,))).findings


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


def test_an_empty_test_split_is_left_out(images: Data) -> None:
    empty = replace(images, test=images.test.select(torch.arange(0)))
    report = inspect(empty)
    assert report.ok
    assert finding(report, "counts").evidence["splits"]["test"] == 0


@pytest.fixture
def as_lazy(lazily) -> Callable[[Data], Data]:
    """The same data, decoded on demand."""

    def lazy(split: Split) -> Split:
        assert isinstance(split.inputs, torch.Tensor)
        return Split(lazily(split.inputs), split.targets, split.ids)

    return lambda data: replace(data, train=lazy(data.train), validation=lazy(data.validation), test=lazy(data.test))


def test_images_decoded_on_demand_give_the_same_findings(make_images, as_lazy) -> None:
    data = make_images(3)
    data.test.inputs[7] = data.train.inputs[3]
    held, lazy = inspect(data), inspect(as_lazy(data))
    assert lazy.skipped == held.skipped
    for one, other in zip(held.findings, lazy.findings, strict=True):
        if one.id == "input_statistics":
            assert one.summary == other.summary  # its numbers differ in the last bits, for chunks were merged otherwise
        else:
            assert one == other


def test_what_was_not_read_in_time_is_said_with_its_n(make_data, as_lazy) -> None:
    inputs = torch.randint(0, 256, (2000, 1, 3, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    report = inspect(as_lazy(make_data(inputs, torch.arange(2000) % 4, sizes=(1000, 500, 500))), budget_seconds=1e-9)
    assert {skip.id for skip in report.skipped} == {
        "duplicates_in_all_of_train",
        "duplicates_in_all_of_validation",
        "duplicates_in_all_of_test",
        "near_duplicates",
    }
    assert "read 256 of 1,000 train examples" in report.skipped[0].reason
    assert "(in a sample of 768)" in finding(report, "counts").summary
    assert finding(report, "input_statistics").evidence["n"] == 256
    assert finding(report, "class_balance").evidence["n"] == 1000  # labels need no reading


def test_refusals(images: Data) -> None:
    with pytest.raises(ValueError, match=r"budget_seconds must be above 0, got 0"):
        inspect(images, budget_seconds=0)
    nothing = torch.arange(0)
    empty = replace(
        images,
        train=images.train.select(nothing),
        validation=images.validation.select(nothing),
        test=images.test.select(nothing),
    )
    with pytest.raises(ValueError, match="all splits of 'made by hand' are empty"):
        inspect(empty)


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


@pytest.mark.parametrize(("size", "alarm"), [((1, 1), True), ((3, 8), True), ((4, 4), False), ((1, 64), False)])
def test_images_of_fewer_than_4_pixels_a_side_are_suspect(make_data, size: tuple[int, int], alarm: bool) -> None:
    drawn = torch.randint(0, 256, (200, 3, *size), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    report = inspect(make_data(drawn, torch.arange(200) % 2))
    assert ("tiny_images" in alerts(report)) == alarm
    if alarm:
        assert f"Images are {size[0]}x{size[1]} (height x width)" in finding(report, "tiny_images").summary
