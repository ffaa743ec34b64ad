import pytest
import torch

from assay.recipe import Recipe
from assay.schedule import Clock
from assay.tricks.batch.mixup import Mixup, edit_mixup, mixup
from assay.tricks.beta import SMALLEST_ALPHA, draw_beta

CLOCK = Clock(0, 1, 1)


def test_by_hand():
    inputs, targets = torch.tensor([[0.0], [8.0]]), torch.eye(2)
    mixed, mixed_targets = mixup(inputs, targets, torch.tensor([1, 0]), share=0.75)
    assert mixed.tolist() == [[2.0], [6.0]]
    assert mixed_targets.tolist() == [[0.75, 0.25], [0.25, 0.75]]


def test_share_1_keeps_the_batch_and_share_0_is_the_partner():
    generator = torch.Generator().manual_seed(0)
    inputs, targets = torch.randn(6, 2, 3, 3, generator=generator), torch.eye(6)
    partner = torch.randperm(6, generator=generator)
    kept = mixup(inputs, targets, partner, share=1.0)
    swapped = mixup(inputs, targets, partner, share=0.0)
    assert torch.equal(kept[0], inputs)
    assert torch.equal(kept[1], targets)
    assert torch.equal(swapped[0], inputs[partner])
    assert torch.equal(swapped[1], targets[partner])


def test_alpha_0_is_identity():
    inputs, targets = torch.randn(4, 3, generator=torch.Generator().manual_seed(0)), torch.eye(4)
    mixed, mixed_targets = edit_mixup(inputs, targets, torch.Generator(), CLOCK, alpha=0.0)
    assert torch.equal(mixed, inputs)
    assert torch.equal(mixed_targets, targets)


def test_one_draw_is_reproducible_and_one_share_serves_the_batch():
    edit = (Recipe() | Mixup(1.0)).batch_edits[0]
    targets = torch.eye(50)
    once, again = (edit(torch.eye(50), targets, torch.Generator().manual_seed(7), CLOCK) for _ in range(2))
    assert torch.equal(once[1], again[1])
    shares = once[1].diagonal()
    moved = shares < 0.999
    assert moved.sum() >= 45
    assert shares[moved].unique().numel() == 1


def test_regression_targets_blend_with_the_inputs():
    """A linear relation survives mixing exactly, up to float32."""
    inputs = torch.randn(32, 3, generator=torch.Generator().manual_seed(0))
    weights = torch.tensor([[1.0], [-2.0], [0.5]])
    mixed, targets = edit_mixup(inputs, inputs @ weights, torch.Generator().manual_seed(1), CLOCK, alpha=1.0)
    torch.testing.assert_close(targets, mixed @ weights)


@pytest.mark.parametrize("alpha", [SMALLEST_ALPHA, 0.2, 1.0, 3.0])
def test_beta_has_its_mean_and_variance(alpha):
    """Beta(a, a): mean 1/2, variance 1 / (4 (2a + 1)); bounds of four standard errors over 4,000 draws."""
    generator = torch.Generator().manual_seed(0)
    draws = torch.tensor([draw_beta(alpha, generator) for _ in range(4000)], dtype=torch.float64)
    variance = 1 / (4 * (2 * alpha + 1))
    assert abs(draws.mean().item() - 0.5) < 4 * (variance / 4000) ** 0.5
    assert draws.var().item() == pytest.approx(variance, rel=0.1)


def test_global_random_state_is_left_alone(random_state_untouched):
    edit_mixup(torch.randn(4, 3, generator=torch.Generator()), torch.eye(4), torch.Generator(), CLOCK, alpha=0.2)


def test_refusals():
    for wrong in ("-0.1", "0.001", "inf", "nan"):
        rule = f"alpha must be 0 or finite and at least 0.01, got {wrong}; 0.2 is usual, and 0 turns it off"
        with pytest.raises(ValueError, match=rule):
            Mixup(float(wrong))
    with pytest.raises(ValueError, match=r"share must be in \[0, 1\], got 1.5"):
        mixup(torch.zeros(2, 1), torch.eye(2), torch.tensor([1, 0]), share=1.5)
