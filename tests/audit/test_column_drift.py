"""Columns and brightness that differ between the splits: told with their size, seldom by chance."""

import pytest
import torch
from scipy.stats import ks_2samp

from assay.audit.drift import Drift, correct_all
from assay.audit.inspect import inspect
from assay.data.data import Data
from assay.finding import Finding

SIZES = (600, 200, 200)


def drawn(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def told(data: Data) -> Finding | None:
    return next((finding for finding in inspect(data).findings if finding.id == "drift"), None)


def test_a_column_in_other_units_is_suspect_and_named(make_data) -> None:
    inputs = drawn(1, 1000, 4)
    inputs[800:, 2] *= 25.4
    finding = told(make_data(inputs, torch.arange(1000) % 2, sizes=SIZES))
    assert finding is not None
    assert finding.level == "suspect"
    assert finding.summary.startswith("column 3 is distributed otherwise in test than in train: distance 0.4")
    assert list(finding.evidence["drifts"]) == ["column 3 in test"]
    expected = ks_2samp(inputs[:600, 2].numpy(), inputs[800:, 2].numpy()).statistic
    assert finding.evidence["drifts"]["column 3 in test"] == pytest.approx(float(expected))


def test_a_small_sure_shift_is_a_note(make_data) -> None:
    inputs = drawn(2, 9000, 3)
    inputs[5000:7000, 0] += 0.25
    finding = told(make_data(inputs, torch.arange(9000) % 2, sizes=(5000, 2000, 2000)))
    assert finding is not None
    assert finding.level == "note"
    assert finding.summary.startswith("column 1 is distributed otherwise in validation")


def test_darker_images_of_one_split_drift(make_data) -> None:
    inputs = (128 + 30 * drawn(3, 400, 1, 6, 6)).clamp(0, 255)
    inputs[320:] *= 0.7
    finding = told(make_data(inputs.to(torch.uint8), torch.arange(400) % 2, sizes=(240, 80, 80)))
    assert finding is not None
    assert (finding.level, finding.summary.split()[0]) == ("suspect", "brightness")


@pytest.mark.parametrize("kind", ["normal", "coarse", "wide"])
def test_splits_of_one_distribution_do_not_drift(make_data, kind: str) -> None:
    for seed in range(15):
        inputs = drawn(seed, 1000, 60 if kind == "wide" else 5)
        inputs = inputs.round() if kind == "coarse" else inputs
        assert told(make_data(inputs, torch.arange(1000) % 2, sizes=SIZES)) is None, f"seed {seed}"


def test_chances_are_corrected_as_holm_does() -> None:
    chances = (0.01, 0.04, 0.03, 0.005)
    drifts = [Drift(str(number), "test", 0.1, chance, (0.0, 0.0)) for number, chance in enumerate(chances)]
    assert [drift.chance for drift in correct_all(drifts)] == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_examples_that_lie_in_the_order_of_a_column_do_not_drift(make_data) -> None:
    inputs = drawn(6, 10_000, 2)
    inputs[:8000] = inputs[:8000][inputs[:8000, 0].argsort()]
    assert told(make_data(inputs, torch.arange(10_000) % 2, sizes=(8000, 1000, 1000))) is None


def test_small_splits_are_not_compared(make_data) -> None:
    inputs = drawn(4, 100, 2)
    inputs[80:] += 100
    assert told(make_data(inputs, torch.arange(100) % 2, sizes=(60, 20, 20))) is None
