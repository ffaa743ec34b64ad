"""Groups that lie on both sides of a split, with their likeness by hand and by lot."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from assay.audit.counts import splits_of
from assay.audit.dependence.named_columns import words_of
from assay.audit.dependence.named_groups import group_by_names
from assay.audit.dependence.ranked import rank_examples
from assay.audit.dependence.straddling_groups import find_straddling_groups, likeness_within
from assay.audit.inspect import inspect
from assay.audit.scan import scan
from assay.data.data import Data
from assay.data.encoders import TableEncoder
from assay.data.reading.column import Column
from assay.finding import Finding

SIZES = (360, 120, 120)


def told(data: Data) -> list[Finding]:
    ranked = rank_examples(data, {name: scan(split) for name, split in splits_of(data).items()})
    assert ranked is not None
    return find_straddling_groups(ranked)


def visits(make_data, seed: int, *, alike: float, name: str = "patient_id", count: int = 60) -> Data:
    """Rows of patients, whose readings share a part of their own; one column names the patient."""
    draw = np.random.default_rng(seed)
    who = draw.integers(0, count, 600)
    inputs = draw.standard_normal((600, 4)) + alike * draw.standard_normal((count, 4))[who]
    inputs[:, 0] = who + 100
    columns = tuple(map(Column, (name, "weight", "pressure", "age")))
    return make_data(torch.from_numpy(inputs).float(), torch.from_numpy(draw.integers(0, 3, 600)), sizes=SIZES,
                     encoder=TableEncoder(columns))  # fmt: skip


def pictures(make_images, make_data, seed: int, *, alike: bool, name) -> Data:
    """Pictures of persons, dimmed by person where they are alike."""
    draw = np.random.default_rng(seed)
    who = draw.integers(0, 60, 600)
    gains = draw.uniform(0.4, 1, 60)[who] if alike else np.ones(600)
    images = draw.integers(0, 256, (600, 3, 8, 8)) * gains[:, None, None, None]
    labels = draw.integers(0, 2, 600)
    data = make_data(torch.from_numpy(images).to(torch.uint8), torch.from_numpy(labels), sizes=SIZES)
    ids = iter(
        [f"class {label}/{name(person, row)}" for row, (label, person) in enumerate(zip(labels, who, strict=True))]
    )
    return replace(data, **{part: replace(split, ids=tuple(next(ids) for _ in range(len(split))))
                            for part, split in splits_of(data).items()})  # fmt: skip


def test_likeness_by_hand_and_of_groups_by_lot() -> None:
    # Two groups of three: means 2 and 5, between 13.5 with 1 degree, within 4 with 4: F = 13.5.
    likeness, chance = likeness_within(
        np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]]), np.array([0, 0, 0, 1, 1, 1])
    )
    assert likeness.tolist() == pytest.approx([12.5 / 15.5])
    assert chance.tolist() == pytest.approx([0.02131], rel=1e-3)
    print("seed 462")
    draw = np.random.default_rng(462)
    chances = likeness_within(draw.uniform(-1, 1, (400, 2_000)), draw.integers(0, 80, 400))[1]
    assert 0.03 < (chances < 0.05).mean() < 0.07


def test_rows_of_one_patient_on_both_sides_are_suspect_with_the_remedy(make_data) -> None:
    (finding,) = told(visits(make_data, 463, alike=1.0))
    assert (finding.id, finding.level) == ("groups_straddle_splits", "suspect")
    assert finding.fix == "Split again with each group in one split: --group 'patient_id'."
    assert finding.evidence["groups"] == 60
    assert finding.evidence["likeness"] == pytest.approx(0.5, abs=0.12)


def test_a_column_that_is_not_called_so_and_patients_that_are_not_alike_are_quiet(make_data) -> None:
    assert told(visits(make_data, 463, alike=1.0, name="floor")) == []
    print("seeds 464 to 490")
    for seed in range(464, 491):
        assert told(visits(make_data, seed, alike=0.0)) == []


def test_a_column_that_names_each_row_is_no_group(make_data) -> None:
    data, first = visits(make_data, 463, alike=1.0), 0
    for split in splits_of(data).values():
        assert isinstance(split.inputs, torch.Tensor)
        split.inputs[:, 0] = torch.arange(first, first := first + len(split))
    assert told(data) == []


def test_groups_that_keep_to_one_split_are_quiet(make_data) -> None:
    data = visits(make_data, 463, alike=1.0)
    for number, split in enumerate(splits_of(data).values()):
        assert isinstance(split.inputs, torch.Tensor)
        split.inputs[:, 0] += 1_000 * number
    assert told(data) == []


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (lambda person, row: f"subject{person:03d}_{row:04d}.png", r"([^/_\-]*[A-Za-z][_\-]?\d+)[_\-. ][^/]*\d[^/]*$"),
        (lambda person, row: f"{person:03d}-{row:04d}.png", r"(?:^|/)(\d+)[_\-. ][^/]*\d[^/]*$"),
        (lambda person, row: f"film {person}/{row:04d}.png", r"([^/]+)/[^/]+$"),
        (lambda person, row: f"p{person:02d}v{row}.png", r"(?:^|/)([A-Za-z]+\d+)[A-Za-z]+\d+[^/]*$"),
    ],
    ids=["word", "number", "folder", "letters"],
)
def test_names_that_tell_persons(make_images, make_data, name, option: str) -> None:
    (finding,) = told(pictures(make_images, make_data, 491, alike=True, name=name))
    assert finding.evidence["group"] == option
    assert finding.evidence["groups"] == 60
    assert told(pictures(make_images, make_data, 491, alike=False, name=name)) == []


@pytest.mark.parametrize(
    "name",
    [lambda row: f"{row:05d}.png", lambda row: f"IMG_{row:05d}.jpg", lambda row: f"cat.{row}.png",
     lambda row: f"2024_{row:05d}.png", lambda row: f"{hash(str(row)) & 0xFFFFFFFF:08x}.png"],
    ids=["numbers", "camera", "class", "year", "hash"],
)  # fmt: skip
def test_usual_names_make_no_groups(name) -> None:
    ids = [f"class {row % 2}/{name(row)}" for row in range(400)]
    assert group_by_names(ids, [row % 2 for row in range(400)]) == []


def test_words_of_a_column() -> None:
    assert words_of("PatientID") == ["patient", "id"]
    assert words_of("user_id2") == ["user", "id"]
    assert words_of("width") == ["width"]


def test_an_inspection_tells_it(make_data) -> None:
    assert "groups_straddle_splits" in {alert.id for alert in inspect(visits(make_data, 463, alike=1.0)).alerts}
