import math

import pytest
import torch
import torch.nn.functional as F

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.target.label_smoothing import LabelSmoothing, smooth_targets


def test_both_forms_by_hand():
    targets = torch.tensor([[0.0, 1.0, 0.0, 0.0]])
    assert smooth_targets(targets, smoothing=0.2).tolist()[0] == pytest.approx([0.05, 0.85, 0.05, 0.05])
    others = smooth_targets(targets, smoothing=0.3, form="others")
    assert others.tolist()[0] == pytest.approx([0.1, 0.7, 0.1, 0.1])


def test_uniform_agrees_with_torch():
    outputs = torch.randn(9, 5, generator=torch.Generator().manual_seed(0))
    indices = torch.arange(9) % 5
    smoothed = smooth_targets(F.one_hot(indices, 5).float(), smoothing=0.1)
    torch.testing.assert_close(
        F.cross_entropy(outputs, smoothed), F.cross_entropy(outputs, indices, label_smoothing=0.1)
    )


def test_others_gives_the_papers_optimal_gap():
    """The best logit gap is log((K - 1)(1 - smoothing) / smoothing): 9.1 for K = 1000 (He et al. 2018)."""
    row = smooth_targets(F.one_hot(torch.tensor([3]), 1000).float(), smoothing=0.1, form="others")[0]
    gap = math.log(row[3] / row[0])
    assert gap == pytest.approx(math.log(999 * 0.9 / 0.1), rel=1e-5)
    assert gap == pytest.approx(9.1, abs=0.05)


@pytest.mark.parametrize("form", ["uniform", "others"])
def test_rows_of_any_distribution_still_sum_to_1(form):
    targets = torch.rand(20, 7, generator=torch.Generator().manual_seed(0))
    smoothed = smooth_targets(targets / targets.sum(1, keepdim=True), smoothing=0.37, form=form)
    torch.testing.assert_close(smoothed.sum(1), torch.ones(20))


@pytest.mark.parametrize("form", ["uniform", "others"])
def test_smoothing_0_is_identity(form):
    targets = torch.eye(3)
    assert torch.equal(smooth_targets(targets, smoothing=0.0, form=form), targets)


def test_trick_carries_its_settings():
    (edit,) = (Recipe() | LabelSmoothing(0.3, form="others")).target_edits
    assert edit(torch.eye(4))[0].tolist() == pytest.approx([0.7, 0.1, 0.1, 0.1])


def test_refusals():
    with pytest.raises(ValueError, match=r"smoothing must be in \[0, 1\], got 2.0; the usual value is 0.1"):
        LabelSmoothing(2.0)
    with pytest.raises(ValueError, match="form must be one of uniform, others, got 'paper'"):
        smooth_targets(torch.eye(2), smoothing=0.1, form="paper")
    with pytest.raises(RecipeError, match="LabelSmoothing needs a classification task"):
        Recipe(loss=MeanSquaredError()) | LabelSmoothing()
