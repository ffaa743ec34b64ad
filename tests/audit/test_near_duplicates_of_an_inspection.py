"""An inspection looks for images that are nearly equal where there is the time, and says so where there is not."""

import re

import polars as pl
import pytest
import torch

from assay.audit.inspect import inspect
from assay.data.data import Data


@pytest.fixture
def scenes(make_data) -> Data:
    """Smooth random images of 16x16, two of them one image at two exposures, in training and in test."""
    generator = torch.Generator().manual_seed(11)
    drawn = torch.randn(200, 1, 5, 5, generator=generator)
    smooth = torch.nn.functional.interpolate(drawn, (16, 16), mode="bicubic") + 0.1 * torch.randn(
        200, 1, 16, 16, generator=generator
    )
    images = (128 + 40 * smooth).clamp(0, 255)
    images[170] = (images[3] * 0.9 + 8).round()
    return make_data(images.to(torch.uint8), torch.arange(200) % 2, sizes=(120, 40, 40))


def test_they_are_told_and_grouped_in_the_table(scenes: Data) -> None:
    audit = inspect(scenes)
    (alert,) = [finding for finding in audit.alerts if finding.id == "train_test_near_duplicates"]
    assert alert.evidence["shown"][0]["first"] == "train-3"
    assert alert.evidence["shown"][0]["second"] == "test-10"
    group = audit.table.filter(pl.col("near_group").is_not_null())
    assert {"train-3", "test-10"} <= set(group["id"])
    assert group.filter(pl.col("id").is_in(["train-3", "test-10"]))["near_group"].n_unique() == 1


def test_without_the_time_for_it_that_is_said(scenes: Data) -> None:
    audit = inspect(scenes, budget_seconds=1e-6)
    skip = next(skip for skip in audit.skipped if skip.id == "near_duplicates")
    assert re.fullmatch(
        r"to compare 200 images takes about \d+\.\d s, 0\.0 were left; give a larger budget", skip.reason
    ), skip.reason
    assert "near_group" not in audit.table.columns


def test_rows_of_a_table_are_not_compared(table: Data) -> None:
    audit = inspect(table)
    assert audit.skipped == ()
    assert "near_group" not in audit.table.columns
