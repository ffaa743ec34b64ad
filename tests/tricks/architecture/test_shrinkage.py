import pytest

from assay.models.mlp import MLP
from assay.models.resnet import ResNet
from assay.models.shrinkage import ShrinkageLayer
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.shrinkage import Shrinkage
from assay.tricks.architecture.squeeze_excitation import SqueezeExcitation


@pytest.mark.parametrize("kind", ["channel-wise", "channel-shared"])
def test_every_branch_ends_in_thresholds_of_that_kind(kind):
    model = (Recipe(model=ResNet(width=4)) | Shrinkage(kind)).model.build((3, 8, 8), 2)
    layers = [module for module in model.modules() if isinstance(module, ShrinkageLayer)]
    assert len(layers) == 3
    assert all(layer.shared == (kind == "channel-shared") for layer in layers)
    assert isinstance(model.stage1[0].attention, ShrinkageLayer)


def test_refusals():
    with pytest.raises(ValueError, match="thresholds must be one of channel-wise, channel-shared, got 'both'"):
        Shrinkage.__post_init__(_with_thresholds("both"))
    with pytest.raises(RecipeError, match="SqueezeExcitation and Shrinkage both set the model's attention; keep one"):
        Recipe(model=ResNet()) | Shrinkage() | SqueezeExcitation()
    with pytest.raises(RecipeError, match="Shrinkage needs a ResNet; this recipe has MLP"):
        Recipe(model=MLP()) | Shrinkage()


def _with_thresholds(word: str) -> Shrinkage:
    """What a user's Python does: in tests the type checker would refuse a wrong word first."""
    trick = object.__new__(Shrinkage)
    object.__setattr__(trick, "thresholds", word)
    return trick
