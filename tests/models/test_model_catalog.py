import torch

from assay.models.builder import ModelBuilder
from assay.models.catalog import MODELS
from assay.models.mlp import MLP
from assay.recipe import Recipe


def test_every_model_builds_by_default_writes_itself_down_and_takes_dropout():
    for model in MODELS:
        assert isinstance(model(), ModelBuilder)
        assert model().build((1, 8, 8), 3)(torch.zeros(2, 1, 8, 8)).shape == (2, 3)
        assert Recipe(model=model()).to_dict()["model"]["kind"] == model.__name__
        assert model(dropout=0.5) != model()


def test_names_are_unique_and_mlp_is_among_them():
    assert len({model.__name__ for model in MODELS}) == len(MODELS) == 4
    assert MLP in MODELS
