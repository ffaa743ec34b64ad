import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.sample_noise import SampleNoise


@pytest.mark.parametrize("shape", [(400, 30), (40, 3, 10, 10), (40, 2, 150)])
def test_noise_has_its_deviation_and_targets_stay(shape):
    inputs, targets = torch.full(shape, 3.0), torch.eye(shape[0])
    (edit,) = (Recipe() | SampleNoise(0.5)).batch_edits
    noisy, kept = edit(inputs, targets, torch.Generator().manual_seed(0), Clock(0, 1, 1))
    assert kept is targets
    assert noisy.mean().item() == pytest.approx(3.0, abs=0.02)
    assert noisy.std().item() == pytest.approx(0.5, rel=0.05)


def test_negative_noise_is_refused():
    with pytest.raises(ValueError, match="std must be finite and at least 0, got -1"):
        SampleNoise(-1.0)
