import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.augmix import CHAINED, AugMix, chain
from assay.tricks.beta import draw_dirichlet
from assay.tricks.image_operations import auto_contrast, brightness, color


def images(n: int) -> torch.Tensor:
    return torch.randint(40, 200, (n, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def test_weights_are_a_distribution_with_dirichlets_moments():
    """Dirichlet(a, a, a): means 1/3, variances 2 / (9 (3a + 1)); bounds of four standard errors."""
    weights = draw_dirichlet(4000, 3, 1.0, torch.Generator().manual_seed(0))
    torch.testing.assert_close(weights.sum(1), torch.ones(4000).double())
    assert (weights.mean(0) - 1 / 3).abs().max() < 4 * (1 / 18 / 4000) ** 0.5
    assert weights.var(0).tolist() == pytest.approx([1 / 18] * 3, rel=0.1)


def test_chains_have_no_operation_of_the_tests():
    assert len(CHAINED) == 9
    assert not {color, brightness} & set(CHAINED)
    assert auto_contrast in CHAINED


def test_most_chains_change_their_image_and_bytes_stay_bytes():
    before = images(100)
    after = chain(before, torch.Generator().manual_seed(1), severity=3.0)
    assert after.dtype == torch.uint8
    assert (after != before).flatten(1).any(1).float().mean() > 0.8


def test_stronger_is_further_and_the_mix_stays_between_image_and_chains():
    def distance(severity: float) -> float:
        (edit,) = (Recipe() | AugMix(severity=severity)).input_edits
        mixed = edit(images(100), torch.arange(100), torch.Generator().manual_seed(1), Clock(0, 1, 1))
        return (mixed.float() - images(100).float()).abs().mean().item()

    assert 0 < distance(1.0) < distance(10.0)


def test_refusals():
    with pytest.raises(ValueError, match="chains must be finite and at least 0, got -1"):
        AugMix(-1)
    with pytest.raises(ValueError, match=r"severity must be in \[0.1, 10\], got 0"):
        AugMix(severity=0.0)
    with pytest.raises(ValueError, match=r"alpha must be finite and at least 0.01, got 0"):
        AugMix(alpha=0.0)
