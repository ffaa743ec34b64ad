import pytest
import torch

from assay.models.counting import count_multiply_adds
from assay.models.cross_stage_partial import PartialStage
from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.cross_stage_partial import CrossStagePartial


def test_every_stage_is_partial_and_a_deep_network_costs_less():
    plain = ResNet(56, width=16)
    partial = (Recipe(model=plain) | CrossStagePartial()).model
    with torch.device("meta"):
        models = [builder.build((3, 32, 32), 10) for builder in (plain, partial)]
    assert sum(isinstance(module, PartialStage) for module in models[1].modules()) == 3
    before, after = (count_multiply_adds(model, (3, 32, 32)) for model in models)
    assert after < before / 2


def test_other_models_are_refused():
    with pytest.raises(RecipeError, match="CrossStagePartial needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | CrossStagePartial()
