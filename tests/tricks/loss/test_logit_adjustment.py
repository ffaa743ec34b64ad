from dataclasses import replace

import pytest
import torch
from torch import nn

from assay.losses import MeanSquaredError
from assay.recipe import Recipe, RecipeError
from assay.tricks.loss.binary_cross_entropy import BinaryCrossEntropy
from assay.tricks.loss.focal_binary import FocalBinary
from assay.tricks.loss.logit_adjustment import AdjustedNetwork, LogitAdjustment, adjust_outputs
from assay.tricks.target.distillation import Distillation


def test_by_hand():
    network = AdjustedNetwork(nn.Identity(), torch.tensor([0.75, 0.25]).log())
    answers = network(torch.zeros(1, 2)).softmax(1)
    torch.testing.assert_close(answers, torch.tensor([[0.75, 0.25]]))
    assert torch.equal(network.eval()(torch.ones(1, 2)), torch.ones(1, 2))


def test_the_edit_takes_the_frequencies_of_the_training_split(tiny_images):
    rare = replace(tiny_images.specification, class_frequencies=(0.7, 0.1, 0.1, 0.1))
    network = adjust_outputs(nn.Identity(), rare, strength=2.0)
    torch.testing.assert_close(network(torch.zeros(1, 4)), 2 * torch.tensor([[0.7, 0.1, 0.1, 0.1]]).log())
    assert not network.state_dict()


def test_strength_0_is_the_network_itself(tiny_images):
    network = nn.Identity()
    assert adjust_outputs(network, tiny_images.specification, strength=0.0) is network


@pytest.mark.parametrize("other", [BinaryCrossEntropy(), FocalBinary(), Distillation(teacher="t.pt2")], ids=repr)
def test_it_refuses_what_reads_the_outputs_in_training_another_way(other):
    """Log frequencies shift a softmax: a sigmoid has odds of its own, and a teacher answers without the shift."""
    one, two = LogitAdjustment(), type(other).__name__
    with pytest.raises(RecipeError, match=rf"{two} and LogitAdjustment both set (probabilities|answers) .*; keep one"):
        Recipe() | one | other
    with pytest.raises(RecipeError, match=rf"LogitAdjustment and {two} both set (probabilities|answers) .*; keep one"):
        Recipe() | other | one


def test_what_it_refuses(tiny_images):
    with pytest.raises(RecipeError, match="LogitAdjustment needs a classification task"):
        Recipe(loss=MeanSquaredError()) | LogitAdjustment()
    with pytest.raises(ValueError, match="strength must be finite and at least 0, got -1"):
        LogitAdjustment(-1.0)
    unknown = replace(tiny_images.specification, class_frequencies=())
    with pytest.raises(RecipeError, match="one class frequency for each of the 4 classes, got 0"):
        adjust_outputs(nn.Identity(), unknown, strength=1.0)
