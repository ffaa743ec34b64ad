import math

import pytest
import torch
from torch import nn

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.penalty.logit_penalty import LogitPenalty, penalise_size


def test_by_hand_and_blind_to_what_is_normalised():
    outputs = torch.tensor([[0.0, math.log(3.0)]])
    found = penalise_size(nn.Identity(), outputs, outputs, outputs, strength=0.5)
    assert found.item() == pytest.approx(0.5 * math.log(4.0) ** 2)
    normal = outputs.log_softmax(1)
    assert penalise_size(nn.Identity(), normal, normal, normal, strength=1.0).item() == pytest.approx(0.0, abs=1e-10)


def test_what_it_refuses():
    assert len((Recipe() | LogitPenalty(0.1)).penalties) == 1
    with pytest.raises(RecipeError, match="LogitPenalty needs a classification task"):
        Recipe(loss=MeanSquaredError()) | LogitPenalty()
    with pytest.raises(ValueError, match="strength must be finite and at least 0, got -1"):
        LogitPenalty(-1.0)
