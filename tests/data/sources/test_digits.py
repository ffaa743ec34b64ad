"""The embedded digits."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_digits

from assay.data.examples import Options
from assay.data.open import open_data
from assay.data.sources.digits import read_digits
from assay.errors import InputError


def test_all_digits_as_bytes_stretched_to_255() -> None:
    examples = read_digits(Options())
    assert isinstance(examples.inputs, torch.Tensor)
    assert examples.inputs.shape == (1797, 1, 8, 8)
    assert examples.inputs.dtype == torch.uint8
    ink, labels = load_digits(return_X_y=True)
    whole = torch.from_numpy(ink).view(-1, 1, 8, 8).mul(255 / 16).round().to(torch.uint8)
    assert torch.equal(examples.inputs, whole)
    assert examples.targets.tolist() == labels.tolist()
    assert examples.inputs[0, 0, 0].tolist() == [round(value * 255 / 16) for value in ink[0, :8]]
    assert int(examples.inputs.max()) == 255


@pytest.mark.usefixtures("random_state_untouched")
def test_open_is_stratified_and_repeatable() -> None:
    data = open_data("digits", seed=5)
    assert [len(split) for split in (data.train, data.validation, data.test)] == [1150, 288, 359]
    assert len({*data.train.ids, *data.validation.ids, *data.test.ids}) == 1797
    counts = torch.bincount(data.test.targets).tolist()
    assert max(counts) - min(counts) <= 2
    assert abs(sum(data.specification.class_frequencies) - 1) < 1e-9
    assert data.fingerprint == open_data("digits", seed=5).fingerprint
    assert data.fingerprint != open_data("digits", seed=6).fingerprint


def test_limit_bounds_training_alone() -> None:
    data = open_data("digits", limit=100)
    assert (len(data.train), len(data.test)) == (100, 359)
    assert torch.bincount(data.train.targets).min() >= 9
    with pytest.raises(InputError, match="each of 10 classes, got 5"):
        open_data("digits", limit=5)


def test_options_without_a_meaning_are_refused() -> None:
    with pytest.raises(InputError, match=r"digits has no use for --target \(got 'x'\)"):
        open_data("digits", target="x")
    with pytest.raises(InputError, match="digits has no use for --skip-bad; leave it out"):
        open_data("digits", skip_bad=True)
    with pytest.raises(InputError, match="digits has no use for --impute; leave it out"):
        open_data("digits", impute=True)
