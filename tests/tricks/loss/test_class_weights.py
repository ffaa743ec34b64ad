import math

import pytest
import torch
import torch.nn.functional as F

from assay.losses import CrossEntropy, MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.class_weights import ClassWeights, WeightedCrossEntropy, class_weights


def test_by_hand():
    """Frequencies .8 and .2: inverse 1.25 and 5, whose mean over examples is 2."""
    assert class_weights((0.8, 0.2)) == pytest.approx((0.625, 2.5))
    # 4 and 1 of 5 examples with beta 1/2: (1/2) / (15/16) = 8/15 and (1/2) / (1/2) = 1; their mean is 47/75.
    found = class_weights((0.8, 0.2), form="effective", beta=0.5, examples=5)
    assert found == pytest.approx((40 / 47, 75 / 47))


def test_the_effective_number_lies_between_no_weights_and_the_inverse():
    frequencies = (0.7, 0.2, 0.1)
    assert class_weights(frequencies, form="effective", beta=0.0, examples=100) == pytest.approx((1.0, 1.0, 1.0))
    nearly = class_weights(frequencies, form="effective", beta=1 - 1e-7, examples=100)
    assert nearly == pytest.approx(class_weights(frequencies), rel=1e-4)


def test_agrees_with_torch_and_works_on_distributions():
    outputs, indices = torch.randn(8, 3, generator=torch.Generator().manual_seed(0)), torch.arange(8) % 3
    loss = WeightedCrossEntropy((1.0, 2.0, 0.5))
    expected = F.cross_entropy(outputs, indices, weight=torch.tensor([1.0, 2.0, 0.5]), reduction="none")
    torch.testing.assert_close(loss(outputs, indices, "none"), expected)
    torch.testing.assert_close(loss(outputs, F.one_hot(indices, 3).float()), expected.mean())


def test_a_blend_by_hand():
    outputs = torch.tensor([[0.0, math.log(3.0)]])
    loss = WeightedCrossEntropy((2.0, 1.0))(outputs, torch.tensor([[0.25, 0.75]]))
    assert loss.item() == pytest.approx(0.25 * 2 * math.log(4) + 0.75 * math.log(4 / 3))


def test_without_weights_it_is_cross_entropy_exactly():
    outputs, targets = torch.randn(4, 3), torch.tensor([0, 1, 2, 0])
    assert torch.equal((Recipe() | ClassWeights()).loss(outputs, targets), CrossEntropy()(outputs, targets))


def test_weights_of_a_specification(tiny_images):
    assert ClassWeights.from_specification(tiny_images.specification) == ClassWeights((1.0, 1.0, 1.0, 1.0))


def test_what_it_refuses():
    with pytest.raises(RecipeError, match="ClassWeights needs one weight a class, got 2 for 3 classes"):
        WeightedCrossEntropy((1.0, 2.0))(torch.zeros(1, 3), torch.tensor([0]))
    with pytest.raises(RecipeError, match="ClassWeights needs a classification task"):
        Recipe(loss=MeanSquaredError()) | ClassWeights()
    with pytest.raises(ValueError, match="weights must be finite and at least 0, got -1"):
        ClassWeights((1.0, -1.0))
    with pytest.raises(ValueError, match="frequencies must be above 0 for every class"):
        class_weights((1.0, 0.0))
    with pytest.raises(ValueError, match="the effective number needs the size of the training split"):
        class_weights((0.5, 0.5), form="effective")
