import pytest
import torch

from assay.models.builder import ModelBuilder
from assay.models.catalog import MODELS
from assay.models.convnet import ConvNet
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_builds_by_default_and_writes_itself_down(model):
    assert isinstance(model(), ModelBuilder)
    assert model().build((1, 33, 33), 3)(torch.zeros(2, 1, 33, 33)).shape == (2, 3)
    assert Recipe(model=model()).to_dict()["model"]["kind"] == model.__name__


def test_names_are_unique_and_the_simple_ones_are_among_them():
    assert len({model.__name__ for model in MODELS}) == len(MODELS)
    assert {MLP, ConvNet, ResNet} <= set(MODELS)
