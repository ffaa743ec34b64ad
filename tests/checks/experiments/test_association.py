import pytest
import torch

from assay.checks.experiments.association import associate, input_views, leave_one_out, shared_variation, target_columns

SEED = 11


def test_predictions_without_the_example_agree_with_leaving_it_out():
    kernel_matrix = leave_one_out([torch.randn(12, 3, generator=torch.Generator().manual_seed(SEED))])[0]
    assert torch.allclose(kernel_matrix.diag(), torch.zeros(12), atol=1e-6)
    view = torch.randn(12, 3, generator=torch.Generator().manual_seed(SEED))
    kernel = view @ view.t()
    kernel = kernel - kernel.mean(0, keepdim=True) - kernel.mean(1, keepdim=True) + kernel.mean()
    kernel = kernel / kernel.diag().mean()
    others, targets = torch.arange(1, 12), torch.arange(12.0).sin()
    weights = torch.linalg.solve(kernel[others][:, others] + 0.3 * torch.eye(11), targets[others])
    assert float(kernel_matrix[0] @ targets) == pytest.approx(float(kernel[0, others] @ weights), rel=1e-4)


def test_unrelated_targets_are_seldom_clear_and_related_ones_always():
    print(f"seed {SEED}")
    generator = torch.Generator().manual_seed(SEED)
    inputs = torch.randn(80, 5, generator=generator)
    smoothers = leave_one_out(input_views([inputs], generator))
    unrelated = [associate(smoothers, torch.randn(80, 1, generator=generator), generator) for _ in range(40)]
    assert sum(found.is_clear for found in unrelated) <= 1
    assert sum(found.is_absent for found in unrelated) >= 32
    assert associate(smoothers, (inputs[:, :1] * inputs[:, 1:2]).sign() + inputs[:, :1], generator).is_clear


def test_spectra_see_what_place_hides():
    generator = torch.Generator().manual_seed(SEED)
    labels = torch.arange(120) % 2
    phase = 6.28 * torch.rand(120, 1, generator=generator)
    waves = torch.sin((3 + 2 * labels[:, None]) * torch.linspace(0, 6.28, 32) + phase)[:, None]
    views = input_views([waves + 0.5 * torch.randn(120, 1, 32, generator=generator)], generator)
    assert len(views) == 2
    assert associate(leave_one_out(views), target_columns(labels, generator), generator).is_clear


def test_columns_of_targets_by_hand():
    generator = torch.Generator().manual_seed(SEED)
    assert target_columns(torch.tensor([7, 3, 7]), generator).tolist() == [[0, 1], [1, 0], [0, 1]]
    assert target_columns(torch.randn(20, 30, generator=generator), generator).shape == (20, 8)


def test_values_that_vary_together():
    generator = torch.Generator().manual_seed(SEED)
    independent = torch.randn(300, 40, generator=generator)
    assert shared_variation(independent) == pytest.approx(0.0, abs=0.003)
    assert shared_variation(independent[:, :1].expand(-1, 10) + 0.1 * independent[:, :10]) > 0.8


def test_one_number_an_example_is_a_column_beside_the_others():
    generator = torch.Generator().manual_seed(SEED)
    features, number = torch.randn(20, 3, generator=generator), torch.rand(20, generator=generator)
    assert torch.equal(
        input_views([features, number], generator)[0], input_views([features, number[:, None]], generator)[0]
    )
