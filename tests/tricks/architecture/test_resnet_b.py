import pytest

from assay.models.resnet import ResNet
from assay.recipe import Recipe, RecipeError
from assay.tricks.architecture.bottleneck import Bottleneck
from assay.tricks.architecture.resnet_b import ResNetB
from assay.tricks.architecture.resnet_c import ResNetC
from assay.tricks.architecture.resnet_d import ResNetD


def test_it_makes_resnet_50_b_of_a_and_with_the_stem_c():
    recipe = Recipe(model=ResNet.imagenet(50, "A")) | ResNetB()
    assert recipe.model == ResNet.imagenet(50, "B")
    assert (recipe | ResNetC()).model == ResNet.imagenet(50, "C")
    assert (Recipe(model=ResNet(downsampling="A")) | Bottleneck() | ResNetB()).model.downsampling == "B"


@pytest.mark.parametrize("model", [ResNet(downsampling="A"), ResNet.imagenet(50, "B")], ids=repr)
def test_networks_where_there_is_nothing_to_move_are_refused(model):
    with pytest.raises(RecipeError, match="ResNetB needs a ResNet with block='bottleneck' and downsampling='A'"):
        Recipe(model=model) | ResNetB()


def test_d_says_more_of_the_same():
    with pytest.raises(RecipeError, match="ResNetD and ResNetB both set the model's downsampling; keep one"):
        Recipe(model=ResNet.imagenet(50, "A")) | ResNetB() | ResNetD()
