import pytest
import torch

from assay.data.loader import order_for_epoch
from assay.errors import InputError
from assay.recipe import Recipe, RecipeError
from assay.tricks.sampling.balanced_sampling import BalancedSampling
from assay.tricks.sampling.repeated_augmentation import RepeatedAugmentation

TARGETS = torch.zeros(60, dtype=torch.long)


def test_an_epoch_shows_a_third_of_the_examples_three_times_within_a_batch():
    order = (Recipe() | RepeatedAugmentation(3)).sampler(TARGETS, 1, 0)
    assert len(order) == 60
    assert set(order.bincount(minlength=60).tolist()) == {0, 3}
    for batch in order.split(12):
        assert len(batch.unique()) == 4


def test_three_epochs_show_every_example_and_the_next_three_are_drawn_anew():
    sampler = RepeatedAugmentation(3)
    epochs = [sampler.order(TARGETS, 1, epoch) for epoch in range(6)]
    assert len(torch.cat(epochs[:3]).unique()) == 60
    assert len(torch.cat(epochs[3:]).unique()) == 60
    assert set(epochs[0].tolist()) != set(epochs[3].tolist())
    assert torch.equal(epochs[4], sampler.order(TARGETS, 1, 4))


@pytest.mark.parametrize("n", [3, 7, 61])
def test_any_number_of_examples_makes_a_whole_epoch(n):
    sampler = RepeatedAugmentation(3)
    orders = [sampler.order(TARGETS[:1].expand(n), 1, epoch) for epoch in range(3)]
    assert [len(order) for order in orders] == [n] * 3
    assert all(int(order.min()) >= 0 and int(order.max()) < n for order in orders)


def test_once_is_the_usual_order():
    assert torch.equal(RepeatedAugmentation(1).order(TARGETS, 4, 7), order_for_epoch(60, 4, 7))


def test_refusals():
    with pytest.raises(ValueError, match="repeats must be finite and at least 1, got 0"):
        RepeatedAugmentation(0)
    with pytest.raises(RecipeError, match="RepeatedAugmentation needs a batch size of at least its 129 repeats; this"):
        _ = Recipe(batch_size=128) | RepeatedAugmentation(129)
    with pytest.raises(RecipeError, match="RepeatedAugmentation needs a batch size of at least its 3 repeats"):
        (Recipe(batch_size=3) | RepeatedAugmentation(3)).change(batch_size=2)
    with pytest.raises(InputError, match="repeats must be at most the 60 examples of the training split, got 61; 3 is"):
        RepeatedAugmentation(61).order(TARGETS, 0, 0)
    with pytest.raises(RecipeError, match="BalancedSampling and RepeatedAugmentation both set sampler; keep one"):
        _ = Recipe() | RepeatedAugmentation() | BalancedSampling()
