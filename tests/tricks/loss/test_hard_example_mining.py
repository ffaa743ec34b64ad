import pytest
import torch

from assay.losses import CrossEntropy, MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.focal import Focal
from assay.tricks.loss.hard_example_mining import HardestLoss, HardExampleMining, keep_hardest


def test_by_hand():
    """Half of five, rounded up, are the losses 9, 4 and 2: their mean is 5."""
    kept = keep_hardest(torch.tensor([1.0, 9.0, 0.0, 4.0, 2.0]), share=0.5)
    torch.testing.assert_close(kept, torch.tensor([0.0, 15.0, 0.0, 20 / 3, 10 / 3]))
    assert kept.mean().item() == pytest.approx(5.0)


def test_a_share_that_is_a_whole_number_of_examples_keeps_as_many():
    losses = torch.arange(1.0, 101.0)
    kept = {share: int((keep_hardest(losses, share=share) > 0).sum()) for share in (0.55, 0.07, 0.29, 1e-12)}
    assert kept == {0.55: 55, 0.07: 7, 0.29: 29, 1e-12: 1}


def test_only_the_hardest_have_gradients():
    outputs = torch.tensor([[4.0, 0.0], [0.0, 4.0], [0.0, 0.0], [3.0, 0.0]], requires_grad=True)
    HardestLoss(CrossEntropy(), 0.5)(outputs, torch.tensor([0, 0, 0, 0])).backward()
    assert outputs.grad is not None
    assert outputs.grad.abs().sum(1).gt(0).tolist() == [False, True, True, False]


def test_share_1_is_the_loss_itself_and_the_mean_is_the_mean():
    outputs, targets = torch.randn(6, 3, generator=torch.Generator().manual_seed(0)), torch.arange(6) % 3
    assert torch.equal(HardestLoss(CrossEntropy(), 1.0)(outputs, targets), CrossEntropy()(outputs, targets))
    half = HardestLoss(CrossEntropy(), 0.5)
    torch.testing.assert_close(half(outputs, targets), half(outputs, targets, "none").mean())


def test_it_takes_the_recipes_own_loss_and_refuses_another():
    assert (Recipe(loss=MeanSquaredError()) | HardExampleMining(0.25)).task == "regression"
    with pytest.raises(RecipeError, match="Focal and HardExampleMining both set loss; keep one of them"):
        Recipe() | HardExampleMining() | Focal()


@pytest.mark.parametrize("share", [0.0, 1.1, float("nan")])
def test_bad_shares_are_refused(share):
    with pytest.raises(ValueError, match=r"share must be in \(0, 1\], got .*; the usual value is 0.5"):
        HardExampleMining(share)
