"""Who is far from all others: by hand, with planted ones, and not on clean data."""

import re

import numpy as np
import pytest
import torch

from assay.audit.equal_groups import EqualGroups, group_equals
from assay.audit.inspect import inspect
from assay.audit.scan import scan
from assay.audit.similar.foresight import TooLong
from assay.audit.similar.outliers import measure_loneliness, score_outliers
from assay.data.data import Data


def equals_of(data: Data) -> EqualGroups:
    splits = {"train": data.train, "validation": data.validation, "test": data.test}
    return group_equals({name: scan(split) for name, split in splits.items() if len(split)})


def test_a_score_is_the_distance_by_what_is_usual_in_the_class() -> None:
    labels = np.repeat([0, 1], 50)
    loneliness = np.where(labels == 0, 2.0, 6.0)
    loneliness[[0, 50]] = 8.0
    scores = score_outliers(loneliness, labels)
    assert scores[[0, 1, 50, 51]].tolist() == pytest.approx([4.0, 1.0, 8 / 6, 1.0])
    assert score_outliers(loneliness, None)[[1, 51]].tolist() == pytest.approx([1 / 3, 1.0])


def test_a_rare_class_is_held_against_all_and_the_unknown_stays_so() -> None:
    loneliness = np.concatenate([np.full(60, 2.0), np.full(5, 6.0), [np.nan]])
    scores = score_outliers(loneliness, np.repeat([0, 1], [60, 6]))
    assert scores[60] == pytest.approx(3.0)
    assert np.isnan(scores[-1])
    assert np.isnan(score_outliers(np.full(3, np.nan), None)).all()


def test_the_distance_is_that_of_the_tenth_nearest(make_data) -> None:
    places = torch.cat([torch.zeros(60), torch.tensor([9.0])]).reshape(-1, 1)
    rows = measure_loneliness(data := make_data(places, torch.arange(61) % 2, sizes=(61, 0, 0)), equals_of(data))
    assert isinstance(rows, np.ndarray)
    deviation = places.std(correction=0).item()
    assert rows[:-1].tolist() == pytest.approx([0.0] * 60)
    assert rows[-1] == pytest.approx(9 / deviation, rel=1e-5)


def test_planted_rows_are_told_first_and_clean_ones_are_not(make_data) -> None:
    print("seeds 410 to 429")
    told = 0
    for seed in range(410, 430):
        generator = torch.Generator().manual_seed(seed)
        rows, labels = torch.randn(400, 6, generator=generator), torch.arange(400) % 2
        told += any(
            finding.id == "outliers" for finding in inspect(make_data(rows, labels, sizes=(400, 0, 0))).findings
        )
        rows[7] = 12.0
        audit = inspect(make_data(rows, labels, sizes=(400, 0, 0)))
        (found,) = [finding for finding in audit.findings if finding.id == "outliers"]
        assert found.evidence["ids"][0] == "train-7"
        assert audit.table.sort("outlier_score", descending=True, nulls_last=True)["id"][0] == "train-7"
    # Of 400 normal rows hardly any is beyond an outer fence; it is a note even so.
    assert told <= 3


def test_a_picture_of_another_kind_is_told(make_data) -> None:
    generator = torch.Generator().manual_seed(431)
    kinds = torch.rand(4, 1, 16, 16, generator=generator)
    drawn = kinds[torch.arange(300) % 4] + 0.15 * torch.randn(300, 1, 16, 16, generator=generator)
    drawn[11] = torch.rand(1, 16, 16, generator=generator)
    images = (drawn * 160 + 40).clamp(0, 255).to(torch.uint8)
    audit = inspect(make_data(images, torch.arange(300) % 4, sizes=(300, 0, 0)))
    (found,) = [finding for finding in audit.findings if finding.id == "outliers"]
    assert (found.level, found.evidence["ids"]) == ("note", ["train-11"])
    assert found.figures
    assert re.search(r"is \d+\.\d times as far", found.summary)


def test_missing_values_and_short_time(make_data) -> None:
    rows = torch.randn(80, 3, generator=torch.Generator().manual_seed(432))
    rows[5, 1] = torch.nan
    equals = equals_of(data := make_data(rows, torch.arange(80) % 2, sizes=(80, 0, 0)))
    found = measure_loneliness(data, equals)
    assert isinstance(found, np.ndarray)
    assert np.flatnonzero(np.isnan(found)).tolist() == [5]
    assert isinstance(measure_loneliness(data, equals, seconds=-1.0), TooLong)
    assert inspect(data).table["outlier_score"].null_count() == 1


@pytest.mark.parametrize("shape", [(60, 3000), (20, 3)])
def test_long_or_few_rows_have_no_distance(make_data, shape: tuple[int, int]) -> None:
    data = make_data(torch.randn(*shape), torch.arange(shape[0]) % 2, sizes=(shape[0], 0, 0))
    assert measure_loneliness(data, equals_of(data)) is None
