"""Conditions that tell the class of a picture: a frame, a colour; noise tells none."""

import pytest
import torch

from assay.audit.class_cues import find_class_cues
from assay.audit.counts import splits_of
from assay.audit.held_out import folds_of
from assay.audit.scan import scan
from assay.data.data import Data
from assay.finding import Finding
from assay.intervals import wilson_interval

SIZES = (480, 160, 160)


def told(data: Data) -> list[Finding]:
    return find_class_cues(data, {name: scan(split) for name, split in splits_of(data).items()})


def pictures(seed: int, n: int = 800) -> torch.Tensor:
    return (torch.rand(n, 3, 8, 8, generator=torch.Generator().manual_seed(seed)) * 200).to(torch.uint8)


def test_one_class_in_a_frame_is_suspect(make_data) -> None:
    inputs, labels = pictures(0), torch.arange(800) % 8
    framed = (labels == 5).nonzero().flatten()
    frame = torch.ones(8, 8, dtype=torch.bool)
    frame[1:-1, 1:-1] = False
    inputs[framed] = torch.where(frame, 230, inputs[framed])
    (finding,) = told(make_data(inputs, labels, sizes=SIZES))
    assert finding.level == "suspect"
    assert "alone tells class 'class 5' from all others: 80 of 80 held-out" in finding.summary
    assert list(finding.evidence["classes"]) == ["class 5"]
    assert "border colour" in finding.evidence["classes"]["class 5"]
    assert finding.evidence["asked"] == 5 * 8
    assert (finding.evidence["low"], finding.evidence["high"]) == wilson_interval(80, 80, 1 - 0.05 / 40)


@pytest.mark.parametrize("seed", range(493, 500))
def test_noise_tells_no_class(make_data, seed: int) -> None:
    print("seed", seed)
    generator = torch.Generator().manual_seed(seed)
    assert told(make_data(pictures(seed), torch.randint(0, 6, (800,), generator=generator), sizes=SIZES)) == []


def test_two_classes_and_tables_are_not_asked(make_data, make_table) -> None:
    inputs, labels = pictures(1), torch.arange(800) % 2
    inputs[labels == 1] //= 4
    assert told(make_data(inputs, labels, sizes=SIZES)) == []
    assert told(make_table(0)) == []
    assert told(make_data(pictures(1), torch.arange(800) % 200, sizes=SIZES)) == []


def test_folds_hold_out_each_example_once_and_none_of_too_few() -> None:
    folds, words = folds_of(90, 25)
    assert words == "held-out"
    assert torch.cat([torch.from_numpy(fold.held) for fold in folds]).sort().values.tolist() == list(range(115))
    assert all(not set(fold.held.tolist()) & set(fold.grown.tolist()) for fold in folds)
    assert folds_of(60, 20) == ([], "")
    (fold,), words = folds_of(100, 30)
    assert (words, len(fold.grown), len(fold.held)) == ("validation", 100, 30)
