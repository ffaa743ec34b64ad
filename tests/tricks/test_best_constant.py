import pytest
import torch

from assay.losses import CrossEntropy
from assay.tricks.best_constant import best_constant
from assay.tricks.loss.class_weights import WeightedCrossEntropy
from assay.tricks.loss.focal_binary import FocalBinaryLoss


def test_where_the_loss_has_no_slope_the_start_comes_back_itself():
    start = torch.tensor([0.5, 0.3, 0.2]).log()
    assert best_constant(CrossEntropy(), start.exp(), torch.eye(3), start=start) is start


def test_weighted_cross_entropy_by_hand():
    """Shares (1/2, 1/2) and weights (1, 3): a quarter and three."""
    shares = torch.tensor([0.5, 0.5])
    found = best_constant(WeightedCrossEntropy((1.0, 3.0)), shares, torch.eye(2), start=shares.log())
    assert found.softmax(0).tolist() == pytest.approx([0.25, 0.75], abs=1e-7)


def test_focal_loss_of_one_class_against_a_search():
    """Half of the examples are of the class: by symmetry its probability is a half; of a tenth, what a grid says."""
    for share in (0.5, 0.1):
        shares, loss = torch.tensor([share, 1.0 - share], dtype=torch.float64), FocalBinaryLoss()
        found = float(best_constant(loss, shares, torch.eye(2), start=torch.zeros(2))[0].sigmoid())
        p = torch.linspace(0.001, 0.999, 99_801, dtype=torch.float64)
        costs = -share * (1 - p) ** 2 * p.log() - (1 - share) * p**2 * (1 - p).log()
        assert found == pytest.approx(float(p[costs.argmin()]), abs=2e-5)
        assert (found == pytest.approx(0.5)) == (share == 0.5)


def test_it_works_where_gradients_are_off_and_draws_nothing():
    before, shares = torch.get_rng_state(), torch.tensor([0.5, 0.5])
    with torch.no_grad():
        found = best_constant(WeightedCrossEntropy((1.0, 3.0)), shares, torch.eye(2), start=shares.log())
    assert not found.requires_grad
    assert torch.equal(torch.get_rng_state(), before)
