import pytest
import torch
from torch import nn

from assay.models.resnet import ResNet
from assay.optimizers import SGD
from assay.recipe import Recipe
from assay.training.train import Training
from assay.tricks.architecture.last_layer_only import LastLayerOnly, freeze_all_but_last


def test_only_the_last_layer_moves(tiny_images):
    recipe = Recipe(model=ResNet(width=4), optimizer=SGD(learning_rate=0.1), batch_size=8, epochs=1.0)
    training = Training(recipe | LastLayerOnly(), tiny_images, evaluations=1)
    before = {name: value.clone() for name, value in training.learner.model.named_parameters()}
    for _ in training:
        pass
    moved = [name for name, value in training.learner.model.named_parameters() if not torch.equal(value, before[name])]
    assert moved == ["linear.weight", "linear.bias"]


def test_a_model_without_a_linear_layer_is_refused(tiny_images):
    with pytest.raises(ValueError, match="model must end in a linear layer, got Conv2d without one"):
        freeze_all_but_last(nn.Conv2d(1, 1, 1), tiny_images.specification)
