import pytest

from assay.models.resnet import ResNet, blocks_per_stage
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.bottleneck import Bottleneck


@pytest.mark.parametrize("model", [ResNet(8), ResNet(56), ResNet.imagenet(18), ResNet.imagenet(34)], ids=repr)
def test_there_are_as_many_blocks_as_before(model):
    changed = (Recipe(model=model) | Bottleneck()).model
    before, after = (blocks_per_stage(m.depth, m.stages, m.block) for m in (model, changed))
    assert before == after
    assert changed.block == "bottleneck"


def test_34_layers_become_50():
    assert (Recipe(model=ResNet.imagenet(34)) | Bottleneck()).model == ResNet.imagenet(50)


def test_a_network_of_bottlenecks_is_refused():
    with pytest.raises(RecipeError, match="Bottleneck needs a ResNet with block='basic'; this recipe has ResNet"):
        Recipe(model=ResNet.imagenet(50)) | Bottleneck()
