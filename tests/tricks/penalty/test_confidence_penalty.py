import math

import pytest
import torch
from torch import nn
from torch.distributions import Categorical

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.penalty.confidence_penalty import ConfidencePenalty, negative_entropy


def test_by_hand():
    outputs = torch.tensor([[0.0, math.log(3.0)], [0.0, 0.0]])
    expected = (0.25 * math.log(0.25) + 0.75 * math.log(0.75) - math.log(2.0)) / 2
    assert negative_entropy(outputs).item() == pytest.approx(expected)


def test_agrees_with_torch_and_stays_in_its_bounds():
    outputs = 5 * torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(negative_entropy(outputs), -Categorical(logits=outputs).entropy().mean())
    assert negative_entropy(torch.zeros(3, 6)).item() == pytest.approx(-math.log(6))
    certain = torch.tensor([[1e4, 0.0]], requires_grad=True)
    negative_entropy(certain).backward()
    assert certain.grad is not None
    assert certain.grad.isfinite().all()


def test_the_trick_adds_its_share_and_nothing_when_off():
    outputs = torch.randn(3, 4)
    for strength in (0.5, 0.0):
        (penalty,) = (Recipe() | ConfidencePenalty(strength)).penalties
        found = penalty(nn.Identity(), outputs, outputs, outputs)
        assert torch.equal(found, strength * negative_entropy(outputs))


def test_what_it_refuses():
    with pytest.raises(RecipeError, match="ConfidencePenalty needs a classification task"):
        Recipe(loss=MeanSquaredError()) | ConfidencePenalty()
    with pytest.raises(ValueError, match=r"strength must be finite and at least 0, got -0\.1; 0\.1 is usual"):
        ConfidencePenalty(-0.1)
