import pytest
import torch

from assay.data.loader import order_for_epoch
from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.sampling.balanced_sampling import BalancedSampling, quotas

TARGETS = torch.tensor([0] * 70 + [1] * 20 + [2] * 10)[torch.randperm(100, generator=torch.Generator().manual_seed(0))]


def shown(strength: float, epoch: int = 0) -> torch.Tensor:
    return TARGETS[BalancedSampling(strength).order(TARGETS, 3, epoch)].bincount()


def test_quotas_by_hand():
    assert quotas(torch.tensor([70, 20, 10]), strength=1.0).tolist() == [34, 33, 33]
    assert quotas(torch.tensor([70, 20, 10]), strength=0.0).tolist() == [70, 20, 10]
    # 16 : 4 : 1 by roots is 4 : 2 : 1 of 21.
    assert quotas(torch.tensor([16, 4, 1]), strength=0.5).tolist() == [12, 6, 3]
    assert quotas(torch.tensor([9, 0, 1]), strength=1.0).tolist() == [5, 0, 5]


def test_an_epoch_shows_classes_by_their_quota_and_each_example_in_turn():
    order = BalancedSampling().order(TARGETS, 3, 0)
    assert len(order) == 100
    assert TARGETS[order].bincount().tolist() == [34, 33, 33]
    times = order.bincount(minlength=100)
    assert set(times[TARGETS == 0].tolist()) == {0, 1}
    assert set(times[TARGETS == 1].tolist()) == {1, 2}
    assert set(times[TARGETS == 2].tolist()) == {3, 4}
    assert shown(0.5).tolist()[0] > 34


def test_classes_are_shuffled_together():
    first_half = TARGETS[BalancedSampling().order(TARGETS, 3, 0)][:50].bincount(minlength=3)
    assert (first_half > 8).all()


@pytest.mark.usefixtures("random_state_untouched")
def test_epochs_and_seeds_differ_and_repeat():
    sampler = (Recipe() | BalancedSampling()).sampler
    orders = [sampler(TARGETS, seed, epoch) for seed, epoch in ((0, 0), (0, 0), (0, 1), (1, 0))]
    assert torch.equal(orders[0], orders[1])
    assert not torch.equal(orders[0], orders[2])
    assert not torch.equal(orders[0], orders[3])
    over_epochs = torch.cat([sampler(TARGETS, 0, epoch) for epoch in range(12)])
    assert len(over_epochs.unique()) == 100


def test_strength_0_is_the_usual_order():
    assert torch.equal(BalancedSampling(0.0).order(TARGETS, 5, 2), order_for_epoch(100, 5, 2))


def test_refusals():
    with pytest.raises(ValueError, match=r"strength must be in \[0, 1\], got 2"):
        BalancedSampling(2.0)
    with pytest.raises(RecipeError, match="BalancedSampling needs a classification task"):
        _ = Recipe(loss=MeanSquaredError()) | BalancedSampling()
