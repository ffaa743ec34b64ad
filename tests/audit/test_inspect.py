"""The whole stage: silent on clean data, the same on every way to hold it, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from inspect_support import alerts, finding

from assay.audit import inspect
from assay.data.data import Data
from assay.data.split import Split
from assay.finding import Finding, Report


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
